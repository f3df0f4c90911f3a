#include "delivery/plan.h"

#include <fmt/format.h>

#include "blob/name.h"
#include "crypto/random.h"
#include "json/json.h"

namespace cairn::delivery {
namespace {

void add_digest(const Plan& plan, json::object& document) {
  if (plan.listing) {
    document["listing"] = to_json(*plan.listing);
  }
  if (plan.digest) {
    document["digest"] =
        json::object{{"account", plan.digest->account}, {"signature", plan.digest->signature}};
  }
}

Result<void> read_digest(const json::object& document, Plan& plan) {
  if (const auto* listing = json::find_object(document, "listing")) {
    CAIRN_TRY(plan.listing, listing_from(*listing));
  }
  if (const auto* digest = json::find_object(document, "digest")) {
    plan.digest = DigestPlan{.account = std::string(json::find_string(*digest, "account").value_or("")),
                             .signature = std::string(json::find_string(*digest, "signature").value_or(""))};
    if (plan.digest->account.empty() || plan.digest->signature.empty()) {
      return Error{Errc::corrupt, "a digest's plan lacks a member", plan.trail_arn};
    }
  }
  return {};
}

}  // namespace

std::string Plan::catalog_key() const {
  return fmt::format("{}{}/{:020}", kPlanPrefix, trail_arn, number);
}

std::string new_spool_name() {
  return fmt::format("{}{}{}", kSpoolPrefix, crypto::uuid4(), blob::kSealedSuffix);
}

std::string to_document(const Plan& plan) {
  json::object document{{"number", plan.number},
                        {"trail", plan.trail_arn},
                        {"trailCreated", plan.trail_created.time_since_epoch().count()},
                        {"account", plan.account},
                        {"region", plan.region},
                        {"homeRegion", plan.home_region},
                        {"bucket", plan.bucket},
                        {"key", plan.key},
                        {"spool", plan.spool},
                        {"bytes", plan.bytes},
                        {"events", plan.events},
                        {"made", plan.made.time_since_epoch().count()}};
  if (plan.crc32c) {
    document["crc32c"] = *plan.crc32c;
  }
  if (plan.refused) {
    document["refusedSince"] = plan.refused->time_since_epoch().count();
  }
  if (plan.unreadable) {
    document["unreadableSince"] = plan.unreadable->time_since_epoch().count();
  }
  if (!plan.kms_key.empty()) {
    document["kmsKey"] = plan.kms_key;
  }
  add_digest(plan, document);
  return json::serialize(document);
}

Result<Plan> plan_from(std::string_view document) {
  CAIRN_TRY(const auto object, json::parse_object(document));
  const auto text = [&](std::string_view member) {
    return std::string(json::find_string(object, member).value_or(""));
  };
  const auto number = [&](std::string_view member) {
    return static_cast<std::uint64_t>(json::find_int(object, member).value_or(0));
  };
  const auto time = [&](std::string_view member) {
    return Time{Millis{json::find_int(object, member).value_or(0)}};
  };
  const auto time_if = [&](std::string_view member) {
    const auto millis = json::find_int(object, member);
    return millis ? std::optional(Time{Millis{*millis}}) : std::nullopt;
  };
  const auto crc = json::find_int(object, "crc32c");
  Plan plan{.number = number("number"),
            .trail_arn = text("trail"),
            .trail_created = time("trailCreated"),
            .account = text("account"),
            .region = text("region"),
            .home_region = text("homeRegion"),
            .bucket = text("bucket"),
            .key = text("key"),
            .spool = text("spool"),
            .kms_key = text("kmsKey"),
            .bytes = number("bytes"),
            .events = number("events"),
            .crc32c = crc ? std::optional(static_cast<std::uint32_t>(*crc)) : std::nullopt,
            .made = time("made"),
            .refused = time_if("refusedSince"),
            .unreadable = time_if("unreadableSince")};
  if (plan.number == 0 || plan.trail_arn.empty() || plan.account.empty() || plan.region.empty() ||
      plan.home_region.empty() || plan.bucket.empty() || plan.key.empty() || plan.spool.empty()) {
    return Error{Errc::corrupt, "a delivery plan lacks a member", plan.trail_arn};
  }
  CAIRN_TRY_VOID(read_digest(object, plan));
  return plan;
}

}  // namespace cairn::delivery
