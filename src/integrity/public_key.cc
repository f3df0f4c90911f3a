#include "integrity/public_key.h"

#include "codec/base64.h"
#include "crypto/hash.h"
#include "json/json.h"

namespace cairn::integrity {
namespace {

Error not_a_key(std::string_view why) {
  return {Errc::invalid, "not a public key as ListPublicKeys gives it", std::string(why)};
}

Result<void> add_key(const json::value& value, PublicKeys& keys) {
  const auto* object = value.if_object();
  const auto text = object == nullptr ? std::nullopt : json::find_string(*object, "Value");
  const auto fingerprint = object == nullptr ? std::nullopt : json::find_string(*object, "Fingerprint");
  if (!text || !fingerprint) {
    return not_a_key("Value or Fingerprint is missing");
  }
  const auto der = codec::base64_decode(*text);
  if (!der) {
    return not_a_key(*fingerprint);
  }
  auto key = crypto::RsaPublicKey::from_pkcs1(*der);
  if (!key) {
    return not_a_key(*fingerprint);
  }
  keys.insert_or_assign(std::string(*fingerprint), *std::move(key));
  return {};
}

}  // namespace

std::string fingerprint_of(const crypto::RsaPublicKey& key) {
  return codec::hex_encode(crypto::md5(key.to_pkcs1()));
}

PublicKey public_key_of(const crypto::RsaPublicKey& key, Time valid_from, Time valid_until) {
  return {.fingerprint = fingerprint_of(key),
          .der = key.to_pkcs1(),
          .valid_from = valid_from,
          .valid_until = valid_until};
}

Result<PublicKeys> public_keys_from(std::string_view text) {
  CAIRN_TRY(const auto value, json::parse(text, {.bytes_max = kPublicKeysBytesMax, .depth_max = 8}));
  const auto* object = value.if_object();
  const auto* list = object == nullptr ? value.if_array() : json::find_array(*object, "PublicKeyList");
  PublicKeys keys;
  if (list == nullptr) {
    CAIRN_TRY_VOID(add_key(value, keys));
    return keys;
  }
  for (const auto& one : *list) {
    CAIRN_TRY_VOID(add_key(one, keys));
  }
  return keys;
}

}  // namespace cairn::integrity
