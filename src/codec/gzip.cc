#include "codec/gzip.h"

#include <libdeflate.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>

namespace cairn::codec {
namespace {

// Deflate cannot do better than 1032 : 1, so input of a size bounds its output whatever its last bytes say.
constexpr std::size_t kRatioMax = 1032;
constexpr std::size_t kRatioUsual = 8;
constexpr std::size_t kFirstBytesMin = 4096;

struct CompressorFree {
  void operator()(libdeflate_compressor* c) const { libdeflate_free_compressor(c); }
};
struct DecompressorFree {
  void operator()(libdeflate_decompressor* d) const { libdeflate_free_decompressor(d); }
};

struct Compressor {
  int level = 0;
  std::unique_ptr<libdeflate_compressor, CompressorFree> handle;
};

libdeflate_compressor* compressor(int level) {
  CAIRN_CHECK(level >= 1 && level <= 12);
  thread_local Compressor kept;
  if (kept.level != level) {
    kept.handle.reset(libdeflate_alloc_compressor(level));
    CAIRN_CHECK(kept.handle != nullptr);
    kept.level = level;
  }
  return kept.handle.get();
}

libdeflate_decompressor* decompressor() {
  thread_local const std::unique_ptr<libdeflate_decompressor, DecompressorFree> kept(
      libdeflate_alloc_decompressor());
  CAIRN_CHECK(kept != nullptr);
  return kept.get();
}

// gzip ends with the size of its last member's content, modulo 2^32: right for nearly every file, so nearly
// every file is decompressed once, into a buffer that fits.
std::size_t likely_size(ByteView bytes, std::size_t bytes_max) {
  std::uint32_t stored = 0;
  if (bytes.size() >= sizeof stored) {
    std::memcpy(&stored, bytes.data() + bytes.size() - sizeof stored, sizeof stored);
  }
  const std::size_t possible = std::min(bytes_max, bytes.size() * kRatioMax);
  return std::min(possible, std::max<std::size_t>(stored, kFirstBytesMin));
}

class Decompression {
 public:
  Decompression(ByteView input, std::size_t bytes_max) : input_(input), bytes_max_(bytes_max) {
    output_.resize(likely_size(input, bytes_max));
  }

  Result<std::string> run() && {
    do {
      CAIRN_TRY_VOID(member());
    } while (!input_.empty());
    output_.resize(size_);
    return std::move(output_);
  }

 private:
  Result<void> member() {
    while (true) {
      std::size_t read = 0;
      std::size_t written = 0;
      const auto outcome =
          libdeflate_gzip_decompress_ex(decompressor(), input_.data(), input_.size(), output_.data() + size_,
                                        output_.size() - size_, &read, &written);
      if (outcome == LIBDEFLATE_SUCCESS) {
        input_ = input_.subview(read);
        size_ += written;
        return {};
      }
      if (outcome != LIBDEFLATE_INSUFFICIENT_SPACE) {
        return Error{Errc::invalid, "not gzip, or damaged"};
      }
      CAIRN_TRY_VOID(grow());
    }
  }

  // Doubling means that no member is decompressed more often than the logarithm of its size.
  Result<void> grow() {
    if (output_.size() >= bytes_max_) {
      return Error{Errc::limit, "gzip content is larger than " + std::to_string(bytes_max_) + " bytes"};
    }
    const std::size_t more = std::max({output_.size() * 2, input_.size() * kRatioUsual, kFirstBytesMin});
    output_.resize(std::min(bytes_max_, more));
    return {};
  }

  ByteView input_;
  std::size_t bytes_max_;
  std::string output_;
  std::size_t size_ = 0;
};

}  // namespace

std::string gzip_compress(ByteView bytes, int level) {
  auto* const handle = compressor(level);
  const auto bound = libdeflate_gzip_compress_bound(handle, bytes.size());
  // As large as the input, and most of it never touched: not zeroed, so that it takes up no memory.
  const std::unique_ptr<char[]> room(new char[bound]);
  const std::size_t size = libdeflate_gzip_compress(handle, bytes.data(), bytes.size(), room.get(), bound);
  CAIRN_CHECK(size > 0);
  return {room.get(), size};
}

Result<std::string> gzip_decompress(ByteView bytes, std::size_t bytes_max) {
  return Decompression(bytes, bytes_max).run();
}

}  // namespace cairn::codec
