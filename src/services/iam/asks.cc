#include "services/iam/asks.h"

#include <algorithm>

#include "json/json.h"
#include "services/iam/entities.h"

namespace cairn::services::iam {

namespace {

std::string prefix(const Call& call) {
  return "arn:aws:iam::" + call.account + ":";
}

std::string path_in(const Call& call, std::string_view member) {
  return std::string(json::find_string(call.input, member).value_or("/"));
}

// The ARN of what is not there yet, or of all below a path.
std::string arn_of_new(const Call& call, std::string_view kind, std::string_view member) {
  return prefix(call) + std::string(kind) + path_in(call, "Path") + text(call, member);
}
std::string arn_of_all(const Call& call, std::string_view kind) {
  return prefix(call) + std::string(kind) + path_in(call, "PathPrefix");
}

// The documents that permission was asked for, by path, tags and boundary.
struct Asked final : front::Staged {
  std::vector<catalog::Expectation> documents;
};

void add_resource_tags(const std::vector<access::Tag>& tags, access::Context& context) {
  for (const auto& tag : tags) {
    access::add_resource_tag(context, tag.key, tag.value);
    context.add("iam:ResourceTag/" + tag.key, tag.value);
  }
}

// With the path it has; without, if it is not there: then the answer to whoever may ask is that there is no
// such entity.
template <class Entity>
Task<Found<std::string>> arn_of(const Dependencies& on, const Call& call, Asked& asked, std::string_view kind,
                                std::string name, access::Context& context) {
  const auto found = co_await access::load<Entity>(on.catalog, call.account, name);
  if (!found) {
    co_return fault::failure(found.error());
  }
  asked.documents.push_back({Entity::key_of(call.account, name), *found ? (*found)->version : 0});
  if (!*found) {
    co_return prefix(call) + std::string(kind) + "/" + name;
  }
  const auto& entity = (*found)->value;
  if constexpr (requires { entity.tags; }) {
    add_resource_tags(entity.tags, context);
  }
  if constexpr (requires { entity.boundary; }) {
    if (!entity.boundary.empty()) {
      context.set("iam:PermissionsBoundary", {entity.boundary});
    }
  }
  co_return entity.arn();
}

template <class Entity>
Task<Found<std::string>> arn_of_named(const Dependencies& on, const Call& call, Asked& asked,
                                      std::string_view kind, access::Context& context) {
  auto name = name_of(call, Words<Entity>::member, kNameMax);
  if (!name) {  // none has it
    co_return prefix(call) + std::string(kind) + "/" + text(call, Words<Entity>::member);
  }
  co_return co_await arn_of<Entity>(on, call, asked, kind, *std::move(name), context);
}

// Who names no user means himself.
Task<Found<std::string>> arn_of_user(const Dependencies& on, const Call& call, Asked& asked,
                                     access::Context& context) {
  const auto& caller = call.caller.principal;
  if (json::find(call.input, "UserName") != nullptr) {
    co_return co_await arn_of_named<UserDocument>(on, call, asked, "user", context);
  }
  if (caller.kind == access::PrincipalKind::user) {
    co_return co_await arn_of<UserDocument>(on, call, asked, "user", caller.name, context);
  }
  co_return caller.arn;
}

// A policy is named by its ARN, there or not.
Task<Found<std::string>> arn_of_policy(const Dependencies& on, const Call& call, Asked& asked,
                                       access::Context& context) {
  const auto arn = text(call, "PolicyArn");
  const auto name = access::policy_name_of(arn);
  if (name && name->account == call.account) {
    const auto found = co_await access::load<ManagedPolicyDocument>(on.catalog, call.account, name->name);
    if (!found) {
      co_return fault::failure(found.error());
    }
    asked.documents.push_back(
        {ManagedPolicyDocument::key_of(call.account, name->name), *found ? (*found)->version : 0});
    if (*found) {
      add_resource_tags((*found)->value.tags, context);
    }
  }
  co_return arn.empty() ? std::string("*") : arn;
}

Task<Found<std::string>> resource_arn(const Dependencies& on, const Call& call, Asked& asked,
                                      Resource resource, access::Context& context) {
  switch (resource) {
    case Resource::user:
      co_return co_await arn_of_user(on, call, asked, context);
    case Resource::group:
      co_return co_await arn_of_named<GroupDocument>(on, call, asked, "group", context);
    case Resource::role:
      co_return co_await arn_of_named<RoleDocument>(on, call, asked, "role", context);
    case Resource::instance_profile:
      co_return co_await arn_of_named<InstanceProfileDocument>(on, call, asked, "instance-profile", context);
    case Resource::policy:
      co_return co_await arn_of_policy(on, call, asked, context);
    case Resource::new_user:
      co_return arn_of_new(call, "user", "UserName");
    case Resource::new_group:
      co_return arn_of_new(call, "group", "GroupName");
    case Resource::new_role:
      co_return arn_of_new(call, "role", "RoleName");
    case Resource::new_instance_profile:
      co_return arn_of_new(call, "instance-profile", "InstanceProfileName");
    case Resource::new_policy:
      co_return arn_of_new(call, "policy", "PolicyName");
    case Resource::users:
      co_return arn_of_all(call, "user");
    case Resource::groups:
      co_return arn_of_all(call, "group");
    case Resource::roles:
      co_return arn_of_all(call, "role");
    case Resource::instance_profiles:
      co_return arn_of_all(call, "instance-profile");
    case Resource::policies:
      co_return arn_of_all(call, "policy");
    case Resource::source:
      co_return text(call, "PolicySourceArn");
    case Resource::everything:
      break;
  }
  co_return std::string("*");
}

// What the call itself brings along for conditions.
void add_request_facts(const Call& call, Resource resource, access::Context& context) {
  if (const auto* tags = json::find_array(call.input, "Tags")) {
    for (const auto& one : *tags) {
      const auto& tag = one.get_object();
      access::add_request_tag(context, json::find_string(tag, "Key").value_or(""),
                              json::find_string(tag, "Value").value_or(""));
    }
  }
  if (const auto* untagged = json::find_array(call.input, "TagKeys")) {
    for (const auto& key : *untagged) {
      context.add("aws:TagKeys", json::text_of(key.get_string()));
    }
  }
  if (const auto boundary = json::find_string(call.input, "PermissionsBoundary")) {
    context.set("iam:PermissionsBoundary", {std::string(*boundary)});
  }
  const auto arn = json::find_string(call.input, "PolicyArn");
  if (arn && resource != Resource::policy) {  // AttachUserPolicy, …
    context.set("iam:PolicyARN", {std::string(*arn)});
  }
}

// Whoever puts a role into an instance profile hands it to EC2.
Task<Found<access::Ask>> pass_role(const Dependencies& on, const Call& call, Asked& asked) {
  access::Ask ask;
  ask.action = "iam:PassRole";
  ask.resource_account = call.account;
  CAIRN_CO_TRY(ask.resource, co_await arn_of_named<RoleDocument>(on, call, asked, "role", ask.context));
  ask.context.set("iam:PassedToService", {"ec2.amazonaws.com"});
  co_return ask;
}

// Where the user or group comes to stand that is renamed or moved: who may change one place only must not
// bring it to another, where policies of others expect somebody else.
std::string renamed(const Call& call, std::string_view arn, std::string_view name_member) {
  const auto path = std::min(arn.find('/'), arn.size());
  const auto name = std::max(arn.rfind('/') + 1, path);
  return std::string(arn.substr(0, path))
      .append(json::find_string(call.input, "NewPath").value_or(arn.substr(path, name - path)))
      .append(json::find_string(call.input, name_member).value_or(arn.substr(name)));
}

}  // namespace

Task<Found<std::vector<access::Ask>>> asks_of(const Dependencies& on, Call& call, Resource resource) {
  call.staged = std::make_unique<Asked>();
  auto& asked = static_cast<Asked&>(*call.staged);
  access::Ask ask;
  ask.action = "iam:" + call.operation.name;
  ask.resource_account = call.account;
  CAIRN_CO_TRY(ask.resource, co_await resource_arn(on, call, asked, resource, ask.context));
  add_request_facts(call, resource, ask.context);
  std::vector<access::Ask> all;
  all.push_back(std::move(ask));
  if (call.operation.name == "UpdateUser" || call.operation.name == "UpdateGroup") {
    auto target = all.front();
    target.resource = renamed(call, all.front().resource,
                              call.operation.name == "UpdateUser" ? "NewUserName" : "NewGroupName");
    all.push_back(std::move(target));
  }
  if (call.operation.name == "AddRoleToInstanceProfile") {
    CAIRN_CO_TRY(auto passing, co_await pass_role(on, call, asked));
    all.push_back(std::move(passing));
  }
  co_return all;
}

void bind_to_asked(const Call& call, catalog::Transaction& effects) {
  if (call.staged == nullptr || effects.empty()) {
    return;
  }
  for (const auto& document : static_cast<const Asked&>(*call.staged).documents) {
    const auto write = std::ranges::find(effects.writes, document.key, &catalog::Write::key);
    if (write != effects.writes.end()) {
      write->expected = document.version;
    } else if (std::ranges::find(effects.expectations, document.key, &catalog::Expectation::key) ==
               effects.expectations.end()) {
      effects.expectations.push_back(document);
    }
  }
}

}  // namespace cairn::services::iam
