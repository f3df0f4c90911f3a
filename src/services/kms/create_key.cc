// A new key, and what a key says of itself. Tested by kms_test.cc.
#include <fmt/format.h>

#include <array>

#include "crypto/random.h"
#include "json/json.h"
#include "services/kms/describe.h"
#include "services/kms/operations.h"
#include "services/kms/workshop.h"

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
  const auto* const kind = keys::find_spec(key.spec);
  if (kind == nullptr) {
    return fault::unsupported(fmt::format("KeySpec {} is not supported.", key.spec));
  }
  const auto usage = text(call, "KeyUsage");
  if (usage.empty() && !key.is_symmetric()) {
    return fault::validation(
        "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.");
  }
  key.usage = usage.empty() ? key.usage : usage;
  if (key.usage == "KEY_AGREEMENT" && kind->family == keys::Family::curve && key.spec != "ECC_SECG_P256K1") {
    return fault::unsupported("KeyUsage KEY_AGREEMENT is not supported.");
  }
  if (!kind->is_for(key.usage)) {
    return fault::validation(
        fmt::format("KeyUsage {} is not compatible with KeySpec {}", key.usage, key.spec));
  }
  return {};
}

}  // namespace

void show_algorithms(const keys::Key& key, boost::json::object& shown) {
  json::array names;
  for (const auto name : keys::algorithms_of(key.kind(), key.usage)) {
    names.emplace_back(name);
  }
  const auto* const member = key.usage == keys::kSigns  ? "SigningAlgorithms"
                             : key.usage == keys::kMacs ? "MacAlgorithms"
                                                        : "EncryptionAlgorithms";
  shown[member] = std::move(names);
}

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
  show_algorithms(key, shown);
  shown["MultiRegion"] = false;
  if (key.is_symmetric()) {
    shown["CurrentKeyMaterialId"] = key.materials.back().id;
  }
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
  CAIRN_CO_TRY_VOID(
      co_await on.workshop->admit(on.catalog, keys::key_prefix(key.account, key.region), call.time));
  CAIRN_CO_TRY(const auto material, co_await on.workshop->make(key.kind()));
  keys::add_material(key, on.sealer, material, call.time, false);
  call.record.resources = {
      {.arn = key.arn(), .account_id = key.account, .type = "AWS::KMS::Key", .arn_prefix = {}}};
  Outcome outcome;
  outcome.output["KeyMetadata"] = described(key);
  outcome.effects.writes.push_back(keys::put(key, 0));
  co_return outcome;
}

}  // namespace cairn::services::kms
