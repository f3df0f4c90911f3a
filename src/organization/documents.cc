// The documents as JSON. Tested by organization_test.cc; fuzzed by organization_fuzz.cc.
#include <algorithm>

#include "catalog/document_reader.h"
#include "json/json.h"
#include "organization/organization.h"

namespace cairn::organization {
namespace {

constexpr std::int64_t kFormat = 1;

// Every unit hangs below the root: path_of() ends.
bool is_tree(const Organization& organization) {
  return std::ranges::all_of(organization.units, [&](const auto& one) {
    auto at = organization.units.find(one.first);
    for (std::size_t steps = 0; steps <= Limits::depth_max && at != organization.units.end(); ++steps) {
      if (at->second.parent == organization.root) {
        return true;
      }
      at = organization.units.find(at->second.parent);
    }
    return false;
  });
}

bool is_sound(const Organization& organization) {
  return !organization.id.empty() && !organization.root.empty() && is_tree(organization) &&
         organization.members.contains(organization.management) &&
         std::ranges::all_of(organization.members,
                             [&](const auto& one) { return organization.is_parent(one.second.parent); });
}

}  // namespace

std::string encode(const Organization& organization) {
  json::array members;
  for (const auto& [account, member] : organization.members) {
    members.emplace_back(json::array{account, member.parent, catalog::millis(member.joined), member.invited});
  }
  json::array units;
  for (const auto& [id, unit] : organization.units) {
    units.emplace_back(json::array{id, unit.name, unit.parent});
  }
  json::array services;
  for (const auto& [service, since] : organization.services) {
    services.emplace_back(json::array{service, catalog::millis(since)});
  }
  json::array delegations;
  for (const auto& [delegation, since] : organization.delegations) {
    delegations.emplace_back(json::array{delegation.account, delegation.service, catalog::millis(since)});
  }
  return json::serialize(json::object{{"v", kFormat},
                                      {"id", organization.id},
                                      {"root", organization.root},
                                      {"management", organization.management},
                                      {"allFeatures", organization.all_features},
                                      {"created", catalog::millis(organization.created)},
                                      {"members", std::move(members)},
                                      {"units", std::move(units)},
                                      {"services", std::move(services)},
                                      {"delegations", std::move(delegations)}});
}

Result<Organization> decode(const catalog::Document& document) {
  catalog::DocumentReader in(document, kFormat);
  Organization organization{.id = in.text("id"),
                            .root = in.text("root"),
                            .management = in.text("management"),
                            .all_features = in.truth("allFeatures"),
                            .created = in.time("created")};
  in.rows("members", 4, [&](const json::array& one) {
    organization.members[in.text_in(one, 0)] = {
        .parent = in.text_in(one, 1), .joined = in.time_in(one, 2), .invited = in.truth_in(one, 3)};
  });
  in.rows("units", 3, [&](const json::array& one) {
    organization.units[in.text_in(one, 0)] = {.name = in.text_in(one, 1), .parent = in.text_in(one, 2)};
  });
  in.rows("services", 2,
          [&](const json::array& one) { organization.services[in.text_in(one, 0)] = in.time_in(one, 1); });
  in.rows("delegations", 3, [&](const json::array& one) {
    organization.delegations[{in.text_in(one, 0), in.text_in(one, 1)}] = in.time_in(one, 2);
  });
  in.expect(is_sound(organization));
  return in.finish(std::move(organization));
}

std::string encode(const Request& request) {
  return json::serialize(json::object{{"v", kFormat},
                                      {"id", request.id},
                                      {"organization", request.organization},
                                      {"name", request.name},
                                      {"account", request.account},
                                      {"failure", request.failure},
                                      {"asked", catalog::millis(request.asked)},
                                      {"completed", catalog::millis(request.completed)}});
}

Result<Request> decode_request(const catalog::Document& document) {
  catalog::DocumentReader in(document, kFormat);
  return in.finish(Request{.id = in.text("id"),
                           .organization = in.text("organization"),
                           .name = in.text("name"),
                           .account = in.text("account"),
                           .failure = in.text("failure"),
                           .asked = in.time("asked"),
                           .completed = in.time("completed")});
}

}  // namespace cairn::organization
