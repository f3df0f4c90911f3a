// Stored notices, and how they went: whatever the bytes, an answer; what was read is written alike.
#include <cstdlib>

#include "delivery/notices.h"

using namespace cairn;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (const auto notice = delivery::notice_from(text)) {
    const auto again = delivery::notice_from(delivery::to_document(*notice));
    if (!again || delivery::to_document(*again) != delivery::to_document(*notice)) {
      std::abort();
    }
  }
  if (const auto went = delivery::notified_from(text)) {
    const auto again = delivery::notified_from(delivery::to_document(*went));
    if (!again || delivery::to_document(*again) != delivery::to_document(*went)) {
      std::abort();
    }
  }
  return 0;
}
