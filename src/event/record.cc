// A record is written as a list of members, key and JSON text, so that a record that is too long can lose
// whole members in the order that docs/reference/choices.md gives. Tested by record_test.cc.
#include "event/record.h"

#include <algorithm>

#include "codec/utf8.h"
#include "json/json.h"

namespace cairn::event {
namespace {

struct Member {
  std::string_view key;
  std::string text;
};
using Members = std::vector<Member>;

// At most bytes_max bytes, cut between two characters; what was cut ends with "...".
std::string shorten(std::string_view text, std::size_t bytes_max) {
  constexpr std::string_view kEllipsis = "...";
  if (text.size() <= bytes_max) {
    return std::string(text);
  }
  return std::string(codec::utf8_prefix(text, bytes_max - kEllipsis.size())).append(kEllipsis);
}

void add_text(json::object& object, std::string_view key, std::string_view text) {
  if (!text.empty()) {
    object.emplace(key, json::string(text));
  }
}

void put_text(Members& members, std::string_view key, std::string_view text) {
  members.push_back({key, json::quote(text)});
}

// Left out when empty; cut at Limits::text_bytes_max.
void put_limited(Members& members, std::string_view key, std::string_view text) {
  if (!text.empty()) {
    put_text(members, key, shorten(text, Limits::text_bytes_max));
  }
}

void put_present(Members& members, std::string_view key, std::string_view text) {
  if (!text.empty()) {
    put_text(members, key, text);
  }
}

void put_bool(Members& members, std::string_view key, bool value) {
  members.push_back({key, value ? "true" : "false"});
}

std::string omitted(std::string_view key, std::size_t size) {
  return json::serialize(
      json::object{{"omitted", true}, {"originalSize", size}, {"reason", std::string(key) + " too large"}});
}

void put_value(Members& members, std::string_view key, const json::value& value, std::size_t bytes_max) {
  auto text = json::serialize(value);
  if (text.size() > bytes_max) {
    text = omitted(key, text.size());
  }
  members.push_back({key, std::move(text)});
}

json::object identity_json(const Identity& identity) {
  json::object object;
  add_text(object, "type", identity.type);
  add_text(object, "principalId", identity.principal_id);
  add_text(object, "arn", identity.arn);
  add_text(object, "accountId", identity.account_id);
  add_text(object, "accessKeyId", identity.access_key_id);
  add_text(object, "userName", identity.user_name);
  if (identity.session_context) {
    object.emplace("sessionContext", *identity.session_context);
  }
  add_text(object, "invokedBy", identity.invoked_by);
  return object;
}

json::array resources_json(const std::vector<Resource>& resources) {
  json::array array;
  array.reserve(resources.size());
  for (const auto& resource : resources) {
    json::object object;
    add_text(object, "accountId", resource.account_id);
    add_text(object, "type", resource.type);
    add_text(object, "ARN", resource.arn);
    add_text(object, "ARNPrefix", resource.arn_prefix);
    array.push_back(std::move(object));
  }
  return array;
}

void put_call(Members& members, const Record& record) {
  put_text(members, "eventVersion", kEventVersion);
  members.push_back({"userIdentity", json::serialize(identity_json(record.identity))});
  put_text(members, "eventTime", rfc3339(record.time));
  put_text(members, "eventSource", record.source);
  put_text(members, "eventName", record.name);
  put_text(members, "awsRegion", record.region);
  put_text(members, "sourceIPAddress", record.source_address);
  put_limited(members, "userAgent", record.user_agent);
  put_limited(members, "errorCode", record.error_code);
  put_limited(members, "errorMessage", record.error_message);
  put_value(members, "requestParameters", record.request_parameters, Limits::parameters_bytes_max);
  put_value(members, "responseElements", record.response_elements, Limits::parameters_bytes_max);
  if (!record.additional.empty()) {
    put_value(members, "additionalEventData", record.additional, Limits::additional_bytes_max);
  }
}

void put_event(Members& members, const Record& record) {
  put_limited(members, "requestID", record.request_id);
  put_text(members, "eventID", record.event_id);
  put_bool(members, "readOnly", record.read_only);
  if (!record.resources.empty()) {
    members.push_back({"resources", json::serialize(resources_json(record.resources))});
  }
  put_text(members, "eventType", record.type);
  put_present(members, "apiVersion", record.api_version);
  put_bool(members, "managementEvent", record.category == Category::management);
  put_text(members, "recipientAccountId", record.recipient_account);
  put_present(members, "sharedEventID", record.shared_event_id);
  put_text(members, "eventCategory", to_string(record.category));
  if (!record.tls_details.empty()) {
    members.push_back({"tlsDetails", json::serialize(record.tls_details)});
  }
}

std::size_t size_of(const Members& members) {
  std::size_t size = 1;
  for (const auto& member : members) {
    size += member.key.size() + member.text.size() + 4;  // "":,
  }
  return size;
}

// A member that every record has is replaced, one that is optional is taken away.
void shrink(Members& members, std::string_view key, const Record& record) {
  const auto member = std::ranges::find(members, key, &Member::key);
  if (member == members.end() || member->text == "null") {
    return;
  }
  if (key == "userIdentity") {
    auto identity = record.identity;
    identity.session_context.reset();
    member->text = json::serialize(identity_json(identity));
  } else if (key == "requestParameters" || key == "responseElements") {
    member->text = omitted(key, member->text.size());
  } else {
    members.erase(member);
  }
}

void fit(Members& members, const Record& record) {
  constexpr std::string_view kOrder[] = {
      "requestID",         "additionalEventData", "userAgent", "errorCode",  "responseElements",
      "requestParameters", "errorMessage",        "resources", "tlsDetails", "userIdentity"};
  for (const auto key : kOrder) {
    if (size_of(members) <= Limits::record_bytes_max) {
      return;
    }
    shrink(members, key, record);
  }
}

std::string join(const Members& members) {
  std::string text;
  text.reserve(size_of(members));
  for (const auto& [key, value] : members) {
    text.append(text.empty() ? "{\"" : ",\"").append(key).append("\":").append(value);
  }
  return text.append("}");
}

}  // namespace

std::string_view to_string(Category category) {
  switch (category) {
    case Category::management:
      return "Management";
    case Category::data:
      return "Data";
    case Category::insight:
      return "Insight";
    case Category::network_activity:
      return "NetworkActivity";
  }
  return "Management";
}

std::string to_json(const Record& record) {
  constexpr std::size_t kMembersMax = 28;
  Members members;
  members.reserve(kMembersMax);
  put_call(members, record);
  put_event(members, record);
  fit(members, record);
  return join(members);
}

}  // namespace cairn::event
