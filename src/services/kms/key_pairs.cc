// Data key pairs: made for the caller, with the private key encrypted by a key of KMS. Tested by
// signing_test.cc.
#include <fmt/format.h>

#include "codec/base64.h"
#include "json/json.h"
#include "services/kms/operations.h"
#include "services/kms/texts.h"
#include "services/kms/workshop.h"

namespace cairn::services::kms {
namespace {

Task<Answer> data_key_pair(const Dependencies& on, Call& call, Asked asked, bool shown) {
  const auto& key = asked.keys.front().value;
  CAIRN_CO_TRY_VOID(refuse_members(call, {"Recipient"}));
  CAIRN_CO_TRY_VOID(check_generates(call, key));
  const auto name = text(call, "KeyPairSpec");
  const auto* const spec = keys::find_pair_spec(name);
  if (spec == nullptr) {
    co_return fault::unsupported(fmt::format("KeyPairSpec {} is not supported.", name));
  }
  CAIRN_CO_TRY(const auto context, context_in(call, "EncryptionContext"));
  CAIRN_CO_TRY_VOID(check_dry_run(call));
  CAIRN_CO_TRY(const auto material, co_await on.workshop->make(*spec));
  const auto pair = crypto::KeyPair::from_der(material.bytes());
  if (!pair) {
    co_return fault::failure(pair.error());
  }
  Outcome outcome;
  CAIRN_CO_TRY(outcome.output["PrivateKeyCiphertextBlob"], sealed_text(on, key, context, material.bytes()));
  if (shown) {
    outcome.output["PrivateKeyPlaintext"] = codec::base64_encode(material.bytes());
  }
  outcome.output["PublicKey"] = codec::base64_encode(pair->to_subject_public_key_info());
  outcome.output["KeyId"] = key.arn();
  outcome.output["KeyPairSpec"] = spec->name;
  outcome.output["KeyMaterialId"] = key.materials.back().id;
  call.record.additional["keyMaterialId"] = key.materials.back().id;
  co_return outcome;
}

}  // namespace

Task<Answer> generate_data_key_pair(const Dependencies& on, Call& call, Asked asked) {
  co_return co_await data_key_pair(on, call, std::move(asked), true);
}

Task<Answer> generate_data_key_pair_without_plaintext(const Dependencies& on, Call& call, Asked asked) {
  co_return co_await data_key_pair(on, call, std::move(asked), false);
}

}  // namespace cairn::services::kms
