// Tested by organization_test.cc.
#include "organization/organization.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "codec/headers.h"
#include "crypto/random.h"
#include "json/json.h"

namespace cairn::organization {
namespace {

constexpr std::string_view kLettersAndDigits = "abcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::size_t kOrganizationChars = 10;
constexpr std::size_t kRootChars = 4;
constexpr std::size_t kUnitChars = 8;
constexpr std::size_t kRequestChars = 32;

std::string random_id(std::string_view prefix, std::size_t characters) {
  return std::string(prefix) + crypto::random_text(characters, kLettersAndDigits);
}

std::string arn_of(const Organization& organization, std::string_view kind, std::string_view rest) {
  return fmt::format("arn:aws:organizations::{}:{}/{}{}", organization.management, kind, organization.id, rest);
}

template <class Children>
std::vector<std::string> below(const Children& all, std::string_view parent) {
  std::vector<std::string> found;
  for (const auto& [id, child] : all) {
    if (child.parent == parent) {
      found.push_back(id);
    }
  }
  return found;
}

}  // namespace

bool Organization::is_delegate(std::string_view account) const {
  return std::ranges::any_of(delegations, [&](const auto& one) { return one.first.account == account; });
}

bool Organization::is_delegate(std::string_view account, std::string_view service) const {
  return delegations.contains({std::string(account), std::string(service)});
}

std::size_t Organization::delegates_of(std::string_view service) const {
  const auto count =
      std::ranges::count_if(delegations, [&](const auto& one) { return one.first.service == service; });
  return static_cast<std::size_t>(count);
}

std::vector<std::string> Organization::accounts_below(std::string_view parent) const {
  return below(members, parent);
}
std::vector<std::string> Organization::units_below(std::string_view parent) const {
  return below(units, parent);
}

std::string Organization::path_of(std::string_view parent) const {
  CAIRN_CHECK(is_parent(parent));
  std::string path;
  for (auto unit = units.find(parent); unit != units.end(); unit = units.find(unit->second.parent)) {
    path.insert(0, unit->first + "/");
  }
  return id + "/" + root + "/" + path;
}

std::size_t Organization::depth_of(std::string_view parent) const {
  std::size_t depth = 0;
  for (auto unit = units.find(parent); unit != units.end(); unit = units.find(unit->second.parent)) {
    ++depth;
  }
  return depth;
}

std::string Organization::arn() const {
  return arn_of(*this, "organization", "");
}
std::string Organization::root_arn() const {
  return arn_of(*this, "root", "/" + root);
}
std::string Organization::unit_arn(std::string_view unit) const {
  return arn_of(*this, "ou", "/" + std::string(unit));
}
std::string Organization::account_arn(std::string_view account) const {
  return arn_of(*this, "account", "/" + std::string(account));
}

Organization make(std::string management, bool all_features, Time now) {
  Organization made{.id = random_id("o-", kOrganizationChars),
                    .root = random_id("r-", kRootChars),
                    .management = std::move(management),
                    .all_features = all_features,
                    .created = now};
  made.members.emplace(made.management, Member{.parent = made.root, .joined = now, .invited = true});
  return made;
}

std::string new_unit_id(const Organization& organization) {
  return random_id("ou-" + organization.root.substr(2) + "-", kUnitChars);
}
std::string new_request_id() {
  return random_id("car-", kRequestChars);
}

std::string key_of(std::string_view organization) {
  return std::string("organization/of/").append(organization);
}
std::string request_prefix(std::string_view organization) {
  return fmt::format("organization/request/{}/", organization);
}
std::string request_key(std::string_view organization, std::string_view request) {
  return request_prefix(organization).append(request);
}
std::string email_key(std::string_view address) {
  return "organization/email/" + codec::lower(address);
}

Task<Result<Stored>> load(catalog::Catalog& catalog, std::string id) {
  CAIRN_CO_TRY(const auto document, co_await catalog.get(key_of(id)));
  if (!document) {
    co_return Error{Errc::corrupt, "load an organization that an account is in: it is not there", id};
  }
  CAIRN_CO_TRY(auto value, decode(*document));
  co_return Stored{std::move(value), document->version};
}

catalog::Write put(const Organization& organization, catalog::Version expected) {
  return {.key = key_of(organization.id), .value = encode(organization), .expected = expected};
}

std::string control_of(const Membership& membership) {
  json::value organization(nullptr);
  if (membership.organization) {
    organization = *membership.organization;
  }
  return json::serialize(json::object{
      {"type", "member"}, {"account", membership.account}, {"organization", std::move(organization)}});
}

Result<std::optional<Membership>> parse_control(std::string_view body) {
  CAIRN_TRY(const auto object, json::parse_object(body));
  if (json::find_string(object, "type") != "member") {
    return std::optional<Membership>{};
  }
  const auto account = json::find_string(object, "account");
  const auto organization = json::find_string(object, "organization");
  const auto* whichever = object.if_contains("organization");  // null is something: the account left
  if (!account || whichever == nullptr || (!organization && !whichever->is_null())) {
    return Error{Errc::corrupt, "a control entry of a membership lacks a member"};
  }
  Membership membership{.account = std::string(*account), .organization = {}};
  if (organization) {
    membership.organization = std::string(*organization);
  }
  return std::optional(std::move(membership));
}

}  // namespace cairn::organization
