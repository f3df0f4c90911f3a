#include "delivery/status.h"

#include <fmt/format.h>

#include <set>

#include "json/json.h"

namespace cairn::delivery {
namespace {

constexpr std::string_view kStatusPrefix = "delivery/status/";
constexpr std::string_view kGapPrefix = "delivery/gap/";
constexpr std::string_view kNotifiedPrefix = "delivery/notified/";
constexpr std::size_t kStatusPage = 1000;

json::value millis_or_null(const std::optional<Time>& time) {
  return time ? json::value(time->time_since_epoch().count()) : json::value(nullptr);
}

std::optional<Time> time_in(const json::object& object, std::string_view member) {
  const auto millis = json::find_int(object, member);
  return millis ? std::optional<Time>(Time{Millis{*millis}}) : std::nullopt;
}

std::uint64_t number_in(const json::object& object, std::string_view member) {
  return static_cast<std::uint64_t>(json::find_int(object, member).value_or(0));
}

std::string life_of(std::string_view arn, Time created) {
  return fmt::format("{}/{}", arn, created.time_since_epoch().count());
}

Task<Result<void>> remove_ended_below(catalog::Catalog& catalog, std::string_view prefix,
                                      const std::set<std::string>& living) {
  std::string after;
  while (true) {
    CAIRN_CO_TRY(const auto page, co_await catalog.scan(std::string(prefix), after, kStatusPage));
    if (page.empty()) {
      co_return Result<void>{};
    }
    after = page.back().key;
    catalog::Transaction gone;
    for (const auto& document : page) {
      const auto life = document.key.substr(prefix.size(), document.key.rfind('/') - prefix.size());
      if (!living.contains(life)) {
        gone.writes.push_back({document.key, std::nullopt, std::nullopt});
      }
    }
    if (!gone.empty()) {
      CAIRN_CO_TRY_VOID(co_await catalog.commit(std::move(gone)));
    }
  }
}

}  // namespace

std::string StatusName::status_key() const {
  return fmt::format("{}{}/{}", kStatusPrefix, life_of(trail_arn, trail_created), region);
}
std::string StatusName::gap_key() const {
  return fmt::format("{}{}/{}", kGapPrefix, life_of(trail_arn, trail_created), region);
}
std::string StatusName::notified_key() const {
  return fmt::format("{}{}/{}", kNotifiedPrefix, life_of(trail_arn, trail_created), region);
}

std::string to_document(const Status& status) {
  return json::serialize(json::object{{"delivered", millis_or_null(status.delivered)},
                                      {"attempted", millis_or_null(status.attempted)},
                                      {"error", status.error},
                                      {"files", status.files},
                                      {"events", status.events},
                                      {"gapFiles", status.gap_files},
                                      {"gapEvents", status.gap_events},
                                      {"unreadableFiles", status.unreadable_files},
                                      {"digestDelivered", millis_or_null(status.digest_delivered)},
                                      {"digestError", status.digest_error}});
}

Result<Status> status_from(std::string_view document) {
  CAIRN_TRY(const auto object, json::parse_object(document));
  return Status{.delivered = time_in(object, "delivered"),
                .attempted = time_in(object, "attempted"),
                .error = std::string(json::find_string(object, "error").value_or("")),
                .files = number_in(object, "files"),
                .events = number_in(object, "events"),
                .gap_files = number_in(object, "gapFiles"),
                .gap_events = number_in(object, "gapEvents"),
                .unreadable_files = number_in(object, "unreadableFiles"),
                .digest_delivered = time_in(object, "digestDelivered"),
                .digest_error = std::string(json::find_string(object, "digestError").value_or(""))};
}

std::string to_document(const Gap& gap) {
  return json::serialize(json::object{{"files", gap.files}, {"events", gap.events}});
}

Result<Gap> gap_from(std::string_view document) {
  CAIRN_TRY(const auto object, json::parse_object(document));
  return Gap{.files = number_in(object, "files"), .events = number_in(object, "events")};
}

Task<Result<void>> remove_ended(catalog::Catalog& catalog, std::vector<const trail::Trail*> living) {
  std::set<std::string> lives;
  for (const auto* trail : living) {
    lives.insert(life_of(trail->arn(), trail->created));
  }
  CAIRN_CO_TRY_VOID(co_await remove_ended_below(catalog, kStatusPrefix, lives));
  CAIRN_CO_TRY_VOID(co_await remove_ended_below(catalog, kNotifiedPrefix, lives));
  co_return co_await remove_ended_below(catalog, kGapPrefix, lives);
}

Task<Result<Status>> status(catalog::Catalog& catalog, trail::Trail trail, std::string region) {
  const StatusName name{trail.arn(), trail.created, std::move(region)};
  CAIRN_CO_TRY(const auto document, co_await catalog.get(name.status_key()));
  Status status;
  if (document) {
    CAIRN_CO_TRY(status, status_from(document->value));
  }
  CAIRN_CO_TRY(const auto unplanned, co_await catalog.get(name.gap_key()));
  if (unplanned) {
    CAIRN_CO_TRY(const auto gap, gap_from(unplanned->value));
    status.gap_files += gap.files;
    status.gap_events += gap.events;
  }
  co_return status;
}

}  // namespace cairn::delivery
