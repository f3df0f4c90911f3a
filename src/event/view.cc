#include "event/view.h"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include "aws/regions.h"
#include "event/names.h"
#include "event/resources.h"
#include "json/scan.h"

namespace cairn::event {
namespace {

enum Path : std::size_t {
  kEventTime,
  kEventSource,
  kEventName,
  kAwsRegion,
  kErrorCode,
  kRequest,
  kResponse,
  kEventId,
  kReadOnly,
  kListed,
  kEventType,
  kManagement,
  kRecipient,
  kCategory,
  kIdentityType,
  kPrincipal,
  kIdentityArn,
  kIdentityAccount,
  kAccessKey,
  kUserName,
  kInvokedBy,
  kInsightSource,
  kInsightName,
  kPaths,
};

constexpr std::array<std::string_view, kPaths> kNames = {
    "eventTime",
    "eventSource",
    "eventName",
    "awsRegion",
    "errorCode",
    "requestParameters",
    "responseElements",
    "eventID",
    "readOnly",
    "resources",
    "eventType",
    "managementEvent",
    "recipientAccountId",
    "eventCategory",
    "userIdentity.type",
    "userIdentity.principalId",
    "userIdentity.arn",
    "userIdentity.accountId",
    "userIdentity.accessKeyId",
    "userIdentity.userName",
    "userIdentity.invokedBy",
    "insightDetails.eventSource",
    "insightDetails.eventName",
};

Error invalid(std::string_view name, std::string_view why) {
  return Error{Errc::invalid, std::string(name).append(" ").append(why)};
}

Error not_readable(Error error) {
  error.subject = std::exchange(error.what, "record is not a JSON object that can be read");
  return error;
}

// The fields of one record. A member that is null is taken as absent.
class Fields {
 public:
  using Found = std::span<const std::optional<json::Field>>;
  Fields(std::string_view record, Found found) : record_(record), found_(found) {}

  // What the scanner had to unescape is in its buffer, and soon gone.
  Text kept(std::string_view text) const {
    const bool in_record =
        !std::less<>()(text.data(), record_.data()) && std::less<>()(text.data(), record_.data() + record_.size());
    return in_record ? Text::borrowed(text) : Text(text);
  }

  const json::Field* find(Path path) const {
    const auto& field = found_[path];
    return field && field->kind != json::Kind::null ? &*field : nullptr;
  }
  std::string_view raw(Path path) const {
    const auto* const field = find(path);
    return field == nullptr ? std::string_view() : field->raw;
  }
  // Empty when absent.
  Result<std::string_view> text(Path path) const {
    const auto* const field = find(path);
    if (field == nullptr) {
      return std::string_view();
    }
    if (field->kind != json::Kind::string) {
      return invalid(kNames[path], "is not a string");
    }
    return field->text;
  }
  Result<std::string_view> text(Path path, std::size_t bytes_max) const {
    CAIRN_TRY(const auto found, text(path));
    if (found.size() > bytes_max) {
      return invalid(kNames[path], "is longer than " + std::to_string(bytes_max) + " bytes");
    }
    return found;
  }
  Result<std::string_view> required(Path path, std::size_t bytes_max) const {
    CAIRN_TRY(const auto found, text(path, bytes_max));
    if (found.empty()) {
      return invalid(kNames[path], find(path) == nullptr ? "is missing" : "is empty");
    }
    return found;
  }
  // Nothing when absent. Old records have "true" and "false" as strings.
  Result<std::optional<bool>> boolean(Path path) const {
    const auto* const field = find(path);
    if (field == nullptr) {
      return std::optional<bool>();
    }
    const bool readable = field->kind == json::Kind::boolean || field->kind == json::Kind::string;
    if (readable && (field->text == "true" || field->text == "True")) {
      return std::optional(true);
    }
    if (readable && (field->text == "false" || field->text == "False")) {
      return std::optional(false);
    }
    return invalid(kNames[path], "is neither true nor false");
  }

