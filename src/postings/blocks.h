// Blocks: a file in blocks of 4 KiB, each held against its checksum when it is read, and kept in the cache.
// Window: numbers and bytes at any place of a part of it. Internal to postings/.
#pragma once

#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/input.h"
#include "postings/block_cache.h"

namespace cairn::postings {

inline constexpr std::uint64_t kBlockBytes = 4096;

// Thread-safe once it has its sums.
class Blocks {
 public:
  Blocks(std::unique_ptr<const Input> input, std::shared_ptr<BlockCache> cache)
      : input_(std::move(input)), cache_(std::move(cache)), file_(cache_->add_file()) {}

  const Input& input() const { return *input_; }

  // What is summed: [begin, end) of the file, block by block, a block being what lies between two multiples
  // of kBlockBytes.
  void set_range(std::uint64_t begin, std::uint64_t end);
  std::uint64_t end() const { return end_; }
  // How many blocks the range has.
  std::uint64_t count() const { return (end_ + kBlockBytes - 1) / kBlockBytes - begin_ / kBlockBytes; }
  // REQUIRES: one for each block of the range.
  void set_sums(std::vector<std::uint32_t> sums);
  // From the file as it is, for a version that has none.
  Result<void> make_sums();
  std::size_t sums_bytes() const { return sums_.size() * sizeof sums_[0]; }

  // The block with the file's byte `at` in it. REQUIRES: it is in the range. Errc::corrupt: it is damaged.
  Result<Block> block(std::uint64_t at) const;
  // Where the block with the byte `at` begins.
  std::uint64_t block_begin(std::uint64_t at) const {
    return std::max(begin_, at / kBlockBytes * kBlockBytes);
  }

 private:
  Result<std::string> read(std::uint64_t number) const;

  std::unique_ptr<const Input> input_;
  std::shared_ptr<BlockCache> cache_;
  std::uint64_t file_;
  std::uint64_t begin_ = 0;
  std::uint64_t end_ = 0;
  std::vector<std::uint32_t> sums_;
};

// A part of the file, read at any place; keeps the block that it read last. A value, used by one thread; must
// not outlive its blocks.
class Window {
 public:
  Window() = default;
  // REQUIRES: [offset, offset + bytes) is in the range.
  Window(const Blocks& blocks, std::uint64_t offset, std::uint64_t bytes)
      : blocks_(&blocks), offset_(offset), bytes_(bytes) {}

  std::uint64_t size() const { return bytes_; }
  // From `at` on, `bytes` of it or all that there are.
  Window part(std::uint64_t at, std::uint64_t bytes = UINT64_MAX) const {
    auto part = *this;
    part.offset_ += std::min(at, bytes_);
    part.bytes_ = std::min(bytes, bytes_ - std::min(at, bytes_));
    return part;
  }

  // Errc::corrupt: it lies outside, or the file is damaged there.
  Result<void> read(std::uint64_t at, std::span<char> to);
  Result<std::string> text(std::uint64_t at, std::uint64_t bytes);
  template <class T>
  Result<T> get(std::uint64_t at) {
    T value{};
    CAIRN_TRY_VOID(read(at, {reinterpret_cast<char*>(&value), sizeof value}));
    return value;
  }
  Result<std::uint64_t> get_bits(std::uint64_t at_bit, unsigned width);

 private:
  const Blocks* blocks_ = nullptr;
  std::uint64_t offset_ = 0;
  std::uint64_t bytes_ = 0;
  Block block_;                    // read last
  std::uint64_t block_begin_ = 0;  // in the file
};

}  // namespace cairn::postings
