// Messages come in. Tested by publish_test.cc.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "codec/utf8.h"
#include "crypto/random.h"
#include "json/json.h"
#include "services/sns/operations.h"
#include "topics/filter.h"

namespace cairn::services::sns {
namespace {

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
         c == '.';
}

Found<void> check_name(std::string_view name) {
  if (name.empty() || name.size() > Limits::attribute_name_bytes_max) {
    return fault::invalid_attribute("Length of message attribute name must be less than 256 bytes.");
  }
  if (const auto bad = std::ranges::find_if_not(name, is_name_character); bad != name.end()) {
    return fault::invalid_attribute(
        fmt::format("Invalid non-alphanumeric character '#x{:X}' was found in the message attribute name. "
                    "Can only include "
                    "alphanumeric characters, hyphens, underscores, or dots.",
                    static_cast<unsigned char>(*bad)));
  }
  if (name.starts_with('.')) {
    return fault::invalid_attribute("Invalid message attribute name starting with character '.' was found.");
  }
  if (name.ends_with('.')) {
    return fault::invalid_attribute("Invalid message attribute name ending with character '.' was found.");
  }
  if (name.find("..") != std::string_view::npos) {
    return fault::invalid_attribute("Message attribute name can not have successive '.' character.");
  }
  return {};
}

Found<topics::Attribute> attribute_in(std::string_view name, const json::object& given) {
  topics::Attribute attribute{.type = text(given, "DataType")};
  const auto type = std::string_view(attribute.type).substr(0, attribute.type.find('.'));
  if (type != "String" && type != "Number" && type != "Binary") {
    return fault::invalid_attribute(
        fmt::format("The message attribute '{}' has an invalid message attribute type, the set of supported "
                    "type prefixes is "
                    "Binary, Number, and String.",
                    name));
  }
  const auto* const field = attribute.is_binary() ? "BinaryValue" : "StringValue";
  const auto* const other = attribute.is_binary() ? "StringValue" : "BinaryValue";
  attribute.value = text(given, field);
  if (attribute.value.empty() && !text(given, other).empty()) {
    return fault::invalid_attribute(
        fmt::format("The message attribute '{}' with type '{}' must use field '{}'.", name, attribute.type,
                    attribute.is_binary() ? "Binary" : "String"));
  }
  if (attribute.value.empty()) {
    return fault::invalid_attribute(fmt::format(
        "The message attribute '{}' must contain non-empty message attribute value for message attribute "
        "type '{}'.",
        name, attribute.type));
  }
  return attribute;
}

Found<topics::Attributes> attributes_in(const json::object& input) {
  topics::Attributes attributes;
  const auto* given = json::find_object(input, "MessageAttributes");
  for (const auto& [name, value] : given != nullptr ? *given : json::object()) {
    CAIRN_TRY_VOID(check_name(name));
    CAIRN_TRY(attributes[std::string(name)], attribute_in(name, value.get_object()));
  }
  return attributes;
}

Found<void> check_structure(const topics::Message& message) {
  const auto texts = json::parse_object(message.text);
  if (!texts) {
    return fault::invalid("Message Structure - JSON message body failed to parse");
  }
  return json::find_string(*texts, "default")
             ? Found<void>()
             : fault::invalid("Message Structure - No default entry in JSON message body");
}

Found<void> check_subject(const json::object& input, topics::Message& message) {
  const auto subject = json::find_string(input, "Subject");
  if (!subject) {
    return {};
  }
  const bool printable = std::ranges::none_of(*subject, [](char c) { return c >= '\0' && c < ' '; });
  if (subject->empty() || codec::utf8_length(*subject) > Limits::subject_chars_max || !printable) {
    return fault::invalid("Subject");
  }
  message.subject = std::string(*subject);
  return {};
}

Found<void> refuse_fifo(const json::object& input) {
  for (const auto* const member : {"MessageDeduplicationId", "MessageGroupId"}) {
    if (!text(input, member).empty()) {
      return fault::invalid(fmt::format(
          "{0} Reason: The request includes {0} parameter that is not valid for this topic type", member));
    }
  }
  return {};
}

Found<topics::Message> message_in(const Dependencies& on, const Call& call, const topics::Topic& topic,
                                  const json::object& input) {
  topics::Message message{
      .id = crypto::uuid4(),
      .topic = topic.name,
      .text = text(input, "Message"),
      .time = call.time,
      .since = on.deliverer.now(),
      .signature_version = topic.signature_version.empty() ? "1" : topic.signature_version};
  CAIRN_TRY_VOID(refuse_fifo(input));
  CAIRN_TRY_VOID(check_subject(input, message));
  if (message.text.empty()) {
    return fault::invalid("Empty message");
  }
  const auto structure = text(input, "MessageStructure");
  if (!structure.empty() && structure != "json") {
    return fault::invalid("MessageStructure");
  }
  message.structured = structure == "json";
  CAIRN_TRY(message.attributes, attributes_in(input));
  if (message.structured) {
    CAIRN_TRY_VOID(check_structure(message));
  }
  return message;
}

std::size_t size_of(const topics::Message& message) {
  std::size_t bytes = message.text.size();
  for (const auto& [name, attribute] : message.attributes) {
    bytes += name.size() + attribute.type.size() + attribute.value.size();
  }
  return bytes;
}

void address(const Dependencies& on, topics::Message& message,
             const std::vector<StoredSubscription>& subscriptions) {
  for (const auto* one : on.filters->takers(subscriptions, message)) {
    message.deliveries.push_back(
        {.subscription = one->id, .attempts = 0, .due = message.since, .dead = false});
  }
}

// Where nobody wants it, nothing has to be kept of it. False: too much waits already.
bool send(const Dependencies& on, const Asked& asked, const topics::Message& message, Outcome& outcome) {
  if (message.deliveries.empty()) {
    return true;
  }
  auto document = topics::encode(message, on.sealer);
  if (!asked.announcement->add(message, document)) {
    return false;
  }
  outcome.effects.writes.push_back({.key = message.key(), .value = std::move(document), .expected = 0});
  return true;
}

Found<void> check_entry_id(std::string_view id, std::set<std::string, std::less<>>& seen) {
  constexpr std::size_t kIdCharsMax = 80;
  if (id.size() > kIdCharsMax) {
    return fault::invalid_entry(
        fmt::format("The Id of a batch entry in the batch request is too long: {}", id));
  }
  const bool permissible = std::ranges::all_of(id, [](char c) { return c != '.' && is_name_character(c); });
  if (id.empty() || !permissible) {
    return fault::invalid_entry(fmt::format(
        "The Id of a batch entry in the batch request contains an impermissible character: {}", id));
  }
  return seen.insert(std::string(id)).second ? Found<void>() : fault::entries_not_distinct();
}

Found<void> check_entries(const json::array& entries) {
  if (entries.empty()) {
    return fault::empty_batch();
  }
  if (entries.size() > topics::MessageLimits::batch_max) {
    return fault::too_many_entries();
  }
  std::set<std::string, std::less<>> seen;
  for (const auto& entry : entries) {
    CAIRN_TRY_VOID(check_entry_id(text(entry.get_object(), "Id"), seen));
  }
  return {};
}

}  // namespace

