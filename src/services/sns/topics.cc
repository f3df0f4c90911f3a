// Topics: made, shown, changed, gone. Tested by sns_test.cc.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "codec/utf8.h"
#include "json/json.h"
#include "services/sns/operations.h"

namespace cairn::services::sns {
namespace {

// As AWS shows it of a topic for which nobody set another.
constexpr std::string_view kEffectiveDelivery =
    R"({"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":20,"maxDelayTarget":20,"numRetries":3,"numMaxDelayRetries":0,"numNoDelayRetries":0,"numMinDelayRetries":0,"backoffFunction":"linear"},"disableSubscriptionOverrides":false,"defaultRequestPolicy":{"headerContentType":"text/plain; charset=UTF-8"}}})";

// Of features that are not there: they are named in the refusal, unless they ask for nothing.
constexpr std::array<std::string_view, 7> kAbsent = {
    "DeliveryPolicy",      "KmsMasterKeyId", "FifoTopic",    "ContentBasedDeduplication",
    "FifoThroughputScope", "ArchivePolicy",  "TracingConfig"};
bool asks_for_nothing(std::string_view name, std::string_view value) {
  return value.empty() || value == "false" || (name.ends_with("SampleRate") && value == "0");
}

bool is_absent(std::string_view name) {
  return std::ranges::find(kAbsent, name) != kAbsent.end() ||
         name.find("Feedback") != std::string_view::npos;  // of deliveries, into log groups
}

// What a topic was asked to be, beside its name.
Found<void> set_all(const Call& call, topics::Topic& topic) {
  const auto* attributes = json::find_object(call.input, "Attributes");
  for (const auto& [name, value] : attributes != nullptr ? *attributes : json::object()) {
    auto set = set_attribute(topic, name, json::text_of(value.get_string()));
    if (!set) {
      auto fault = std::move(set).error();
      constexpr std::string_view kPrefix = "Invalid parameter: ";
      if (fault.message.starts_with(kPrefix)) {
        fault.message.insert(kPrefix.size(), "Attributes Reason: ");
      }
      return fault;
    }
  }
  return {};
}

// The same again, or a part of it, is what is there already.
Found<void> check_same(const Call& call, const topics::Topic& there, const topics::Topic& wanted) {
  const auto* attributes = json::find_object(call.input, "Attributes");
  const bool same =
      attributes == nullptr ||
      ((!attributes->contains("DisplayName") || there.display_name == wanted.display_name) &&
       (!attributes->contains("Policy") || there.policy == wanted.policy) &&
       (!attributes->contains("SignatureVersion") || there.signature_version == wanted.signature_version));
  if (!same) {
    return fault::invalid("Attributes Reason: Topic already exists with different attributes");
  }
  auto tags = wanted.tags;
  auto kept = there.tags;
  std::ranges::sort(tags);
  std::ranges::sort(kept);
  return tags.empty() || tags == kept
             ? Found<void>()
             : fault::invalid("Tags Reason: Topic already exists with different tags");
}

json::object shown(const topics::Topic& topic) {
  json::object attributes{{"Policy", topic.policy},
                          {"Owner", topic.name.account},
                          {"SubscriptionsPending", std::to_string(topic.pending)},
                          {"TopicArn", topic.name.arn()},
                          {"EffectiveDeliveryPolicy", kEffectiveDelivery},
                          {"SubscriptionsConfirmed", std::to_string(topic.confirmed)},
                          {"DisplayName", topic.display_name},
                          {"SubscriptionsDeleted", std::to_string(topic.deleted)}};
  if (!topic.signature_version.empty()) {
    attributes["SignatureVersion"] = topic.signature_version;
  }
  return attributes;
}

}  // namespace

Found<void> set_attribute(topics::Topic& topic, std::string_view name, std::string_view value) {
  if (name == "DisplayName") {
    if (codec::utf8_length(value) > Limits::display_name_chars_max) {
      return fault::invalid("DisplayName Reason: at most 100 characters");
    }
    topic.display_name = value;
    return {};
  }
  if (name == "Policy") {
    if (value.empty()) {
      topic.policy = usual_policy(topic.name);
      return {};
    }
    CAIRN_TRY_VOID(check_policy(value));
    topic.policy = value;
    return {};
  }
  if (name == "SignatureVersion") {
    if (value != "1" && value != "2") {
      return fault::invalid("SignatureVersion Reason: 1 or 2");
    }
    topic.signature_version = value;
    return {};
  }
  if (is_absent(name)) {
    return asks_for_nothing(name, value) ? Found<void>() : fault::unsupported(name);
  }
  return fault::invalid("AttributeName");
}

Task<Answer> create_topic(const Dependencies& /*on*/, Call& call, Asked asked) {
  if (json::find(call.input, "DataProtectionPolicy") != nullptr) {
    co_return fault::unsupported("DataProtectionPolicy");
  }
  topics::Topic topic{.name = asked.name, .created = call.time, .policy = usual_policy(asked.name)};
  CAIRN_CO_TRY_VOID(set_all(call, topic));
  CAIRN_CO_TRY(topic.tags, tags_in(call));
  Outcome outcome;
  outcome.output["TopicArn"] = asked.name.arn();
  if (asked.topic) {
    CAIRN_CO_TRY_VOID(check_same(call, asked.topic->value, topic));
    co_return outcome;
  }
  if (asked.names.value.topics >= topics::Limits::topics_max) {
    co_return fault::too_many_topics();
  }
  ++asked.names.value.topics;
  outcome.effects.writes.push_back(topics::put(topic, 0));
  outcome.effects.writes.push_back(topics::put(asked.names.value, asked.name, asked.names.version));
  co_return outcome;
}

Task<Answer> delete_topic(const Dependencies& on, Call& /*call*/, Asked asked) {
  Outcome outcome;
  if (!asked.topic) {
    co_return outcome;
  }
  const auto subscriptions = co_await topics::subscriptions_of(on.catalog, asked.name);
  if (!subscriptions) {
    co_return fault::failure(subscriptions.error());
  }
  outcome.effects.writes.push_back(
      {.key = topics::topic_key(asked.name), .value = std::nullopt, .expected = asked.topic->version});
  for (const auto& one : *subscriptions) {
    topics::remove(one, outcome.effects);
  }
  asked.names.value.topics -= std::min<std::uint64_t>(asked.names.value.topics, 1);
  outcome.effects.writes.push_back(topics::put(asked.names.value, asked.name, asked.names.version));
  co_return outcome;
}

Task<Answer> list_topics(const Dependencies& on, Call& call, Asked /*asked*/) {
  CAIRN_CO_TRY(const auto after, token_in(call));
  const auto prefix = topics::topics_prefix(call.account, call.region);
  const auto page =
      co_await on.catalog.scan(prefix, after.empty() ? "" : prefix + after, Limits::page_max + 1);
  if (!page) {
    co_return fault::failure(page.error());
  }
  json::array list;
  Outcome outcome;
  for (const auto& document : *page) {
    const auto topic = topics::decode_topic(document);
    if (!topic) {
      co_return fault::failure(topic.error());
    }
    if (list.size() == Limits::page_max) {
      break;
    }
    list.push_back(json::object{{"TopicArn", topic->name.arn()}});
  }
  if (page->size() > list.size()) {
    outcome.output["NextToken"] = token_after((*page)[list.size() - 1].key.substr(prefix.size()));
  }
  outcome.output["Topics"] = std::move(list);
  co_return outcome;
}

Task<Answer> get_topic_attributes(const Dependencies& /*on*/, Call& /*call*/, Asked asked) {
  Outcome outcome;
  outcome.output["Attributes"] = shown(asked.topic->value);
  co_return outcome;
}

Task<Answer> set_topic_attributes(const Dependencies& /*on*/, Call& call, Asked asked) {
  CAIRN_CO_TRY_VOID(set_attribute(asked.topic->value, text(call.input, "AttributeName"),
                                  text(call.input, "AttributeValue")));
  co_return changed(asked);
}

}  // namespace cairn::services::sns
