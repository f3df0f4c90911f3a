// Tested by settings_test.cc.
#include "services/s3/settings.h"

#include <algorithm>

#include "aws/validate.h"
#include "base/check.h"
#include "json/json.h"
#include "services/s3/destinations.h"
#include "services/s3/faults.h"
#include "services/s3/setting_checks.h"

namespace cairn::services::s3 {
namespace {

constexpr Setting kSettings[] = {
    {.name = "cors",
     .noun = "BucketCors",
     .member = "CORSConfiguration",
     .shown = "",
     .check = check_cors,
     .absent = fault::no_such_cors},
    {.name = "encryption",
     .noun = "BucketEncryption",
     .member = "ServerSideEncryptionConfiguration",
     .shown = "ServerSideEncryptionConfiguration",
     .check = check_encryption,
     .absent = nullptr},
    {.name = "lifecycle",
     .noun = "BucketLifecycle",
     .member = "LifecycleConfiguration",
     .shown = "",
     .check = check_lifecycle,
     .absent = fault::no_such_lifecycle},
    {.name = "logging",
     .noun = "BucketLogging",
     .member = "BucketLoggingStatus",
     .shown = "",
     .check = nullptr,
     .absent = nullptr,
     .empty_removes = true},
    {.name = "notification",
     .noun = "BucketNotification",
     .member = "NotificationConfiguration",
     .shown = "",
     .check = check_notification,
     .absent = nullptr,
     .empty_removes = true},
    {.name = "ownership",
     .noun = "BucketOwnershipControls",
     .member = "OwnershipControls",
     .shown = "OwnershipControls",
     .check = check_ownership,
     .absent = fault::no_ownership_controls},
    {.name = "public-access",
     .noun = "PublicAccessBlock",
     .member = "PublicAccessBlockConfiguration",
     .shown = "PublicAccessBlockConfiguration",
     .check = check_public_access_block,
     .absent = fault::no_such_public_access_block},
    {.name = "tags",
     .noun = "BucketTagging",
     .member = "Tagging",
     .shown = "",
     .check = check_tagging,
     .absent = fault::no_such_tag_set,
     .put_status = 204,
     .empty_removes = true},
};

constexpr std::string_view kVerbs[] = {"Put", "Get", "Delete"};
constexpr std::string_view kTransitionSize = "TransitionDefaultMinimumObjectSize";
constexpr std::string_view kTransitionSizes[] = {"all_storage_classes_128K", "varies_by_storage_class"};

// "PutBucketLifecycleConfiguration" is of the setting "BucketLifecycle".
const Setting& setting_of(const Call& call) {
  std::string_view name = call.operation.name;
  for (const auto verb : kVerbs) {
    if (name.starts_with(verb)) {
      name.remove_prefix(verb.size());
      break;
    }
  }
  const auto it = std::ranges::find_if(
      settings(), [&](const Setting& setting) { return name.starts_with(setting.noun); });
  CAIRN_CHECK(it != settings().end());
  return *it;
}

// Nothing but empty lists.
bool has_no_content(const json::object& configuration) {
  return std::ranges::all_of(configuration, [](const auto& member) {
    const auto* list = member.value().if_array();
    return list != nullptr && list->empty();
  });
}

// A header's affair and not the body's, but it belongs to the rules.
Checked take_transition_size(const Call& call, json::object& configuration) {
  if (call.operation.input.shape->member(kTransitionSize) == nullptr) {
    return {};
  }
  const auto given = text_member(call, kTransitionSize);
  const auto size = given.empty() ? kTransitionSizes[0] : given;
  if (std::ranges::find(kTransitionSizes, size) == std::end(kTransitionSizes)) {
    return fault::invalid_request("Invalid " + std::string(kTransitionSize) + " found: " + std::string(size));
  }
  configuration[kTransitionSize] = size;
  return {};
}

// The configuration of the call's input, checked.
Result<json::object, aws::Fault> wanted_configuration(const Setting& setting, const Call& call) {
  const auto* given = json::find_object(call.input, setting.member);
  if (given == nullptr) {
    return fault::malformed_xml();
  }
  auto configuration = *given;
  const bool removes = setting.empty_removes && has_no_content(configuration);
  if (setting.check != nullptr && !removes) {
    CAIRN_TRY_VOID(setting.check(configuration));
  }
  auto input = call.input;
  input[setting.member] = configuration;
  CAIRN_TRY_VOID(take_transition_size(call, configuration));
  if (!aws::validate(aws::Family::s3, call.operation, input)) {
    return fault::malformed_xml();
  }
  return configuration;
}

json::object encryption_by_default() {
  return {{"Rules", json::array{json::object{
                        {"ApplyServerSideEncryptionByDefault", json::object{{"SSEAlgorithm", "AES256"}}},
                        {"BucketKeyEnabled", false}}}}};
}

}  // namespace

std::span<const Setting> settings() {
  return kSettings;
}

const Setting& setting_named(std::string_view name) {
  const auto it = std::ranges::find(settings(), name, &Setting::name);
  CAIRN_CHECK(it != settings().end());
  return *it;
}

std::string setting_prefix(std::string_view name) {
  return std::string(kSettingPrefix) + std::string(name) + "/";
}

std::string setting_key(std::string_view name, const Bucket& bucket) {
  return setting_prefix(name) + bucket.id;
}

std::string to_document(const SettingDocument& setting) {
  return json::serialize(json::object{{"bucket", setting.bucket}, {"configuration", setting.configuration}});
}

Result<SettingDocument> setting_from(std::string_view document) {
  CAIRN_TRY(const auto parsed, json::parse_object(document));
  const auto bucket = json::find_string(parsed, "bucket");
  const auto* configuration = json::find_object(parsed, "configuration");
  if (!bucket || configuration == nullptr) {
    return Error{Errc::corrupt, "a bucket's setting lacks a member", std::string(bucket.value_or(""))};
  }
  return SettingDocument{std::string(*bucket), *configuration};
}

Task<Result<std::optional<json::object>, aws::Fault>> find_setting(const Dependencies& on, std::string name,
                                                                   Bucket bucket) {
  const auto document = co_await on.catalog.get(setting_key(name, bucket));
  if (!document) {
    co_return internal(document.error());
  }
  if (!*document) {
    co_return std::optional<json::object>();
  }
  auto setting = setting_from((*document)->value);
  if (!setting) {
    co_return internal(setting.error());
  }
  co_return std::optional<json::object>(std::move(setting->configuration));
}

void write_setting(std::string_view name, const Bucket& bucket, const json::object* configuration,
                   Outcome& outcome) {
  std::optional<std::string> value;
  if (configuration != nullptr) {
    value = to_document(SettingDocument{bucket.name, *configuration});
  }
  outcome.effects.writes.push_back({setting_key(name, bucket), std::move(value), std::nullopt});
}

void remove_settings(const Bucket& bucket, Outcome& outcome) {
  for (const auto& setting : settings()) {
    write_setting(setting.name, bucket, nullptr, outcome);
  }
}

Task<Answer> put_setting(const Dependencies& on, Call& call) {
  const auto& setting = setting_of(call);
  CAIRN_CO_TRY(const auto bucket, co_await bucket_of(on, call));
  CAIRN_CO_TRY(const auto configuration, wanted_configuration(setting, call));
  const bool removes = setting.empty_removes && has_no_content(configuration);
  Outcome outcome;
  if (setting.put_status != call.operation.status) {
    outcome.status = setting.put_status;
  }
  if (const auto size = json::find_string(configuration, kTransitionSize)) {
    outcome.output[kTransitionSize] = *size;
  }
  write_setting(setting.name, bucket.value, removes ? nullptr : &configuration, outcome);
  change_bucket(bucket, outcome);
  co_return outcome;
}

Task<Answer> get_setting(const Dependencies& on, Call& call) {
  const auto& setting = setting_of(call);
  CAIRN_CO_TRY(const auto bucket, co_await bucket_of(on, call));
  CAIRN_CO_TRY(auto found, co_await find_setting(on, std::string(setting.name), bucket.value));
  if (!found && setting.absent != nullptr) {
    co_return setting.absent(bucket.value.name);
  }
  if (!found && setting.name == "encryption") {
    found = encryption_by_default();
  }
  Outcome outcome;
  if (!setting.shown.empty()) {
    outcome.output[setting.shown] = *std::move(found);
  } else if (found) {
    outcome.output = *std::move(found);
  }
  co_return outcome;
}

Task<Answer> delete_setting(const Dependencies& on, Call& call) {
  const auto& setting = setting_of(call);
  CAIRN_CO_TRY(const auto bucket, co_await bucket_of(on, call));
  Outcome outcome;
  write_setting(setting.name, bucket.value, nullptr, outcome);
  change_bucket(bucket, outcome);
  co_return outcome;
}

Task<Answer> put_bucket_notification(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(auto outcome, co_await put_setting(on, call));
  const bool skips = json::find_bool(call.input, "SkipDestinationValidation").value_or(false);
  if (on.telling != nullptr && !skips) {
    CAIRN_CO_TRY(const auto bucket, co_await bucket_of(on, call));
    const auto* wanted = json::find_object(call.input, "NotificationConfiguration");
    const auto configuration = wanted != nullptr ? *wanted : json::object();
    CAIRN_CO_TRY_VOID(co_await check_destinations(on, call, bucket.value, configuration));
  }
  co_return outcome;
}

Task<Answer> put_bucket_logging(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto bucket, co_await bucket_of(on, call));
  const auto* status = json::find_object(call.input, "BucketLoggingStatus");
  const auto* enabled = status != nullptr ? json::find_object(*status, "LoggingEnabled") : nullptr;
  if (enabled != nullptr) {
    const std::string name(json::find_string(*enabled, "TargetBucket").value_or(""));
    const auto target = co_await find_bucket(on, name);
    if (!target && target.error().code != "NoSuchBucket") {
      co_return target.error();
    }
    if (!target || target->value.account != bucket.value.account) {
      co_return fault::invalid_target_bucket(name);
    }
    if (target->value.region != bucket.value.region) {
      co_return fault::cross_location_logging(target->value.region);
    }
  }
  co_return co_await put_setting(on, call);
}

json::object all_public_access_blocked() {
  return {{"BlockPublicAcls", true},
          {"IgnorePublicAcls", true},
          {"BlockPublicPolicy", true},
          {"RestrictPublicBuckets", true}};
}

json::object ownership_of(std::string_view ownership) {
  return {{"Rules", json::array{json::object{{"ObjectOwnership", ownership}}}}};
}

Task<Result<bool, aws::Fault>> acls_are_off(const Dependencies& on, Bucket bucket) {
  CAIRN_CO_TRY(const auto controls, co_await find_setting(on, "ownership", std::move(bucket)));
  if (!controls) {
    co_return false;
  }
  const auto* rules = json::find_array(*controls, "Rules");
  co_return rules != nullptr && !rules->empty() && rules->front().is_object() &&
      json::find_string(rules->front().get_object(), "ObjectOwnership") == "BucketOwnerEnforced";
}

}  // namespace cairn::services::s3
