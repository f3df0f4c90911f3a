// Any bytes: refused, or an item that reads back the same once it was written.
#include <cstdint>

#include "aws/cbor_wire.h"
#include "base/check.h"
#include "json/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cairn;  // NOLINT: a program of its own
  const auto value = aws::parse_cbor({reinterpret_cast<const char*>(data), size});
  if (value) {
    const auto back = aws::parse_cbor(aws::encode_cbor(*value));
    CAIRN_CHECK(back.has_value());
    CAIRN_CHECK(json::serialize(*back) == json::serialize(*value));
  }
  return 0;
}
