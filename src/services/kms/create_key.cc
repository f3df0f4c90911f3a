// A new key, and what a key says of itself. Tested by kms_test.cc.
#include <fmt/format.h>

#include <array>

#include "crypto/random.h"
#include "json/json.h"
#include "services/kms/describe.h"
#include "services/kms/operations.h"

namespace cairn::services::kms {
namespace {

// The policy of a key for which none was given: IAM's policies decide.
std::string usual_policy(std::string_view account) {
  return fmt::format(
      "{{\n  \"Version\" : \"2012-10-17\",\n  \"Id\" : \"key-default-1\",\n  \"Statement\" : [ {{\n    "
      "\"Sid\" : \"Enable "
      "IAM User Permissions\",\n    \"Effect\" : \"Allow\",\n    \"Principal\" : {{\n      \"AWS\" : "
      "\"arn:aws:iam::{}:root\"\n    }},\n    \"Action\" : \"kms:*\",\n    \"Resource\" : \"*\"\n  }} ]\n}}",
      account);
}

// What the key is to be, and that it can be.
Found<void> read_kind(const Call& call, keys::Key& key) {
  CAIRN_TRY_VOID(refuse_members(call, {"CustomKeyStoreId", "XksKeyId"}));
  if (truth(call, "MultiRegion")) {
    return fault::unsupported("MultiRegion is not supported.");
  }
  if (const auto origin = text(call, "Origin"); !origin.empty() && origin != "AWS_KMS") {
    return fault::unsupported(fmt::format("Origin {} is not supported.", origin));
  }
  const auto spec = text(call, "KeySpec");
  const auto old = text(call, "CustomerMasterKeySpec");
  if (!spec.empty() && !old.empty() && spec != old) {
    return fault::validation("You cannot specify KeySpec and CustomerMasterKeySpec in the same request.");
  }
  if (!spec.empty() || !old.empty()) {
    key.spec = spec.empty() ? old : spec;
  }
  if (const auto usage = text(call, "KeyUsage"); !usage.empty()) {
    key.usage = usage;
  }
  if (key.spec != "SYMMETRIC_DEFAULT") {
    return fault::unsupported(fmt::format("KeySpec {} is not supported.", key.spec));
  }
  if (key.usage != "ENCRYPT_DECRYPT") {
    return fault::validation(
        fmt::format("The operation failed because the KeyUsage value of the KMS key is {}. To "
                    "perform this operation, the KeyUsage value must be ENCRYPT_DECRYPT.",
                    key.usage));
  }
  return {};
}

}  // namespace

boost::json::object described(const keys::Key& key) {
  json::object shown{{"AWSAccountId", key.account},
                     {"KeyId", key.id},
                     {"Arn", key.arn()},
                     {"CreationDate", seconds(key.created)},
                     {"Enabled", key.state() == keys::State::enabled},
                     {"Description", key.description},
                     {"KeyUsage", key.usage},
                     {"KeyState", std::string(keys::to_string(key.state()))}};
  if (key.deletion) {
    shown["DeletionDate"] = seconds(*key.deletion);
  }
  shown["Origin"] = "AWS_KMS";
  shown["KeyManager"] = "CUSTOMER";
  shown["CustomerMasterKeySpec"] = key.spec;
  shown["KeySpec"] = key.spec;
  shown["EncryptionAlgorithms"] = json::array{"SYMMETRIC_DEFAULT"};
  shown["MultiRegion"] = false;
  shown["CurrentKeyMaterialId"] = key.materials.back().id;
  return shown;
}

Task<Answer> create_key(const Dependencies& on, Call& call, Asked /*asked*/) {
  keys::Key key{.id = crypto::uuid4(), .account = call.account, .region = call.region, .created = call.time};
  CAIRN_CO_TRY_VOID(read_kind(call, key));
  key.description = text(call, "Description");
  key.policy = text(call, "Policy");
  if (key.policy.empty()) {
    key.policy = usual_policy(key.account);
  }
  CAIRN_CO_TRY_VOID(check_policy(call, key, key.policy));
  CAIRN_CO_TRY(key.tags, tags_in(call));
  keys::add_material(key, on.sealer, keys::new_material(), call.time, false);
  call.record.resources = {
      {.arn = key.arn(), .account_id = key.account, .type = "AWS::KMS::Key", .arn_prefix = {}}};
  Outcome outcome;
  outcome.output["KeyMetadata"] = described(key);
  outcome.effects.writes.push_back(keys::put(key, 0));
  co_return outcome;
}

}  // namespace cairn::services::kms
