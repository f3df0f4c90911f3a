// Inline policies of users, groups and roles. Tested by user_policies_test.cc and roles_test.cc.
#include <boost/json/array.hpp>

#include "access/new_policy.h"
#include "codec/uri.h"
#include "services/iam/entities.h"

namespace cairn::services::iam {

template <class Entity>
Task<Answer> put_inline_policy(const Dependencies& on, Call& call) {
  auto document = text(call, "PolicyDocument");
  CAIRN_CO_TRY_VOID(name_of(call, Words<Entity>::member, kNameMax));
  CAIRN_CO_TRY(const auto policy_name, name_of(call, "PolicyName", kNameMax));
  CAIRN_CO_TRY(auto owner, co_await find_named_own<Entity>(on, call));
  if (const auto policy = access::parse_new_policy(document, access::PolicyKind::identity); !policy) {
    co_return fault::malformed_policy(policy.error().what);
  }
  auto& policies = owner.value.policies;
  policies.insert_or_assign(policy_name, std::move(document));
  std::size_t size = 0;
  for (const auto& [other_name, other] : policies) {
    size += policy_characters(other);
  }
  if (size > Words<Entity>::inline_characters_max || policies.size() > Limits::policies_max) {
    co_return fault::policies_too_large(Words<Entity>::inline_characters_max, Words<Entity>::noun,
                                        owner.value.name);
  }
  Outcome outcome;
  outcome.effects.writes.push_back(access::put_entity(owner.value, owner.version));
  co_return outcome;
}

// The document comes percent-encoded; SDKs decode it.
template <class Entity>
Task<Answer> get_inline_policy(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY_VOID(name_of(call, Words<Entity>::member, kNameMax));
  CAIRN_CO_TRY(const auto policy_name, name_of(call, "PolicyName", kNameMax));
  CAIRN_CO_TRY(const auto owner, co_await find_named<Entity>(on, call));
  const auto policy = owner.value.policies.find(policy_name);
  if (policy == owner.value.policies.end()) {
    co_return fault::no_such_policy(Words<Entity>::noun, policy_name);
  }
  Outcome outcome;
  outcome.output[Words<Entity>::member] = owner.value.name;
  outcome.output["PolicyName"] = policy->first;
  outcome.output["PolicyDocument"] = codec::percent_encode(policy->second);
  co_return outcome;
}

template <class Entity>
Task<Answer> delete_inline_policy(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY_VOID(name_of(call, Words<Entity>::member, kNameMax));
  CAIRN_CO_TRY(const auto policy_name, name_of(call, "PolicyName", kNameMax));
  CAIRN_CO_TRY(auto owner, co_await find_named_own<Entity>(on, call));
  if (owner.value.policies.erase(policy_name) == 0) {
    co_return fault::no_such_policy(Words<Entity>::noun, policy_name);
  }
  Outcome outcome;
  outcome.effects.writes.push_back(access::put_entity(owner.value, owner.version));
  co_return outcome;
}

template <class Entity>
Task<Answer> list_inline_policies(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto page, page_of(call));
  CAIRN_CO_TRY(const auto owner, co_await find_named<Entity>(on, call));
  const auto& policies = owner.value.policies;
  boost::json::array names;
  std::string last;
  auto next = page.after.empty() ? policies.begin() : policies.upper_bound(page.after);
  for (; next != policies.end() && names.size() < page.limit; ++next) {
    names.emplace_back(next->first);
    last = next->first;
  }
  Outcome outcome;
  outcome.output["PolicyNames"] = std::move(names);
  put_page_end(outcome.output, next != policies.end(), last);
  co_return outcome;
}

template Task<Answer> put_inline_policy<UserDocument>(const Dependencies&, Call&);
template Task<Answer> put_inline_policy<GroupDocument>(const Dependencies&, Call&);
template Task<Answer> put_inline_policy<RoleDocument>(const Dependencies&, Call&);
template Task<Answer> get_inline_policy<UserDocument>(const Dependencies&, Call&);
template Task<Answer> get_inline_policy<GroupDocument>(const Dependencies&, Call&);
template Task<Answer> get_inline_policy<RoleDocument>(const Dependencies&, Call&);
template Task<Answer> delete_inline_policy<UserDocument>(const Dependencies&, Call&);
template Task<Answer> delete_inline_policy<GroupDocument>(const Dependencies&, Call&);
template Task<Answer> delete_inline_policy<RoleDocument>(const Dependencies&, Call&);
template Task<Answer> list_inline_policies<UserDocument>(const Dependencies&, Call&);
template Task<Answer> list_inline_policies<GroupDocument>(const Dependencies&, Call&);
template Task<Answer> list_inline_policies<RoleDocument>(const Dependencies&, Call&);

}  // namespace cairn::services::iam
