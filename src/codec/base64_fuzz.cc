// What decodes must encode to the same text again (base64 is strict), and whatever bytes there are survive
// both ways.
#include "codec/base64.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cairn;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto bytes = codec::base64_decode(text); bytes.has_value()) {
    CAIRN_CHECK(codec::base64_encode(*bytes) == text);
  }
  if (const auto bytes = codec::hex_decode(text); bytes.has_value()) {
    CAIRN_CHECK(codec::hex_decode(codec::hex_encode(*bytes)).value() == *bytes);
  }
  CAIRN_CHECK(codec::base64_decode(codec::base64_encode(text)).value() == text);
  CAIRN_CHECK(codec::hex_decode(codec::hex_encode(text)).value() == text);
  return 0;
}
