// Digests, their keys and public keys from foreign bytes: never a crash, and what is read is written and read
// the same.
#include "base/check.h"
#include "integrity/digest.h"
#include "integrity/digest_name.h"
#include "integrity/public_key.h"
#include "integrity/signature.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cairn;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto digest = integrity::digest_from(text)) {
    CAIRN_CHECK(integrity::digest_from(integrity::to_json(*digest)).value() == *digest);
    CAIRN_CHECK(integrity::data_to_sign(*digest, text).size() > 64);
    if (const auto name = integrity::parse_digest_key(digest->key)) {
      CAIRN_CHECK(name->key() == digest->key);
    }
  }
  if (const auto name = integrity::parse_digest_key(text)) {
    CAIRN_CHECK(name->key() == text);
  }
  const auto folder = integrity::parse_folder(text);
  if (const auto log_file = integrity::parse_log_file_key(text)) {
    CAIRN_CHECK(folder && !folder->of_digests && !folder->is_marker);
  }
  (void)integrity::public_keys_from(text);
  return 0;
}
