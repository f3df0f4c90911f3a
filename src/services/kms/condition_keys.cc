#include "services/kms/condition_keys.h"

#include "json/json.h"
#include "services/kms/grants.h"

namespace cairn::services::kms {
namespace {

void add_request_tags(const Call& call, access::Context& context) {
  const auto* tags = json::find_array(call.input, "Tags");
  for (const auto& one : tags != nullptr ? *tags : json::array()) {
    const auto& tag = one.get_object();
    access::add_request_tag(context, json::find_string(tag, "TagKey").value_or(""),
                            json::find_string(tag, "TagValue").value_or(""));
  }
  const auto* names = json::find_array(call.input, "TagKeys");
  for (const auto& name : names != nullptr ? *names : json::array()) {
    context.add("aws:TagKeys", name.get_string());
  }
}

void add_grant_keys(const Call& call, access::Context& context) {
  if (call.operation.name != "CreateGrant") {
    return;
  }
  const auto grant = grant_in(call);
  context.set("kms:GrantOperations", grant.operations);
  context.set("kms:GrantIsForAWSResource", {"false"});
  if (grant.is_constrained()) {
    context.set("kms:GrantConstraintType",
                {grant.context_equals ? "EncryptionContextEquals" : "EncryptionContextSubset"});
  }
}

// With what the call signs, encrypts and so on; where it says nothing, as it will be.
void add_algorithms(const Call& call, access::Context& context) {
  const auto& name = call.operation.name;
  if (name == "Encrypt" || name == "Decrypt" || name.starts_with("GenerateDataKey")) {
    context.set("kms:EncryptionAlgorithm", {std::string(keys::kSymmetric)});
  }
  if (name == "Sign" || name == "Verify") {
    context.set("kms:MessageType", {"RAW"});
  }
  add_named(call, "EncryptionAlgorithm", "kms:EncryptionAlgorithm", context);
  add_named(call, "SigningAlgorithm", "kms:SigningAlgorithm", context);
  add_named(call, "MacAlgorithm", "kms:MacAlgorithm", context);
  add_named(call, "MessageType", "kms:MessageType", context);
  add_named(call, "KeyPairSpec", "kms:DataKeyPairSpec", context);
}

}  // namespace

void add_named(const Call& call, std::string_view member, std::string_view key, access::Context& context) {
  const auto* value = json::find(call.input, member);
  if (value == nullptr) {
    return;
  }
  if (value->is_string()) {
    context.set(key, {std::string(value->get_string())});
  } else if (value->is_bool()) {
    context.set(key, {value->get_bool() ? "true" : "false"});
  } else if (value->is_int64()) {
    context.set(key, {std::to_string(value->get_int64())});
  }
}

void add_context_keys(const Call& call, std::string_view member, access::Context& context) {
  const auto* pairs = json::find_object(call.input, member);
  for (const auto& [name, value] : pairs != nullptr ? *pairs : json::object()) {
    context.set("kms:EncryptionContext:" + std::string(name), {std::string(value.get_string())});
    context.add("kms:EncryptionContextKeys", name);
  }
}

void set_algorithm(const Call& call, std::string_view member, access::Ask& ask) {
  const auto algorithm = text(call, member);
  ask.context.set("kms:EncryptionAlgorithm", {algorithm.empty() ? std::string(keys::kSymmetric) : algorithm});
}

access::Context context_of(const Call& call) {
  access::Context context;
  context.set("kms:CallerAccount", {call.caller.principal.account});
  add_named(call, "BypassPolicyLockoutSafetyCheck", "kms:BypassPolicyLockoutSafetyCheck", context);
  add_named(call, "PendingWindowInDays", "kms:ScheduleKeyDeletionPendingWindowInDays", context);
  add_named(call, "GranteePrincipal", "kms:GranteePrincipal", context);
  add_named(call, "RetiringPrincipal", "kms:RetiringPrincipal", context);
  add_grant_keys(call, context);
  add_algorithms(call, context);
  add_request_tags(call, context);
  return context;
}

}  // namespace cairn::services::kms
