// Stored signing keys: whatever the bytes, an answer; and what was read is written alike.
#include <cstdlib>

#include "signing/signing_keys.h"

using namespace cairn;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // Where the sample lies: a document is read at its own place alone.
  const std::string place = "signing/key/eu-west-1/1770336000000";
  const auto read = signing::read_key(
      {.key = place, .value = std::string(reinterpret_cast<const char*>(data), size), .version = 1});
  if (read) {
    const auto again = signing::read_key({.key = place, .value = read->document(), .version = 1});
    if (!again || again->document() != read->document() || again->sealed != read->sealed) {
      std::abort();
    }
  }
  return 0;
}
