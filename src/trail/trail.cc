// Tested by trail_test.cc.
#include "trail/trail.h"

#include <fmt/format.h>

#include <algorithm>

#include "codec/base64.h"
#include "json/json.h"

namespace cairn::trail {
namespace {

constexpr Millis kFileNameStep{300'000};

json::value millis_or_null(const std::optional<Time>& time) {
  return time ? json::value(time->time_since_epoch().count()) : json::value(nullptr);
}

std::optional<Time> time_in(const json::object& document, std::string_view member) {
  const auto* value = document.if_contains(member);
  if (value == nullptr || !value->is_int64()) {
    return std::nullopt;
  }
  return Time{Millis{value->get_int64()}};
}

std::string text_in(const json::object& document, std::string_view member) {
  const auto* value = document.if_contains(member);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

bool bool_in(const json::object& document, std::string_view member) {
  const auto* value = document.if_contains(member);
  return value != nullptr && value->is_bool() && value->get_bool();
}

std::string control(const std::string& arn, json::value trail) {
  return json::serialize(json::object{{"type", "trail"}, {"arn", arn}, {"trail", std::move(trail)}});
}

}  // namespace

std::string Trail::arn() const {
  return fmt::format("arn:aws:cloudtrail:{}:{}:trail/{}", home_region, account, name);
}

std::optional<Time> Trail::chained() const {
  if (!logging || !validation) {
    return std::nullopt;
  }
  return std::max({started.value_or(created), validated.value_or(created), created});
}

namespace {

// Services without a Region: their events are in us-east-1 (cloudtrail-reference 1.4).
bool is_global(const event::View& record) {
  constexpr std::string_view kGlobal[] = {"cloudfront.amazonaws.com", "iam.amazonaws.com",
                                          "sts.amazonaws.com"};
  return record.region == "us-east-1" && std::ranges::find(kGlobal, record.source.view()) != std::end(kGlobal);
}

}  // namespace

bool concerns(const Trail& trail, const event::View& record, std::string_view organization) {
  const bool ours = trail.organization.empty() ? record.recipient_account == trail.account
                                               : organization == trail.organization;
  return trail.logging && ours &&
         (trail.multi_region || record.region == trail.home_region) &&
         (trail.include_global_service_events || !is_global(record));
}

namespace {

// "[PREFIX/]AWSLogs/[ORGANIZATION/]".
std::string top_of(const Trail& trail) {
  return fmt::format("{}{}AWSLogs/{}{}", trail.prefix, trail.prefix.empty() ? "" : "/", trail.organization,
                     trail.organization.empty() ? "" : "/");
}

}  // namespace

std::string marker_key(const Trail& trail, std::string_view folder) {
  return fmt::format("{}{}/{}/", top_of(trail), trail.account, folder);
}

std::string_view folder_of(event::Category category) {
  return category == event::Category::network_activity ? "CloudTrail-NetworkActivity" : kLogFolder;
}

std::string log_file_key(const Trail& trail, std::string_view account, std::string_view folder,
                         std::string_view region, Time time, std::string_view unique) {
  const Time slot = time - (time.time_since_epoch() % kFileNameStep);
  const auto day = rfc3339(slot).substr(0, 10);  // 2026-03-02
  return fmt::format("{}{}/{}/{}/{}/{}/{}/{}_{}_{}_{}_{}.json.gz", top_of(trail), account, folder, region,
                     day.substr(0, 4), day.substr(5, 2), day.substr(8, 2), account, folder, region, basic_minutes(slot), unique);
}

std::string trail_key(std::string_view account, std::string_view home_region, std::string_view name) {
  return fmt::format("{}{}/{}", account_prefix(account), home_region, name);
}

std::string names_key(std::string_view account) {
  return fmt::format("trail-names/{}", account);
}

std::string account_prefix(std::string_view account) {
  return fmt::format("trail/{}/", account);
}

void encrypt_with(std::string_view kms_key, std::string_view trail_arn, boost::json::object& put) {
  if (kms_key.empty()) {
    return;
  }
  put["ServerSideEncryption"] = "aws:kms";
  put["SSEKMSKeyId"] = kms_key;
  put["SSEKMSEncryptionContext"] =
      codec::base64_encode(json::serialize(json::object{{kEncryptionContext, trail_arn}}));
}

boost::json::object to_document(const Trail& trail) {
  json::object tags;
  for (const auto& [key, value] : trail.tags) {
    tags[key] = value ? json::value(*value) : json::value(nullptr);
  }
  return {{"account", trail.account},
          {"name", trail.name},
          {"homeRegion", trail.home_region},
          {"bucket", trail.bucket},
          {"prefix", trail.prefix},
          {"topicName", trail.topic_name},
          {"topicArn", trail.topic_arn},
          {"organization", trail.organization},
          {"includeGlobalServiceEvents", trail.include_global_service_events},
          {"multiRegion", trail.multi_region},
          {"logging", trail.logging},
          {"started", millis_or_null(trail.started)},
          {"stopped", millis_or_null(trail.stopped)},
          {"validation", trail.validation},
          {"kmsKey", trail.kms_key},
          {"validated", millis_or_null(trail.validated)},
          {"created", trail.created.time_since_epoch().count()},
          {"selectors", trail.selectors ? json::value(to_json(*trail.selectors)) : json::value(nullptr)},
          {"insightSelectors", to_json(trail.insights)},
          {"tags", std::move(tags)}};
}

Result<Trail> from_document(const boost::json::object& document) {
  Trail trail;
  trail.account = text_in(document, "account");
  trail.name = text_in(document, "name");
  trail.home_region = text_in(document, "homeRegion");
  trail.bucket = text_in(document, "bucket");
  trail.prefix = text_in(document, "prefix");
  trail.topic_name = text_in(document, "topicName");
  trail.topic_arn = text_in(document, "topicArn");
  trail.organization = text_in(document, "organization");
  trail.include_global_service_events = bool_in(document, "includeGlobalServiceEvents");
  trail.multi_region = bool_in(document, "multiRegion");
  trail.logging = bool_in(document, "logging");
  trail.started = time_in(document, "started");
  trail.stopped = time_in(document, "stopped");
  trail.validation = bool_in(document, "validation");
  trail.kms_key = text_in(document, "kmsKey");
  trail.validated = time_in(document, "validated");
  trail.created = time_in(document, "created").value_or(Time{});
  if (const auto* selectors = json::find_object(document, "selectors")) {
    trail.selectors = selectors_from(*selectors);
  }
  if (const auto* insights = json::find_array(document, "insightSelectors")) {
    trail.insights = insights_from(*insights);
  }
  if (const auto* tags = document.if_contains("tags"); tags != nullptr && tags->is_object()) {
    for (const auto& [key, value] : tags->get_object()) {
      trail.tags[std::string(key)] =
          value.is_string() ? std::optional(std::string(value.get_string())) : std::nullopt;
    }
  }
  if (trail.account.empty() || trail.name.empty() || trail.home_region.empty() || trail.bucket.empty()) {
    return Error{Errc::corrupt, "a trail's document lacks a member", trail.name};
  }
  return trail;
}

std::string control_of(const Trail& trail) {
  return control(trail.arn(), to_document(trail));
}
std::string deletion_control_of(const Trail& trail) {
  return control(trail.arn(), nullptr);
}

Result<std::optional<Change>> parse_control(std::string_view body) {
  CAIRN_TRY(const auto parsed, json::parse(body));
  if (!parsed.is_object()) {
    return Error{Errc::corrupt, "a control entry is no object"};
  }
  const auto& object = parsed.get_object();
  if (text_in(object, "type") != "trail") {
    return std::optional<Change>{};
  }
  Change change{.arn = text_in(object, "arn"), .trail = std::nullopt};
  if (const auto* document = object.if_contains("trail"); document != nullptr && document->is_object()) {
    CAIRN_TRY(change.trail, from_document(document->get_object()));
  }
  return std::optional<Change>(std::move(change));
}

}  // namespace cairn::trail
