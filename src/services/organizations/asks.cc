#include "services/organizations/asks.h"

#include "json/json.h"

namespace cairn::services::organizations {
namespace {

// By its form alone: it need not be there.
std::string arn_of(const Organization& organization, std::string_view id) {
  if (id.starts_with("r-")) {
    return "arn:aws:organizations::" + organization.management + ":root/" + organization.id + "/" + std::string(id);
  }
  return id.starts_with("ou-") ? organization.unit_arn(id) : organization.account_arn(id);
}

std::vector<std::string_view> members_of(Resource resource) {
  switch (resource) {
    case Resource::everything:
      return {};
    case Resource::account:
      return {"AccountId"};
    case Resource::unit:
      return {"OrganizationalUnitId"};
    case Resource::parent:
      return {"ParentId"};
    case Resource::child:
      return {"ChildId"};
    case Resource::moved:
      return {"AccountId", "SourceParentId", "DestinationParentId"};
    case Resource::tagged:
      return {"ResourceId"};
  }
  return {};
}

void add_keys(const Call& call, access::Context& context) {
  if (const auto service = json::find_string(call.input, "ServicePrincipal")) {
    context.set("organizations:ServicePrincipal", {std::string(*service)});
  }
  const auto* tags = json::find_array(call.input, "Tags");
  for (const auto& one : tags != nullptr ? *tags : json::array()) {
    const auto& tag = one.get_object();
    access::add_request_tag(context, json::find_string(tag, "Key").value_or(""),
                            json::find_string(tag, "Value").value_or(""));
  }
  const auto* removed = json::find_array(call.input, "TagKeys");
  for (const auto& key : removed != nullptr ? *removed : json::array()) {
    context.add("aws:TagKeys", json::text_of(key.get_string()));
  }
}

}  // namespace

std::vector<access::Ask> asks_of(const Call& call, const Standing& at, Resource resource) {
  access::Ask ask;
  ask.action = "organizations:" + call.operation.name;
  ask.resource = "*";
  ask.resource_account = call.account;
  add_keys(call, ask.context);
  std::vector<access::Ask> all;
  for (const auto member : at.in_organization() ? members_of(resource) : std::vector<std::string_view>()) {
    ask.resource = arn_of(at.organization.value, text(call, member));
    all.push_back(ask);
  }
  if (all.empty()) {
    all.push_back(ask);
  }
  const auto* tags = json::find_array(call.input, "Tags");
  if (call.operation.name != "TagResource" && tags != nullptr && !tags->empty()) {
    ask.action = "organizations:TagResource";
    ask.resource = "*";
    all.push_back(std::move(ask));
  }
  return all;
}

}  // namespace cairn::services::organizations
