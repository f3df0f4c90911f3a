// Versions of managed policies. Tested by managed_policies_test.cc.
#include <algorithm>
#include <boost/json/array.hpp>
#include <charconv>

#include "codec/uri.h"
#include "json/json.h"
#include "services/iam/entities.h"

namespace cairn::services::iam {

namespace {

using access::PolicyVersionDocument;

// 3 of "v3"; 0, which no version has, of what is none.
std::uint64_t number_in(std::string_view id) {
  std::uint64_t number = 0;
  if (id.starts_with('v')) {
    const auto digits = id.substr(1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    number = error == std::errc{} && end == digits.data() + digits.size() ? number : 0;
  }
  return number;
}

// Of AWS's policies only the version that counts is here.
boost::json::object described_builtin(const access::AwsPolicy& policy) {
  return described_version(static_cast<std::uint64_t>(policy.version), true, *parse_rfc3339(policy.updated));
}

}  // namespace

boost::json::object described_version(std::uint64_t number, bool is_default, Time created) {
  boost::json::object o;
  o["VersionId"] = "v" + std::to_string(number);
  o["IsDefaultVersion"] = is_default;
  o["CreateDate"] = seconds(created);
  return o;
}

Task<Answer> create_policy_version(const Dependencies& on, Call& call) {
  auto document = text(call, "PolicyDocument");
  CAIRN_CO_TRY(auto policy, co_await find_own_policy(on, call, text(call, "PolicyArn")));
  CAIRN_CO_TRY_VOID(check_managed_document(document));
  auto& value = policy.value;
  if (value.versions.size() >= Limits::policy_versions_max) {
    co_return fault::limit(
        "A managed policy can have up to 5 versions. Before you create a new version, you must delete an "
        "existing version.");
  }
  const bool is_default = json::find_bool(call.input, "SetAsDefault").value_or(false);
  const auto now = std::chrono::floor<std::chrono::seconds>(call.time);
  const auto number = ++value.newest_version;
  value.versions.push_back({.number = number, .document = std::move(document), .created = now});
  value.updated = now;
  if (is_default) {
    value.default_version = number;
  }
  Outcome outcome;
  outcome.output["PolicyVersion"] = described_version(number, is_default, now);
  outcome.effects.writes.push_back(access::put_entity(value, policy.version));
  co_return outcome;
}

Task<Answer> get_policy_version(const Dependencies& on, Call& call) {
  const auto id = text(call, "VersionId");
  CAIRN_CO_TRY(const auto policy, co_await find_policy(on, call, text(call, "PolicyArn")));
  boost::json::object answer;
  std::string document;
  if (policy.builtin != nullptr) {
    if (id != "v" + std::to_string(policy.builtin->version)) {
      co_return fault::no_such_version(policy.arn(), id);
    }
    answer = described_builtin(*policy.builtin);
    document = policy.builtin->document;
  } else {
    const auto* version = policy.own.value.version(number_in(id));
    if (version == nullptr) {
      co_return fault::no_such_version(policy.arn(), id);
    }
    answer = described_version(version->number, version->number == policy.own.value.default_version,
                               version->created);
    document = version->document;
  }
  answer["Document"] = codec::percent_encode(document);
  Outcome outcome;
  outcome.output["PolicyVersion"] = std::move(answer);
  co_return outcome;
}

// Newest first.
Task<Answer> list_policy_versions(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto page, page_of(call));
  CAIRN_CO_TRY(const auto policy, co_await find_policy(on, call, text(call, "PolicyArn")));
  std::vector<std::string> ids;
  boost::json::array all;
  if (policy.builtin != nullptr) {
    ids.push_back("v" + std::to_string(policy.builtin->version));
    all.emplace_back(described_builtin(*policy.builtin));
  }
  const auto& versions = policy.own.value.versions;
  for (auto version = versions.rbegin(); version != versions.rend(); ++version) {
    ids.push_back("v" + std::to_string(version->number));
    all.emplace_back(described_version(version->number, version->number == policy.own.value.default_version,
                                       version->created));
  }
  CAIRN_CO_TRY(const auto slice, slice_of(page, ids));
  Outcome outcome;
  outcome.output["Versions"] = boost::json::array(all.begin() + static_cast<std::ptrdiff_t>(slice.begin),
                                                  all.begin() + static_cast<std::ptrdiff_t>(slice.end));
  put_slice_end(outcome.output, slice, ids);
  co_return outcome;
}

Task<Answer> delete_policy_version(const Dependencies& on, Call& call) {
  const auto id = text(call, "VersionId");
  CAIRN_CO_TRY(auto policy, co_await find_own_policy(on, call, text(call, "PolicyArn")));
  const auto number = number_in(id);
  if (policy.value.version(number) == nullptr) {
    co_return fault::no_such_version(policy.value.arn(), id);
  }
  if (number == policy.value.default_version) {
    co_return fault::conflict("Cannot delete the default version of a policy.");
  }
  std::erase_if(policy.value.versions,
                [&](const PolicyVersionDocument& version) { return version.number == number; });
  policy.value.updated = std::chrono::floor<std::chrono::seconds>(call.time);
  Outcome outcome;
  outcome.effects.writes.push_back(access::put_entity(policy.value, policy.version));
  co_return outcome;
}

Task<Answer> set_default_policy_version(const Dependencies& on, Call& call) {
  const auto id = text(call, "VersionId");
  CAIRN_CO_TRY(auto policy, co_await find_own_policy(on, call, text(call, "PolicyArn")));
  if (policy.value.version(number_in(id)) == nullptr) {
    co_return fault::no_such_version(policy.value.arn(), id);
  }
  policy.value.default_version = number_in(id);
  policy.value.updated = std::chrono::floor<std::chrono::seconds>(call.time);
  Outcome outcome;
  outcome.effects.writes.push_back(access::put_entity(policy.value, policy.version));
  co_return outcome;
}

}  // namespace cairn::services::iam
