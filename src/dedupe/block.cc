#include "dedupe/block.h"

#include <bit>
#include <cstring>

#include "codec/checksum.h"

namespace cairn::dedupe {
namespace {

static_assert(std::endian::native == std::endian::little, "the format is written by copying");

constexpr std::string_view kBlockMark{"ids\x1e", 4};
constexpr std::size_t kSummedAt = 8;  // the checksum covers the block from here on

template <class T>
void put(std::string& to, T value) {
  to.append(reinterpret_cast<const char*>(&value), sizeof value);
}

// Reads values off the front; once there are too few bytes it gives zeros and is not good().
class Front {
 public:
  explicit Front(std::string_view bytes) : bytes_(bytes) {}

  template <class T>
  T get() {
    T value{};
    const auto bytes = take(sizeof value);
    if (good_) {
      std::memcpy(&value, bytes.data(), sizeof value);
    }
    return value;
  }
  std::string_view take(std::size_t count) {
    good_ = good_ && count <= bytes_.size();
    const auto taken = bytes_.substr(0, good_ ? count : 0);
    bytes_.remove_prefix(taken.size());
    return taken;
  }
  bool good() const { return good_; }
  bool empty() const { return bytes_.empty(); }

 private:
  std::string_view bytes_;
  bool good_ = true;
};

void decode_sections(Front& front, std::uint32_t count, Block& block) {
  for (std::uint32_t i = 0; i < count && front.good(); ++i) {
    Section section;
    section.account = front.take(front.get<std::uint8_t>());
    const auto ids = front.get<std::uint32_t>();
    const auto bytes = front.take(std::size_t{ids} * sizeof(Id));
    section.ids.resize(bytes.size() / sizeof(Id));
    if (!bytes.empty()) {
      std::memcpy(section.ids.data(), bytes.data(), bytes.size());
    }
    block.sections.push_back(std::move(section));
  }
}

}  // namespace

std::size_t section_bytes(const Section& section) {
  return sizeof(std::uint8_t) + section.account.size() + sizeof(std::uint32_t) +
         section.ids.size() * sizeof(Id);
}

std::string encode(const Block& block) {
  std::string body;
  for (const auto& section : block.sections) {
    CAIRN_CHECK(section.account.size() <= kAccountBytesMax);
    put(body, static_cast<std::uint8_t>(section.account.size()));
    body.append(section.account);
    put(body, static_cast<std::uint32_t>(section.ids.size()));
    body.append(reinterpret_cast<const char*>(section.ids.data()), section.ids.size() * sizeof(Id));
  }
  std::string summed;
  put(summed, static_cast<std::uint32_t>(body.size()));
  put(summed, static_cast<std::uint32_t>(block.sections.size()));
  put(summed, block.cursor.raw());
  summed += body;
  CAIRN_CHECK(summed.size() + kSummedAt <= kBlockBytesMax);
  std::string out(kBlockMark);
  put(out, codec::crc32c(summed));
  return out + summed;
}

std::optional<Block> decode(std::string_view bytes, std::size_t& used) {
  Front head(bytes);
  const auto mark = head.take(kBlockMark.size());
  const auto checksum = head.get<std::uint32_t>();
  const auto body_bytes = head.get<std::uint32_t>();
  const auto sections = head.get<std::uint32_t>();
  Block block{.cursor = journal::Position{head.get<std::uint64_t>()}, .sections = {}};
  Front body(head.take(body_bytes));
  used = kBlockHeadBytes + body_bytes;
  if (!head.good() || mark != kBlockMark ||
      codec::crc32c(bytes.substr(kSummedAt, used - kSummedAt)) != checksum) {
    return std::nullopt;
  }
  decode_sections(body, sections, block);
  return body.good() && body.empty() ? std::optional(std::move(block)) : std::nullopt;
}

std::size_t block_bytes(std::string_view head) {
  Front front(head);
  const auto mark = front.take(kBlockMark.size());
  front.get<std::uint32_t>();
  const auto bytes = kBlockHeadBytes + front.get<std::uint32_t>();
  return mark == kBlockMark && bytes <= kBlockBytesMax ? bytes : 0;
}

}  // namespace cairn::dedupe
