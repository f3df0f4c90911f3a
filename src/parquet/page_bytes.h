// A page's bytes as they come out of decompression: only as many as are asked for, in one piece of memory, so
// that views into them stay good until the next page. Internal to parquet/. Used by one thread.
#pragma once

#include <memory>
#include <string_view>

#include "parquet/chunk_input.h"
#include "parquet/page_header.h"
#include "parquet/parquet.h"

struct ZSTD_DCtx_s;

namespace cairn::parquet {

class PageBytes {
 public:
  PageBytes();
  ~PageBytes();
  PageBytes(const PageBytes&) = delete;
  PageBytes& operator=(const PageBytes&) = delete;

  // The page that follows in the input, whose header was consumed. Errc::corrupt: the chunk ends before.
  Result<void> open(ChunkInput& input, Codec codec, const PageHeader& header);
  // The page's first `bytes` are there. Errc::corrupt: it has fewer, or they cannot be decompressed.
  Result<void> ensure(std::uint64_t bytes) { return bytes <= produced_ ? Result<void>() : produce(bytes); }
  // What is there.
  std::string_view have() const { return {memory_.get(), produced_}; }
  std::uint32_t size() const { return size_; }
  // Leaves the input behind the page.
  void leave();
  // Leaves the input where it is: it is another chunk's now.
  void forget() { input_ = nullptr; }

 private:
  struct Free {
    void operator()(ZSTD_DCtx_s* context) const;
  };
  void begin_frame();
  Result<void> produce(std::uint64_t bytes);
  Result<void> copy(std::uint64_t bytes);
  Result<void> decompress(std::uint64_t bytes);

  std::unique_ptr<ZSTD_DCtx_s, Free> context_;
  std::unique_ptr<char[]> memory_;
  std::size_t capacity_ = 0;

  ChunkInput* input_ = nullptr;
  Codec codec_ = Codec::none;
  std::uint32_t size_ = 0;  // uncompressed
  std::uint32_t left_ = 0;  // compressed, not read yet
  std::size_t produced_ = 0;
};

}  // namespace cairn::parquet