Task<Answer> publish(const Dependencies& on, Call& call, Asked asked) {
  CAIRN_CO_TRY(auto message, message_in(on, call, asked.topic->value, call.input));
  if (size_of(message) > topics::MessageLimits::bytes_max) {
    co_return fault::invalid("Message too long");
  }
  const auto subscriptions = co_await topics::subscriptions_of(on.catalog, asked.name);
  if (!subscriptions) {
    co_return fault::failure(subscriptions.error());
  }
  address(on, message, *subscriptions);
  Outcome outcome;
  if (!send(on, asked, message, outcome)) {
    co_return fault::throttled();
  }
  outcome.output["MessageId"] = message.id;
  co_return outcome;
}

Task<Answer> publish_batch(const Dependencies& on, Call& call, Asked asked) {
  const auto* entries = json::find_array(call.input, "PublishBatchRequestEntries");
  CAIRN_CO_TRY_VOID(check_entries(entries != nullptr ? *entries : json::array()));
  const auto subscriptions = co_await topics::subscriptions_of(on.catalog, asked.name);
  if (!subscriptions) {
    co_return fault::failure(subscriptions.error());
  }
  Outcome outcome;
  json::array successful;
  json::array failed;
  std::size_t bytes = 0;
  bool fits = true;
  for (const auto& one : *entries) {
    const auto& entry = one.get_object();
    auto message = message_in(on, call, asked.topic->value, entry);
    if (!message) {
      failed.push_back(json::object{{"Id", text(entry, "Id")},
                                    {"Code", message.error().code},
                                    {"Message", message.error().message},
                                    {"SenderFault", true}});
      continue;
    }
    bytes += size_of(*message);
    address(on, *message, *subscriptions);
    fits = fits && send(on, asked, *message, outcome);
    successful.push_back(json::object{{"Id", text(entry, "Id")}, {"MessageId", message->id}});
  }
  if (bytes > topics::MessageLimits::bytes_max) {
    co_return fault::batch_too_long();
  }
  if (!fits) {
    co_return fault::throttled();
  }
  outcome.output["Successful"] = std::move(successful);
  outcome.output["Failed"] = std::move(failed);
  co_return outcome;
}

}  // namespace cairn::services::sns
