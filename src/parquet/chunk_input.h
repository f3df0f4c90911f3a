// A chunk's bytes, read forwards a piece at a time. Internal to parquet/. Used by one thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/input.h"

namespace cairn::parquet {

class ChunkInput {
 public:
  static constexpr std::size_t kBufferBytes = 64U << 10;

  void open(const Input& file, std::uint64_t offset, std::uint64_t bytes) {
    file_ = &file;
    offset_ = offset;
    left_ = bytes;
    have_ = {};
  }
  std::uint64_t left() const { return left_; }

  // At least `bytes` of what is next, or all that is left of the chunk. REQUIRES: kBufferBytes at most.
  Result<std::string_view> peek(std::size_t bytes) {
    CAIRN_CHECK(bytes <= kBufferBytes);
    if (have_.size() < std::min<std::uint64_t>(bytes, left_)) {
      const auto take = std::min<std::uint64_t>(kBufferBytes, left_);
      CAIRN_TRY_VOID(file_->read(offset_, {buffer_.get(), take}));
      have_ = {buffer_.get(), take};
    }
    return have_;
  }
  // REQUIRES: left() at least.
  void consume(std::uint64_t bytes) {
    CAIRN_CHECK(bytes <= left_);
    offset_ += bytes;
    left_ -= bytes;
    have_.remove_prefix(std::min<std::uint64_t>(bytes, have_.size()));
  }

 private:
  const Input* file_ = nullptr;
  std::uint64_t offset_ = 0;  // of what is next
  std::uint64_t left_ = 0;
  std::unique_ptr<char[]> buffer_ = std::make_unique_for_overwrite<char[]>(kBufferBytes);
  std::string_view have_;  // into buffer_
};

}  // namespace cairn::parquet
