#include "access/entities.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "aws/ids.h"
#include "catalog/document_reader.h"
#include "codec/headers.h"
#include "json/json.h"

namespace cairn::access {

namespace {

constexpr std::int64_t kEntityFormat = 1;

boost::json::array list_of(const std::vector<Tag>& tags) {
  boost::json::array pairs;
  for (const auto& tag : tags) {
    pairs.emplace_back(boost::json::array{tag.key, tag.value});
  }
  return pairs;
}

boost::json::array list_of(const std::map<std::string, std::string>& policies) {
  boost::json::array pairs;
  for (const auto& [name, document] : policies) {
    pairs.emplace_back(boost::json::array{name, document});
  }
  return pairs;
}

boost::json::array list_of(const std::vector<std::string>& texts) {
  return boost::json::array(texts.begin(), texts.end());
}

// What all of them have.
template <class Entity>
boost::json::object beginning(const Entity& entity) {
  boost::json::object o;
  o["v"] = kEntityFormat;
  o["id"] = entity.id;
  o["account"] = entity.account;
  o["name"] = entity.name;
  o["path"] = entity.path;
  o["created"] = catalog::millis(entity.created);
  return o;
}

template <class Entity>
Entity begun(catalog::DocumentReader& in) {
  Entity entity;
  entity.id = in.text("id");
  entity.account = in.text("account");
  entity.name = in.text("name");
  entity.path = in.text("path");
  entity.created = in.time("created");
  return entity;
}

std::vector<Tag> tags_in(catalog::DocumentReader& in) {
  std::vector<Tag> tags;
  for (auto& [key, text] : in.pairs("tags")) {
    tags.push_back({std::move(key), std::move(text)});
  }
  return tags;
}

std::map<std::string, std::string> policies_in(catalog::DocumentReader& in) {
  std::map<std::string, std::string> policies;
  for (auto& [name, text] : in.pairs("policies")) {
    policies.emplace(std::move(name), std::move(text));
  }
  return policies;
}

std::string prefix(std::string_view kind, std::string_view account) {
  return std::string("access/").append(kind).append("/").append(account) + "/";
}

template <class Entity>
std::string arn_of(const Entity& entity, std::string_view kind) {
  return "arn:aws:iam::" + entity.account + ":" + std::string(kind) + entity.path + entity.name;
}

}  // namespace

std::string GroupDocument::prefix_of(std::string_view account) {
  return prefix("group", account);
}
std::string GroupDocument::key_of(std::string_view account, std::string_view name) {
  return prefix_of(account) + codec::lower(name);
}
std::string GroupDocument::arn() const {
  return arn_of(*this, "group");
}
std::string encode(const GroupDocument& group) {
  auto o = beginning(group);
  o["policies"] = list_of(group.policies);
  o["attached"] = list_of(group.attached);
  o["members"] = group.members;
  return json::serialize(o);
}
Result<GroupDocument> GroupDocument::decode(const catalog::Document& document) {
  catalog::DocumentReader in(document, kEntityFormat);
  auto group = begun<GroupDocument>(in);
  group.policies = policies_in(in);
  group.attached = in.texts("attached");
  group.members = in.count("members");
  return in.finish(std::move(group));
}

std::string RoleDocument::prefix_of(std::string_view account) {
  return prefix("role", account);
}
std::string RoleDocument::key_of(std::string_view account, std::string_view name) {
  return prefix_of(account) + codec::lower(name);
}
std::string RoleDocument::arn() const {
  return arn_of(*this, "role");
}
std::string encode(const RoleDocument& role) {
  auto o = beginning(role);
  o["tags"] = list_of(role.tags);
  o["policies"] = list_of(role.policies);
  o["attached"] = list_of(role.attached);
  o["boundary"] = role.boundary;
  o["trust"] = role.trust;
  o["description"] = role.description;
  o["sessionSecondsMax"] = role.session_seconds_max;
  o["instanceProfiles"] = list_of(role.instance_profiles);
  return json::serialize(o);
}
Result<RoleDocument> RoleDocument::decode(const catalog::Document& document) {
  catalog::DocumentReader in(document, kEntityFormat);
  auto role = begun<RoleDocument>(in);
  role.tags = tags_in(in);
  role.policies = policies_in(in);
  role.attached = in.texts("attached");
  role.boundary = in.text("boundary");
  role.trust = in.text("trust");
  role.description = in.text("description");
  role.session_seconds_max = in.number("sessionSecondsMax");
  role.instance_profiles = in.texts("instanceProfiles");
  return in.finish(std::move(role));
}

std::string InstanceProfileDocument::prefix_of(std::string_view account) {
  return prefix("instance-profile", account);
}
std::string InstanceProfileDocument::key_of(std::string_view account, std::string_view name) {
  return prefix_of(account) + codec::lower(name);
}
std::string InstanceProfileDocument::arn() const {
  return arn_of(*this, "instance-profile");
}
std::string encode(const InstanceProfileDocument& profile) {
  auto o = beginning(profile);
  o["tags"] = list_of(profile.tags);
  o["role"] = profile.role;
  return json::serialize(o);
}
Result<InstanceProfileDocument> InstanceProfileDocument::decode(const catalog::Document& document) {
  catalog::DocumentReader in(document, kEntityFormat);
  auto profile = begun<InstanceProfileDocument>(in);
  profile.tags = tags_in(in);
  profile.role = in.text("role");
  return in.finish(std::move(profile));
}

std::string ManagedPolicyDocument::prefix_of(std::string_view account) {
  return prefix("policy", account);
}
std::string ManagedPolicyDocument::key_of(std::string_view account, std::string_view name) {
  return prefix_of(account) + codec::lower(name);
}
std::string ManagedPolicyDocument::arn() const {
  return arn_of(*this, "policy");
}
const PolicyVersionDocument* ManagedPolicyDocument::version(std::uint64_t number) const {
  const auto found = std::ranges::find(versions, number, &PolicyVersionDocument::number);
  return found == versions.end() ? nullptr : &*found;
}

// A version: [number, created, document].
std::string encode(const ManagedPolicyDocument& policy) {
  auto o = beginning(policy);
  o["description"] = policy.description;
  o["updated"] = catalog::millis(policy.updated);
  o["tags"] = list_of(policy.tags);
  boost::json::array versions;
  for (const auto& version : policy.versions) {
    versions.emplace_back(
        boost::json::array{version.number, catalog::millis(version.created), version.document});
  }
  o["versions"] = std::move(versions);
  o["defaultVersion"] = policy.default_version;
  o["newestVersion"] = policy.newest_version;
  o["attachments"] = policy.attachments;
  o["boundaries"] = policy.boundaries;
  return json::serialize(o);
}

Result<ManagedPolicyDocument> ManagedPolicyDocument::decode(const catalog::Document& document) {
  catalog::DocumentReader in(document, kEntityFormat);
  auto policy = begun<ManagedPolicyDocument>(in);
  policy.description = in.text("description");
  policy.updated = in.time("updated");
  policy.tags = tags_in(in);
  for (const auto& one : in.list("versions")) {
    const auto* parts = one.if_array();
    if (parts == nullptr || parts->size() != 3 || !(*parts)[0].is_int64() || !(*parts)[1].is_int64() ||
        !(*parts)[2].is_string()) {
      in.expect(false);
      break;
    }
    policy.versions.push_back({.number = static_cast<std::uint64_t>((*parts)[0].get_int64()),
                               .document = std::string((*parts)[2].get_string()),
                               .created = Time(Millis((*parts)[1].get_int64()))});
  }
  policy.default_version = in.count("defaultVersion");
  policy.newest_version = in.count("newestVersion");
  policy.attachments = in.count("attachments");
  policy.boundaries = in.count("boundaries");
  if (policy.version(policy.default_version) == nullptr) {
    in.expect(false);
  }
  return in.finish(std::move(policy));
}

std::optional<PolicyName> policy_name_of(std::string_view arn) {
  const auto parsed = aws::Arn::parse(arn);
  if (!parsed || parsed->partition() != "aws" || parsed->service() != "iam" || !parsed->region().empty() ||
      !parsed->resource().starts_with("policy/")) {
    return std::nullopt;
  }
  const auto resource = parsed->resource();
  const auto name = resource.substr(resource.rfind('/') + 1);
  const auto account = parsed->account();
  if (!is_name(name, 128) || !(account == "aws" || aws::AccountId::parse(account))) {
    return std::nullopt;
  }
  return PolicyName{.account = std::string(account), .name = std::string(name)};
}

}  // namespace cairn::access
