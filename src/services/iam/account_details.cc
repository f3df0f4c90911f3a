// GetAccountAuthorizationDetails: all that the account's users, groups, roles and policies are, page by page.
// Tested by account_details_test.cc.
#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "codec/uri.h"
#include "json/json.h"
#include "services/iam/entities.h"

namespace cairn::services::iam {

namespace {

using boost::json::array;
using boost::json::object;

// In this order they come; a marker is the place here, a colon and the last name.
constexpr std::array<std::string_view, 5> kKinds = {"User", "Group", "Role", "LocalManagedPolicy",
                                                    "AWSManagedPolicy"};
constexpr std::size_t kPageBytesMax = std::size_t{1} << 20;  // of names and documents, then a page is over

// A page as it fills.
struct Filling {
  std::size_t room = 0;
  std::size_t first_kind = 0;
  std::string after;  // of the first kind
  std::size_t bytes = 0;
  bool truncated = false;
  std::string marker;

  bool is_full() const { return room == 0 || bytes >= kPageBytesMax; }
  void add(array& to, std::size_t kind, std::string_view name, object detail) {
    bytes += boost::json::serialize(detail).size();
    to.emplace_back(std::move(detail));
    --room;
    marker = std::to_string(kind) + ":" + std::string(name);
  }
};

Found<Filling> filling_of(const Call& call) {
  CAIRN_TRY(auto page, page_of(call));
  Filling filling{.room = page.limit, .after = std::move(page.after)};
  if (!filling.after.empty()) {
    const auto kind = static_cast<std::size_t>(filling.after.front() - '0');
    if (kind >= kKinds.size() || filling.after.size() < 3 || filling.after[1] != ':') {
      return fault::validation("Invalid Marker.");
    }
    filling.first_kind = kind;
    filling.after.erase(0, 2);
  }
  return filling;
}

Found<std::array<bool, kKinds.size()>> wanted_kinds(const Call& call) {
  std::array<bool, kKinds.size()> wanted{};
  const auto* filter = json::find_array(call.input, "Filter");
  if (filter == nullptr || filter->empty()) {
    wanted.fill(true);
    return wanted;
  }
  for (const auto& one : *filter) {
    const auto name = one.is_string() ? std::string_view(one.get_string()) : std::string_view();
    const auto found = std::ranges::find(kKinds, name);
    if (found == kKinds.end()) {
      return fault::validation("Invalid Filter: " + std::string(name));
    }
    wanted.at(static_cast<std::size_t>(found - kKinds.begin())) = true;
  }
  return wanted;
}

array shown_inline(const std::map<std::string, std::string>& policies) {
  array all;
  for (const auto& [name, document] : policies) {
    all.emplace_back(object{{"PolicyName", name}, {"PolicyDocument", codec::percent_encode(document)}});
  }
  return all;
}

array shown_attached(const std::vector<std::string>& arns) {
  array all;
  for (const auto& arn : arns) {
    const auto name = access::policy_name_of(arn);
    all.emplace_back(object{{"PolicyName", name ? name->name : ""}, {"PolicyArn", arn}});
  }
  return all;
}

// What users and roles have both.
template <class Entity>
void add_bounds(const Entity& entity, object& detail) {
  detail["AttachedManagedPolicies"] = shown_attached(entity.attached);
  if (!entity.boundary.empty()) {
    detail["PermissionsBoundary"] = described_boundary(entity.boundary);
  }
  detail["Tags"] = described_tags(entity.tags);
}

Task<Found<object>> detail_of(const Dependencies& /*on*/, const UserDocument& user) {
  auto detail = described(user);
  detail["UserPolicyList"] = shown_inline(user.policies);
  array groups;
  for (const auto& group : user.groups) {
    groups.emplace_back(group);
  }
  detail["GroupList"] = std::move(groups);
  add_bounds(user, detail);
  co_return detail;
}

Task<Found<object>> detail_of(const Dependencies& /*on*/, const GroupDocument& group) {
  auto detail = described(group);
  detail["GroupPolicyList"] = shown_inline(group.policies);
  detail["AttachedManagedPolicies"] = shown_attached(group.attached);
  co_return detail;
}

Task<Found<object>> detail_of(const Dependencies& on, const RoleDocument& role) {
  auto detail = described(role);
  array profiles;
  for (const auto& name : role.instance_profiles) {
    const auto profile = co_await access::load<InstanceProfileDocument>(on.catalog, role.account, name);
    if (!profile) {
      co_return fault::failure(profile.error());
    }
    if (*profile) {  // else it was deleted a moment ago
      CAIRN_CO_TRY(auto described, co_await described_profile(on, (*profile)->value, false));
      profiles.emplace_back(std::move(described));
    }
  }
  detail["InstanceProfileList"] = std::move(profiles);
  detail["RolePolicyList"] = shown_inline(role.policies);
  add_bounds(role, detail);
  detail["RoleLastUsed"] = object();
  co_return detail;
}

object version_of(std::uint64_t number, bool is_default, Time created, std::string_view document) {
  auto version = described_version(number, is_default, created);
  version["Document"] = codec::percent_encode(document);
  return version;
}

Task<Found<object>> detail_of(const Dependencies& /*on*/, const ManagedPolicyDocument& policy) {
  auto detail = described(policy);
  array versions;
  for (const auto& one : policy.versions) {
    versions.emplace_back(
        version_of(one.number, one.number == policy.default_version, one.created, one.document));
  }
  detail["PolicyVersionList"] = std::move(versions);
  co_return detail;
}

// All of a kind that fit.
template <class Entity>
Task<Found<array>> details(const Dependencies& on, std::size_t kind, std::string prefix, Filling& filling) {
  array all;
  const auto after = std::exchange(filling.after, "");
  const auto documents =
      co_await on.catalog.scan(prefix, after.empty() ? "" : prefix + after, filling.room + 1);
  if (!documents) {
    co_return fault::failure(documents.error());
  }
  for (const auto& document : *documents) {
    if (filling.is_full()) {
      filling.truncated = true;
      break;
    }
    const auto entity = Entity::decode(document);
    if (!entity) {
      co_return fault::failure(entity.error());
    }
    CAIRN_CO_TRY(auto detail, co_await detail_of(on, *entity));
    filling.add(all, kind, document.key.substr(prefix.size()), std::move(detail));
  }
  co_return all;
}

// AWS's own that the account uses.
Task<Found<array>> aws_details(const Dependencies& on, const Call& call, std::size_t kind, Filling& filling) {
  array all;
  const auto after = std::exchange(filling.after, "");
  CAIRN_CO_TRY(const auto uses, co_await uses_in(on, call.account));
  for (const auto& policy : access::aws_policies()) {
    const auto arn = policy.arn();
    const bool used = uses.attached(arn) + uses.bounding(arn) > 0;
    if (!used || arn <= after) {
      continue;
    }
    if (filling.is_full()) {
      filling.truncated = true;
      break;
    }
    auto detail = described(policy, uses.attached(arn), uses.bounding(arn));
    detail["PolicyVersionList"] = array{version_of(static_cast<std::uint64_t>(policy.version), true,
                                                   *parse_rfc3339(policy.updated), policy.document)};
    filling.add(all, kind, arn, std::move(detail));
  }
  co_return all;
}

Task<Found<array>> details_of_kind(const Dependencies& on, const Call& call, std::size_t kind,
                                   Filling& filling) {
  switch (kind) {
    case 0:
      co_return co_await details<UserDocument>(on, kind, access::users_prefix(call.account), filling);
    case 1:
      co_return co_await details<GroupDocument>(on, kind, GroupDocument::prefix_of(call.account), filling);
    case 2:
      co_return co_await details<RoleDocument>(on, kind, RoleDocument::prefix_of(call.account), filling);
    case 3:
      co_return co_await details<ManagedPolicyDocument>(on, kind, ManagedPolicyDocument::prefix_of(call.account),
                                                        filling);
    default:
      co_return co_await aws_details(on, call, kind, filling);
  }
}

}  // namespace

Task<Answer> get_account_authorization_details(const Dependencies& on, Call& call) {
  constexpr std::array<std::string_view, kKinds.size()> kLists = {"UserDetailList", "GroupDetailList",
                                                                  "RoleDetailList", "Policies", "Policies"};
  CAIRN_CO_TRY(const auto wanted, wanted_kinds(call));
  CAIRN_CO_TRY(auto filling, filling_of(call));
  Outcome outcome;
  for (const auto list : kLists) {
    outcome.output[list] = array();
  }
  for (auto kind = filling.first_kind; kind < kKinds.size() && !filling.truncated; ++kind) {
    if (!wanted.at(kind)) {
      filling.after.clear();
      continue;
    }
    CAIRN_CO_TRY(auto found, co_await details_of_kind(on, call, kind, filling));
    auto& list = outcome.output[kLists.at(kind)].as_array();
    list.insert(list.end(), found.begin(), found.end());
  }
  put_page_end(outcome.output, filling.truncated, filling.marker);
  co_return outcome;
}

}  // namespace cairn::services::iam
