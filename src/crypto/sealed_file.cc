// Tested by sealed_file_test.cc.
#include "crypto/sealed_file.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/check.h"
#include "crypto/hash.h"
#include "crypto/random.h"

namespace cairn::crypto {
namespace {

constexpr std::string_view kMagic{"cairnsf\x01", 8};
constexpr std::uint64_t kBlocksAtOnce = 16;  // of a reading

Secret file_key(const Secret& key, ByteView head) {
  CAIRN_CHECK(key.bytes().size() == SealedFile::kKeyBytes && head.size() == SealedFile::kHeadBytes);
  return Secret(hmac_sha256(key.bytes(), head));
}

std::string new_head() {
  std::string head(kMagic);
  head.resize(SealedFile::kHeadBytes);
  random_bytes(std::as_writable_bytes(std::span(head)).subspan(kMagic.size()));
  return head;
}

class SealedInput final : public Input {
 public:
  SealedInput(std::unique_ptr<const Input> sealed, FileOpener opener, std::uint64_t bytes)
      : sealed_(std::move(sealed)),
        opener_(std::move(opener)),
        bytes_(bytes),
        blocks_(SealedFile::blocks(bytes)) {}

  std::uint64_t bytes() const override { return bytes_; }

  Result<void> read(std::uint64_t offset, std::span<char> to) const override {
    if (offset > bytes_ || bytes_ - offset < to.size()) {
      return Error{Errc::corrupt, "read sealed file: it is cut"};
    }
    if (to.empty()) {
      return {};
    }
    const auto last = (offset + to.size() - 1) / SealedFile::kPlainBytes;
    const auto room =
        std::min(kBlocksAtOnce, last - offset / SealedFile::kPlainBytes + 1) * SealedFile::kBlockBytes;
    const auto buffer = std::make_unique_for_overwrite<char[]>(room);
    while (!to.empty()) {
      CAIRN_TRY(const auto plain, read_blocks(offset / SealedFile::kPlainBytes, last, {buffer.get(), room}));
      const auto skip = offset % SealedFile::kPlainBytes;
      const auto taken = std::min<std::uint64_t>(to.size(), plain.size() - skip);
      std::memcpy(to.data(), plain.data() + skip, taken);
      to = to.subspan(taken);
      offset += taken;
    }
    return {};
  }

  Result<void> check_empty() const {
    std::array<char, SealedFile::kBlockBytes> buffer{};
    CAIRN_TRY(const auto plain, read_blocks(0, 0, buffer));
    CAIRN_CHECK(plain.empty());
    return {};
  }

 private:
  // From `first` on, up to `last` or as many as there is room for.
  Result<std::span<std::byte>> read_blocks(std::uint64_t first, std::uint64_t last,
                                           std::span<char> buffer) const {
    const auto end = std::min(last + 1, first + buffer.size() / SealedFile::kBlockBytes);
    const auto from = SealedFile::kHeadBytes + first * SealedFile::kBlockBytes;
    const auto to = std::min(sealed_->bytes(), SealedFile::kHeadBytes + end * SealedFile::kBlockBytes);
    const auto sealed = buffer.first(to - from);
    CAIRN_TRY_VOID(sealed_->read(from, sealed));
    return opener_.open(first, blocks_, std::as_writable_bytes(sealed));
  }

  const std::unique_ptr<const Input> sealed_;
  const FileOpener opener_;
  const std::uint64_t bytes_;
  const std::uint64_t blocks_;
};

}  // namespace

Result<std::uint64_t> SealedFile::plain_size(std::uint64_t sealed) {
  if (sealed < kHeadBytes + Blocks::kTagBytes) {
    return Error{Errc::corrupt, "sealed file is cut"};
  }
  const auto blocks = (sealed - kHeadBytes + kBlockBytes - 1) / kBlockBytes;
  const auto last = sealed - kHeadBytes - (blocks - 1) * kBlockBytes;
  if (last < Blocks::kTagBytes || (last == Blocks::kTagBytes && blocks > 1)) {
    return Error{Errc::corrupt, "sealed file is cut"};
  }
  return sealed - kHeadBytes - blocks * Blocks::kTagBytes;
}

bool SealedFile::is_head(ByteView head) {
  return head.size() == kHeadBytes && head.text().starts_with(kMagic);
}

FileSealer::FileSealer(const Secret& key) : FileSealer(key, new_head()) {}

FileSealer::FileSealer(const Secret& key, std::string head)
    : head_(std::move(head)), sealer_(file_key(key, head_)) {
  plain_.reserve(SealedFile::kPlainBytes);
}

// A full block waits: it may be the last one.
void FileSealer::add(ByteView plain, std::string& out) {
  while (!plain.empty()) {
    if (plain_.size() == SealedFile::kPlainBytes) {
      end_block(false, out);
    }
    const auto taken = std::min(plain.size(), SealedFile::kPlainBytes - plain_.size());
    plain_.append(plain.first(taken).text());
    plain = plain.subview(taken);
  }
}

void FileSealer::finish(std::string& out) {
  end_block(true, out);
}

void FileSealer::end_block(bool last, std::string& out) {
  out += std::exchange(head_, {});
  const auto begin = out.size();
  out.resize(begin + plain_.size() + Blocks::kTagBytes);
  sealer_.seal_block(plain_, last, std::as_writable_bytes(std::span(out)).subspan(begin));
  plain_.clear();
}

std::string seal_file(const Secret& key, ByteView plain) {
  std::string sealed;
  sealed.reserve(SealedFile::sealed_size(plain.size()));
  FileSealer sealer(key);
  sealer.add(plain, sealed);
  sealer.finish(sealed);
  return sealed;
}

Result<FileOpener> FileOpener::of(const Secret& key, ByteView head) {
  if (!SealedFile::is_head(head)) {
    return Error{Errc::corrupt, "it is no sealed file"};
  }
  return FileOpener(file_key(key, head));
}

Result<std::span<std::byte>> FileOpener::open(std::uint64_t first, std::uint64_t count,
                                              std::span<std::byte> sealed) const {
  BlockOpener opener(*key_);
  std::size_t filled = 0;
  for (std::size_t at = 0; at < sealed.size(); ++first) {
    const auto block = sealed.subspan(at, std::min(SealedFile::kBlockBytes, sealed.size() - at));
    CAIRN_TRY(const auto plain, opener.open(first, block, first + 1 == count));
    std::memmove(sealed.data() + filled, plain.data(), plain.size());
    filled += plain.size();
    at += block.size();
  }
  return sealed.first(filled);
}

Result<std::unique_ptr<const Input>> sealed_input(std::unique_ptr<const Input> sealed, const Secret& key) {
  CAIRN_TRY(const auto bytes, SealedFile::plain_size(sealed->bytes()));
  std::array<char, SealedFile::kHeadBytes> head{};
  CAIRN_TRY_VOID(sealed->read(0, head));
  CAIRN_TRY(auto opener, FileOpener::of(key, std::string_view(head.data(), head.size())));
  auto input = std::make_unique<SealedInput>(std::move(sealed), std::move(opener), bytes);
  if (bytes == 0) {
    CAIRN_TRY_VOID(input->check_empty());  // no reading will
  }
  return std::unique_ptr<const Input>(std::move(input));
}

}  // namespace cairn::crypto
