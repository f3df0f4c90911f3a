// Stored documents of organizations: whatever the bytes, an answer; and what was read is written alike.
#include <cstdlib>

#include "organization/handshake.h"
#include "organization/organization.h"

using namespace cairn;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const catalog::Document document{
      .key = "k", .value = std::string(reinterpret_cast<const char*>(data), size), .version = 1};
  if (const auto read = organization::decode(document)) {
    const auto again = organization::decode({.key = "k", .value = organization::encode(*read), .version = 1});
    if (!again || *again != *read) {
      std::abort();
    }
    for (const auto& [id, unit] : read->units) {
      if (read->path_of(id).empty() || read->depth_of(id) > organization::Limits::depth_max) {
        std::abort();
      }
    }
  }
  (void)organization::decode_request(document);
  (void)organization::decode_handshake(document);
  (void)organization::parse_control(document.value);
  return 0;
}
