// Subscriptions as they are shown and set. Tested by sns_test.cc.
#include <fmt/format.h>

#include "codec/headers.h"
#include "json/json.h"
#include "services/sns/endpoint.h"
#include "services/sns/operations.h"
#include "topics/filter.h"

namespace cairn::services::sns {
namespace {

constexpr std::string_view kEffectiveHttp =
    R"({"healthyRetryPolicy":{"minDelayTarget":20,"maxDelayTarget":20,"numRetries":3,"numMaxDelayRetries":0,"numNoDelayRetries":0,"numMinDelayRetries":0,"backoffFunction":"linear"},"sicklyRetryPolicy":null,"throttlePolicy":null,"requestPolicy":{"headerContentType":"text/plain; charset=UTF-8"},"guaranteed":false})";
constexpr std::string_view kNestedRefusal = "Filter policy scope";

std::string truth_text(bool truth) {
  return truth ? "true" : "false";
}

json::object row_of(const topics::Subscription& one) {
  return {{"SubscriptionArn", one.pending ? "PendingConfirmation" : one.arn()},
          {"Owner", one.owner},
          {"Protocol", one.protocol},
          {"Endpoint", one.endpoint},
          {"TopicArn", one.topic.arn()}};
}

Found<void> set_raw(topics::Subscription& subscription, std::string_view value) {
  const auto lower = codec::lower(value);
  if (lower != "true" && lower != "false") {
    return fault::invalid(
        fmt::format("RawMessageDelivery: Invalid value [{}]. Must be true or false.", value));
  }
  if (lower == "true" && subscription.is_mail()) {
    return fault::invalid(
        fmt::format("RawMessageDelivery: Delivery protocol [{}] does not support raw message delivery.",
                    subscription.protocol));
  }
  subscription.raw = lower == "true";
  return {};
}

Found<void> check_kept_filter(const topics::Subscription& subscription) {
  if (subscription.filter.empty()) {
    return {};
  }
  const auto checked = topics::check_filter(subscription.filter, subscription.scope);
  if (checked) {
    return {};
  }
  const auto& what = checked.error().what;
  return fault::invalid(what.starts_with(kNestedRefusal) ? what : "FilterPolicy: " + what);
}

Found<void> set_filter(topics::Subscription& subscription, std::string_view value) {
  if (value.size() > Limits::filter_bytes_max) {
    return fault::too_many_filters();
  }
  subscription.filter = value;
  CAIRN_TRY_VOID(check_kept_filter(subscription));
  if (const auto policy = json::parse_object(value.empty() ? "{}" : value); policy && policy->empty()) {
    subscription.filter.clear();
  }
  return {};
}

Found<void> set_scope(topics::Subscription& subscription, std::string_view value) {
  if (value != "MessageAttributes" && value != "MessageBody") {
    return fault::invalid(fmt::format(
        "FilterPolicyScope: Invalid value [{}]. Please use either MessageBody or MessageAttributes", value));
  }
  subscription.scope = value == "MessageBody" ? topics::FilterScope::body : topics::FilterScope::attributes;
  return check_kept_filter(subscription);
}

Found<void> set_redrive(topics::Subscription& subscription, std::string_view value) {
  const auto policy = json::parse_object(value.empty() ? "{}" : value);
  if (!policy) {
    return fault::invalid("RedrivePolicy: failed to parse JSON. " + policy.error().what);
  }
  const auto target = json::find_string(*policy, "deadLetterTargetArn");
  if (policy->empty()) {
    subscription.redrive.clear();
    return {};
  }
  const auto queue = target ? queue_of(*target) : std::nullopt;
  if (!queue || queue->name.ends_with(".fifo")) {
    return fault::invalid("RedrivePolicy: deadLetterTargetArn is an invalid arn");
  }
  if (queue->region != subscription.topic.region) {
    return fault::invalid("RedrivePolicy: the queue must be in the topic's Region");
  }
  subscription.redrive = value;
  return {};
}

}  // namespace

Found<void> set_attribute(topics::Subscription& subscription, std::string_view name, std::string_view value) {
  if (name == "RawMessageDelivery") {
    return set_raw(subscription, value);
  }
  if (name == "FilterPolicy") {
    return set_filter(subscription, value);
  }
  if (name == "FilterPolicyScope") {
    return set_scope(subscription, value);
  }
  if (name == "RedrivePolicy") {
    return set_redrive(subscription, value);
  }
  if (name == "DeliveryPolicy" || name == "SubscriptionRoleArn" || name == "ReplayPolicy") {
    return value.empty() ? Found<void>() : fault::unsupported(name);
  }
  return fault::invalid("AttributeName");
}

Task<Answer> get_subscription_attributes(const Dependencies& /*on*/, Call& /*call*/, Asked asked) {
  const auto& one = asked.subscription->value;
  json::object shown{{"SubscriptionArn", one.arn()},
                     {"TopicArn", one.topic.arn()},
                     {"Owner", one.owner},
                     {"Protocol", one.protocol},
                     {"Endpoint", one.endpoint},
                     {"PendingConfirmation", truth_text(one.pending)},
                     {"ConfirmationWasAuthenticated", truth_text(one.authenticated)},
                     {"RawMessageDelivery", truth_text(one.raw)},
                     {"SubscriptionPrincipal", one.principal}};
  if (!one.filter.empty()) {
    shown["FilterPolicy"] = one.filter;
  }
  if (!one.filter.empty() || one.scope == topics::FilterScope::body) {
    shown["FilterPolicyScope"] = one.scope == topics::FilterScope::body ? "MessageBody" : "MessageAttributes";
  }
  if (!one.redrive.empty()) {
    shown["RedrivePolicy"] = one.redrive;
  }
  if (one.is_http()) {
    shown["EffectiveDeliveryPolicy"] = kEffectiveHttp;
  }
  Outcome outcome;
  outcome.output["Attributes"] = std::move(shown);
  co_return outcome;
}

Task<Answer> set_subscription_attributes(const Dependencies& /*on*/, Call& call, Asked asked) {
  auto& one = *asked.subscription;
  CAIRN_CO_TRY_VOID(
      set_attribute(one.value, text(call.input, "AttributeName"), text(call.input, "AttributeValue")));
  Outcome outcome;
  outcome.effects.writes.push_back(topics::put(one.value, one.version));
  co_return outcome;
}

Task<Answer> list_subscriptions_by_topic(const Dependencies& on, Call& call, Asked asked) {
  CAIRN_CO_TRY(const auto after, token_in(call));
  const auto prefix = topics::subscriptions_prefix(asked.name);
  const auto page = co_await on.catalog.scan(prefix, after.empty() ? "" : prefix + after, Limits::page_max);
  if (!page) {
    co_return fault::failure(page.error());
  }
  json::array list;
  for (const auto& document : *page) {
    const auto one = topics::decode_subscription(document);
    if (!one) {
      co_return fault::failure(one.error());
    }
    if (!one->is_due(on.deliverer.now())) {
      list.push_back(row_of(*one));
    }
  }
  Outcome outcome;
  outcome.output["Subscriptions"] = std::move(list);
  if (page->size() == Limits::page_max) {
    outcome.output["NextToken"] = token_after(page->back().key.substr(prefix.size()));
  }
  co_return outcome;
}

Task<Answer> list_subscriptions(const Dependencies& on, Call& call, Asked /*asked*/) {
  CAIRN_CO_TRY(const auto after, token_in(call));
  const auto prefix = topics::subscribers_prefix(call.account, call.region);
  const auto page = co_await on.catalog.scan(prefix, after.empty() ? "" : prefix + after, Limits::page_max);
  if (!page) {
    co_return fault::failure(page.error());
  }
  json::array list;
  for (const auto& document : *page) {
    const auto entry = json::parse_object(document.value);
    const auto name =
        entry ? topics::subscription_of(json::find_string(*entry, "arn").value_or("")) : std::nullopt;
    if (!name) {
      co_return fault::failure({Errc::corrupt, "a subscriber's entry cannot be read", document.key});
    }
    const auto one = co_await topics::load_subscription(on.catalog, *name);
    if (!one) {
      co_return fault::failure(one.error());
    }
    if (*one && !(*one)->value.is_due(on.deliverer.now())) {
      list.push_back(row_of((*one)->value));
    }
  }
  Outcome outcome;
  outcome.output["Subscriptions"] = std::move(list);
  if (page->size() == Limits::page_max) {
    outcome.output["NextToken"] = token_after(page->back().key.substr(prefix.size()));
  }
  co_return outcome;
}

}  // namespace cairn::services::sns
