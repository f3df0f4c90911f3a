#include <algorithm>
#include <boost/json/array.hpp>

#include "services/iam/faults.h"
#include "services/iam/operations.h"

namespace cairn::services::iam {

namespace {

// Where the page starts: behind the key that its marker names.
Found<std::size_t> start_of(const Page& page, const access::UserDocument& user) {
  if (page.after.empty()) {
    return 0U;
  }
  const auto found = std::ranges::find(user.keys, page.after);
  if (found == user.keys.end()) {
    return fault::validation("Invalid Marker.");
  }
  return static_cast<std::size_t>(found - user.keys.begin()) + 1;
}

boost::json::object described_key(const access::KeyDocument& key) {
  boost::json::object described;
  described["UserName"] = key.user;
  described["AccessKeyId"] = key.id;
  described["Status"] = key.active ? "Active" : "Inactive";
  described["CreateDate"] = seconds(key.created);
  return described;
}

}  // namespace

Task<Answer> list_access_keys(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto page, page_of(call));
  CAIRN_CO_TRY(auto name, user_name_of(call));
  CAIRN_CO_TRY(const auto user, co_await find_user(on, call, std::move(name)));
  CAIRN_CO_TRY(const auto start, start_of(page, user.value));
  const auto end = std::min(user.value.keys.size(), start + page.limit);
  boost::json::array keys;
  for (auto i = start; i < end; ++i) {
    const auto key = co_await access::load_key(on.catalog, user.value.keys[i]);
    if (!key) {
      co_return fault::failure(key.error());
    }
    if (*key) {  // else it was deleted a moment ago
      keys.emplace_back(described_key((*key)->value));
    }
  }
  Outcome outcome;
  outcome.output["AccessKeyMetadata"] = std::move(keys);
  put_page_end(outcome.output, end<user.value.keys.size(), end> 0 ? user.value.keys[end - 1] : "");
  co_return outcome;
}

}  // namespace cairn::services::iam
