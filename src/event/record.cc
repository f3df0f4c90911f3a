// A record is written in one go. One that came out too long is taken apart into its members, of which some
// go, in the order that docs/reference/choices.md gives. Tested by record_test.cc.
#include "event/record.h"

#include <algorithm>

#include "codec/utf8.h"
#include "json/json.h"

namespace cairn::event {
namespace {

// At most bytes_max bytes, cut between two characters; what was cut ends with "...".
std::string shorten(std::string_view text, std::size_t bytes_max) {
  constexpr std::string_view kEllipsis = "...";
  if (text.size() <= bytes_max) {
    return std::string(text);
  }
  return std::string(codec::utf8_prefix(text, bytes_max - kEllipsis.size())).append(kEllipsis);
}

std::string omitted(std::string_view key, std::size_t size) {
  return json::serialize(
      json::object{{"omitted", true}, {"originalSize", size}, {"reason", std::string(key) + " too large"}});
}

// Appends an object, member by member.
class ObjectText {
 public:
  explicit ObjectText(std::string& out) : out_(out) {}

  // Where the member's value is to be appended.
  std::string& member(std::string_view key) {
    out_.append(any_ ? ",\"" : "{\"").append(key).append("\":");
    any_ = true;
    return out_;
  }
  void put(std::string_view key, std::string_view text) { json::append_string(member(key), text); }
  void put_present(std::string_view key, std::string_view text) {
    if (!text.empty()) {
      put(key, text);
    }
  }
  void end() { out_ += any_ ? "}" : "{}"; }

 private:
  std::string& out_;
  bool any_ = false;
};

void append_identity(std::string& out, const Identity& identity) {
  ObjectText object(out);
  object.put_present("type", identity.type);
  object.put_present("principalId", identity.principal_id);
  object.put_present("arn", identity.arn);
  object.put_present("accountId", identity.account_id);
  object.put_present("accessKeyId", identity.access_key_id);
  object.put_present("userName", identity.user_name);
  if (identity.session_context) {
    json::append(object.member("sessionContext"), *identity.session_context);
  }
  object.put_present("invokedBy", identity.invoked_by);
  object.end();
}

void append_resources(std::string& out, const std::vector<Resource>& resources) {
  char before = '[';
  for (const auto& resource : resources) {
    out += before;
    ObjectText object(out);
    object.put_present("accountId", resource.account_id);
    object.put_present("type", resource.type);
    object.put_present("ARN", resource.arn);
    object.put_present("ARNPrefix", resource.arn_prefix);
    object.end();
    before = ',';
  }
  out += ']';
}

struct Member {
  std::string_view key;
  std::string text;
};
using Members = std::vector<Member>;

// The record's text as it is written, and where its members are.
class RecordText {
 public:
  RecordText() {
    constexpr std::size_t kMembersMax = 28;
    constexpr std::size_t kUsualBytes = 2048;
    places_.reserve(kMembersMax);
    text_.reserve(kUsualBytes);
  }

  std::string& member(std::string_view key) {
    end_last();
    auto& out = object_.member(key);
    places_.push_back({key, out.size(), 0});
    return out;
  }
  void put_text(std::string_view key, std::string_view text) { json::append_string(member(key), text); }
  // Left out when empty.
  void put_present(std::string_view key, std::string_view text) {
    if (!text.empty()) {
      put_text(key, text);
    }
  }
  // Left out when empty; cut at Limits::text_bytes_max.
  void put_limited(std::string_view key, std::string_view text) {
    if (text.size() > Limits::text_bytes_max) {
      put_text(key, shorten(text, Limits::text_bytes_max));
    } else {
      put_present(key, text);
    }
  }
  void put_bool(std::string_view key, bool value) { member(key) += value ? "true" : "false"; }
  template <class Value>
  void put_value(std::string_view key, const Value& value, std::size_t bytes_max) {
    auto& out = member(key);
    const auto begin = out.size();
    json::append(out, value);
    if (const auto size = out.size() - begin; size > bytes_max) {
      out.replace(begin, size, omitted(key, size));
    }
  }

  // Nothing is put afterwards.
  std::string end() {
    end_last();
    object_.end();
    return std::move(text_);
  }
  Members members_of(std::string_view text) const {
    Members members;
    for (const auto& place : places_) {
      members.push_back({place.key, std::string(text.substr(place.begin, place.end - place.begin))});
    }
    return members;
  }

 private:
  struct Place {
    std::string_view key;
    std::size_t begin;  // of the value
    std::size_t end;
  };

  void end_last() {
    if (!places_.empty()) {
      places_.back().end = text_.size();
    }
  }

  std::string text_;
  ObjectText object_{text_};
  std::vector<Place> places_;
};

void put_call(RecordText& out, const Record& record) {
  out.put_text("eventVersion", kEventVersion);
  append_identity(out.member("userIdentity"), record.identity);
  out.put_text("eventTime", rfc3339(record.time));
  out.put_text("eventSource", record.source);
  out.put_text("eventName", record.name);
  out.put_text("awsRegion", record.region);
  out.put_text("sourceIPAddress", record.source_address);
  out.put_limited("userAgent", record.user_agent);
  out.put_limited("errorCode", record.error_code);
  out.put_limited("errorMessage", record.error_message);
  out.put_value("requestParameters", record.request_parameters, Limits::parameters_bytes_max);
  out.put_value("responseElements", record.response_elements, Limits::parameters_bytes_max);
  if (!record.additional.empty()) {
    out.put_value("additionalEventData", record.additional, Limits::additional_bytes_max);
  }
}

void put_event(RecordText& out, const Record& record) {
  out.put_limited("requestID", record.request_id);
  out.put_text("eventID", record.event_id);
  out.put_bool("readOnly", record.read_only);
  if (!record.resources.empty()) {
    append_resources(out.member("resources"), record.resources);
  }
  out.put_text("eventType", record.type);
  out.put_present("apiVersion", record.api_version);
  out.put_bool("managementEvent", record.category == Category::management);
  out.put_text("recipientAccountId", record.recipient_account);
  out.put_present("sharedEventID", record.shared_event_id);
  out.put_text("eventCategory", to_string(record.category));
  if (!record.tls_details.empty()) {
    json::append(out.member("tlsDetails"), record.tls_details);
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
    member->text.clear();
    append_identity(member->text, identity);
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
  RecordText out;
  put_call(out, record);
  put_event(out, record);
  auto text = out.end();
  if (text.size() <= Limits::record_bytes_max) {
    return text;
  }
  auto members = out.members_of(text);
  fit(members, record);
  return join(members);
}

}  // namespace cairn::event
