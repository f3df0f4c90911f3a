// Tested by topics_test.cc.
#include "topics/topic.h"

#include <algorithm>

#include "aws/ids.h"
#include "json/json.h"

namespace cairn::topics {
namespace {

constexpr std::size_t kNameCharsMax = 256;
constexpr std::size_t kIdChars = 36;

std::string partition_of(std::string_view region) {
  const auto parsed = aws::Region::parse(region);
  return parsed ? aws::Partition::of(*parsed).text() : "aws";
}

std::string place_of(std::string_view account, std::string_view region) {
  return std::string(account) + "/" + std::string(region) + "/";
}

bool is_plain(std::string_view text) {
  return !text.empty() && text.find('/') == std::string_view::npos;
}

// What its password is bound to, so that it is taken for no token.
std::string password_context(const Subscription& subscription) {
  return subscription_key(subscription.topic, subscription.id) + "#password";
}

}  // namespace

std::string TopicName::arn() const {
  return "arn:" + partition_of(region) + ":sns:" + region + ":" + account + ":" + name;
}

bool is_topic_name(std::string_view name) {
  return !name.empty() && name.size() <= kNameCharsMax && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

std::optional<TopicName> topic_of(std::string_view arn) {
  const auto parsed = aws::Arn::parse(arn);
  if (!parsed || parsed->service() != "sns" || !is_plain(parsed->account()) || !is_plain(parsed->region()) ||
      !is_topic_name(parsed->resource())) {
    return std::nullopt;
  }
  return TopicName{.account = std::string(parsed->account()),
                   .region = std::string(parsed->region()),
                   .name = std::string(parsed->resource())};
}

std::optional<SubscriptionName> subscription_of(std::string_view arn) {
  const auto colon = arn.rfind(':');
  if (colon == std::string_view::npos) {
    return std::nullopt;
  }
  auto topic = topic_of(arn.substr(0, colon));
  const auto id = arn.substr(colon + 1);
  const bool is_id = id.size() == kIdChars && std::ranges::all_of(id, [](char c) {
                       return (c >= 'a' && c <= 'f') || (c >= '0' && c <= '9') || c == '-';
                     });
  if (!topic || !is_id) {
    return std::nullopt;
  }
  return SubscriptionName{.topic = *std::move(topic), .id = std::string(id)};
}

bool Subscription::is_due(Time now) const {
  return pending && now - (asked == Time() ? created : asked) >= kConfirmWithin;
}

std::string Subscription::dead_letters() const {
  const auto policy = json::parse_object(redrive.empty() ? "{}" : redrive);
  return policy ? std::string(json::find_string(*policy, "deadLetterTargetArn").value_or("")) : std::string();
}

std::string topics_prefix(std::string_view account, std::string_view region) {
  return std::string(kTopicsPrefix) + place_of(account, region);
}

std::string topic_key(const TopicName& name) {
  return topics_prefix(name.account, name.region) + name.name;
}

std::string names_key(std::string_view account, std::string_view region) {
  return "sns/names/" + std::string(account) + "/" + std::string(region);
}

std::string subscriptions_prefix(const TopicName& topic) {
  return std::string(kSubscriptionsPrefix) + place_of(topic.account, topic.region) + topic.name + "/";
}

std::string subscription_key(const TopicName& topic, std::string_view id) {
  return subscriptions_prefix(topic) + std::string(id);
}

std::string seal_token(const Subscription& subscription, std::string_view token,
                       const crypto::Sealer& sealer) {
  const auto key = subscription_key(subscription.topic, subscription.id);
  return sealer.seal(ByteView(token), ByteView(key));
}

Result<std::string> open_token(const Subscription& subscription, const crypto::Sealer& sealer) {
  const auto key = subscription_key(subscription.topic, subscription.id);
  CAIRN_TRY(const auto opened, sealer.open(ByteView(subscription.token), ByteView(key)));
  return std::string(ByteView(opened.bytes()).text());
}

std::string seal_password(const Subscription& subscription, std::string_view password,
                          const crypto::Sealer& sealer) {
  return sealer.seal(ByteView(password), ByteView(password_context(subscription)));
}

Result<std::string> open_password(const Subscription& subscription, const crypto::Sealer& sealer) {
  const auto context = password_context(subscription);
  CAIRN_TRY(const auto opened, sealer.open(ByteView(subscription.password), ByteView(context)));
  return std::string(ByteView(opened.bytes()).text());
}

std::string subscribers_prefix(std::string_view account, std::string_view region) {
  return "sns/subscriber/" + place_of(account, region);
}

std::string subscriber_key(const Subscription& subscription) {
  return subscribers_prefix(subscription.owner, subscription.topic.region) + subscription.id;
}

Task<Result<std::optional<Stored<Topic>>>> load_topic(catalog::Catalog& catalog, TopicName name) {
  CAIRN_CO_TRY(const auto document, co_await catalog.get(topic_key(name)));
  if (!document) {
    co_return std::optional<Stored<Topic>>{};
  }
  CAIRN_CO_TRY(auto topic, decode_topic(*document));
  co_return std::optional(Stored<Topic>{.value = std::move(topic), .version = document->version});
}

Task<Result<std::optional<Stored<Subscription>>>> load_subscription(catalog::Catalog& catalog,
                                                                    SubscriptionName name) {
  CAIRN_CO_TRY(const auto document, co_await catalog.get(subscription_key(name.topic, name.id)));
  if (!document) {
    co_return std::optional<Stored<Subscription>>{};
  }
  CAIRN_CO_TRY(auto subscription, decode_subscription(*document));
  co_return std::optional(
      Stored<Subscription>{.value = std::move(subscription), .version = document->version});
}

Task<Result<std::vector<Stored<Subscription>>>> subscriptions_of(catalog::Catalog& catalog, TopicName topic) {
  const auto prefix = subscriptions_prefix(topic);
  std::vector<Stored<Subscription>> all;
  std::string after;
  while (true) {
    CAIRN_CO_TRY(const auto page, co_await catalog.scan(prefix, after, Limits::subscriptions_max));
    if (page.empty()) {
      co_return all;
    }
    for (const auto& document : page) {
      CAIRN_CO_TRY(auto one, decode_subscription(document));
      all.push_back({.value = std::move(one), .version = document.version});
    }
    after = page.back().key;
  }
}

catalog::Write put(const Topic& topic, catalog::Version expected) {
  return {.key = topic_key(topic.name), .value = encode(topic), .expected = expected};
}

catalog::Write put(const Subscription& subscription, catalog::Version expected) {
  return {.key = subscription_key(subscription.topic, subscription.id),
          .value = encode(subscription),
          .expected = expected};
}

void add(const Subscription& subscription, catalog::Transaction& change) {
  change.writes.push_back(put(subscription, 0));
  change.writes.push_back({.key = subscriber_key(subscription),
                           .value = json::serialize(json::object{{"v", 1}, {"arn", subscription.arn()}}),
                           .expected = 0});
}

void remove(const Stored<Subscription>& subscription, catalog::Transaction& change) {
  const auto& value = subscription.value;
  change.writes.push_back({.key = subscription_key(value.topic, value.id),
                           .value = std::nullopt,
                           .expected = subscription.version});
  change.writes.push_back({.key = subscriber_key(value), .value = std::nullopt, .expected = std::nullopt});
}

Task<Result<Stored<Names>>> load_names(catalog::Catalog& catalog, std::string account, std::string region) {
  CAIRN_CO_TRY(const auto document, co_await catalog.get(names_key(account, region)));
  if (!document) {
    co_return Stored<Names>{.value = {}, .version = 0};
  }
  CAIRN_CO_TRY(const auto object, json::parse_object(document->value));
  const auto topics = json::find_int(object, "topics");
  if (json::find_int(object, "v") != 1 || !topics || *topics < 0) {
    co_return Error{Errc::corrupt, "read how many topics there are: not what was written", document->key};
  }
  co_return Stored<Names>{.value = {.topics = static_cast<std::uint64_t>(*topics)},
                          .version = document->version};
}

catalog::Write put(const Names& names, const TopicName& of, catalog::Version expected) {
  return {
      .key = names_key(of.account, of.region),
      .value = json::serialize(json::object{{"v", 1}, {"topics", static_cast<std::int64_t>(names.topics)}}),
      .expected = expected};
}

}  // namespace cairn::topics
