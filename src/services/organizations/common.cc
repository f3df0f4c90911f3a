// What the operations share.
#include <algorithm>

#include "codec/base64.h"
#include "event/outbox_row.h"
#include "json/json.h"
#include "services/organizations/operations.h"

namespace cairn::services::organizations {
namespace {

constexpr double kMillisASecond = 1000.0;
constexpr std::size_t kScanned = 1000;

}  // namespace

Task<Found<Standing>> standing_of(const Dependencies& on, const Call& call) {
  for (std::string named;;) {
    auto account = co_await access::load_account(on.catalog, call.account);
    if (!account) {
      co_return fault::failure(account.error());
    }
    if (!*account) {
      co_return fault::failure({Errc::corrupt, "the caller's account is not there", call.account});
    }
    Standing at{.account = *std::move(*account), .organization = {}};
    if (at.account.value.organization.empty()) {
      co_return at;
    }
    auto organization = co_await organization::load(on.catalog, at.account.value.organization);
    if (organization) {
      at.organization = *std::move(organization);
      co_return at;
    }
    // It may have ended between the two reads; if the account still names it, it is missing.
    if (organization.error().code != Errc::corrupt || named == at.account.value.organization) {
      co_return fault::failure(organization.error());
    }
    named = at.account.value.organization;
  }
}

std::string text(const Call& call, std::string_view member) {
  return std::string(json::find_string(call.input, member).value_or(""));
}

double seconds(Time time) {
  return static_cast<double>(time.time_since_epoch().count()) / kMillisASecond;
}

Task<Found<StoredAccount>> find_member(const Dependencies& on, const Organization& organization,
                                       std::string id) {
  if (!organization.members.contains(id)) {
    co_return fault::no_such_account();
  }
  auto account = co_await access::load_account(on.catalog, id);
  if (!account) {
    co_return fault::failure(account.error());
  }
  if (!*account) {
    co_return fault::failure({Errc::corrupt, "a member's account is not there", id});
  }
  co_return *std::move(*account);
}

Task<Found<std::vector<catalog::Document>>> all_below(const Dependencies& on, std::string prefix) {
  std::vector<catalog::Document> all;
  for (std::string after;;) {
    auto page = co_await on.catalog.scan(prefix, after, kScanned);
    if (!page) {
      co_return fault::failure(page.error());
    }
    if (page->empty()) {
      co_return all;
    }
    after = page->back().key;
    std::ranges::move(*page, std::back_inserter(all));
  }
}

boost::json::object described(const Organization& organization, const access::AccountDocument& account) {
  const auto member = organization.members.find(account.id);
  json::object shown{{"Id", account.id}, {"Arn", organization.account_arn(account.id)}};
  if (!account.email.empty()) {
    shown["Email"] = account.email;
  }
  shown["Name"] = account.name;
  shown["Status"] = account.active ? "ACTIVE" : "SUSPENDED";
  shown["State"] = shown["Status"];
  if (member != organization.members.end()) {
    shown["Paths"] = json::array{organization.path_of(member->second.parent) + account.id + "/"};
    shown["JoinedMethod"] = member->second.invited ? "INVITED" : "CREATED";
    shown["JoinedTimestamp"] = seconds(member->second.joined);
  }
  return shown;
}

void change(const Standing& at, Outcome& outcome) {
  outcome.effects.writes.push_back(organization::put(at.organization.value, at.organization.version));
}

void move_membership(StoredAccount account, const Organization* organization, Outcome& outcome) {
  auto& document = account.value;
  const bool stays = organization != nullptr && document.organization == organization->id;
  document.organization.clear();
  document.organization_path.clear();
  if (organization != nullptr) {
    document.organization = organization->id;
    document.organization_path =
        organization->path_of(organization->members.find(document.id)->second.parent);
  }
  outcome.effects.writes.push_back(access::put(document, account.version));
  if (stays) {
    return;  // followers need not know where in it
  }
  organization::Membership membership{.account = document.id, .organization = {}};
  if (organization != nullptr) {
    membership.organization = organization->id;
  }
  // The record that an account comes by is taken by the organization's trails, and so is the one that it
  // leaves by.
  auto& rows = organization != nullptr ? outcome.effects.outbox : outcome.outbox_behind;
  rows.push_back(
      event::encode_outbox_row(event::Kind::control, document.id, organization::control_of(membership)));
}

// The token is the last id that was shown.
Found<Page> page_of(const Call& call, const std::vector<std::string>& ids, boost::json::object& output) {
  Page page;
  if (const auto token = text(call, "NextToken"); !token.empty()) {
    const auto after = codec::base64_decode(token);
    if (!after || after->empty()) {
      return fault::invalid_input("INVALID_PAGINATION_TOKEN", "You specified an invalid NextToken.");
    }
    page.begin = static_cast<std::size_t>(std::ranges::upper_bound(ids, *after) - ids.begin());
  }
  const auto most = json::find_int(call.input, "MaxResults").value_or(Limits::page_max);
  page.end = std::min(ids.size(), page.begin + static_cast<std::size_t>(most));
  if (page.end < ids.size()) {
    output["NextToken"] = codec::base64_encode(ids[page.end - 1]);
  }
  return page;
}

}  // namespace cairn::services::organizations
