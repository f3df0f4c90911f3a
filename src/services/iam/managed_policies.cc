// CreatePolicy, GetPolicy, DeletePolicy, ListPolicies. Tested by managed_policies_test.cc.
#include <algorithm>
#include <boost/json/array.hpp>

#include "access/new_policy.h"
#include "codec/headers.h"
#include "json/json.h"
#include "services/iam/entities.h"

namespace cairn::services::iam {

namespace {

// What ListPolicies is asked for.
struct Filter {
  bool local = true;
  bool aws = true;
  bool only_attached = false;
  std::string path_prefix;
  std::string usage;  // PermissionsPolicy, PermissionsBoundary; empty: either

  bool keeps(std::string_view path, std::uint64_t attachments, std::uint64_t boundaries) const {
    const bool used = usage == "PermissionsBoundary" ? boundaries > 0
                      : usage == "PermissionsPolicy" ? attachments > 0
                                                     : attachments + boundaries > 0;
    return path.starts_with(path_prefix) && (used || !(only_attached || !usage.empty()));
  }
};

Filter filter_of(const Call& call) {
  const auto scope = text(call, "Scope");
  return {.local = scope != "AWS",
          .aws = scope != "Local",
          .only_attached = json::find_bool(call.input, "OnlyAttached").value_or(false),
          .path_prefix = text(call, "PathPrefix"),
          .usage = text(call, "PolicyUsageFilter")};
}

struct Listed {
  std::string key;
  boost::json::object shown;
};

Task<Found<std::vector<Listed>>> listed_policies(const Dependencies& on, const Call& call) {
  const auto filter = filter_of(call);
  std::vector<Listed> all;
  if (filter.local) {
    const auto keep = [&](const ManagedPolicyDocument& policy) {
      return filter.keeps(policy.path, policy.attachments, policy.boundaries);
    };
    CAIRN_CO_TRY(const auto own, co_await all_of<ManagedPolicyDocument>(
                                     on, ManagedPolicyDocument::prefix_of(call.account), keep));
    for (const auto& policy : own) {
      all.push_back({"local/" + codec::lower(policy.value.name), described(policy.value)});
    }
  }
  if (filter.aws) {
    CAIRN_CO_TRY(const auto uses, co_await uses_in(on, call.account));
    for (const auto& policy : access::aws_policies()) {
      const auto arn = policy.arn();
      if (filter.keeps("/", uses.attached(arn), uses.bounding(arn))) {
        all.push_back(
            {"aws/" + std::string(policy.name), described(policy, uses.attached(arn), uses.bounding(arn))});
      }
    }
  }
  std::ranges::sort(all, {}, &Listed::key);
  co_return all;
}

}  // namespace

Task<Answer> create_policy(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(auto name, name_of(call, "PolicyName", kNameMax));
  CAIRN_CO_TRY(auto tags, tags_of(call, "TagsPerPolicy"));
  auto document = text(call, "PolicyDocument");
  CAIRN_CO_TRY_VOID(check_managed_document(document));
  CAIRN_CO_TRY(auto account, co_await find_account(on, call));
  const auto existing = co_await access::load<ManagedPolicyDocument>(on.catalog, call.account, name);
  if (!existing) {
    co_return fault::failure(existing.error());
  }
  if (*existing) {
    co_return fault::policy_exists(name);
  }
  if (account.value.policies >= Limits::managed_policies_max) {
    co_return fault::quota("PoliciesPerAccount", Limits::managed_policies_max);
  }
  ++account.value.policies;
  const auto now = std::chrono::floor<std::chrono::seconds>(call.time);
  ManagedPolicyDocument policy{.id = access::new_id("ANPA"),
                               .account = call.account,
                               .name = std::move(name),
                               .path = std::string(json::find_string(call.input, "Path").value_or("/")),
                               .description = text(call, "Description"),
                               .created = now,
                               .updated = now,
                               .tags = std::move(tags),
                               .versions = {{.number = 1, .document = std::move(document), .created = now}}};
  Outcome outcome;
  auto answer = described(policy);
  if (!policy.tags.empty()) {
    answer["Tags"] = described_tags(policy.tags);
  }
  outcome.output["Policy"] = std::move(answer);
  outcome.effects.writes.push_back(access::put_entity(policy, 0));
  outcome.effects.writes.push_back(access::put(account.value, account.version));
  co_return outcome;
}

Found<void> check_managed_document(const std::string& document) {
  if (const auto policy = access::parse_new_policy(document, access::PolicyKind::identity); !policy) {
    return fault::malformed_policy(policy.error().what);
  }
  if (policy_characters(document) > Limits::managed_policy_characters_max) {
    return fault::quota("PolicySize", Limits::managed_policy_characters_max);
  }
  return {};
}

Task<Answer> get_policy(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto policy, co_await find_policy(on, call, text(call, "PolicyArn")));
  boost::json::object answer;
  if (policy.builtin != nullptr) {
    CAIRN_CO_TRY(const auto uses, co_await uses_in(on, call.account));
    const auto arn = policy.arn();
    answer = described(*policy.builtin, uses.attached(arn), uses.bounding(arn));
    answer["Description"] = policy.builtin->description;
    answer["Tags"] = boost::json::array();
  } else {
    answer = described(policy.own.value);
    if (!policy.own.value.description.empty()) {
      answer["Description"] = policy.own.value.description;
    }
    answer["Tags"] = described_tags(policy.own.value.tags);
  }
  Outcome outcome;
  outcome.output["Policy"] = std::move(answer);
  co_return outcome;
}

Task<Answer> delete_policy(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto policy, co_await find_own_policy(on, call, text(call, "PolicyArn")));
  if (policy.value.attachments > 0) {
    co_return fault::conflict("Cannot delete a policy attached to entities.");
  }
  if (policy.value.boundaries > 0) {
    co_return fault::conflict("Cannot delete a policy that is used as a permissions boundary.");
  }
  if (policy.value.versions.size() > 1) {
    co_return fault::conflict(
        "This policy has more than one version. Before you delete a policy, you must delete the policy's "
        "versions. The default version is deleted with the policy.");
  }
  CAIRN_CO_TRY(auto account, co_await find_account(on, call));
  account.value.policies -= account.value.policies > 0 ? 1 : 0;
  Outcome outcome;
  outcome.effects.writes.push_back(access::remove_entity(policy.value, policy.version));
  outcome.effects.writes.push_back(access::put(account.value, account.version));
  co_return outcome;
}

// AWS's first, then the account's, each in order of name.
Task<Answer> list_policies(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto page, page_of(call));
  CAIRN_CO_TRY(auto all, co_await listed_policies(on, call));
  const auto first = std::ranges::upper_bound(all, page.after, {}, &Listed::key);
  boost::json::array shown;
  std::string last;
  auto next = first;
  for (; next != all.end() && shown.size() < page.limit; ++next) {
    shown.emplace_back(std::move(next->shown));
    last = next->key;
  }
  Outcome outcome;
  outcome.output["Policies"] = std::move(shown);
  put_page_end(outcome.output, next != all.end(), last);
  co_return outcome;
}

}  // namespace cairn::services::iam
