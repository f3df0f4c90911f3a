#include "journal/file/format.h"

#include <fmt/format.h>

#include <bit>
#include <cstring>

#include "codec/checksum.h"

namespace cairn::journal {
namespace {

static_assert(std::endian::native == std::endian::little, "the format is written by copying");

constexpr std::string_view kFileMark{"cairnjnl", 8};

// Where the fields are.
enum FileHeadAt : std::size_t {
  kMarkAt = 0,
  kVersionAt = 8,
  kFileSumAt = 12,
  kFirstAt = 16,
  kBaseAt = 24,
  kSaltAt = 32
};
enum GroupHeadAt : std::size_t {
  kGroupMarkAt = 0,
  kGroupSumAt = 4,
  kGroupFirstAt = 8,
  kTimeAt = 16,
  kBytesAt = 24,
  kCountAt = 28,
  kEntriesSumAt = 32
};

template <class T>
void put(char* at, T value) {
  std::memcpy(at, &value, sizeof value);
}

template <class T>
T get(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

using codec::crc32c;

// Over the head without its own four bytes of checksum.
std::uint32_t file_head_checksum(const char* head) {
  return crc32c(std::string_view(head + kFirstAt, kFileHeadBytes - kFirstAt),
                crc32c(std::string_view(head, kFileSumAt)));
}

std::uint32_t group_head_checksum(const char* head, std::uint64_t salt) {
  std::array<char, sizeof salt> salted;
  put(salted.data(), salt);
  return crc32c(std::string_view(head + kGroupFirstAt, kGroupHeadBytes - kGroupFirstAt),
                crc32c(std::string_view(salted.data(), salted.size())));
}

Time time_of(std::int64_t millis) {
  return Time{Millis{millis}};
}
std::int64_t millis_of(Time time) {
  return time.time_since_epoch().count();
}

}  // namespace

std::array<char, kFileHeadBytes> encode(const FileHead& head) {
  std::array<char, kFileHeadBytes> out{};
  std::memcpy(out.data() + kMarkAt, kFileMark.data(), kFileMark.size());
  put(out.data() + kVersionAt, kFormatVersion);
  put(out.data() + kFirstAt, head.first.raw());
  put(out.data() + kBaseAt, millis_of(head.base_time));
  put(out.data() + kSaltAt, head.salt);
  put(out.data() + kFileSumAt, file_head_checksum(out.data()));
  return out;
}

std::array<char, kGroupHeadBytes> encode(const GroupHead& head, std::uint64_t salt) {
  std::array<char, kGroupHeadBytes> out{};
  std::memcpy(out.data() + kGroupMarkAt, kGroupMark.data(), kGroupMark.size());
  put(out.data() + kGroupFirstAt, head.first.raw());
  put(out.data() + kTimeAt, millis_of(head.time));
  put(out.data() + kBytesAt, head.bytes);
  put(out.data() + kCountAt, head.count);
  put(out.data() + kEntriesSumAt, head.sum);
  put(out.data() + kGroupSumAt, group_head_checksum(out.data(), salt));
  return out;
}

Result<FileHead> decode_file_head(std::string_view bytes, std::string_view file) {
  if (bytes.size() <= kVersionAt || !bytes.starts_with(kFileMark)) {
    return Error{Errc::corrupt, "read journal file: it does not begin as one", std::string(file)};
  }
  // The version comes before the checksum: a newer format may keep its checksum elsewhere.
  const auto version = get<std::uint8_t>(bytes.data() + kVersionAt);
  if (version > kFormatVersion) {
    return Error{
        Errc::invalid,
        fmt::format("read journal file: it has format version {}, this program knows versions up to {}",
                    version, kFormatVersion),
        std::string(file)};
  }
  if (bytes.size() < kFileHeadBytes || version == 0 ||
      get<std::uint32_t>(bytes.data() + kFileSumAt) != file_head_checksum(bytes.data())) {
    return Error{Errc::corrupt, "read journal file: its head is damaged", std::string(file)};
  }
  return FileHead{.first = Position{get<std::uint64_t>(bytes.data() + kFirstAt)},
                  .base_time = time_of(get<std::int64_t>(bytes.data() + kBaseAt)),
                  .salt = get<std::uint64_t>(bytes.data() + kSaltAt)};
}

std::optional<GroupHead> decode_group_head(std::string_view bytes, std::uint64_t salt) {
  CAIRN_CHECK(bytes.size() >= kGroupHeadBytes);
  if (!bytes.starts_with(kGroupMark) ||
      get<std::uint32_t>(bytes.data() + kGroupSumAt) != group_head_checksum(bytes.data(), salt)) {
    return std::nullopt;
  }
  const GroupHead head{.first = Position{get<std::uint64_t>(bytes.data() + kGroupFirstAt)},
                       .time = time_of(get<std::int64_t>(bytes.data() + kTimeAt)),
                       .bytes = get<std::uint32_t>(bytes.data() + kBytesAt),
                       .count = get<std::uint32_t>(bytes.data() + kCountAt),
                       .sum = get<std::uint32_t>(bytes.data() + kEntriesSumAt)};
  if (head.count == 0 || head.bytes / kEntryHeadBytes < head.count) {
    return std::nullopt;
  }
  return head;
}

EntryHead decode_entry_head(std::string_view bytes) {
  CAIRN_CHECK(bytes.size() >= kEntryHeadBytes);
  return {.length = get<std::uint32_t>(bytes.data()), .checksum = get<std::uint32_t>(bytes.data() + 4)};
}

std::uint32_t entry_checksum(std::string_view payload) {
  std::array<char, 4> length;
  put(length.data(), static_cast<std::uint32_t>(payload.size()));
  return crc32c(payload, crc32c(std::string_view(length.data(), length.size())));
}

std::uint64_t serialised_bytes(std::span<const std::string> payloads) {
  std::uint64_t bytes = payloads.size() * kEntryHeadBytes;
  for (const auto& payload : payloads) {
    bytes += payload.size();
  }
  return bytes;
}

Entries serialise(std::span<const std::string> payloads) {
  Entries entries;
  entries.bytes.reserve(serialised_bytes(payloads));
  for (const auto& payload : payloads) {
    const auto sum = entry_checksum(payload);
    std::array<char, kEntryHeadBytes> head;
    put(head.data(), static_cast<std::uint32_t>(payload.size()));
    put(head.data() + 4, sum);
    entries.bytes.append(head.data(), head.size()).append(payload);
    entries.sum += sum;
    ++entries.count;
  }
  return entries;
}

}  // namespace cairn::journal
