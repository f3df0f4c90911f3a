// Endpoints that a subscriber names: whatever the bytes, an answer that HTTP can be spoken with.
#include <cstdint>
#include <cstdlib>

#include "codec/uri.h"
#include "services/sns/endpoint.h"

using namespace cairn::services::sns;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto endpoint = http_endpoint(text)) {
    const auto again = http_endpoint(endpoint->origin + endpoint->target);
    if (!again || again->host != endpoint->host || again->target != endpoint->target) {
      std::abort();
    }
    const auto hidden = http_endpoint(cairn::codec::hide_password(text));
    if (!endpoint->user) {
      return 0;
    }
    if (!hidden || hidden->origin != endpoint->origin || hidden->target != endpoint->target ||
        hidden->user != endpoint->user || (endpoint->password && hidden->password != "****")) {
      std::abort();
    }
  }
  if (const auto queue = queue_of(text); queue && queue->name.empty()) {
    std::abort();
  }
  return 0;
}
