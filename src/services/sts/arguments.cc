// What the operations that hand out credentials take, and what they answer. Tested by assume_role_test.cc.
#include <algorithm>
#include <boost/json/array.hpp>
#include <set>

#include "access/access.h"
#include "access/aws_policies.h"
#include "access/entities.h"
#include "access/new_policy.h"
#include "base/log.h"
#include "codec/headers.h"
#include "json/json.h"
#include "services/sts/operations.h"

namespace cairn::services::sts {

namespace {

constexpr std::size_t kPolicyArnsMax = 10;
constexpr std::size_t kPolicyCharactersMax = 2048;
constexpr std::size_t kPercent = 100;

// In percent of what a token has room for, rounded up.
std::size_t packed_percent(std::size_t bytes) {
  constexpr auto kRoom = access::SessionLimits::packed_bytes_max;
  return (bytes * kPercent + kRoom - 1) / kRoom;
}

aws::Fault too_large(std::size_t percent) {
  return {.code = "PackedPolicyTooLarge",
          .status = 400,
          .message = "Packed policy consumes " + std::to_string(percent) +
                     "% of allotted space, please use smaller policy."};
}

Task<Found<bool>> is_there(const Dependencies& on, std::string arn, std::string account) {
  if (access::find_aws_policy(arn) != nullptr) {
    co_return true;
  }
  const auto name = access::policy_name_of(arn);
  if (!name || name->account != account) {
    co_return false;
  }
  const auto policy = co_await access::load<access::ManagedPolicyDocument>(on.catalog, account, name->name);
  if (!policy) {
    co_return fault::failure(policy.error());
  }
  co_return *policy && (*policy)->value.arn() == arn;
}

bool has_key(const std::vector<access::Tag>& tags, std::string_view key) {
  return std::ranges::any_of(
      tags, [&](const access::Tag& tag) { return codec::lower(tag.key) == codec::lower(key); });
}

Found<std::vector<access::Tag>> tags_in(const Call& call) {
  std::vector<access::Tag> tags;
  const auto* list = json::find_array(call.input, "Tags");
  for (const auto& one : list != nullptr ? *list : json::array()) {
    const auto& tag = one.get_object();
    const auto key = json::find_string(tag, "Key").value_or("");
    if (has_key(tags, key)) {
      return fault::invalid_parameter(
          "Duplicate tag keys found. Please note that Tag keys are case insensitive.");
    }
    tags.push_back(
        {.key = std::string(key), .value = std::string(json::find_string(tag, "Value").value_or(""))});
  }
  return tags;
}

std::vector<std::string> transitive_keys(const Call& call) {
  std::vector<std::string> keys;
  const auto* list = json::find_array(call.input, "TransitiveTagKeys");
  for (const auto& key : list != nullptr ? *list : json::array()) {
    keys.emplace_back(key.get_string());
  }
  return keys;
}

}  // namespace

Found<void> refuse_unknown_arguments(const Call& call) {
  for (const auto* member : {"SerialNumber", "TokenCode"}) {
    if (json::find(call.input, member) != nullptr) {
      return fault::validation("This Cairn has no MFA devices: " + std::string(member) + " is not taken.");
    }
  }
  const auto* contexts = json::find_array(call.input, "ProvidedContexts");
  if (contexts != nullptr && !contexts->empty()) {
    return fault::validation("This Cairn has no context providers: ProvidedContexts is not taken.");
  }
  return {};
}

Task<Found<void>> take_policies(const Dependencies& on, const Call& call, std::string account,
                                access::Session& session) {
  if (json::find(call.input, "Policy") != nullptr) {
    auto document = text(call, "Policy");
    if (const auto policy = access::parse_new_policy(document, access::PolicyKind::identity); !policy) {
      co_return aws::Fault{.code = "MalformedPolicyDocument", .status = 400, .message = policy.error().what};
    }
    if (document.size() > kPolicyCharactersMax) {
      co_return too_large((document.size() * kPercent + kPolicyCharactersMax - 1) / kPolicyCharactersMax);
    }
    session.policies.push_back(std::move(document));
    session.limited = true;
  }
  const auto* arns = json::find_array(call.input, "PolicyArns");
  if (arns != nullptr && arns->size() > kPolicyArnsMax) {
    co_return fault::validation(
        "1 validation error detected: Value at 'policyArns' failed to satisfy "
        "constraint: Member must have length less than or equal to 10");
  }
  for (const auto& one : arns != nullptr ? *arns : json::array()) {
    std::string arn(json::find_string(one.get_object(), "arn").value_or(""));
    CAIRN_CO_TRY(const bool there, co_await is_there(on, arn, account));
    if (!there) {
      co_return fault::validation("Policy " + arn + " does not exist or is not attachable.");
    }
    session.policy_arns.push_back(std::move(arn));
    session.limited = true;
  }
  co_return Found<void>{};
}

Found<void> take_tags(const Call& call, access::Session& session) {
  CAIRN_TRY(session.tags, tags_in(call));
  session.transitive = transitive_keys(call);
  for (auto& key : session.transitive) {
    if (!has_key(session.tags, key)) {
      return fault::invalid_parameter(
          "The specified transitive tag key must be included in the requested tags.");
    }
    key = std::ranges::find_if(session.tags, [&](const access::Tag& tag) {
            return codec::lower(tag.key) == codec::lower(key);
          })->key;
  }
  const auto* caller = call.caller.principal.session.get();
  if (caller == nullptr || session.kind != access::SessionKind::role) {
    return {};
  }
  for (const auto& [key, value] : caller->transitive_tags) {
    if (has_key(session.tags, key)) {
      return fault::invalid_parameter(
          "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag "
          "key from the calling session.");
    }
    session.tags.push_back({.key = key, .value = value});
    session.transitive.push_back(key);
  }
  return {};
}

void add_tag_keys(const Call& call, access::Context& context) {
  const auto* list = json::find_array(call.input, "Tags");
  for (const auto& one : list != nullptr ? *list : json::array()) {
    const auto& tag = one.get_object();
    access::add_request_tag(context, json::find_string(tag, "Key").value_or(""),
                            json::find_string(tag, "Value").value_or(""));
  }
  if (auto transitive = transitive_keys(call); !transitive.empty()) {
    context.set("sts:TransitiveTagKeys", std::move(transitive));
  }
}

bool has_tags(const Call& call) {
  const auto* list = json::find_array(call.input, "Tags");
  return (list != nullptr && !list->empty()) || !transitive_keys(call).empty();
}

Found<void> issue(const Dependencies& on, const access::Session& session, boost::json::object& output) {
  const auto secret = access::new_secret();
  const auto key_id = access::new_session_key_id();
  const auto sealed = access::seal_session(on.sealer, key_id, secret, session);
  if (sealed.packed_bytes > access::SessionLimits::packed_bytes_max) {
    return too_large(packed_percent(sealed.packed_bytes));
  }
  boost::json::object credentials;
  credentials["AccessKeyId"] = key_id;
  credentials["SecretAccessKey"] = ByteView(secret.bytes()).text();
  credentials["SessionToken"] = sealed.token;
  credentials["Expiration"] =
      std::chrono::floor<std::chrono::seconds>(session.expires).time_since_epoch().count();
  output["Credentials"] = std::move(credentials);
  if (sealed.packed_bytes > 0) {
    output["PackedPolicySize"] = packed_percent(sealed.packed_bytes);
  }
  return {};
}

std::string text(const Call& call, std::string_view member) {
  return std::string(json::find_string(call.input, member).value_or(""));
}

std::chrono::seconds duration_of(const Call& call, std::chrono::seconds otherwise) {
  const auto given = json::find_int(call.input, "DurationSeconds");
  return given ? std::chrono::seconds(*given) : otherwise;
}

Time whole_seconds(Time time) {
  return std::chrono::floor<std::chrono::seconds>(time);
}

namespace fault {

aws::Fault validation(std::string message) {
  return aws::fault::validation(aws::Family::query, std::move(message));
}
aws::Fault invalid_parameter(std::string message) {
  return {.code = "InvalidParameterValue", .status = 400, .message = std::move(message)};
}
aws::Fault denied(std::string message) {
  return {.code = "AccessDenied", .status = 403, .message = std::move(message)};
}
aws::Fault failure(const Error& error) {
  log::error("sts could not use the catalog", {{"error", error.text()}});
  return aws::to_fault(aws::Family::query, error);
}

}  // namespace fault

}  // namespace cairn::services::sts
