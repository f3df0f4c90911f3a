// Percent-encoding is undone by decoding; queries and UTF-8 cuts hold their promises on any bytes.
#include "codec/uri.h"

#include "codec/utf8.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cairn;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  CAIRN_CHECK(codec::percent_decode(codec::percent_encode(text)).value() == text);
  CAIRN_CHECK(codec::percent_decode(codec::percent_encode(text, true)).value() == text);
  if (const auto pairs = codec::parse_query(text); pairs.has_value()) {
    std::string again;
    for (const auto& [name, value] : *pairs) {
      again += codec::percent_encode(name) + '=' + codec::percent_encode(value) + '&';
    }
    CAIRN_CHECK(codec::parse_query(again).value() == *pairs);
  }
  const auto hidden = codec::hide_password(text);
  CAIRN_CHECK(codec::hide_password(hidden) == hidden);
  if (codec::valid_utf8(text)) {
    CAIRN_CHECK(codec::valid_utf8(hidden) && codec::utf8_length(text) <= text.size());
    for (std::size_t limit = 0; limit <= text.size(); ++limit) {
      CAIRN_CHECK(codec::valid_utf8(codec::utf8_prefix(text, limit)));
    }
  }
  return 0;
}
