// What IAM's users, groups, roles, instance profiles and managed policies have in common: names, finding,
// showing, listing. An operation that several of them have is written once, as a template over the document.
// Inside services/iam only.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "access/aws_policies.h"
#include "access/entities.h"
#include "services/iam/faults.h"
#include "services/iam/operations.h"

namespace cairn::services::iam {

using access::GroupDocument;
using access::InstanceProfileDocument;
using access::ManagedPolicyDocument;
using access::RoleDocument;
using access::Stored;
using access::UserDocument;

// How IAM speaks of them.
template <class Entity>
struct Words;
template <>
struct Words<UserDocument> {
  static constexpr std::string_view noun = "user";
  static constexpr std::string_view title = "User";
  static constexpr std::string_view member = "UserName";
  static constexpr std::string_view list = "Users";
  static constexpr std::string_view attached_quota = "PoliciesPerUser";
  static constexpr std::string_view tags_quota = "TagsPerUser";
  static constexpr std::size_t inline_characters_max = Limits::policy_characters_max;
};
template <>
struct Words<GroupDocument> {
  static constexpr std::string_view noun = "group";
  static constexpr std::string_view title = "Group";
  static constexpr std::string_view member = "GroupName";
  static constexpr std::string_view list = "Groups";
  static constexpr std::string_view attached_quota = "PoliciesPerGroup";
  static constexpr std::size_t inline_characters_max = Limits::group_policy_characters_max;
};
template <>
struct Words<RoleDocument> {
  static constexpr std::string_view noun = "role";
  static constexpr std::string_view title = "Role";
  static constexpr std::string_view member = "RoleName";
  static constexpr std::string_view list = "Roles";
  static constexpr std::string_view attached_quota = "PoliciesPerRole";
  static constexpr std::string_view tags_quota = "TagsPerRole";
  static constexpr std::size_t inline_characters_max = Limits::role_policy_characters_max;
};
template <>
struct Words<InstanceProfileDocument> {
  static constexpr std::string_view noun = "instance profile";
  static constexpr std::string_view title = "Instance Profile";
  static constexpr std::string_view member = "InstanceProfileName";
  static constexpr std::string_view list = "InstanceProfiles";
  static constexpr std::string_view tags_quota = "TagsPerInstanceProfile";
};

// NoSuchEntity.
template <class Entity>
Task<Found<Stored<Entity>>> find_entity(const Dependencies& on, const Call& call, std::string name) {
  auto found = co_await access::load<Entity>(on.catalog, call.account, name);
  if (!found) {
    co_return fault::failure(found.error());
  }
  if (!*found) {
    co_return fault::no_such(Words<Entity>::noun, name);
  }
  co_return *std::move(*found);
}

// The one that the call names, for reading.
template <class Entity>
Task<Found<Stored<Entity>>> find_named(const Dependencies& on, const Call& call) {
  CAIRN_CO_TRY(auto name, name_of(call, Words<Entity>::member, kNameMax));
  co_return co_await find_entity<Entity>(on, call, std::move(name));
}

inline constexpr std::string_view kServiceRolePath = "/aws-service-role/";  // roles that are a service's own

// The same for a change: UnmodifiableEntity if the configuration declares it, or if it is a service's role.
template <class Entity>
Task<Found<Stored<Entity>>> find_named_own(const Dependencies& on, const Call& call) {
  CAIRN_CO_TRY(auto found, co_await find_named<Entity>(on, call));
  if constexpr (requires { found.value.declared; }) {
    if (found.value.declared) {
      co_return fault::declared_user(found.value.name);
    }
  }
  if constexpr (requires { found.value.trust; }) {
    if (found.value.path.starts_with(kServiceRolePath)) {
      co_return fault::service_role(found.value.name);
    }
  }
  co_return found;
}

// A managed policy: AWS's, or the account's own.
struct FoundPolicy {
  const access::AwsPolicy* builtin = nullptr;  // else `own`
  Stored<ManagedPolicyDocument> own{};

