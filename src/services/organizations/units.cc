// The organization's tree: its root, its units, and what is where. Tested by organizations_test.cc.
#include <algorithm>

#include "json/json.h"
#include "services/organizations/operations.h"

namespace cairn::services::organizations {
namespace {

using OrganizationLimits = organization::Limits;

json::object shown_unit(const Organization& organization, const std::string& id) {
  return {{"Id", id},
          {"Arn", organization.unit_arn(id)},
          {"Name", organization.units.at(id).name},
          {"Path", organization.path_of(id)}};
}

bool has_sibling(const Organization& organization, std::string_view parent, std::string_view name,
                 std::string_view except) {
  return std::ranges::any_of(organization.units, [&](const auto& one) {
    return one.second.parent == parent && one.second.name == name && one.first != except;
  });
}

Found<void> check_room(const Organization& organization, std::string_view parent) {
  if (organization.units.size() >= OrganizationLimits::units_max) {
    return fault::constraint("OU_NUMBER_LIMIT_EXCEEDED", "You have exceeded the allowed number of OUs.");
  }
  if (organization.depth_of(parent) >= OrganizationLimits::depth_max) {
    return fault::constraint("OU_DEPTH_LIMIT_EXCEEDED", "You have exceeded the allowed depth of the OU tree.");
  }
  return {};
}

bool is_unit(std::string_view id) {
  return id.starts_with("ou-");
}

}  // namespace

Task<Answer> create_organizational_unit(const Dependencies& /*on*/, Call& call, Standing at) {
  auto& organization = at.organization.value;
  const auto parent = text(call, "ParentId");
  const auto name = text(call, "Name");
  if (!organization.is_parent(parent)) {
    co_return fault::no_such_parent();
  }
  if (has_sibling(organization, parent, name, "")) {
    co_return fault::unit_exists();
  }
  CAIRN_CO_TRY_VOID(check_room(organization, parent));
  CAIRN_CO_TRY(const auto tags, tags_in(call));
  const auto id = organization::new_unit_id(organization);
  organization.units[id] = {.name = name, .parent = parent};
  Outcome outcome;
  outcome.output["OrganizationalUnit"] = shown_unit(organization, id);
  change(at, outcome);
  if (!tags.empty()) {
    outcome.effects.writes.push_back(put_new_tags(organization, id, tags));
  }
  co_return outcome;
}

Task<Answer> describe_organizational_unit(const Dependencies& /*on*/, Call& call, Standing at) {
  const auto id = text(call, "OrganizationalUnitId");
  if (!at.organization.value.units.contains(id)) {
    co_return fault::no_such_unit();
  }
  Outcome outcome;
  outcome.output["OrganizationalUnit"] = shown_unit(at.organization.value, id);
  co_return outcome;
}

Task<Answer> update_organizational_unit(const Dependencies& /*on*/, Call& call, Standing at) {
  auto& organization = at.organization.value;
  const auto unit = organization.units.find(text(call, "OrganizationalUnitId"));
  if (unit == organization.units.end()) {
    co_return fault::no_such_unit();
  }
  Outcome outcome;
  if (const auto name = text(call, "Name"); !name.empty()) {
    if (has_sibling(organization, unit->second.parent, name, unit->first)) {
      co_return fault::unit_exists();
    }
    unit->second.name = name;
    change(at, outcome);
  }
  outcome.output["OrganizationalUnit"] = shown_unit(organization, unit->first);
  co_return outcome;
}

Task<Answer> delete_organizational_unit(const Dependencies& /*on*/, Call& call, Standing at) {
  auto& organization = at.organization.value;
  const auto id = text(call, "OrganizationalUnitId");
  if (!organization.units.contains(id)) {
    co_return fault::no_such_unit();
  }
  if (!organization.accounts_below(id).empty() || !organization.units_below(id).empty()) {
    co_return fault::unit_not_empty();
  }
  organization.units.erase(id);
  Outcome outcome;
  change(at, outcome);
  outcome.effects.writes.push_back(remove_tags(organization, id));
  co_return outcome;
}

Task<Answer> list_organizational_units(const Dependencies& /*on*/, Call& call, Standing at) {
  const auto parent = text(call, "ParentId");
  if (!at.organization.value.is_parent(parent)) {
    co_return fault::no_such_parent();
  }
  const auto ids = at.organization.value.units_below(parent);
  Outcome outcome;
  CAIRN_CO_TRY(const auto page, page_of(call, ids, outcome.output));
  json::array list;
  for (auto i = page.begin; i < page.end; ++i) {
    list.push_back(shown_unit(at.organization.value, ids[i]));
  }
  outcome.output["OrganizationalUnits"] = std::move(list);
  co_return outcome;
}

Task<Answer> list_roots(const Dependencies& /*on*/, Call& /*call*/, Standing at) {
  const auto& organization = at.organization.value;
  Outcome outcome;
  outcome.output["Roots"] = json::array{json::object{{"Id", organization.root},
                                                     {"Arn", organization.root_arn()},
                                                     {"Name", "Root"},
                                                     {"PolicyTypes", json::array()}}};
  co_return outcome;
}

Task<Answer> list_parents(const Dependencies& /*on*/, Call& call, Standing at) {
  const auto& organization = at.organization.value;
  const auto id = text(call, "ChildId");
  const auto unit = organization.units.find(id);
  const auto member = organization.members.find(id);
  if (unit == organization.units.end() && member == organization.members.end()) {
    co_return fault::no_such_child();
  }
  const auto& parent = unit != organization.units.end() ? unit->second.parent : member->second.parent;
  Outcome outcome;
  outcome.output["Parents"] =
      json::array{json::object{{"Id", parent}, {"Type", is_unit(parent) ? "ORGANIZATIONAL_UNIT" : "ROOT"}}};
  co_return outcome;
}

Task<Answer> list_children(const Dependencies& /*on*/, Call& call, Standing at) {
  const auto& organization = at.organization.value;
  const auto parent = text(call, "ParentId");
  if (!organization.is_parent(parent)) {
    co_return fault::no_such_parent();
  }
  const auto type = text(call, "ChildType");
  const auto ids = type == "ACCOUNT" ? organization.accounts_below(parent) : organization.units_below(parent);
  Outcome outcome;
  CAIRN_CO_TRY(const auto page, page_of(call, ids, outcome.output));
  json::array list;
  for (auto i = page.begin; i < page.end; ++i) {
    list.push_back(json::object{{"Id", ids[i]}, {"Type", type}});
  }
  outcome.output["Children"] = std::move(list);
  co_return outcome;
}

Task<Answer> move_account(const Dependencies& on, Call& call, Standing at) {
  auto& organization = at.organization.value;
  const auto from = text(call, "SourceParentId");
  const auto to = text(call, "DestinationParentId");
  const auto member = organization.members.find(text(call, "AccountId"));
  if (member == organization.members.end()) {
    co_return fault::no_such_account();
  }
  if (!organization.is_parent(to)) {
    co_return fault::no_such_destination();
  }
  if (member->second.parent != from) {
    co_return fault::no_such_source();
  }
  if (from == to) {
    co_return fault::already_there();
  }
  CAIRN_CO_TRY(auto account, co_await find_member(on, organization, member->first));
  member->second.parent = to;
  Outcome outcome;
  change(at, outcome);
  move_membership(std::move(account), &organization, outcome);
  co_return outcome;
}

}  // namespace cairn::services::organizations
