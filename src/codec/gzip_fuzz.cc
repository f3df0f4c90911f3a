// No input makes decompression crash or give more than its limit; what we compress comes back.
#include "codec/gzip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cairn;
  constexpr std::size_t kLimit = 1U << 20;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto text = codec::gzip_decompress(bytes, kLimit); text.has_value()) {
    CAIRN_CHECK(text->size() <= kLimit);
    CAIRN_CHECK(codec::gzip_decompress(bytes, text->size()).value() == *text);
  }
  CAIRN_CHECK(codec::gzip_decompress(codec::gzip_compress(bytes, 1), size).value() == bytes);
  return 0;
}
