// Tested by sns_test.cc.
#include "services/sns/asks.h"

#include <fmt/format.h>

#include <algorithm>

#include "aws/ids.h"
#include "codec/uri.h"
#include "json/json.h"

namespace cairn::services::sns {
namespace {

constexpr std::ptrdiff_t kArnElements = 6;
// Who has a token was sent it, at the endpoint that it is about: that is what it proves.
constexpr std::string_view kTokenPolicy =
    R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":["sns:ConfirmSubscription","sns:Unsubscribe"],"Resource":"*"}})";

Found<topics::TopicName> read_topic(const Call& call, std::string_view member, std::string_view arn) {
  if (const auto elements = std::ranges::count(arn, ':') + 1; elements < kArnElements) {
    return fault::invalid(
        fmt::format("{} Reason: An ARN must have at least 6 elements, not {}", member, elements));
  }
  const auto name = topics::topic_of(arn);
  if (!name || name->region != call.region) {
    return fault::invalid(member);
  }
  return *name;
}

void add_tags(const Call& call, access::Context& context) {
  const auto* tags = json::find_array(call.input, "Tags");
  for (const auto& one : tags != nullptr ? *tags : json::array()) {
    const auto& tag = one.get_object();
    access::add_request_tag(context, json::find_string(tag, "Key").value_or(""),
                            json::find_string(tag, "Value").value_or(""));
  }
  const auto* names = json::find_array(call.input, "TagKeys");
  for (const auto& name : names != nullptr ? *names : json::array()) {
    context.add("aws:TagKeys", name.get_string());
  }
}

access::Context context_of(const Call& call) {
  access::Context context;
  if (call.caller.principal.of_an_account()) {  // the usual policy asks for it
    context.set("AWS:SourceOwner", {call.caller.principal.account});
  }
  for (const auto* const member : {"Protocol", "Endpoint"}) {
    if (const auto value = text(call.input, member); !value.empty()) {
      context.set(fmt::format("sns:{}", member), {value});
    }
  }
  add_tags(call, context);
  return context;
}

access::Ask ask_about(const Call& call, std::string resource, std::string account) {
  const bool batch = call.operation.name == "PublishBatch";  // AWS has no action of its own for it
  return {.action = "SNS:" + (batch ? "Publish" : call.operation.name),
          .resource = std::move(resource),
          .resource_account = std::move(account),
          .resource_policy = nullptr,
          .context = context_of(call)};
}

Found<void> add_policy(const topics::Topic& topic, access::Ask& ask) {
  auto policy = access::Policy::parse(topic.policy, access::PolicyKind::resource);
  if (!policy) {
    return fault::failure({Errc::corrupt, "a topic's policy cannot be read", topic.name.arn()});
  }
  ask.resource_policy = *std::move(policy);
  for (const auto& [name, value] : topic.tags) {
    access::add_resource_tag(ask.context, name, value);
  }
  return {};
}

// The topic as it is now, if there is one.
Task<Found<void>> load(const Dependencies& on, topics::TopicName name, Asked& asked) {
  auto names = co_await topics::load_names(on.catalog, name.account, name.region);
  if (!names) {
    co_return fault::failure(names.error());
  }
  auto topic = co_await topics::load_topic(on.catalog, name);
  if (!topic) {
    co_return fault::failure(topic.error());
  }
  asked.names = *std::move(names);
  asked.topic = *std::move(topic);
  asked.name = std::move(name);
  co_return Found<void>();
}

// Deleting what is not there is no error, nor is making what is.
bool may_be_absent(const Call& call) {
  return call.operation.name == "DeleteTopic" || call.operation.name == "CreateTopic";
}

Task<Found<void>> add_topic(const Dependencies& on, const Call& call, topics::TopicName name,
                            aws::Fault missing, Question& question) {
  CAIRN_CO_TRY_VOID(co_await load(on, name, question.asked));
  auto ask = ask_about(call, name.arn(), name.account);
  if (question.asked.topic) {
    CAIRN_CO_TRY_VOID(add_policy(question.asked.topic->value, ask));
  } else if (name.account == call.account && !may_be_absent(call)) {
    co_return missing;
  }
  question.asks.push_back(std::move(ask));
  co_return Found<void>();
}

Task<Found<void>> add_new_topic(const Dependencies& on, const Call& call, Question& question) {
  const topics::TopicName name{
      .account = call.account, .region = call.region, .name = text(call.input, "Name")};
  if (!topics::is_topic_name(name.name)) {
    const bool fifo = name.name.ends_with(".fifo");
    co_return fifo ? fault::unsupported("A FIFO topic") : fault::invalid("Topic Name");
  }
  CAIRN_CO_TRY_VOID(co_await add_topic(on, call, name, fault::no_such_topic(), question));
  if (const auto* tags = json::find_array(call.input, "Tags"); tags != nullptr && !tags->empty()) {
    auto ask = question.asks.front();
    ask.action = "SNS:TagResource";
    question.asks.push_back(std::move(ask));
  }
  co_return Found<void>();
}

Task<Found<void>> add_target(const Dependencies& on, const Call& call, Question& question) {
  if (!text(call.input, "PhoneNumber").empty()) {
    co_return fault::unsupported("PhoneNumber");
  }
  const auto arn = text(call.input, "TopicArn");
  const auto target = text(call.input, "TargetArn");
  if (arn.empty() == target.empty()) {
    co_return fault::invalid("TopicArn or TargetArn Reason: no value for required parameter");
  }
  CAIRN_CO_TRY(auto name,
               read_topic(call, arn.empty() ? "TargetArn" : "TopicArn", arn.empty() ? target : arn));
  co_return co_await add_topic(on, call, std::move(name), fault::no_such_topic(), question);
}

// Unsubscribe has no such member: it is in the link of a mail alone. Empty: there is none.
std::string token_in_query(const Call& call) {
  const auto query = codec::parse_query(call.head.query());
  for (const auto& [name, value] : query ? *query : codec::QueryPairs()) {
    if (name == "Token") {
      return value;
    }
  }
  return {};
}

// Without a signature: who was sent the token may end a subscription of mail, and nobody is told of others.
Found<void> add_holder(const Call& call, const topics::SubscriptionName& name, Question& question) {
  const auto& there = question.asked.subscription;
  const bool right = there && question.asked.topic && there->value.is_mail() && !there->value.pending &&
                     !there->value.token.empty() &&
                     there->value.token_hash == hash_of_token(token_in_query(call));
  if (!right) {
    return fault::invalid("Token");
  }
  auto ask = ask_about(call, text(call.input, "SubscriptionArn"), name.topic.account);
  ask.resource_policy = *access::Policy::parse(kTokenPolicy, access::PolicyKind::resource);
  question.asks.push_back(std::move(ask));
  return {};
}

// Who subscribed may, and whose topic it is.
Task<Found<void>> add_subscription(const Dependencies& on, const Call& call, Question& question) {
  const auto arn = text(call.input, "SubscriptionArn");
  const auto elements = std::ranges::count(arn, ':') + 1;
  if (elements < kArnElements) {
    co_return fault::invalid(
        fmt::format("SubscriptionArn Reason: An ARN must have at least 6 elements, not {}", elements));
  }
  const auto name = topics::subscription_of(arn);
  if (!name || name->topic.region != call.region) {
    co_return fault::invalid("SubscriptionId");
  }
  CAIRN_CO_TRY_VOID(co_await load(on, name->topic, question.asked));
  auto found = co_await topics::load_subscription(on.catalog, *name);
  if (!found) {
    co_return fault::failure(found.error());
  }
  if (*found && !(*found)->value.is_due(on.deliverer.now())) {
    question.asked.subscription = std::move(*found);
  }
  if (call.caller.principal.kind == access::PrincipalKind::anonymous) {
    co_return add_holder(call, *name, question);
  }
  const auto& there = question.asked.subscription;
  const bool own = name->topic.account == call.account || (there && there->value.owner == call.account);
  if (!there && own && call.operation.name != "Unsubscribe") {
    co_return fault::no_such_subscription();
  }
  question.asks.push_back(ask_about(call, arn, own ? call.account : name->topic.account));
  co_return Found<void>();
}

// Strangers may ask, so nothing is said about what is there.
Task<Found<void>> add_token(const Dependencies& on, const Call& call, Question& question) {
  const auto topic = topics::topic_of(text(call.input, "TopicArn"));
  if (!topic || topic->region != call.region) {
    co_return fault::invalid("Topic");
  }
  const auto token = text(call.input, "Token");
  const auto id = subscription_of_token(token);
  if (!id) {
    co_return fault::invalid_token();
  }
  CAIRN_CO_TRY_VOID(co_await load(on, *topic, question.asked));
  const topics::SubscriptionName name{.topic = *topic, .id = *id};
  auto found = co_await topics::load_subscription(on.catalog, name);
  if (!found) {
    co_return fault::failure(found.error());
  }
  const bool right = *found && question.asked.topic && !(*found)->value.is_due(on.deliverer.now()) &&
                     !(*found)->value.token_hash.empty() &&
                     (*found)->value.token_hash == hash_of_token(token);
  if (!right) {
    co_return fault::invalid("Token");
  }
  question.asked.subscription = std::move(*found);
  auto ask = ask_about(call, topic->arn(), topic->account);
  ask.resource_policy = *access::Policy::parse(kTokenPolicy, access::PolicyKind::resource);
  question.asks.push_back(std::move(ask));
  co_return Found<void>();
}

Task<Found<void>> fill(const Dependencies& on, const Call& call, About about, Question& question) {
  switch (about) {
    case About::nothing:
      question.asks.push_back(ask_about(call, "*", call.account));
      co_return Found<void>();
    case About::new_topic:
      co_return co_await add_new_topic(on, call, question);
    case About::target:
      co_return co_await add_target(on, call, question);
    case About::subscription:
      co_return co_await add_subscription(on, call, question);
    case About::token:
      co_return co_await add_token(on, call, question);
    case About::topic:
    case About::resource:
      break;
  }
  const auto* const member = about == About::topic ? "TopicArn" : "ResourceArn";
  CAIRN_CO_TRY(auto name, read_topic(call, member, text(call.input, member)));
  auto missing = about == About::topic ? fault::no_such_topic() : fault::no_such_resource();
  co_return co_await add_topic(on, call, std::move(name), std::move(missing), question);
}

}  // namespace

Task<Found<Question>> ask(const Dependencies& on, Call& call, About about) {
  Question question;
  CAIRN_CO_TRY_VOID(co_await fill(on, call, about, question));
  if (about != About::nothing) {
    const auto& name = question.asked.name;
    call.record.resources = {
        {.arn = name.arn(), .account_id = name.account, .type = "AWS::SNS::Topic", .arn_prefix = {}}};
  }
  co_return question;
}

}  // namespace cairn::services::sns
