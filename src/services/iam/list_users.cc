#include <boost/json/array.hpp>

#include "codec/headers.h"
#include "services/iam/faults.h"
#include "services/iam/operations.h"

namespace cairn::services::iam {

// In order of name, whatever the path: users lie in the catalog by name, and the path is looked at on the
// way. An account has Limits::users_max.
Task<Answer> list_users(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto page, page_of(call));
  const auto path_prefix = text(call, "PathPrefix");
  boost::json::array users;
  bool truncated = false;
  std::string last;
  for (std::string after = page.after.empty() ? "" : access::user_key(call.account, page.after);
       !truncated;) {
    const auto documents =
        co_await on.catalog.scan(access::users_prefix(call.account), after, Limits::page_max);
    if (!documents) {
      co_return fault::failure(documents.error());
    }
    if (documents->empty()) {
      break;
    }
    after = documents->back().key;
    for (const auto& document : *documents) {
      const auto user = access::decode_user(document);
      if (!user) {
        co_return fault::failure(user.error());
      }
      if (!user->path.starts_with(path_prefix)) {
        continue;
      }
      if (users.size() == page.limit) {
        truncated = true;
        break;
      }
      users.emplace_back(described(*user));
      last = codec::lower(user->name);
    }
  }
  Outcome outcome;
  outcome.output["Users"] = std::move(users);
  put_page_end(outcome.output, truncated, last);
  co_return outcome;
}

}  // namespace cairn::services::iam
