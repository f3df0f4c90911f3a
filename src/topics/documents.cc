// The documents as JSON. Tested by topics_test.cc; fuzzed by topics_fuzz.cc.
#include <limits>

#include "catalog/document_reader.h"
#include "codec/base64.h"
#include "json/json.h"
#include "topics/message.h"
#include "topics/topic.h"

namespace cairn::topics {
namespace {

constexpr std::int64_t kFormat = 1;
constexpr std::int64_t kMessageFormat = 2;  // 1: not sealed

std::int64_t number(std::uint64_t count) {
  return static_cast<std::int64_t>(count);
}

json::array attributes_of(const Attributes& attributes) {
  json::array rows;
  for (const auto& [name, attribute] : attributes) {
    rows.push_back(json::array{json::value(name), json::value(attribute.type),
                               json::value(codec::base64_encode(attribute.value))});
  }
  return rows;
}

json::array deliveries_of(const Message& message) {
  json::array rows;
  for (const auto& one : message.deliveries) {
    rows.push_back(json::array{json::value(one.subscription), json::value(one.attempts),
                               json::value(catalog::millis(one.due)), json::value(one.dead)});
  }
  return rows;
}

std::uint32_t attempts_of(catalog::DocumentReader& read, std::int64_t count) {
  read.expect(count >= 0 && count <= std::numeric_limits<std::uint32_t>::max());
  return static_cast<std::uint32_t>(count);
}

std::uint32_t attempts_in(catalog::DocumentReader& read, const json::array& row, std::size_t column) {
  return attempts_of(read, read.number_in(row, column));
}

// What was published. Values of attributes in base64, or as they were.
void read_content(catalog::DocumentReader& read, Message& message, bool encoded) {
  if (read.has("subject")) {
    message.subject = read.text("subject");
  }
  message.text = read.bytes("text");
  read.rows("attributes", 3, [&](const json::array& row) {
    auto value = read.text_in(row, 2);
    auto decoded = encoded ? codec::base64_decode(value) : Result<std::string>(std::move(value));
    read.expect(decoded.has_value());
    message.attributes[read.text_in(row, 0)] = {.type = read.text_in(row, 1),
                                                .value = decoded ? *std::move(decoded) : std::string()};
  });
  message.token = read.text("token");
}

}  // namespace

std::string encode(const Topic& topic) {
  json::array tags;
  for (const auto& [name, value] : topic.tags) {
    tags.push_back(json::array{json::value(name), json::value(value)});
  }
  return json::serialize(json::object{{"v", kFormat},
                                      {"arn", topic.name.arn()},
                                      {"created", catalog::millis(topic.created)},
                                      {"displayName", topic.display_name},
                                      {"policy", topic.policy},
                                      {"signatureVersion", topic.signature_version},
                                      {"tags", std::move(tags)},
                                      {"confirmed", number(topic.confirmed)},
                                      {"pending", number(topic.pending)},
                                      {"deleted", number(topic.deleted)}});
}

Result<Topic> decode_topic(const catalog::Document& document) {
  catalog::DocumentReader read(document, kFormat);
  Topic topic;
  const auto name = topic_of(read.text("arn"));
  read.expect(name.has_value());
  topic.name = name.value_or(TopicName());
  topic.created = read.time("created");
  topic.display_name = read.text("displayName");
  topic.policy = read.text("policy");
  topic.signature_version = read.text("signatureVersion");
  read.rows("tags", 2, [&](const json::array& row) {
    topic.tags.emplace_back(read.text_in(row, 0), read.text_in(row, 1));
  });
  topic.confirmed = read.count("confirmed");
  topic.pending = read.count("pending");
  topic.deleted = read.count("deleted");
  return read.finish(std::move(topic));
}

std::string encode(const Subscription& subscription) {
  json::object document{{"v", kFormat},
                        {"topic", subscription.topic.arn()},
                        {"id", subscription.id},
                        {"owner", subscription.owner},
                        {"protocol", subscription.protocol},
                        {"endpoint", subscription.endpoint},
                        {"principal", subscription.principal},
                        {"created", catalog::millis(subscription.created)},
                        {"pending", subscription.pending},
                        {"tokenHash", subscription.token_hash},
                        {"token", codec::base64_encode(subscription.token)},
                        {"asking", subscription.asking},
                        {"asked", catalog::millis(subscription.asked)},
                        {"authenticated", subscription.authenticated},
                        {"raw", subscription.raw},
                        {"filter", subscription.filter},
                        {"filtersBody", subscription.scope == FilterScope::body},
                        {"redrive", subscription.redrive}};
  if (!subscription.password.empty()) {
    document["password"] = codec::base64_encode(subscription.password);
  }
  return json::serialize(document);
}

Result<Subscription> decode_subscription(const catalog::Document& document) {
  catalog::DocumentReader read(document, kFormat);
  Subscription subscription;
  const auto topic = topic_of(read.text("topic"));
  read.expect(topic.has_value());
  subscription.topic = topic.value_or(TopicName());
  subscription.id = read.text("id");
  subscription.owner = read.text("owner");
  subscription.protocol = read.text("protocol");
  subscription.endpoint = read.text("endpoint");
  subscription.principal = read.text("principal");
  subscription.created = read.time("created");
  subscription.pending = read.truth("pending");
  subscription.token_hash = read.text("tokenHash");
  subscription.token = read.has("token") ? read.bytes("token") : std::string();
  subscription.asking = read.text_or_none("asking");
  subscription.asked = read.time_or("asked", Time());
  subscription.authenticated = read.truth("authenticated");
  subscription.raw = read.truth("raw");
  subscription.filter = read.text("filter");
  subscription.scope = read.truth("filtersBody") ? FilterScope::body : FilterScope::attributes;
  subscription.redrive = read.text("redrive");
  subscription.password = read.has("password") ? read.bytes("password") : std::string();
  return read.finish(std::move(subscription));
}

// Values in base64: whatever their bytes, a message fits into its document.
std::string encode(const Message& message, const crypto::Sealer& sealer) {
  const auto content = json::serialize(
      json::object{{"v", kFormat},
                   {"subject", message.subject ? json::value(*message.subject) : json::value(nullptr)},
                   {"text", codec::base64_encode(message.text)},
                   {"attributes", attributes_of(message.attributes)},
                   {"token", message.token}});
  const auto key = message.key();
  return json::serialize(
      json::object{{"v", kMessageFormat},
                   {"id", message.id},
                   {"confirms", message.confirms},
                   {"topic", message.topic.arn()},
                   {"structured", message.structured},
                   {"sealed", codec::base64_encode(sealer.seal(ByteView(content), ByteView(key)))},
                   {"time", catalog::millis(message.time)},
                   {"since", catalog::millis(message.since)},
                   {"signatureVersion", message.signature_version},
                   {"deliveries", deliveries_of(message)}});
}

Result<Message> decode_message(const catalog::Document& document, const crypto::Sealer& sealer) {
  catalog::DocumentReader read(document, kMessageFormat);
  Message message;
  message.id = read.text("id");
  message.confirms = read.truth("confirms");
  const auto topic = topic_of(read.text("topic"));
  read.expect(topic.has_value());
  message.topic = topic.value_or(TopicName());
  message.structured = read.truth("structured");
  message.time = read.time("time");
  message.since = read.time_or("since", message.time);
  message.signature_version = read.text("signatureVersion");
  read.rows("deliveries", 4, [&](const json::array& row) {
    message.deliveries.push_back({.subscription = read.text_in(row, 0),
                                  .attempts = attempts_in(read, row, 1),
                                  .due = read.time_in(row, 2),
                                  .dead = read.truth_in(row, 3)});
  });
  if (read.format() == kFormat) {
    read_content(read, message, false);
    return read.finish(std::move(message));
  }
  const auto sealed = read.bytes("sealed");
  CAIRN_TRY(message, read.finish(std::move(message)));
  const auto key = message.key();
  CAIRN_TRY(const auto opened, sealer.open(ByteView(sealed), ByteView(key)));
  catalog::DocumentReader content(document.key, ByteView(opened.bytes()).text(), kFormat);
  read_content(content, message, true);
  return content.finish(std::move(message));
}

std::string encode(const Progress& progress) {
  return json::serialize(json::object{{"v", kFormat},
                                      {"attempts", progress.delivery.attempts},
                                      {"due", catalog::millis(progress.delivery.due)},
                                      {"dead", progress.delivery.dead},
                                      {"over", progress.over}});
}

Result<Progress> decode_progress(const catalog::Document& document) {
  catalog::DocumentReader read(document, kFormat);
  Progress progress;
  progress.delivery.subscription = document.key.substr(document.key.rfind('/') + 1);
  progress.delivery.attempts = attempts_of(read, read.number("attempts"));
  progress.delivery.due = read.time("due");
  progress.delivery.dead = read.truth("dead");
  progress.over = read.truth("over");
  return read.finish(std::move(progress));
}

}  // namespace cairn::topics
