// Stored documents of keys: whatever the bytes, an answer; and what was read is written alike.
#include <cstdlib>

#include "keys/grant.h"

using namespace cairn;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // Where the samples lie: a key's document is read at its own place alone.
  const std::string place = "kms/key/111122223333/eu-west-1/1234abcd-12ab-34cd-56ef-1234567890ab";
  const catalog::Document document{
      .key = place, .value = std::string(reinterpret_cast<const char*>(data), size), .version = 1};
  if (const auto read = keys::decode_key(document)) {
    const auto again = keys::decode_key({.key = place, .value = keys::encode(*read), .version = 1});
    if (!again || *again != *read) {
      std::abort();
    }
  }
  if (const auto read = keys::decode_alias(document)) {
    const auto again = keys::decode_alias({.key = "k", .value = keys::encode(*read), .version = 1});
    if (!again || *again != *read) {
      std::abort();
    }
  }
  if (const auto read = keys::decode_grant(document)) {
    const auto again = keys::decode_grant({.key = "k", .value = keys::encode(*read), .version = 1});
    if (!again || *again != *read) {
      std::abort();
    }
  }
  return 0;
}
