#include <algorithm>

#include "access/policy.h"
#include "services/iam/faults.h"
#include "services/iam/operations.h"

namespace cairn::services::iam {

namespace {

std::size_t characters(std::string_view document) {
  const auto space = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
  return document.size() - static_cast<std::size_t>(std::ranges::count_if(document, space));
}

}  // namespace

Task<Answer> put_user_policy(const Dependencies& on, Call& call) {
  auto document = text(call, "PolicyDocument");
  CAIRN_CO_TRY(auto name, name_of(call, "UserName", kNameMax));
  CAIRN_CO_TRY(const auto policy_name, name_of(call, "PolicyName", kNameMax));
  CAIRN_CO_TRY(auto user, co_await find_own_user(on, call, std::move(name)));
  if (const auto policy = access::Policy::parse(document, access::PolicyKind::identity); !policy) {
    co_return fault::malformed_policy(policy.error().what);
  }
  user.value.policies.insert_or_assign(policy_name, std::move(document));
  std::size_t size = 0;
  for (const auto& [other_name, other] : user.value.policies) {
    size += characters(other);
  }
  if (size > Limits::policy_characters_max || user.value.policies.size() > Limits::policies_max) {
    co_return fault::policies_too_large(user.value.name);
  }
  Outcome outcome;
  outcome.effects.writes.push_back(access::put(user.value, user.version));
  co_return outcome;
}

}  // namespace cairn::services::iam