 private:
  std::string_view record_;
  Found found_;
};

// An Insights event has source and name of the calls that it is about inside of insightDetails.
Result<std::string_view> source_or_name(const Fields& fields, Path path, Path insight_path) {
  CAIRN_TRY(const auto inner, fields.text(insight_path, ViewLimits::name_bytes_max));
  if (fields.find(path) == nullptr && !inner.empty()) {
    return inner;
  }
  return fields.required(path, ViewLimits::name_bytes_max);
}

Result<void> read_event(const Fields& fields, View& view) {
  CAIRN_TRY(const auto id, fields.required(kEventId, ViewLimits::event_id_bytes_max));
  CAIRN_TRY(const auto time, fields.required(kEventTime, ViewLimits::name_bytes_max));
  const auto parsed = parse_rfc3339(time);
  if (!parsed) {
    return invalid("eventTime", "is not a time like 2026-03-02T10:15:00Z");
  }
  CAIRN_TRY(const auto source, source_or_name(fields, kEventSource, kInsightSource));
  CAIRN_TRY(const auto name, source_or_name(fields, kEventName, kInsightName));
  CAIRN_TRY(const auto region, fields.required(kAwsRegion, ViewLimits::region_bytes_max));
  if (!aws::is_region_word(region)) {
    return invalid("awsRegion", "has other characters than letters, digits, - and _");
  }
  CAIRN_TRY(const auto error_code, fields.text(kErrorCode));
  CAIRN_TRY(const auto type, fields.text(kEventType, ViewLimits::name_bytes_max));
  view.event_id = fields.kept(id);
  view.time = *parsed;
  view.source = fields.kept(source);
  view.name = fields.kept(name);
  view.region = fields.kept(region);
  view.error_code = fields.kept(error_code);
  view.type = fields.kept(type);
  return {};
}

std::string_view after(std::string_view text, char mark) {
  const auto at = text.rfind(mark);
  return at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
}

struct Caller {
  std::string_view type;
  std::string_view principal;
  std::string_view arn;
  std::string_view user_name;
};

// Who LookupEvents says it was (docs/reference/choices.md).
std::string_view username(const Caller& caller) {
  if (caller.type == "Root") {
    return "root";
  }
  if (caller.type == "AssumedRole" || caller.type == "FederatedUser") {
    const auto session = after(caller.principal, ':');
    return session.empty() ? after(caller.arn, '/') : session;
  }
  if (caller.type == "AWSService" || caller.type == "AWSAccount") {
    return {};
  }
  if (caller.type == "Role" && caller.user_name.empty()) {
    return after(caller.arn, '/');
  }
  return caller.user_name;
}

Result<void> read_identity(const Fields& fields, View& view) {
  Caller caller;
  CAIRN_TRY(caller.type, fields.text(kIdentityType));
  CAIRN_TRY(caller.principal, fields.text(kPrincipal));
  CAIRN_TRY(caller.arn, fields.text(kIdentityArn));
  CAIRN_TRY(caller.user_name, fields.text(kUserName));
  CAIRN_TRY(const auto access_key, fields.text(kAccessKey));
  CAIRN_TRY(const auto invoked_by, fields.text(kInvokedBy));
  CAIRN_TRY(const auto account, fields.text(kIdentityAccount, ViewLimits::account_bytes_max));
  CAIRN_TRY(const auto recipient, fields.text(kRecipient, ViewLimits::account_bytes_max));
  view.access_key_id = fields.kept(access_key);
  view.invoked_by = fields.kept(invoked_by);
  view.recipient_account = fields.kept(recipient.empty() ? account : recipient);
  view.username = fields.kept(username(caller));
  return {};
}

std::optional<Category> category_of(std::string_view text) {
  for (const auto category :
       {Category::management, Category::data, Category::insight, Category::network_activity}) {
    if (text == to_string(category)) {
      return category;
    }
  }
  return std::nullopt;
}

// From before there were categories: by the type, by managementEvent, or by what the call is known to be.
Category derived_category(const View& view, std::optional<bool> management, const Classification& known) {
  if (view.type == "AwsCloudTrailInsight") {
    return Category::insight;
  }
  if (view.type == "AwsVpceEvent" || view.type == "AwsVpceEvents") {
    return Category::network_activity;
  }
  if (management) {
    return *management ? Category::management : Category::data;
  }
  return known.category;
}

Result<void> read_classification(const Fields& fields, View& view) {
  CAIRN_TRY(const auto text, fields.text(kCategory));
  CAIRN_TRY(const auto read_only, fields.boolean(kReadOnly));
  CAIRN_TRY(const auto management, fields.boolean(kManagement));
  if (!text.empty()) {
    const auto category = category_of(text);
    if (!category) {
      return invalid("eventCategory", "is none of Management, Data, Insight and NetworkActivity");
    }
    view.category = *category;
  }
  if (text.empty() || !read_only) {
    const auto known = classify(source_service(view.source), view.name);
    view.category = text.empty() ? derived_category(view, management, known) : view.category;
    view.read_only = known.read_only;
  }
  view.read_only = read_only.value_or(view.read_only);
  return {};
}

}  // namespace

Result<View> borrowed_view(std::string_view record_json) {
  thread_local json::Scanner scanner(kNames);
  CAIRN_TRY(const auto found, scanner.scan(record_json).transform_error(not_readable));
  if (scanner.repeated()) {
    return invalid("record", "has a member twice");
  }
  const Fields fields(record_json, found);
  View view;
  CAIRN_TRY_VOID(read_event(fields, view));
  CAIRN_TRY_VOID(read_identity(fields, view));
  CAIRN_TRY_VOID(read_classification(fields, view));
  view.resources = named_resources({.service = source_service(view.source),
                                    .operation = view.name,
                                    .request = fields.raw(kRequest),
                                    .response = fields.raw(kResponse),
                                    .listed = fields.raw(kListed)});
  return view;
}

Result<View> view(std::string_view record_json) {
  auto view = borrowed_view(record_json);
  if (view) {
    view->own();
  }
  return view;
}

std::size_t View::bytes() const {
  std::size_t total = sizeof(View) + resources.capacity() * sizeof(NamedResource);
  for (const auto* const text : {&event_id, &source, &name, &region, &recipient_account, &access_key_id,
                                 &username, &invoked_by, &error_code, &type}) {
    total += text->own_bytes();
  }
  for (const auto& resource : resources) {
    total += resource.type.own_bytes() + resource.name.own_bytes();
  }
  return total;
}

void View::own() {
  for (auto* const text : {&event_id, &source, &name, &region, &recipient_account, &access_key_id, &username,
                           &invoked_by, &error_code, &type}) {
    text->own();
  }
  for (auto& resource : resources) {
    resource.type.own();
    resource.name.own();
  }
}

}  // namespace cairn::event
