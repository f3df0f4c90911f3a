// Permissions boundaries of users and roles. Tested by roles_test.cc.
#include "services/iam/entities.h"

namespace cairn::services::iam {

namespace {

// One use more, or one less, of a policy that is not AWS's.
Task<Found<void>> count_boundary(const Dependencies& on, const Call& call, const std::string& arn, bool more,
                                 catalog::Transaction& effects) {
  CAIRN_CO_TRY(auto policy, co_await find_policy(on, call, arn));
  if (policy.builtin == nullptr) {
    auto& uses = policy.own.value.boundaries;
    uses = more ? uses + 1 : uses - (uses > 0 ? 1 : 0);
    effects.writes.push_back(access::put_entity(policy.own.value, policy.own.version));
  }
  co_return Found<void>{};
}

}  // namespace

Task<Found<void>> move_boundary(const Dependencies& on, const Call& call, std::string from, std::string to,
                                catalog::Transaction& effects) {
  if (from == to) {
    co_return Found<void>{};
  }
  if (!to.empty()) {
    CAIRN_CO_TRY_VOID(co_await count_boundary(on, call, to, true, effects));
  }
  if (!from.empty()) {
    CAIRN_CO_TRY_VOID(co_await count_boundary(on, call, from, false, effects));
  }
  co_return Found<void>{};
}

template <class Entity>
Task<Answer> put_boundary(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(auto owner, co_await find_named_own<Entity>(on, call));
  auto arn = text(call, "PermissionsBoundary");
  Outcome outcome;
  CAIRN_CO_TRY_VOID(co_await move_boundary(on, call, owner.value.boundary, arn, outcome.effects));
  owner.value.boundary = std::move(arn);
  outcome.effects.writes.push_back(access::put_entity(owner.value, owner.version));
  co_return outcome;
}

template <class Entity>
Task<Answer> delete_boundary(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(auto owner, co_await find_named_own<Entity>(on, call));
  if (owner.value.boundary.empty()) {
    co_return fault::no_boundary(Words<Entity>::noun, owner.value.name);
  }
  Outcome outcome;
  CAIRN_CO_TRY_VOID(co_await move_boundary(on, call, owner.value.boundary, "", outcome.effects));
  owner.value.boundary.clear();
  outcome.effects.writes.push_back(access::put_entity(owner.value, owner.version));
  co_return outcome;
}

template Task<Answer> put_boundary<UserDocument>(const Dependencies&, Call&);
template Task<Answer> put_boundary<RoleDocument>(const Dependencies&, Call&);
template Task<Answer> delete_boundary<UserDocument>(const Dependencies&, Call&);
template Task<Answer> delete_boundary<RoleDocument>(const Dependencies&, Call&);

}  // namespace cairn::services::iam
