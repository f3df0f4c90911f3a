#include "services/sns/sns.h"

#include <algorithm>
#include <array>

#include "aws/recognise.h"
#include "json/json.h"
#include "services/sns/asks.h"
#include "services/sns/operations.h"

namespace cairn::services::sns {
namespace {

struct Entry {
  std::string_view name;
  Task<Answer> (*run)(const Dependencies&, Call&, Asked);
  About about = About::topic;
};

constexpr std::array kOperations = {
    Entry{"AddPermission", add_permission},
    Entry{"ConfirmSubscription", confirm_subscription, About::token},
    Entry{"CreateTopic", create_topic, About::new_topic},
    Entry{"DeleteTopic", delete_topic},
    Entry{"GetSubscriptionAttributes", get_subscription_attributes, About::subscription},
    Entry{"GetTopicAttributes", get_topic_attributes},
    Entry{"ListSubscriptions", list_subscriptions, About::nothing},
    Entry{"ListSubscriptionsByTopic", list_subscriptions_by_topic},
    Entry{"ListTagsForResource", list_tags_for_resource, About::resource},
    Entry{"ListTopics", list_topics, About::nothing},
    Entry{"Publish", publish, About::target},
    Entry{"PublishBatch", publish_batch},
    Entry{"RemovePermission", remove_permission},
    Entry{"SetSubscriptionAttributes", set_subscription_attributes, About::subscription},
    Entry{"SetTopicAttributes", set_topic_attributes},
    Entry{"Subscribe", subscribe},
    Entry{"TagResource", tag_resource, About::resource},
    Entry{"Unsubscribe", unsubscribe, About::subscription},
    Entry{"UntagResource", untag_resource, About::resource},
};

const Entry* find(std::string_view operation) {
  const auto* const found = std::ranges::find(kOperations, operation, &Entry::name);
  return found == kOperations.end() ? nullptr : found;
}

class Sns final : public front::Service {
 public:
  explicit Sns(Dependencies on) : on_(std::move(on)) {}

  std::string_view name() const override { return "sns"; }
  bool answers(std::string_view operation) const override { return find(operation) != nullptr; }
  bool checks_itself(std::string_view /*operation*/, std::string_view member) const override {
    return member == "Tags" || member == "TagKeys";
  }
  std::string_view denial() const override { return "AuthorizationError"; }

  // The links in a message that asks an endpoint to confirm its subscription, and in a mail to end it: a
  // token is all they have.
  std::optional<std::string> region_unsigned(const aws::Recognised& call) const override {
    const auto in_query = [&call](std::string_view name) {
      const auto at = std::ranges::find(call.query, name, &std::pair<std::string, std::string>::first);
      return at == call.query.end() ? std::string() : at->second;
    };
    if (call.operation == nullptr) {
      return std::nullopt;
    }
    if (call.operation->name == "ConfirmSubscription") {
      const auto topic = topics::topic_of(in_query("TopicArn"));
      return topic ? std::optional(topic->region) : std::nullopt;
    }
    const bool ends = call.operation->name == "Unsubscribe" && !in_query("Token").empty();
    const auto subscription = ends ? topics::subscription_of(in_query("SubscriptionArn")) : std::nullopt;
    return subscription ? std::optional(subscription->topic.region) : std::nullopt;
  }

  Task<Result<std::vector<access::Ask>, aws::Fault>> asks(Call& call) override {
    CAIRN_CO_TRY(auto question, co_await ask(on_, call, find(call.operation.name)->about));
    call.staged = std::make_unique<Asked>(std::move(question.asked));
    co_return std::move(question.asks);
  }

  Task<Answer> run(Call& call) override {
    auto& staged = static_cast<Asked&>(*call.staged);
    const auto announcement = std::make_shared<Announcement>(on_.deliverer);
    staged.announcement = announcement;  // goes with the call, when it is committed
    auto asked = staged;
    const auto arn = asked.name.arn();
    if (!asked.name.name.empty()) {
      call.record.resources = {
          {.arn = arn, .account_id = asked.name.account, .type = "AWS::SNS::Topic", .arn_prefix = {}}};
    }
    co_return co_await find(call.operation.name)->run(on_, call, std::move(asked));
  }

 private:
  const Dependencies on_;
};

}  // namespace

Announcement::~Announcement() {
  for (auto& one : kept_) {
    deliverer_.published(std::move(one.key), std::move(one.account), one.load);
  }
}

bool Announcement::add(const topics::Message& message, const std::string& document) {
  const Load load{.deliveries = message.deliveries.size(), .bytes = document.size()};
  const auto& account = message.topic.account;
  const bool fits = deliverer_.reserve(account, load);
  if (fits) {
    kept_.push_back({message.key(), account, load});
  }
  return fits;
}

std::unique_ptr<front::Service> make_sns(Dependencies dependencies) {
  return std::make_unique<Sns>(std::move(dependencies));
}

}  // namespace cairn::services::sns
