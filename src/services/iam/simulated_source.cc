#include "access/aws_policies.h"
#include "access/entities.h"
#include "aws/ids.h"
#include "services/iam/faults.h"
#include "services/iam/simulation.h"

namespace cairn::services::iam {

namespace {

constexpr std::string_view kIdentityPolicy = "IAM Policy";

aws::Fault no_such_entity() {
  return {.code = "NoSuchEntity", .status = 404, .message = "Unable to retrieve specified IAM entity."};
}

// An entity's kind and name, from its ARN.
struct EntityName {
  std::string kind;
  std::string name;
};

Found<EntityName> entity_of(const Call& call, std::string_view text) {
  const auto arn = aws::Arn::parse(text);
  const auto kind = arn ? arn->resource_type() : std::string_view();
  if (!arn || arn->service() != "iam" || (kind != "user" && kind != "group" && kind != "role")) {
    return fault::invalid_input("Invalid Entity Arn: " + std::string(text) +
                                " does not clearly define entity type and name.");
  }
  if (arn->account() != call.account) {
    return no_such_entity();
  }
  const auto path_and_name = arn->resource_id();
  return EntityName{std::string(kind), std::string(path_and_name.substr(path_and_name.rfind('/') + 1))};
}

// Reads what hangs on an entity into a simulation.
class Collector {
 public:
  Collector(const Dependencies& on, Simulation& into) : on_(on), into_(into) {}

  // `owner`: "user_ann".
  Task<Found<void>> collect(std::string owner, const std::map<std::string, std::string>& inline_policies,
                            const std::vector<std::string>& attached) {
    for (const auto& [name, document] : inline_policies) {
      CAIRN_CO_TRY_VOID(add(into_.policies, owner + "_" + name, document));
    }
    for (const auto& arn : attached) {
      CAIRN_CO_TRY_VOID(co_await add_managed(into_.policies, arn));
    }
    co_return Found<void>{};
  }

  Task<Found<void>> collect_boundary(const std::string& arn) {
    if (!arn.empty()) {
      CAIRN_CO_TRY_VOID(co_await add_managed(into_.boundary, arn));
    }
    co_return Found<void>{};
  }

  void add_tags(const std::vector<access::Tag>& tags) {
    for (const auto& tag : tags) {
      into_.caller.context.set("aws:PrincipalTag/" + tag.key, {tag.value});
    }
  }

 private:
  static Found<void> add(std::vector<SimulatedPolicy>& to, std::string id, std::string_view document) {
    auto policy = access::Policy::parse(document, access::PolicyKind::identity);
    if (!policy) {
      return fault::failure(policy.error());
    }
    to.push_back({std::move(id), std::string(kIdentityPolicy), *std::move(policy)});
    return {};
  }

  Task<Found<void>> add_managed(std::vector<SimulatedPolicy>& to, std::string arn) {
    if (const auto* builtin = access::find_aws_policy(arn)) {
      co_return add(to, std::string(builtin->name), builtin->document);
    }
    const auto name = access::policy_name_of(arn);
    if (!name) {
      co_return fault::failure({Errc::corrupt, "read what is attached: no policy's ARN", arn});
    }
    const auto found =
        co_await access::load<access::ManagedPolicyDocument>(on_.catalog, name->account, name->name);
    if (!found) {
      co_return fault::failure(found.error());
    }
    if (!*found) {
      co_return fault::failure({Errc::not_found, "read what is attached: there is no such policy", arn});
    }
    co_return add(to, (*found)->value.name, (*found)->value.text());
  }

