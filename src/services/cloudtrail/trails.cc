// What the trail operations share: finding a trail, showing it, changing it.
#include <fmt/format.h>

#include <map>

#include "aws/ids.h"
#include "event/outbox_row.h"
#include "json/json.h"
#include "services/cloudtrail/faults.h"
#include "services/cloudtrail/operations.h"
#include "services/cloudtrail/organizations.h"

namespace cairn::services::cloudtrail {
namespace {

constexpr std::size_t kPage = 1000;

bool is_arn(std::string_view text) {
  return text.starts_with("arn:");
}

struct TrailId {
  std::string account;
  std::string home_region;  // empty: any that is visible here
  std::string name;
};

Result<TrailId, aws::Fault> parse_id(const Call& call, const std::string& name_or_arn) {
  if (!is_arn(name_or_arn)) {
    CAIRN_TRY_VOID(trail::check_name(name_or_arn));
    return TrailId{call.account, "", name_or_arn};
  }
  const auto arn = aws::Arn::parse(name_or_arn);
  if (!arn || arn->partition() != "aws" || arn->service() != "cloudtrail" ||
      arn->resource_type() != "trail" || arn->region().empty() || !trail::check_name(arn->resource_id())) {
    return fault::arn_invalid(name_or_arn);
  }
  return TrailId{std::string(arn->account()), std::string(arn->region()), std::string(arn->resource_id())};
}

bool visible(const trail::Trail& trail, const TrailId& id, std::string_view region) {
  if (trail.name != id.name) {
    return false;
  }
  return id.home_region.empty() ? trail.home_region == region || trail.multi_region
                                : trail.home_region == id.home_region;
}

aws::Fault internal(const Error& error) {
  return aws::to_fault(aws::Family::json, error);
}

}  // namespace

std::string arn_of(const Call& call, std::string_view name_or_arn) {
  return is_arn(name_or_arn)
             ? std::string(name_or_arn)
             : fmt::format("arn:aws:cloudtrail:{}:{}:trail/{}", call.region, call.account, name_or_arn);
}

// The version of the names comes first: what changes between the two reads makes the commit conflict.
Task<Result<Trails, aws::Fault>> trails_of(const Dependencies& on, std::string account) {
  const auto names = co_await on.catalog.get(trail::names_key(account));
  if (!names) {
    co_return internal(names.error());
  }
  Trails trails;
  trails.names = *names ? (*names)->version : 0;
  std::string after;
  while (true) {
    const auto documents = co_await on.catalog.scan(trail::account_prefix(account), after, kPage);
    if (!documents) {
      co_return internal(documents.error());
    }
    if (documents->empty()) {
      co_return trails;
    }
    for (const auto& document : *documents) {
      auto kept = json::parse(document.value).and_then([](json::value v) {
        return v.is_object() ? trail::from_document(v.get_object())
                             : Result<trail::Trail>(Error{Errc::corrupt, "not a trail"});
      });
      if (!kept) {
        co_return internal(kept.error());
      }
      trails.all.push_back({*std::move(kept), document.version, trails.names});
    }
    after = documents->back().key;
  }
}

Task<Result<Trails, aws::Fault>> trails_seen(const Dependencies& on, std::string account) {
  CAIRN_CO_TRY(auto seen, co_await trails_of(on, account));
  CAIRN_CO_TRY(const auto at, co_await affiliation_of(on, account));
  if (!at.organization || at.manages()) {
    co_return seen;
  }
  CAIRN_CO_TRY(auto all, co_await trails_of(on, at.organization->value.management));
  for (auto& kept : all.all) {
    if (at.sees(kept.trail)) {
      seen.all.push_back(std::move(kept));
    }
  }
  co_return seen;
}

namespace {

// Those that may be the one of an ARN: an account's own are its organization's, too, only where another's is meant.
Task<Result<Trails, aws::Fault>> trails_where(const Dependencies& on, std::string caller, std::string owner) {
  if (owner == caller) {
    co_return co_await trails_of(on, std::move(caller));
  }
  co_return co_await trails_seen(on, std::move(caller));
}

}  // namespace

Task<Result<Kept, aws::Fault>> find_trail(const Dependencies& on, const Call& call, std::string name_or_arn) {
  CAIRN_CO_TRY(const auto id, parse_id(call, name_or_arn));
  CAIRN_CO_TRY(auto trails, co_await trails_where(on, call.account, id.account));
  for (auto& kept : trails.all) {
    if (kept.trail.account == id.account && visible(kept.trail, id, call.region)) {
      co_return std::move(kept);
    }
  }
  co_return fault::trail_not_found(arn_of(call, name_or_arn), call.account);
}

Task<Result<Kept, aws::Fault>> check_may_change(const Dependencies& on, const Call& call, Kept kept) {
  if (kept.trail.account != call.account) {
    CAIRN_CO_TRY(const auto at, co_await affiliation_of(on, call.account));
    if (!at.administers() || !at.sees(kept.trail)) {
      co_return fault::not_organization_master();
    }
    kept.permitted_by = {.key = organization::key_of(at.organization->value.id), .version = at.organization->version};
  }
  co_return kept;
}

Task<Result<Kept, aws::Fault>> find_own_trail(const Dependencies& on, const Call& call,
                                              std::string name_or_arn) {
  CAIRN_CO_TRY(auto found, co_await find_trail(on, call, std::move(name_or_arn)));
  CAIRN_CO_TRY(auto kept, co_await check_may_change(on, call, std::move(found)));
  if (kept.trail.home_region != call.region) {
    co_return fault::invalid_home_region(kept.trail.home_region);
  }
  co_return kept;
}

Result<void, aws::Fault> check_room(const Dependencies& on, const Trails& trails, const trail::Trail& wanted,
                                    bool is_there) {
  std::map<std::string, std::uint64_t, std::less<>> at_home{{wanted.home_region, 0}};
  std::uint64_t everywhere = 0;
  bool name_is_taken = false;
  for (const auto& kept : trails.all) {
    const auto& other = kept.trail;
    if (is_there && other.arn() == wanted.arn()) {
      continue;  // itself
    }
    (other.multi_region ? everywhere : at_home[other.home_region]) += 1;
    const bool meet = other.home_region == wanted.home_region || other.multi_region || wanted.multi_region;
    name_is_taken = name_is_taken || (other.name == wanted.name && other.account == wanted.account && meet);
  }
  for (const auto& [region, count] : at_home) {
    const bool concerned = wanted.multi_region || region == wanted.home_region;
    if (concerned && count + everywhere >= on.options.trails_per_region.get()) {
      return fault::maximum_number_of_trails(wanted.account, on.options.trails_per_region, region);
    }
  }
  if (name_is_taken) {
    return fault::trail_already_exists(wanted.name, wanted.account);
  }
  return {};
}

namespace {

void expect_permission(catalog::Transaction& effects, const Kept& kept) {
  if (kept.permitted_by) {
    effects.expectations.push_back(*kept.permitted_by);
  }
}

}  // namespace

boost::json::object creation_answer(const trail::Trail& trail) {
  json::object answer{{"Name", trail.name}, {"S3BucketName", trail.bucket}};
  if (!trail.prefix.empty()) {
    answer["S3KeyPrefix"] = trail.prefix;
  }
  if (!trail.topic_arn.empty()) {
    answer["SnsTopicName"] = trail.topic_name;
    answer["SnsTopicARN"] = trail.topic_arn;
  }
  if (!trail.kms_key.empty()) {
    answer["KmsKeyId"] = trail.kms_key;
  }
  answer["IncludeGlobalServiceEvents"] = trail.include_global_service_events;
  answer["IsMultiRegionTrail"] = trail.multi_region;
  answer["TrailARN"] = trail.arn();
  answer["LogFileValidationEnabled"] = trail.validation;
  answer["IsOrganizationTrail"] = !trail.organization.empty();
  return answer;
}

boost::json::object described(const trail::Trail& trail) {
  auto shown = creation_answer(trail);
  shown["HomeRegion"] = trail.home_region;
  shown["HasCustomEventSelectors"] = trail.selectors.has_value();
  shown["HasInsightSelectors"] = !trail.insights.empty();
  return shown;
}

catalog::Transaction write_of(const Kept& kept) {
  const auto& trail = kept.trail;
  catalog::Transaction effects;
  effects.writes.push_back({.key = trail::trail_key(trail.account, trail.home_region, trail.name),
                            .value = json::serialize(trail::to_document(trail)),
                            .expected = kept.version});
  effects.expectations.push_back({.key = trail::names_key(trail.account), .version = kept.names});
  expect_permission(effects, kept);
  return effects;
}

catalog::Transaction effects_of(const Kept& kept) {
  auto effects = write_of(kept);
  effects.outbox.push_back(
      event::encode_outbox_row(event::Kind::control, kept.trail.account, trail::control_of(kept.trail)));
  return effects;
}

void claim_names(catalog::Transaction& effects, const Kept& kept) {
  effects.expectations.clear();
  expect_permission(effects, kept);
  effects.writes.push_back(
      {.key = trail::names_key(kept.trail.account), .value = "", .expected = kept.names});
}

event::Resource resource_of(const trail::Trail& trail) {
  return {.arn = trail.arn(), .account_id = trail.account, .type = "AWS::CloudTrail::Trail"};
}

}  // namespace cairn::services::cloudtrail
