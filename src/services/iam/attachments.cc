// Managed policies on users, groups and roles. Tested by managed_policies_test.cc.
#include <algorithm>
#include <boost/json/array.hpp>

#include "codec/headers.h"
#include "services/iam/entities.h"

namespace cairn::services::iam {

namespace {

std::string name_in(const std::string& arn) {
  const auto name = access::policy_name_of(arn);
  return name ? name->name : arn;
}

}  // namespace

// The policy counts its attachments, so that it cannot be deleted below one.
template <class Entity>
Task<Answer> attach_policy(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(auto owner, co_await find_named_own<Entity>(on, call));
  CAIRN_CO_TRY(auto policy, co_await find_policy(on, call, text(call, "PolicyArn")));
  auto& attached = owner.value.attached;
  const auto arn = policy.arn();
  Outcome outcome;
  if (std::ranges::find(attached, arn) != attached.end()) {
    co_return outcome;
  }
  if (attached.size() >= Limits::attached_max) {
    co_return fault::quota(Words<Entity>::attached_quota, Limits::attached_max);
  }
  attached.push_back(arn);
  outcome.effects.writes.push_back(access::put_entity(owner.value, owner.version));
  if (policy.builtin == nullptr) {
    ++policy.own.value.attachments;
    outcome.effects.writes.push_back(access::put_entity(policy.own.value, policy.own.version));
  }
  co_return outcome;
}

template <class Entity>
Task<Answer> detach_policy(const Dependencies& on, Call& call) {
  const auto arn = text(call, "PolicyArn");
  CAIRN_CO_TRY(auto owner, co_await find_named_own<Entity>(on, call));
  if (!aws::Arn::parse(arn)) {
    co_return fault::validation("Invalid ARN:  Could not be parsed!");
  }
  if (std::erase(owner.value.attached, arn) == 0) {
    co_return fault::no_such_managed_policy(arn);
  }
  CAIRN_CO_TRY(auto policy, co_await find_policy(on, call, arn));
  Outcome outcome;
  outcome.effects.writes.push_back(access::put_entity(owner.value, owner.version));
  if (policy.builtin == nullptr) {
    policy.own.value.attachments -= policy.own.value.attachments > 0 ? 1 : 0;
    outcome.effects.writes.push_back(access::put_entity(policy.own.value, policy.own.version));
  }
  co_return outcome;
}

template <class Entity>
Task<Answer> list_attached_policies(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto page, page_of(call));
  CAIRN_CO_TRY(const auto owner, co_await find_named<Entity>(on, call));
  const auto path_prefix = text(call, "PathPrefix");
  std::vector<std::string> arns;
  for (const auto& arn : owner.value.attached) {
    const auto path = arn.substr(arn.find('/'));
    if (path.starts_with(path_prefix)) {
      arns.push_back(arn);
    }
  }
  CAIRN_CO_TRY(const auto slice, slice_of(page, arns));
  boost::json::array shown;
  for (auto i = slice.begin; i < slice.end; ++i) {
    shown.emplace_back(boost::json::object{{"PolicyName", name_in(arns[i])}, {"PolicyArn", arns[i]}});
  }
  Outcome outcome;
  outcome.output["AttachedPolicies"] = std::move(shown);
  put_slice_end(outcome.output, slice, arns);
  co_return outcome;
}

template Task<Answer> attach_policy<UserDocument>(const Dependencies&, Call&);
template Task<Answer> attach_policy<GroupDocument>(const Dependencies&, Call&);
template Task<Answer> attach_policy<RoleDocument>(const Dependencies&, Call&);
template Task<Answer> detach_policy<UserDocument>(const Dependencies&, Call&);
template Task<Answer> detach_policy<GroupDocument>(const Dependencies&, Call&);
template Task<Answer> detach_policy<RoleDocument>(const Dependencies&, Call&);
template Task<Answer> list_attached_policies<UserDocument>(const Dependencies&, Call&);
template Task<Answer> list_attached_policies<GroupDocument>(const Dependencies&, Call&);
template Task<Answer> list_attached_policies<RoleDocument>(const Dependencies&, Call&);

}  // namespace cairn::services::iam
