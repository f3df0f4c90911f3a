// Any bytes opened as a message: no harm, and nothing that we did not seal opens. What we sealed opens, and
// with a byte changed does not.
#include <string>

#include "base/check.h"
#include "crypto/messages.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace cairn::crypto;
  static const Secret key(std::string(32, 'k'));
  static const MessageSealer sealer(key.clone());
  static MessageOpener opener(key);
  const std::string_view text(reinterpret_cast<const char*>(data), size);

  std::string room(MessageOpener::plain_bytes(size), '\0');
  CAIRN_CHECK(!opener.open({"place"}, text, std::as_writable_bytes(std::span(room))));
  std::string named(text);  // under the key's name: the tag alone is wrong
  std::string sealed(size + Messages::kOverheadBytes, '\0');
  sealer.seal({"place"}, {text}, std::as_writable_bytes(std::span(sealed)));
  named.replace(0, std::min(size, Messages::kIdBytes), sealed.substr(0, std::min(size, Messages::kIdBytes)));
  CAIRN_CHECK(!opener.open({"place"}, named, std::as_writable_bytes(std::span(room))));

  std::string plain(size, '\0');
  CAIRN_CHECK(opener.open({"place"}, sealed, std::as_writable_bytes(std::span(plain))) && plain == text);
  if (size > 0) {
    sealed[data[0] % sealed.size()] ^= 1;
    CAIRN_CHECK(!opener.open({"place"}, sealed, std::as_writable_bytes(std::span(plain))));
  }
  return 0;
}
