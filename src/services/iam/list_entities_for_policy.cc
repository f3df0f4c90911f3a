// Who has a managed policy. Tested by managed_policies_test.cc.
#include <algorithm>
#include <boost/json/array.hpp>

#include "codec/headers.h"
#include "services/iam/entities.h"

namespace cairn::services::iam {

namespace {

// What is asked for.
struct Wanted {
  std::string arn;
  std::string path_prefix;
  std::string filter;  // User, Role, Group, LocalManagedPolicy, AWSManagedPolicy; empty: all
  std::string usage;

  bool kind(std::string_view name) const { return filter.empty() || filter == name; }

  template <class Entity>
  bool keeps(const Entity& entity) const {
    bool has =
        usage != "PermissionsBoundary" && std::ranges::find(entity.attached, arn) != entity.attached.end();
    if constexpr (requires { entity.boundary; }) {
      has = has || (usage != "PermissionsPolicy" && entity.boundary == arn);
    }
    return has && entity.path.starts_with(path_prefix);
  }
};

// A row of the answer: in which list, and under which key it is sorted.
struct Row {
  std::string key;
  std::string_view list;
  boost::json::object shown;
};

template <class Entity>
Task<Found<void>> gather(const Dependencies& on, const Wanted& wanted, std::string prefix,
                         std::string_view list, std::vector<Row>& rows) {
  const auto keep = [&](const Entity& entity) { return wanted.keeps(entity); };
  CAIRN_CO_TRY(const auto found, co_await all_of<Entity>(on, std::move(prefix), keep));
  for (const auto& one : found) {
    boost::json::object shown;
    shown[std::string(Words<Entity>::title) + "Name"] = one.value.name;
    shown[std::string(Words<Entity>::title) + "Id"] = one.value.id;
    rows.push_back({std::string(list) + "/" + codec::lower(one.value.name), list, std::move(shown)});
  }
  co_return Found<void>{};
}

}  // namespace

Task<Answer> list_entities_for_policy(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto page, page_of(call));
  CAIRN_CO_TRY(const auto policy, co_await find_policy(on, call, text(call, "PolicyArn")));
  const Wanted wanted{.arn = policy.arn(),
                      .path_prefix = text(call, "PathPrefix"),
                      .filter = text(call, "EntityFilter"),
                      .usage = text(call, "PolicyUsageFilter")};
  std::vector<Row> rows;
  if (wanted.kind("Group")) {
    CAIRN_CO_TRY_VOID(co_await gather<GroupDocument>(on, wanted, GroupDocument::prefix_of(call.account),
                                                     "PolicyGroups", rows));
  }
  if (wanted.kind("Role")) {
    CAIRN_CO_TRY_VOID(co_await gather<RoleDocument>(on, wanted, RoleDocument::prefix_of(call.account),
                                                    "PolicyRoles", rows));
  }
  if (wanted.kind("User")) {
    CAIRN_CO_TRY_VOID(
        co_await gather<UserDocument>(on, wanted, access::users_prefix(call.account), "PolicyUsers", rows));
  }
  Outcome outcome;
  for (const auto* list : {"PolicyGroups", "PolicyUsers", "PolicyRoles"}) {
    outcome.output[list] = boost::json::array();
  }
  auto next = std::ranges::upper_bound(rows, page.after, {}, &Row::key);
  std::string last;
  for (std::size_t shown = 0; next != rows.end() && shown < page.limit; ++next, ++shown) {
    outcome.output[next->list].as_array().emplace_back(std::move(next->shown));
    last = next->key;
  }
  put_page_end(outcome.output, next != rows.end(), last);
  co_return outcome;
}

}  // namespace cairn::services::iam
