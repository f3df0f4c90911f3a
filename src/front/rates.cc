// Tested by rates_test.cc.
#include "front/rates.h"

#include <algorithm>
#include <array>

namespace cairn::front {
namespace {

constexpr Rates::Rate a_second(int calls) {
  return {Millis{1000 / calls}, calls};
}

struct Row {
  std::string_view operation;
  int calls;  // a second
};
constexpr std::array<Row, 8> kSpecial = {{
    {"CancelQuery", 3},
    {"DeregisterOrganizationDelegatedAdmin", 10},
    {"ListInsightsData", 2},
    {"ListInsightsMetricData", 1},
    {"LookupEvents", 2},
    {"RegisterOrganizationDelegatedAdmin", 10},
    {"SearchSampleQueries", 10},
    {"StartQuery", 3},
}};
constexpr int kReads = 10;
constexpr int kOthers = 1;
constexpr int kPutAuditEvents = 100;
constexpr Rates::Rate kGenerateQuery{Millis{15'000}, 1};  // four a minute

}  // namespace

std::optional<Rates::Rate> Rates::rate_of(std::string_view service, std::string_view operation) {
  if (service == "cloudtrail-data") {
    return a_second(kPutAuditEvents);
  }
  if (service != "cloudtrail") {
    return std::nullopt;
  }
  if (operation == "GenerateQuery") {
    return kGenerateQuery;
  }
  if (const auto* row = std::ranges::find(kSpecial, operation, &Row::operation); row != kSpecial.end()) {
    return a_second(row->calls);
  }
  const bool reads =
      operation.starts_with("Get") || operation.starts_with("Describe") || operation.starts_with("List");
  return a_second(reads ? kReads : kOthers);
}

bool Rates::admit(std::string_view service, std::string_view operation, std::string_view account,
                  std::string_view region, Time now) {
  const auto rate = rate_of(service, operation);
  if (!rate) {
    return true;
  }
  const std::lock_guard lock(mutex_);
  if (full_at_.size() >= limits_.buckets_max) {
    forget_full(now);
  }
  auto& full_at = full_at_[Key(account, region, operation)];
  const auto capacity = rate->interval * rate->burst;
  // A clock that stepped back would otherwise leave the bucket empty for as long.
  const auto from = std::clamp(full_at, now, now + capacity);
  const auto next = from + rate->interval;
  if (next > now + capacity) {
    full_at = from;
    return false;
  }
  full_at = next;
  return true;
}

void Rates::forget_full(Time now) {
  std::erase_if(full_at_, [now](const auto& bucket) { return bucket.second <= now; });
  if (full_at_.size() >= limits_.buckets_max) {
    full_at_.clear();
  }
}

}  // namespace cairn::front
