// Tested by sqs_test.cc.
#include "services/sqs/asks.h"

#include "json/json.h"

namespace cairn::services::sqs {
namespace {

constexpr std::string_view kBatch = "Batch";

// Batches take the permission of what they do many times.
std::string action_of(const Call& call) {
  std::string_view name = call.operation.name;
  if (name.ends_with(kBatch)) {
    name.remove_suffix(kBatch.size());
  }
  return "sqs:" + std::string(name);
}

void add_request_tags(const Call& call, access::Context& context) {
  for (const auto* member : {"tags", "Tags"}) {
    const auto* tags = json::find_object(call.input, member);
    for (const auto& [name, value] : tags != nullptr ? *tags : json::object()) {
      access::add_request_tag(context, name, value.is_string() ? json::text_of(value.get_string()) : "");
    }
  }
  const auto* names = json::find_array(call.input, "TagKeys");
  for (const auto& name : names != nullptr ? *names : json::array()) {
    context.add("aws:TagKeys", name.get_string());
  }
}

access::Ask ask_for(const Call& call, const Address& address) {
  access::Ask ask{.action = action_of(call),
                  .resource = queues::queue_arn(address.account, call.region, address.name),
                  .resource_account = address.account,
                  .resource_policy = nullptr,
                  .context = {}};
  add_request_tags(call, ask.context);
  return ask;
}

// "": by the path that was asked for.
Found<Address> named_queue(const Call& call, About about) {
  if (about == About::queue_by_name) {
    const auto owner = text(call, "QueueOwnerAWSAccountId");
    const auto name = text(call, "QueueName");
    CAIRN_TRY_VOID(check_name(name));
    return Address{.account = owner.empty() ? call.account : owner, .name = name};
  }
  const auto url = text(call, "QueueUrl");
  if (url.empty() && call.head.path().size() <= 1) {
    return fault::missing_parameter("QueueUrl");
  }
  return address_of(call, url.empty() ? std::string(call.head.path()) : url);
}

Task<Found<Question>> ask_for_queue(const Dependencies& on, const Call& call, About about) {
  CAIRN_CO_TRY(const auto address, named_queue(call, about));
  Question question;
  auto ask = ask_for(call, address);
  question.asked.resources = {
      {.arn = ask.resource, .account_id = address.account, .type = "AWS::SQS::Queue", .arn_prefix = {}}};
  auto queue = co_await queues::load_queue(on.catalog, address.account, call.region, address.name);
  if (!queue) {
    co_return fault::failure(queue.error());
  }
  if (!*queue || (*queue)->value.gone) {
    if (call.caller.principal.kind == access::PrincipalKind::service) {
      co_return fault::no_such_queue();  // it may know: its delivery is told why
    }
    if (address.account != call.account) {
      co_return fault::no_such_queue_or_no_access();
    }
    question.asks.push_back(std::move(ask));
    co_return question;
  }
  const auto& value = (*queue)->value;
  for (const auto& [name, tag] : value.tags) {
    access::add_resource_tag(ask.context, name, tag);
  }
  const bool by_policy = about != About::own_queue || address.account == call.account;
  if (by_policy && !value.settings.policy.empty()) {
    auto policy = access::Policy::parse(value.settings.policy, access::PolicyKind::resource);
    if (!policy) {
      co_return fault::failure({Errc::corrupt, "a queue's policy cannot be read", value.arn()});
    }
    ask.resource_policy = *std::move(policy);
  }
  question.asked.queue = **std::move(queue);
  question.asks.push_back(std::move(ask));
  co_return question;
}

Task<Found<Question>> ask_to_create(const Dependencies& on, const Call& call) {
  const Address address{.account = call.account, .name = text(call, "QueueName")};
  CAIRN_CO_TRY_VOID(check_name(address.name));
  Question question;
  auto ask = ask_for(call, address);
  question.asked.resources = {
      {.arn = ask.resource, .account_id = address.account, .type = "AWS::SQS::Queue", .arn_prefix = {}}};
  auto queue = co_await queues::load_queue(on.catalog, address.account, call.region, address.name);
  if (!queue) {
    co_return fault::failure(queue.error());
  }
  question.asked.queue = *std::move(queue);
  question.asks.push_back(ask);
  if (const auto* tags = json::find_object(call.input, "tags"); tags != nullptr && !tags->empty()) {
    ask.action = "sqs:TagQueue";
    question.asks.push_back(std::move(ask));
  }
  co_return question;
}

}  // namespace

Task<Found<Question>> ask(const Dependencies& on, const Call& call, About about) {
  switch (about) {
    case About::new_queue:
      co_return co_await ask_to_create(on, call);
    case About::queues: {
      Question question;
      auto ask = ask_for(call, {.account = call.account, .name = "*"});
      question.asked.resources = {
          {.arn = ask.resource, .account_id = call.account, .type = "AWS::SQS::Queue", .arn_prefix = {}}};
      question.asks.push_back(std::move(ask));
      co_return question;
    }
    case About::own_queue:
    case About::any_queue:
    case About::queue_by_name:
      break;
  }
  co_return co_await ask_for_queue(on, call, about);
}

}  // namespace cairn::services::sqs
