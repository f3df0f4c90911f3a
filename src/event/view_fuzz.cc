// Any bytes: no harm. What is well-formed and accepted has what followers rely on.
#include "base/check.h"
#include "event/view.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const auto seen = cairn::event::view({reinterpret_cast<const char*>(data), size});
  if (!seen) {
    CAIRN_CHECK(!seen.error().what.empty());
    return 0;
  }
  CAIRN_CHECK(!seen->event_id.empty() && !seen->source.empty() && !seen->name.empty() &&
              !seen->region.empty());
  CAIRN_CHECK(seen->resources.size() <= cairn::event::ViewLimits::resources_max);
  for (const auto& resource : seen->resources) {
    CAIRN_CHECK(!resource.name.empty());
  }
  return 0;
}
