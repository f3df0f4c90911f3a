// Subscriptions begin, are confirmed, and end. Tested by sns_test.cc.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "codec/uri.h"
#include "crypto/random.h"
#include "json/json.h"
#include "services/sns/endpoint.h"
#include "services/sns/operations.h"
#include "services/sns/outlets.h"

namespace cairn::services::sns {
namespace {

constexpr std::array<std::string_view, 4> kAbsentProtocols = {"sms", "lambda", "firehose", "application"};
constexpr Millis kAskAgainAfter{60'000};
constexpr std::string_view kPending = "pending confirmation";
constexpr std::string_view kInvalid = "Invalid parameter: ";

Found<void> check_http(const Dependencies& on, std::string_view protocol, std::string_view endpoint) {
  const auto url = http_endpoint(endpoint);
  if (!url || !url->origin.starts_with(fmt::format("{}://", protocol))) {
    return fault::invalid("Endpoint must match the specified protocol");
  }
  return is_host_allowed(url->host, on.options.http_hosts)
             ? Found<void>()
             : fault::invalid("Endpoint Reason: messages may not be sent to this host");
}

Found<void> check_queue(std::string_view endpoint) {
  const auto queue = queue_of(endpoint);
  if (!queue) {
    return fault::invalid("SQS endpoint ARN");
  }
  return queue->name.ends_with(".fifo") ? fault::invalid(
                                              "Invalid parameter: Endpoint Reason: FIFO SQS Queues can not "
                                              "be subscribed to standard SNS topics")
                                        : Found<void>();
}

bool has_mail(const Dependencies& on) {
  return on.outlets != nullptr && on.outlets->has_mail();
}

Found<void> check_command(const Dependencies& on, std::string_view name) {
  return on.outlets->has_command(name)
             ? Found<void>()
             : fault::invalid("Endpoint Reason: the configuration has no command of this name");
}

Found<void> check_endpoint(const Dependencies& on, const topics::Subscription& wanted) {
  const auto& protocol = wanted.protocol;
  const bool absent = std::ranges::find(kAbsentProtocols, protocol) != kAbsentProtocols.end();
  if (absent || (wanted.is_mail() && !has_mail(on))) {
    return fault::unsupported(fmt::format("Protocol {}", protocol));
  }
  const bool command = wanted.is_command() && on.outlets != nullptr && on.outlets->has_commands();
  if (!wanted.is_http() && !wanted.is_queue() && !wanted.is_mail() && !command) {
    return fault::invalid(fmt::format("Amazon SNS does not support this protocol string: {}", protocol));
  }
  if (wanted.endpoint.size() > topics::Limits::endpoint_bytes_max) {
    return fault::invalid("Endpoint");
  }
  if (wanted.is_mail()) {
    return mail::is_address(wanted.endpoint) ? Found<void>() : fault::invalid("Email address");
  }
  if (command) {
    return check_command(on, wanted.endpoint);
  }
  return wanted.is_http() ? check_http(on, protocol, wanted.endpoint) : check_queue(wanted.endpoint);
}

// The password of its URL goes under seal, and is returned; its place has stars.
std::optional<std::string> put_away_password(const Dependencies& on, topics::Subscription& wanted) {
  const auto url = wanted.is_http() ? http_endpoint(wanted.endpoint) : std::nullopt;
  if (!url || !url->password) {
    return std::nullopt;
  }
  wanted.endpoint = codec::hide_password(wanted.endpoint);
  wanted.password = topics::seal_password(wanted, *url->password, on.sealer);
  return url->password;
}

Found<bool> is_same_endpoint(const Dependencies& on, const topics::Subscription& there,
                             const topics::Subscription& wanted, const std::optional<std::string>& password) {
  if (there.protocol != wanted.protocol || there.endpoint != wanted.endpoint ||
      there.password.empty() != wanted.password.empty()) {
    return false;
  }
  if (!password) {
    return true;
  }
  const auto opened = topics::open_password(there, on.sealer);
  return opened ? Found<bool>(*opened == *password) : fault::failure(opened.error());
}

// Whose endpoint it is has subscribed it himself, or is asked.
bool needs_confirmation(const Call& call, const topics::Subscription& subscription) {
  if (subscription.is_command()) {
    return false;  // it was put on the list by whoever runs this server
  }
  const auto queue = queue_of(subscription.endpoint);
  return !subscription.is_queue() || !queue || queue->account != call.account;
}

// The scope comes first: it says how the policy is read.
Found<void> set_all(const Call& call, topics::Subscription& subscription) {
  const auto* attributes = json::find_object(call.input, "Attributes");
  for (const bool scope : {true, false}) {
    for (const auto& [name, value] : attributes != nullptr ? *attributes : json::object()) {
      if ((std::string_view(name) == "FilterPolicyScope") != scope) {
        continue;
      }
      auto set = set_attribute(subscription, name, json::text_of(value.get_string()));
      if (!set) {
        auto fault = std::move(set).error();
        if (fault.message.starts_with(kInvalid) &&
            !fault.message.substr(kInvalid.size()).starts_with("Filter policy scope")) {
          fault.message.insert(kInvalid.size(), "Attributes Reason: ");
        }
        return fault;
      }
    }
  }
  return {};
}

bool has_same_attributes(const Call& call, const topics::Subscription& there,
                         const topics::Subscription& wanted) {
  const auto* attributes = json::find_object(call.input, "Attributes");
  return attributes == nullptr || attributes->empty() ||
         (there.raw == wanted.raw && there.filter == wanted.filter && there.scope == wanted.scope &&
          there.redrive == wanted.redrive);
}

Outcome answered(const Call& call, const topics::Subscription& subscription) {
  const bool by_arn =
      !subscription.pending || json::find_bool(call.input, "ReturnSubscriptionArn").value_or(false);
  Outcome outcome;
  outcome.output["SubscriptionArn"] = by_arn ? subscription.arn() : std::string(kPending);
  return outcome;
}

// The message that takes its token to the endpoint: the one that it was sent before, so that whichever
// arrives confirms it. False: too much waits already.
Found<void> send_token(const Dependencies& on, const Asked& asked, topics::Subscription& subscription,
                       Time now, Outcome& outcome) {
  std::string token;
  if (subscription.token.empty()) {
    token = new_token(subscription.id);
    subscription.token = topics::seal_token(subscription, token, on.sealer);
    subscription.token_hash = hash_of_token(token);
  } else {
    auto opened = topics::open_token(subscription, on.sealer);
    if (!opened) {
      return fault::failure(opened.error());
    }
    token = *std::move(opened);
  }
  auto message = confirmation_of(asked.topic->value, subscription, std::move(token), now);
  message.since = message.deliveries.front().due = on.deliverer.now();
  auto document = topics::encode(message, on.sealer);
  if (!asked.announcement->add(message, document)) {
    return fault::throttled();
  }
  subscription.asking = message.key();
  subscription.asked = message.since;
  outcome.effects.writes.push_back({.key = message.key(), .value = std::move(document), .expected = 0});
  return {};
}

// The last message that asked is on its way still, or was made just now.
Task<Result<bool>> is_being_asked(const Dependencies& on, const topics::Subscription& subscription) {
  const auto passed = on.deliverer.now() - subscription.asked;
  if (passed >= Millis{0} && passed < kAskAgainAfter) {
    co_return true;
  }
  if (subscription.asking.empty()) {
    co_return false;
  }
  CAIRN_CO_TRY(const auto message, co_await on.catalog.get(subscription.asking));
  co_return message.has_value();
}

// It is subscribed already. Who did not confirm it is asked once more.
Task<Answer> again(const Dependencies& on, const Call& call, const Asked& asked, StoredSubscription there,
                   const topics::Subscription& wanted) {
  if (!has_same_attributes(call, there.value, wanted)) {
    co_return fault::invalid("Attributes Reason: Subscription already exists with different attributes");
  }
  auto outcome = answered(call, there.value);
  if (!there.value.pending || there.value.owner != call.account) {
    co_return outcome;
  }
  const auto waits = co_await is_being_asked(on, there.value);
  if (!waits) {
    co_return fault::failure(waits.error());
  }
  if (!*waits) {
    CAIRN_CO_TRY_VOID(send_token(on, asked, there.value, call.time, outcome));
    outcome.effects.writes.push_back(topics::put(there.value, there.version));
  }
  co_return outcome;
}

}  // namespace

topics::Message confirmation_of(const topics::Topic& topic, const topics::Subscription& subscription,
                                std::string token, Time now) {
  return {.id = crypto::uuid4(),
          .confirms = true,
          .topic = topic.name,
          .time = now,
          .token = std::move(token),
          .signature_version = topic.signature_version.empty() ? "1" : topic.signature_version,
          .deliveries = {{.subscription = subscription.id, .attempts = 0, .due = now, .dead = false}}};
}

Task<Answer> subscribe(const Dependencies& on, Call& call, Asked asked) {
  topics::Subscription wanted{.topic = asked.name,
                              .id = crypto::uuid4(),
                              .owner = call.account,
                              .protocol = text(call.input, "Protocol"),
                              .endpoint = text(call.input, "Endpoint"),
                              .principal = call.caller.principal.arn,
                              .created = call.time};
  CAIRN_CO_TRY_VOID(check_endpoint(on, wanted));
  CAIRN_CO_TRY_VOID(set_all(call, wanted));
  const auto password = put_away_password(on, wanted);
  auto all = co_await topics::subscriptions_of(on.catalog, asked.name);
  if (!all) {
    co_return fault::failure(all.error());
  }
  auto& topic = asked.topic->value;
  Outcome outcome;
  for (auto& one : *all) {
    if (one.value.is_due(on.deliverer.now())) {  // room for others
      topics::remove(one, outcome.effects);
      topic.pending -= std::min<std::uint64_t>(topic.pending, 1);
      continue;
    }
    CAIRN_CO_TRY(const bool same, is_same_endpoint(on, one.value, wanted, password));
    if (same) {
      co_return co_await again(on, call, asked, std::move(one), wanted);
    }
  }
  if (topic.subscriptions() >= topics::Limits::subscriptions_max) {
    co_return fault::too_many_subscriptions();
  }
  wanted.pending = needs_confirmation(call, wanted);
  wanted.authenticated = !wanted.pending;
  ++(wanted.pending ? topic.pending : topic.confirmed);
  if (wanted.pending) {
    CAIRN_CO_TRY_VOID(send_token(on, asked, wanted, call.time, outcome));
  }
  topics::add(wanted, outcome.effects);
  outcome.output = answered(call, wanted).output;
  outcome.effects.writes.push_back(topics::put(topic, asked.topic->version));
  expect_same_names(asked, outcome.effects);
  co_return outcome;
}

Task<Answer> confirm_subscription(const Dependencies& /*on*/, Call& call, Asked asked) {
  auto& subscription = asked.subscription->value;
  auto& topic = asked.topic->value;
  const bool signed_end = text(call.input, "AuthenticateOnUnsubscribe") == "true";
  if (signed_end && call.caller.principal.kind == access::PrincipalKind::anonymous) {
    co_return fault::invalid("AuthenticateOnUnsubscribe Reason: the call is not signed");
  }
  Outcome outcome;
  outcome.output["SubscriptionArn"] = subscription.arn();
  if (!subscription.pending) {
    co_return outcome;
  }
  subscription.pending = false;
  if (signed_end || !subscription.is_mail()) {
    subscription.token.clear();
  }
  subscription.authenticated = call.caller.principal.kind != access::PrincipalKind::anonymous;
  topic.pending -= std::min<std::uint64_t>(topic.pending, 1);
  ++topic.confirmed;
  outcome.effects.writes.push_back(topics::put(subscription, asked.subscription->version));
  outcome.effects.writes.push_back(topics::put(topic, asked.topic->version));
  co_return outcome;
}

Task<Answer> unsubscribe(const Dependencies& /*on*/, Call& /*call*/, Asked asked) {
  Outcome outcome;
  if (!asked.subscription || !asked.topic) {
    co_return outcome;
  }
  auto& topic = asked.topic->value;
  auto& count = asked.subscription->value.pending ? topic.pending : topic.confirmed;
  count -= std::min<std::uint64_t>(count, 1);
  ++topic.deleted;
  topics::remove(*asked.subscription, outcome.effects);
  outcome.effects.writes.push_back(topics::put(topic, asked.topic->version));
  co_return outcome;
}

}  // namespace cairn::services::sns
