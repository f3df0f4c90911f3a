#include <boost/json/array.hpp>

#include "services/iam/operations.h"

namespace cairn::services::iam {

Task<Answer> list_user_policies(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto page, page_of(call));
  CAIRN_CO_TRY(auto name, name_of(call, "UserName", kNameMax));
  CAIRN_CO_TRY(const auto user, co_await find_user(on, call, std::move(name)));
  const auto& policies = user.value.policies;
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

}  // namespace cairn::services::iam
