// The operations, and what they share. Inside services/sns only.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/access.h"
#include "services/sns/deliverer.h"
#include "services/sns/faults.h"
#include "services/sns/sns.h"
#include "topics/message.h"
#include "topics/topic.h"

namespace cairn::services::sns {

using front::Answer;
using front::Call;
using front::Outcome;
using StoredTopic = topics::Stored<topics::Topic>;
using StoredSubscription = topics::Stored<topics::Subscription>;

template <class T>
using Found = Result<T, aws::Fault>;

// Tells the deliverer of what a call has published, once the call is over: by then it is committed, or never
// will be. Room for it is reserved meanwhile.
class Announcement {
 public:
  explicit Announcement(Deliverer& deliverer) : deliverer_(deliverer) {}
  ~Announcement();
  Announcement(const Announcement&) = delete;
  Announcement& operator=(const Announcement&) = delete;

  // As it is stored. False: there is no room for it.
  bool add(const topics::Message& message, const std::string& document);

 private:
  struct Kept {
    std::string key;
    std::string account;
    Load load;
  };
  Deliverer& deliverer_;
  std::vector<Kept> kept_;
};

// What permission was asked for, as it was read then: the operation works on just that, and what it writes
// expects these versions.
struct Asked final : front::Staged {
  std::optional<StoredTopic> topic{};     // none: there is none of that name
  topics::Stored<topics::Names> names{};  // of the topic's account and Region
  topics::TopicName name{};               // as it was asked for
  std::optional<StoredSubscription> subscription{};
  std::shared_ptr<Announcement> announcement{};
};

// REQUIRES: permission was asked for this call.
Task<Answer> add_permission(const Dependencies& on, Call& call, Asked asked);
Task<Answer> confirm_subscription(const Dependencies& on, Call& call, Asked asked);
Task<Answer> create_topic(const Dependencies& on, Call& call, Asked asked);
Task<Answer> delete_topic(const Dependencies& on, Call& call, Asked asked);
Task<Answer> get_subscription_attributes(const Dependencies& on, Call& call, Asked asked);
Task<Answer> get_topic_attributes(const Dependencies& on, Call& call, Asked asked);
Task<Answer> list_subscriptions(const Dependencies& on, Call& call, Asked asked);
Task<Answer> list_subscriptions_by_topic(const Dependencies& on, Call& call, Asked asked);
Task<Answer> list_tags_for_resource(const Dependencies& on, Call& call, Asked asked);
Task<Answer> list_topics(const Dependencies& on, Call& call, Asked asked);
Task<Answer> publish(const Dependencies& on, Call& call, Asked asked);
Task<Answer> publish_batch(const Dependencies& on, Call& call, Asked asked);
Task<Answer> remove_permission(const Dependencies& on, Call& call, Asked asked);
Task<Answer> set_subscription_attributes(const Dependencies& on, Call& call, Asked asked);
Task<Answer> set_topic_attributes(const Dependencies& on, Call& call, Asked asked);
Task<Answer> subscribe(const Dependencies& on, Call& call, Asked asked);
Task<Answer> tag_resource(const Dependencies& on, Call& call, Asked asked);
Task<Answer> unsubscribe(const Dependencies& on, Call& call, Asked asked);
Task<Answer> untag_resource(const Dependencies& on, Call& call, Asked asked);

std::string text(const boost::json::object& input, std::string_view member);
// The topic's new state, if it is still as it was read, and still the same one.
Outcome changed(const Asked& asked);
void expect_same_names(const Asked& asked, catalog::Transaction& change);
// Tags of the input. TagLimitExceeded, InvalidParameter.
Found<topics::Tags> tags_in(const Call& call);
// Where a list goes on: the last that was shown.
Found<std::string> token_in(const Call& call);
std::string token_after(std::string_view last);

// The policy of a topic for which none was given, as AWS makes it.
std::string usual_policy(const topics::TopicName& topic);
Found<void> check_policy(std::string_view policy);

// Sets one attribute; "Invalid parameter: …" with what is wrong. `argument`: how the refusal calls it.
Found<void> set_attribute(topics::Topic& topic, std::string_view name, std::string_view value);
Found<void> set_attribute(topics::Subscription& subscription, std::string_view name, std::string_view value);

// A token says which subscription it confirms: its id, then random digits; hexadecimal.
std::string new_token(std::string_view subscription);
std::string hash_of_token(std::string_view token);
std::optional<std::string> subscription_of_token(std::string_view token);
topics::Message confirmation_of(const topics::Topic& topic, const topics::Subscription& subscription,
                                std::string token, Time now);

}  // namespace cairn::services::sns
