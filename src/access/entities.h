// What IAM knows beside users and keys, and under which keys it lies in the catalog. Written by services/iam;
// read by Directory, too.
//
//   access/group/ACCOUNT/name              a group: inline policies, what is attached, how many members
//   access/role/ACCOUNT/name               a role: whom it trusts, its policies, its boundary
//   access/instance-profile/ACCOUNT/name   an instance profile: the role it holds
//   access/policy/ACCOUNT/name             a managed policy and its versions
//
// Names are in lower case, as users' are: AWS tells none apart by case. What counts or forbids is in the
// document that a change writes anyway: a policy knows how often it is attached, a group how many members it
// has, a role which instance profiles hold it. Documents are JSON objects with a "v": 1.
//
// Values; any thread. Errc::corrupt: not what was written. Tested by entities_test.cc.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/documents.h"

namespace cairn::access {

struct GroupDocument {
  std::string id{};  // AGPA…
  std::string account{};
  std::string name{};
  std::string path = "/";
  Time created{};
  std::map<std::string, std::string> policies{};  // inline: document by name
  std::vector<std::string> attached{};            // managed policies, by ARN, in the order of attaching
  std::uint64_t members = 0;

  static std::string prefix_of(std::string_view account);
  static std::string key_of(std::string_view account, std::string_view name);
  static Result<GroupDocument> decode(const catalog::Document& document);
  std::string arn() const;
};

struct RoleDocument {
  std::string id{};  // AROA…
  std::string account{};
  std::string name{};
  std::string path = "/";
  Time created{};
  std::vector<Tag> tags{};
  std::map<std::string, std::string> policies{};
  std::vector<std::string> attached{};
  std::string boundary{};  // a managed policy's ARN; empty: none
  std::string trust{};     // who may assume it
  std::string description{};
  std::int64_t session_seconds_max = 3600;
  std::vector<std::string> instance_profiles{};  // that hold it, by name

  static std::string prefix_of(std::string_view account);
  static std::string key_of(std::string_view account, std::string_view name);
  static Result<RoleDocument> decode(const catalog::Document& document);
  std::string arn() const;
};

struct InstanceProfileDocument {
  std::string id{};  // AIPA…
  std::string account{};
  std::string name{};
  std::string path = "/";
  Time created{};
  std::vector<Tag> tags{};
  std::string role{};  // by name; empty: none

  static std::string prefix_of(std::string_view account);
  static std::string key_of(std::string_view account, std::string_view name);
  static Result<InstanceProfileDocument> decode(const catalog::Document& document);
  std::string arn() const;
};

struct PolicyVersionDocument {
  std::uint64_t number = 1;  // "v1"
  std::string document{};
  Time created{};
};

struct ManagedPolicyDocument {
  std::string id{};  // ANPA…
  std::string account{};
  std::string name{};
  std::string path = "/";
  std::string description{};
  Time created{};
  Time updated{};
  std::vector<Tag> tags{};
  std::vector<PolicyVersionDocument> versions{};  // oldest first; never none
  std::uint64_t default_version = 1;
  std::uint64_t newest_version = 1;  // ever: numbers are not used again
  std::uint64_t attachments = 0;     // to users, groups and roles
  std::uint64_t boundaries = 0;      // of users and roles

  static std::string prefix_of(std::string_view account);
  static std::string key_of(std::string_view account, std::string_view name);
  static Result<ManagedPolicyDocument> decode(const catalog::Document& document);
  std::string arn() const;
  const PolicyVersionDocument* version(std::uint64_t number) const;  // null: there is none
  const std::string& text() const { return version(default_version)->document; }
};

std::string encode(const GroupDocument& group);
std::string encode(const RoleDocument& role);
std::string encode(const InstanceProfileDocument& profile);
std::string encode(const ManagedPolicyDocument& policy);

// The entity of a name in an account, whatever it is.
template <class Entity>
Task<Result<std::optional<Stored<Entity>>>> load(catalog::Catalog& catalog, std::string account,
                                                 std::string name) {
  CAIRN_CO_TRY(const auto document, co_await catalog.get(Entity::key_of(account, name)));
  if (!document) {
    co_return std::optional<Stored<Entity>>();
  }
  CAIRN_CO_TRY(auto entity, Entity::decode(*document));
  co_return std::optional(Stored<Entity>{std::move(entity), document->version});
}

template <class Entity>
catalog::Write put_entity(const Entity& entity, catalog::Version expected) {
  return {.key = Entity::key_of(entity.account, entity.name), .value = encode(entity), .expected = expected};
}
template <class Entity>
catalog::Write remove_entity(const Entity& entity, catalog::Version expected) {
  return {.key = Entity::key_of(entity.account, entity.name), .value = std::nullopt, .expected = expected};
}

// A managed policy's account and name: "aws" and "AdministratorAccess" of
// "arn:aws:iam::aws:policy/AdministratorAccess". None: it is no such ARN. The path is not compared: who looks
// the policy up compares its whole ARN.
struct PolicyName {
  std::string account;
  std::string name;
};
std::optional<PolicyName> policy_name_of(std::string_view arn);

}  // namespace cairn::access
