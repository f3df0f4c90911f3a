// The PROXY protocol's header: whatever the bytes, an answer; and the same one however few of them have come
// before.
#include <cstdlib>

#include "http/proxy_header.h"

using namespace cairn;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto whole = http::parse_proxy_header(bytes);
  const bool is_header = whole && *whole;
  if (is_header && ((*whole)->size > size || (*whole)->size > http::kProxyHeaderBytesMax)) {
    std::abort();
  }
  for (std::size_t count = 0; count <= std::min(size, http::kProxyHeaderBytesMax); count += 1 + count / 64) {
    const auto begun = http::parse_proxy_header(bytes.substr(0, count));
    const bool must_be_begun = is_header && count < (*whole)->size;
    const bool must_be_whole = is_header && count >= (*whole)->size;
    if ((must_be_begun && (!begun || *begun)) ||
        (must_be_whole && (!begun || !*begun || (*begun)->size != (*whole)->size)) ||
        (whole && !*whole && (!begun || *begun))) {
      std::abort();
    }
  }
  return 0;
}