  std::string arn() const { return builtin != nullptr ? builtin->arn() : own.value.arn(); }
  std::string name() const { return builtin != nullptr ? std::string(builtin->name) : own.value.name; }
};
// ValidationError: no ARN. NoSuchEntity.
Task<Found<FoundPolicy>> find_policy(const Dependencies& on, const Call& call, std::string arn);
// Of the account's own, for a change: AWS's cannot be changed.
Task<Found<Stored<ManagedPolicyDocument>>> find_own_policy(const Dependencies& on, const Call& call,
                                                           std::string arn);

// Every entity of the account for which `keep` holds, in order of name.
template <class Entity, class Keep>
Task<Found<std::vector<Stored<Entity>>>> all_of(const Dependencies& on, std::string prefix, Keep keep) {
  std::vector<Stored<Entity>> kept;
  for (std::string after;;) {
    const auto documents = co_await on.catalog.scan(prefix, after, Limits::page_max);
    if (!documents) {
      co_return fault::failure(documents.error());
    }
    if (documents->empty()) {
      co_return kept;
    }
    after = documents->back().key;
    for (const auto& document : *documents) {
      auto entity = Entity::decode(document);
      if (!entity) {
        co_return fault::failure(entity.error());
      }
      if (keep(*entity)) {
        kept.push_back({*std::move(entity), document.version});
      }
    }
  }
}

// A page of the account's entities below the call's PathPrefix, in order of name whatever the path: they lie
// in the catalog by name, and the path is looked at on the way.
template <class Entity, class Keep, class Show>
Task<Answer> list_entities(const Dependencies& on, const Call& call, std::string prefix, Keep keep,
                           Show show) {
  CAIRN_CO_TRY(const auto page, page_of(call));
  boost::json::array shown;
  bool truncated = false;
  std::string last = page.after;
  for (std::string after = page.after.empty() ? "" : prefix + page.after; !truncated;) {
    const auto documents = co_await on.catalog.scan(prefix, after, Limits::page_max);
    if (!documents) {
      co_return fault::failure(documents.error());
    }
    if (documents->empty()) {
      break;
    }
    after = documents->back().key;
    for (const auto& document : *documents) {
      const auto entity = Entity::decode(document);
      if (!entity) {
        co_return fault::failure(entity.error());
      }
      if (!keep(*entity)) {
        continue;
      }
      if (shown.size() == page.limit) {
        truncated = true;
        break;
      }
      shown.emplace_back(show(*entity));
      last = document.key.substr(prefix.size());
    }
  }
  Outcome outcome;
  outcome.output[Words<Entity>::list] = std::move(shown);
  put_page_end(outcome.output, truncated, last);
  co_return outcome;
}

// A page of names or ARNs that one document holds. `end` is called with the place where the page ends.
struct Slice {
  std::size_t begin = 0;
  std::size_t end = 0;
};
// Behind the entry that the marker names; ValidationError if there is none (any more).
Found<Slice> slice_of(const Page& page, const std::vector<std::string>& entries);
void put_slice_end(boost::json::object& output, const Slice& slice, const std::vector<std::string>& entries);

boost::json::object described(const GroupDocument& group);
boost::json::object described(const RoleDocument& role);  // as an instance profile shows it
boost::json::object listed(const RoleDocument& role);     // as lists show it
boost::json::object described(const ManagedPolicyDocument& policy);
boost::json::object described(const access::AwsPolicy& policy, std::uint64_t attachments,
                              std::uint64_t boundaries);
boost::json::object described_boundary(std::string_view arn);
boost::json::object described_version(std::uint64_t number, bool is_default, Time created);
// As the API shows it, its role's document included.
Task<Found<boost::json::object>> described_profile(const Dependencies& on,
                                                   const InstanceProfileDocument& profile, bool with_tags);
boost::json::array described_tags(const std::vector<access::Tag>& tags);

// Tags of the call, checked: InvalidInput, LimitExceeded.
Found<std::vector<access::Tag>> tags_of(const Call& call, std::string_view quota);

// How many characters of a policy's document count: all but white space.
std::size_t policy_characters(std::string_view document);

// How often each managed policy is attached in the account, and used as a boundary.
struct Uses {
  std::map<std::string, std::uint64_t, std::less<>> attachments;
  std::map<std::string, std::uint64_t, std::less<>> boundaries;

  std::uint64_t attached(const std::string& arn) const;
  std::uint64_t bounding(const std::string& arn) const;
};
Task<Found<Uses>> uses_in(const Dependencies& on, std::string account);

}  // namespace cairn::services::iam
