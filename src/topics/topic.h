// Topics and their subscriptions: the documents of SNS's companion.
//
//   sns/topic/ACCOUNT/REGION/NAME              a topic: its policy, attributes, tags, how many subscriptions
//   sns/names/ACCOUNT/REGION                   how many topics; written whenever one comes or goes
//   sns/subscription/ACCOUNT/REGION/NAME/ID    a subscription, below its topic
//   sns/subscriber/ACCOUNT/REGION/ID           the same by its owner, who may be of another account
//
// Whoever changes what subscriptions a topic has writes the topic's document too: limits, and that an
// endpoint is there once, are decided under its version. A topic's name may come back, a subscription's id
// never does: what is decided about a topic expects the version of sns/names as well. Values; any thread.
// Errc::corrupt: not what was written. Tested by topics_test.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "async/task.h"
#include "base/time.h"
#include "catalog/catalog.h"
#include "crypto/sealer.h"

namespace cairn::topics {

struct Limits {
  static constexpr std::size_t topics_max = 100'000;       // of an account in a Region, as AWS's
  static constexpr std::size_t subscriptions_max = 1'000;  // of a topic: each message looks at all of them
  static constexpr std::size_t tags_max = 50;
  static constexpr std::size_t policy_bytes_max = 30U << 10;  // as AWS's
  static constexpr std::size_t endpoint_bytes_max = 2048;
};

using Tags = std::vector<std::pair<std::string, std::string>>;

struct TopicName {
  std::string account{};
  std::string region{};
  std::string name{};

  std::string arn() const;
  friend bool operator==(const TopicName&, const TopicName&) = default;
};

// None: no ARN of a topic.
std::optional<TopicName> topic_of(std::string_view arn);
// 1 to 256 letters, digits, - and _.
bool is_topic_name(std::string_view name);

struct Topic {
  TopicName name{};
  Time created{};
  std::string display_name{};
  std::string policy{};
  std::string signature_version{};  // "1", "2"; empty: nobody said, which is 1
  Tags tags{};
  std::uint64_t confirmed = 0;  // subscriptions
  std::uint64_t pending = 0;
  std::uint64_t deleted = 0;

  std::uint64_t subscriptions() const { return confirmed + pending; }
  friend bool operator==(const Topic&, const Topic&) = default;
};

enum class FilterScope { attributes, body };

struct Subscription {
  TopicName topic{};
  std::string id{};     // a UUID
  std::string owner{};  // the account that subscribed
  std::string protocol{};
  std::string endpoint{};  // stars where a password was
  // That password, sealed under the master key and bound to this document's key; empty: there was none.
  std::string password{};
  std::string principal{};  // the ARN of who subscribed
  Time created{};
  bool pending = false;
  std::string token_hash{};  // hexadecimal SHA-256 of the token that confirms it; empty: none was sent
  // That token, sealed under the master key and bound to this document's key; while pending, and of mail
  // afterwards: the link that ends the subscription has it.
  std::string token{};
  std::string asking{};        // the key of the message that took it to the endpoint last
  Time asked{};                // when that was made, by the deliverer's clock
  bool authenticated = false;  // it was confirmed by a signed call
  bool raw = false;
  std::string filter{};  // FilterPolicy; empty: every message
  FilterScope scope = FilterScope::attributes;
  std::string redrive{};  // RedrivePolicy; empty: none

  std::string arn() const { return topic.arn() + ":" + id; }
  bool is_http() const { return protocol == "http" || protocol == "https"; }
  bool is_queue() const { return protocol == "sqs"; }
  bool is_mail() const { return protocol == "email" || protocol == "email-json"; }
  bool is_command() const { return protocol == "command"; }  // ours: a program on the operator's list
  // Nobody confirmed it in time: it is as good as gone. `now`: by the clock of `asked`, whose steps are not
  // followed at once.
  bool is_due(Time now) const;
  // The ARN of the queue for what cannot be delivered; empty: none.
  std::string dead_letters() const;
  friend bool operator==(const Subscription&, const Subscription&) = default;
};

inline constexpr std::chrono::hours kConfirmWithin{48};  // as AWS

// A subscription's token for its document, and back. REQUIRES: of open_token(), one that is there.
std::string seal_token(const Subscription& subscription, std::string_view token,
                       const crypto::Sealer& sealer);
// Errc::denied: sealed under another master key. Errc::corrupt: not what was written.
Result<std::string> open_token(const Subscription& subscription, const crypto::Sealer& sealer);

// Likewise the password of its endpoint.
std::string seal_password(const Subscription& subscription, std::string_view password,
                          const crypto::Sealer& sealer);
Result<std::string> open_password(const Subscription& subscription, const crypto::Sealer& sealer);

struct SubscriptionName {
  TopicName topic{};
  std::string id{};
};
std::optional<SubscriptionName> subscription_of(std::string_view arn);

inline constexpr std::string_view kTopicsPrefix = "sns/topic/";
inline constexpr std::string_view kSubscriptionsPrefix = "sns/subscription/";
std::string topics_prefix(std::string_view account, std::string_view region);
std::string topic_key(const TopicName& name);
std::string names_key(std::string_view account, std::string_view region);
std::string subscriptions_prefix(const TopicName& topic);
std::string subscription_key(const TopicName& topic, std::string_view id);
std::string subscribers_prefix(std::string_view account, std::string_view region);
std::string subscriber_key(const Subscription& subscription);

std::string encode(const Topic& topic);
std::string encode(const Subscription& subscription);
Result<Topic> decode_topic(const catalog::Document& document);
Result<Subscription> decode_subscription(const catalog::Document& document);

template <class T>
struct Stored {
  T value;
  catalog::Version version = 0;
};
Task<Result<std::optional<Stored<Topic>>>> load_topic(catalog::Catalog& catalog, TopicName name);
Task<Result<std::optional<Stored<Subscription>>>> load_subscription(catalog::Catalog& catalog,
                                                                    SubscriptionName name);
// All of a topic's, in the order of their ids.
Task<Result<std::vector<Stored<Subscription>>>> subscriptions_of(catalog::Catalog& catalog, TopicName topic);

// Each holds only if the document is still as it was read; version 0: if there is none.
catalog::Write put(const Topic& topic, catalog::Version expected);
catalog::Write put(const Subscription& subscription, catalog::Version expected);
// Both documents of a subscription.
void add(const Subscription& subscription, catalog::Transaction& change);
void remove(const Stored<Subscription>& subscription, catalog::Transaction& change);

// Another topic of that name may have come meanwhile: what is decided about one expects this, too.
struct Names {
  std::uint64_t topics = 0;
};
Task<Result<Stored<Names>>> load_names(catalog::Catalog& catalog, std::string account, std::string region);
catalog::Write put(const Names& names, const TopicName& of, catalog::Version expected);

}  // namespace cairn::topics
