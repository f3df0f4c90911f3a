// BlockCache: blocks of postings files that were read lately, with a limit. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "base/lru.h"

namespace cairn::postings {

// Bytes of a file that were held against their checksum.
using Block = std::shared_ptr<const std::string>;

class BlockCache {
 public:
  // `bytes_max`: of all blocks, with what keeping them costs. A block on loan is memory of its borrower's,
  // too.
  explicit BlockCache(std::size_t bytes_max) : kept_(bytes_max) {}

  // A number for a file that is read through the cache; never given twice.
  std::uint64_t add_file() { return ++files_; }

  // Null: it is not there.
  Block find(std::uint64_t file, std::uint64_t number) {
    return kept_.find({file, number}).value_or(nullptr);
  }
  void put(std::uint64_t file, std::uint64_t number, Block block) {
    const auto cost = block->size() + kKeepingBytes;
    kept_.put({file, number}, std::move(block), cost);
  }

  std::size_t bytes() const { return kept_.cost(); }

 private:
  struct Name {
    std::uint64_t file = 0;
    std::uint64_t number = 0;
    friend bool operator==(const Name&, const Name&) = default;
  };
  struct Hash {
    std::size_t operator()(const Name& name) const {
      return static_cast<std::size_t>((name.file * 0x9E37'79B9'7F4A'7C15ULL) ^
                                      (name.number * 0xC2B2'AE3D'27D4'EB4FULL));
    }
  };
  static constexpr std::size_t kKeepingBytes = 192;  // of a block, besides its own

  std::atomic<std::uint64_t> files_{0};
  Lru<Name, Block, Hash> kept_;
};

}  // namespace cairn::postings
