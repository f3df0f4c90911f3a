#include "services/kms/kms.h"

#include <algorithm>
#include <array>

#include "json/json.h"
#include "services/kms/asks.h"
#include "services/kms/operations.h"

namespace cairn::services::kms {
namespace {

struct Entry {
  std::string_view name;
  Task<Answer> (*run)(const Dependencies&, Call&, Asked);
  About about = About::own_key;
};

constexpr std::array kOperations = {
    Entry{"CancelKeyDeletion", cancel_key_deletion},
    Entry{"CreateAlias", create_alias, About::alias},
    Entry{"CreateGrant", create_grant, About::key_by_id},
    Entry{"CreateKey", create_key, About::new_key},
    Entry{"Decrypt", decrypt, About::ciphertext},
    Entry{"DeleteAlias", delete_alias, About::alias},
    Entry{"DescribeKey", describe_key, About::any_key},
    Entry{"DisableKey", disable_key},
    Entry{"DisableKeyRotation", disable_key_rotation},
    Entry{"EnableKey", enable_key},
    Entry{"EnableKeyRotation", enable_key_rotation},
    Entry{"Encrypt", encrypt, About::any_key},
    Entry{"GenerateDataKey", generate_data_key, About::any_key},
    Entry{"GenerateDataKeyPair", generate_data_key_pair, About::any_key},
    Entry{"GenerateDataKeyPairWithoutPlaintext", generate_data_key_pair_without_plaintext, About::any_key},
    Entry{"GenerateDataKeyWithoutPlaintext", generate_data_key_without_plaintext, About::any_key},
    Entry{"GenerateMac", generate_mac, About::any_key},
    Entry{"GenerateRandom", generate_random, About::nothing},
    Entry{"GetKeyPolicy", get_key_policy},
    Entry{"GetKeyRotationStatus", get_key_rotation_status, About::key_by_id},
    Entry{"GetPublicKey", get_public_key, About::any_key},
    Entry{"ListAliases", list_aliases, About::aliases},
    Entry{"ListGrants", list_grants, About::key_by_id},
    Entry{"ListKeyPolicies", list_key_policies},
    Entry{"ListKeyRotations", list_key_rotations},
    Entry{"ListKeys", list_keys, About::nothing},
    Entry{"ListResourceTags", list_resource_tags},
    Entry{"ListRetirableGrants", list_retirable_grants, About::nothing},
    Entry{"PutKeyPolicy", put_key_policy},
    Entry{"ReEncrypt", re_encrypt, About::two_keys},
    Entry{"RetireGrant", retire_grant, About::grant},
    Entry{"RotateKeyOnDemand", rotate_key_on_demand},
    Entry{"RevokeGrant", revoke_grant, About::key_by_id},
    Entry{"ScheduleKeyDeletion", schedule_key_deletion},
    Entry{"Sign", sign, About::any_key},
    Entry{"TagResource", tag_resource},
    Entry{"UntagResource", untag_resource},
    Entry{"UpdateAlias", update_alias, About::alias},
    Entry{"UpdateKeyDescription", update_key_description},
    Entry{"Verify", verify, About::any_key},
    Entry{"VerifyMac", verify_mac, About::any_key},
};

const Entry* find(std::string_view operation) {
  const auto* const found = std::ranges::find(kOperations, operation, &Entry::name);
  return found == kOperations.end() ? nullptr : found;
}

class Kms final : public front::Service {
 public:
  explicit Kms(Dependencies on) : on_(on) {}

  std::string_view name() const override { return "kms"; }
  bool answers(std::string_view operation) const override { return find(operation) != nullptr; }
  bool checks_itself(std::string_view /*operation*/, std::string_view /*member*/) const override {
    return false;
  }

  Task<Result<std::vector<access::Ask>, aws::Fault>> asks(Call& call) override {
    CAIRN_CO_TRY(auto question, co_await ask(on_, call, find(call.operation.name)->about));
    call.staged = std::make_unique<Asked>(std::move(question.asked));
    co_return std::move(question.asks);
  }

  Task<Answer> run(Call& call) override {
    auto asked = static_cast<const Asked&>(*call.staged);
    call.record.resources = asked.resources;
    co_return co_await find(call.operation.name)->run(on_, call, std::move(asked));
  }

 private:
  const Dependencies on_;
};

}  // namespace

std::unique_ptr<front::Service> make_kms(Dependencies dependencies) {
  return std::make_unique<Kms>(dependencies);
}

}  // namespace cairn::services::kms