  const Dependencies& on_;
  Simulation& into_;
};

access::Principal principal_of(const access::UserDocument& user) {
  return {.kind = access::PrincipalKind::user,
          .account = user.account,
          .arn = user.arn(),
          .id = user.id,
          .name = user.name,
          .access_key = {}};
}

Task<Found<std::optional<access::UserDocument>>> known_user(const Dependencies& on, const Call& call,
                                                            std::string name, std::string arn) {
  const auto found = co_await access::load_user(on.catalog, call.account, std::move(name));
  if (!found) {
    co_return fault::failure(found.error());
  }
  co_return *found && (*found)->value.arn() == arn ? std::optional((*found)->value) : std::nullopt;
}

template <class Entity>
Task<Found<Entity>> known_entity(const Dependencies& on, const Call& call, std::string name,
                                 std::string arn) {
  const auto found = co_await access::load<Entity>(on.catalog, call.account, std::move(name));
  if (!found) {
    co_return fault::failure(found.error());
  }
  if (!*found || (*found)->value.arn() != arn) {
    co_return no_such_entity();
  }
  co_return (*found)->value;
}

Task<Found<void>> collect_group(const Dependencies& on, const access::GroupDocument& group,
                                Simulation& into) {
  Collector collector(on, into);
  co_return co_await collector.collect("group_" + group.name, group.policies, group.attached);
}

Task<Found<void>> collect_user(const Dependencies& on, const access::UserDocument& user, Simulation& into) {
  Collector collector(on, into);
  CAIRN_CO_TRY_VOID(co_await collector.collect("user_" + user.name, user.policies, user.attached));
  CAIRN_CO_TRY_VOID(co_await collector.collect_boundary(user.boundary));
  collector.add_tags(user.tags);
  for (const auto& name : user.groups) {
    const auto group = co_await access::load<access::GroupDocument>(on.catalog, user.account, name);
    if (!group) {
      co_return fault::failure(group.error());
    }
    if (*group) {
      CAIRN_CO_TRY_VOID(co_await collect_group(on, (*group)->value, into));
    }
  }
  co_return Found<void>{};
}

Task<Found<void>> collect_role(const Dependencies& on, const access::RoleDocument& role, Simulation& into) {
  Collector collector(on, into);
  CAIRN_CO_TRY_VOID(co_await collector.collect("role_" + role.name, role.policies, role.attached));
  CAIRN_CO_TRY_VOID(co_await collector.collect_boundary(role.boundary));
  collector.add_tags(role.tags);
  into.caller.principal.kind = access::PrincipalKind::session;
  into.caller.principal.issuer = role.arn();
  co_return Found<void>{};
}

}  // namespace

Task<Found<Simulation>> simulated_source(const Dependencies& on, const Call& call) {
  const auto arn = text(call, "PolicySourceArn");
  CAIRN_CO_TRY(const auto entity, entity_of(call, arn));
  Simulation simulation;
  simulation.caller.principal.kind = access::PrincipalKind::user;
  simulation.caller.principal.account = call.account;
  if (entity.kind == "group") {
    CAIRN_CO_TRY(const auto group, co_await known_entity<access::GroupDocument>(on, call, entity.name, arn));
    CAIRN_CO_TRY_VOID(co_await collect_group(on, group, simulation));
    co_return simulation;
  }
  if (entity.kind == "role") {
    CAIRN_CO_TRY(const auto role, co_await known_entity<access::RoleDocument>(on, call, entity.name, arn));
    CAIRN_CO_TRY_VOID(co_await collect_role(on, role, simulation));
    co_return simulation;
  }
  CAIRN_CO_TRY(const auto user, co_await known_user(on, call, entity.name, arn));
  if (!user) {
    co_return no_such_entity();
  }
  CAIRN_CO_TRY_VOID(co_await collect_user(on, *user, simulation));
  simulation.caller.principal = principal_of(*user);
  simulation.of_user = true;
  co_return simulation;
}

Task<Found<void>> read_caller(const Dependencies& on, const Call& call, Simulation& simulation) {
  const auto arn = text(call, "CallerArn");
  if (arn.empty()) {
    co_return Found<void>{};
  }
  const auto parsed = aws::Arn::parse(arn);
  if (!parsed || parsed->service() != "iam" || parsed->resource_type() != "user") {
    co_return fault::invalid_input("CallerArn must be the ARN of an IAM user: " + arn);
  }
  const auto path_and_name = parsed->resource_id();
  const std::string name(path_and_name.substr(path_and_name.rfind('/') + 1));
  access::Principal principal{.kind = access::PrincipalKind::user,
                              .account = std::string(parsed->account()),
                              .arn = arn,
                              .id = {},
                              .name = name,
                              .access_key = {}};
  std::vector<access::Tag> tags;
  if (principal.account == call.account) {
    CAIRN_CO_TRY(const auto user, co_await known_user(on, call, name, arn));
    principal = user ? principal_of(*user) : principal;
    tags = user ? user->tags : tags;
  }
  simulation.caller.context.erase_all("aws:PrincipalTag/");
  Collector(on, simulation).add_tags(tags);
  simulation.caller.principal = std::move(principal);
  simulation.of_user = true;
  co_return Found<void>{};
}

}  // namespace cairn::services::iam
