// What becomes of an organization's trails when it no longer trusts CloudTrail, or is no more: they go on as trails of
// the management account, for its own events. Tested by organizations_test.cc.
#include "event/outbox_row.h"
#include "json/json.h"
#include "services/organizations/operations.h"
#include "trail/trail.h"

namespace cairn::services::organizations {
namespace {

constexpr std::size_t kPage = 1000;

Found<void> end_one(const catalog::Document& document, Outcome& outcome) {
  const auto object = json::parse_object(document.value);
  auto trail = object ? trail::from_document(*object) : Result<trail::Trail>(object.error());
  if (!trail) {
    return fault::failure(trail.error());
  }
  if (trail->organization.empty()) {
    return {};
  }
  trail->organization.clear();
  outcome.effects.writes.push_back(
      {.key = document.key, .value = json::serialize(trail::to_document(*trail)), .expected = document.version});
  outcome.effects.outbox.push_back(
      event::encode_outbox_row(event::Kind::control, trail->account, trail::control_of(*trail)));
  return {};
}

}  // namespace

Task<Found<void>> end_organization_trails(const Dependencies& on, const Organization& organization,
                                          Outcome& outcome) {
  const auto names_key = trail::names_key(organization.management);
  const auto names = co_await on.catalog.get(names_key);
  if (!names) {
    co_return fault::failure(names.error());
  }
  for (std::string after;;) {
    const auto page = co_await on.catalog.scan(trail::account_prefix(organization.management), after, kPage);
    if (!page) {
      co_return fault::failure(page.error());
    }
    if (page->empty()) {
      break;
    }
    for (const auto& document : *page) {
      CAIRN_CO_TRY_VOID(end_one(document, outcome));
    }
    after = page->back().key;
  }
  // None comes or goes meanwhile.
  outcome.effects.writes.push_back(
      {.key = names_key, .value = "", .expected = *names ? (*names)->version : 0});
  co_return Found<void>{};
}

}  // namespace cairn::services::organizations
