// Ciphertexts: whatever the bytes, an answer; and none opens that was not made with the key.
#include <cstdlib>

#include "keys/ciphertext.h"

using namespace cairn;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(std::string_view(reinterpret_cast<const char*>(data), size));
  const crypto::Secret material(32);
  const auto head = keys::read_head(bytes);
  const auto opened = keys::decrypt(material, {{"name", "value"}}, bytes);
  if (opened && !head) {
    std::abort();
  }
  if (head && *keys::read_head(keys::encrypt(*head, material, {}, "text")) != *head) {
    std::abort();
  }
  return 0;
}
