// Attributes of queues. Tested by attributes_test.cc.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "access/new_policy.h"
#include "aws/ids.h"
#include "codec/headers.h"
#include "json/json.h"
#include "services/sqs/operations.h"

namespace cairn::services::sqs {
namespace {

using queues::Settings;

struct NumberAttribute {
  std::string_view name;
  std::int64_t Settings::*member;
  std::int64_t least;
  std::int64_t most;
};
constexpr std::array kNumbers = {
    NumberAttribute{"DelaySeconds", &Settings::delay, 0, queues::Limits::delay_seconds_max},
    NumberAttribute{"MaximumMessageSize", &Settings::message_bytes, queues::Limits::message_bytes_least,
                    queues::Limits::message_bytes_max},
    NumberAttribute{"MessageRetentionPeriod", &Settings::retention, queues::Limits::retention_seconds_least,
                    queues::Limits::retention_seconds_max},
    NumberAttribute{"ReceiveMessageWaitTimeSeconds", &Settings::wait, 0, queues::Limits::wait_seconds_max},
    NumberAttribute{"VisibilityTimeout", &Settings::visibility, 0, queues::Limits::visibility_seconds_max},
};

// All that a queue may say of itself; the rest of the model's are of FIFO queues or of KMS.
constexpr std::array<std::string_view, 16> kShown = {
    "Policy",
    "VisibilityTimeout",
    "MaximumMessageSize",
    "MessageRetentionPeriod",
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "CreatedTimestamp",
    "LastModifiedTimestamp",
    "QueueArn",
    "ApproximateNumberOfMessagesDelayed",
    "DelaySeconds",
    "ReceiveMessageWaitTimeSeconds",
    "RedrivePolicy",
    "RedriveAllowPolicy",
    "SqsManagedSseEnabled",
    "All",
};
constexpr std::array<std::string_view, 6> kOfOthers = {"FifoQueue",          "ContentBasedDeduplication",
                                                       "KmsMasterKeyId",     "KmsDataKeyReusePeriodSeconds",
                                                       "DeduplicationScope", "FifoThroughputLimit"};

std::int64_t seconds(Time time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

std::optional<std::int64_t> number_of(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

Found<void> apply_number(const NumberAttribute& attribute, std::string_view value, Settings& settings) {
  const auto number = number_of(value);
  if (!number || *number < attribute.least || *number > attribute.most) {
    return fault::invalid_attribute(attribute.name);
  }
  settings.*attribute.member = *number;
  return {};
}

// The queue is there, takes dead letters of this one, and is no other account's.
Task<Found<void>> check_target(const Dependencies& on, const queues::Queue& queue, std::string given) {
  const auto wrong = [&](std::string_view why) {
    return fault::invalid_parameter("RedrivePolicy", given, why);
  };
  const auto arn = aws::Arn::parse(queue.settings.dead_letters);
  if (!arn || arn->service() != "sqs" || arn->region() != queue.region || arn->account() != queue.account) {
    co_return wrong("Dead-letter target must be a queue of the same account and Region.");
  }
  const auto target =
      co_await queues::load_queue(on.catalog, queue.account, queue.region, std::string(arn->resource()));
  if (!target) {
    co_return fault::failure(target.error());
  }
  if (!*target || (*target)->value.gone) {
    co_return wrong("Dead letter target does not exist.");
  }
  const auto allowed = json::parse_object((*target)->value.settings.dead_letters_of);
  const auto permission =
      allowed ? json::find_string(*allowed, "redrivePermission").value_or("allowAll") : "allowAll";
  const auto* sources = allowed ? json::find_array(*allowed, "sourceQueueArns") : nullptr;
  const bool is_source = sources != nullptr && std::ranges::any_of(*sources, [&](const json::value& one) {
                           return one.is_string() && json::text_of(one.get_string()) == queue.arn();
                         });
  const bool takes_it = permission == "allowAll" || (permission == "byQueue" && is_source);
  co_return takes_it ? Found<void>()
                     : wrong("The dead-letter queue's RedriveAllowPolicy does not allow this queue.");
}

Task<Found<void>> apply_redrive(const Dependencies& on, std::string given, queues::Queue& queue) {
  auto& settings = queue.settings;
  settings.dead_letters.clear();
  settings.receives_most = 0;
  if (given.empty()) {
    co_return Found<void>();
  }
  const auto policy = json::parse_object(given);
  if (!policy) {
    co_return fault::invalid_parameter("RedrivePolicy", given, "Redrive policy is not a valid JSON map.");
  }
  const auto* count = json::find(*policy, "maxReceiveCount");
  const auto most = count == nullptr     ? std::nullopt
                    : count->is_string() ? number_of(json::text_of(count->get_string()))
                                         : json::find_int(*policy, "maxReceiveCount");
  settings.dead_letters = json::find_string(*policy, "deadLetterTargetArn").value_or("");
  if (settings.dead_letters.empty() || policy->size() != 2) {
    co_return fault::invalid_parameter(
        "RedrivePolicy", given,
        "Redrive policy must have deadLetterTargetArn and maxReceiveCount, and nothing else.");
  }
  if (!most || *most < 1 || *most > queues::Limits::receives_max) {
    co_return fault::invalid_parameter("RedrivePolicy", given,
                                       "Invalid value for maxReceiveCount: must be between 1 and 1000.");
  }
  settings.receives_most = *most;
  co_return co_await check_target(on, queue, std::move(given));
}

// A list of one to ten queues' ARNs.
bool are_queues(const json::array& sources) {
  return !sources.empty() && sources.size() <= Limits::batch_max &&
         std::ranges::all_of(sources, [](const json::value& one) {
           const auto text = one.is_string() ? json::text_of(one.get_string()) : std::string_view();
           const auto arn = aws::Arn::parse(text);
           return arn && arn->service() == "sqs";
         });
}

Found<void> apply_redrive_allow(std::string_view given, Settings& settings) {
  settings.dead_letters_of = given;
  if (given.empty()) {
    return {};
  }
  const auto policy = given.size() <= queues::Limits::redrive_allow_bytes_max
                          ? json::parse_object(given)
                          : Result<json::object>(Error{Errc::limit, "a RedriveAllowPolicy is too long", ""});
  const auto permission = policy ? json::find_string(*policy, "redrivePermission").value_or("") : "";
  const auto* sources = policy ? json::find_array(*policy, "sourceQueueArns") : nullptr;
  const bool known = permission == "allowAll" || permission == "denyAll" || permission == "byQueue";
  const bool listed = sources != nullptr && are_queues(*sources);
  const bool alone = policy && policy->size() == (listed ? 2U : 1U);
  if (!known || !alone || (permission == "byQueue") != listed) {
    return fault::invalid_parameter(
        "RedriveAllowPolicy", given,
        "redrivePermission must be allowAll, denyAll, or byQueue with 1 to 10 sourceQueueArns.");
  }
  return {};
}

// Of what is not there: a value that changes nothing is taken, and any other refused by name.
Found<void> apply_other(std::string_view name, std::string_view value) {
  if (name == "FifoQueue" && value == "true") {
    return fault::unsupported("FifoQueue");
  }
  if (name.starts_with("Kms")) {
    return value.empty() ? Found<void>() : fault::unsupported(name);
  }
  return fault::unknown_attribute(name);
}

Task<Found<void>> apply_one(const Dependencies& on, std::string name, std::string value,
                            queues::Queue& queue) {
  auto& settings = queue.settings;
  const auto* const number = std::ranges::find(kNumbers, name, &NumberAttribute::name);
  if (number != kNumbers.end()) {
    co_return apply_number(*number, value, settings);
  }
  if (name == "Policy") {
    co_return apply_policy(value, settings);
  }
  if (name == "RedrivePolicy") {
    co_return co_await apply_redrive(on, std::move(value), queue);
  }
  if (name == "RedriveAllowPolicy") {
    co_return apply_redrive_allow(value, settings);
  }
  if (name == "SqsManagedSseEnabled") {
    settings.sealed = value == "true";
    co_return value == "true" || value == "false" ? Found<void>() : fault::invalid_attribute(name);
  }
  co_return apply_other(name, value);
}

std::string redrive_policy(const Settings& settings) {
  return json::serialize(json::object{{"deadLetterTargetArn", settings.dead_letters},
                                      {"maxReceiveCount", settings.receives_most}});
}

std::optional<std::string> unless_empty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

std::optional<std::string> count_of(const queues::Counts& counts, std::string_view name) {
  return name == "ApproximateNumberOfMessages"             ? std::optional(std::to_string(counts.visible))
         : name == "ApproximateNumberOfMessagesNotVisible" ? std::optional(std::to_string(counts.in_flight))
         : name == "ApproximateNumberOfMessagesDelayed"    ? std::optional(std::to_string(counts.delayed))
                                                           : std::nullopt;
}

bool is_in(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

// Which attributes are asked for.
Found<std::vector<std::string>> names_in(const Call& call) {
  std::vector<std::string> names;
  const auto* given = json::find_array(call.input, "AttributeNames");
  for (const auto& one : given != nullptr ? *given : json::array()) {
    const auto name = json::text_of(one.get_string());
    if (!is_in(kShown, name) && !is_in(kOfOthers, name)) {
      return fault::unknown_attribute(name);
    }
    if (name == "All") {
      return std::vector<std::string>(kShown.begin(), kShown.end() - 1);
    }
    names.emplace_back(name);
  }
  return names;
}

}  // namespace

Found<void> apply_policy(std::string_view value, Settings& settings) {
  settings.policy = value;
  if (value.empty()) {
    return {};
  }
  const auto parsed = access::parse_new_policy(value, access::PolicyKind::resource);
  if (!parsed || value.size() > queues::Limits::policy_bytes_max) {
    return fault::invalid_attribute("Policy", parsed ? "It is too long." : parsed.error().what);
  }
  const auto actions = (*parsed)->actions();
  const bool of_queues = std::ranges::all_of(actions, [](const std::string& action) {
    return action == "*" || codec::lower(action).starts_with("sqs:");
  });
  return of_queues ? Found<void>() : fault::invalid_attribute("Policy", "It has actions that are not SQS's.");
}

std::optional<std::string> attribute_of(const queues::Queue& queue, std::string_view name) {
  const auto& settings = queue.settings;
  const auto* const number = std::ranges::find(kNumbers, name, &NumberAttribute::name);
  if (number != kNumbers.end()) {
    return std::to_string(settings.*number->member);
  }
  if (name == "Policy") {
    return unless_empty(settings.policy);
  }
  if (name == "RedrivePolicy") {
    return settings.receives_most == 0 ? std::nullopt : std::optional(redrive_policy(settings));
  }
  if (name == "RedriveAllowPolicy") {
    return unless_empty(settings.dead_letters_of);
  }
  if (name == "SqsManagedSseEnabled") {
    return settings.sealed ? "true" : "false";
  }
  if (name == "QueueArn") {
    return queue.arn();
  }
  return name == "CreatedTimestamp"        ? std::optional(std::to_string(seconds(queue.created)))
         : name == "LastModifiedTimestamp" ? std::optional(std::to_string(seconds(queue.modified)))
                                           : std::nullopt;
}

Task<Found<void>> apply_attributes(const Dependencies& on, const Call& call, queues::Queue& queue) {
  const auto* attributes = json::find_object(call.input, "Attributes");
  for (const auto& [name, value] : attributes != nullptr ? *attributes : json::object()) {
    std::string given(value.is_string() ? json::text_of(value.get_string()) : std::string_view());
    CAIRN_CO_TRY_VOID(co_await apply_one(on, std::string(name), std::move(given), queue));
  }
  co_return Found<void>();
}

Task<Answer> set_queue_attributes(const Dependencies& on, Call& call, Asked asked) {
  auto& queue = *asked.queue;
  CAIRN_CO_TRY_VOID(co_await apply_attributes(on, call, queue.value));
  queue.value.modified = call.time;
  co_return changed(queue);
}

Task<Answer> get_queue_attributes(const Dependencies& on, Call& call, Asked asked) {
  const auto& queue = asked.queue->value;
  CAIRN_CO_TRY(const auto names, names_in(call));
  CAIRN_CO_TRY(const auto mailbox, co_await mailbox_of(on, queue));
  const auto counts = mailbox->counts();
  json::object shown;
  for (const auto& name : names) {
    auto value = attribute_of(queue, name);
    value = value ? std::move(value) : count_of(counts, name);
    if (value) {
      shown[name] = *value;
    }
  }
  Outcome outcome;
  if (!shown.empty()) {
    outcome.output["Attributes"] = std::move(shown);
  }
  co_return outcome;
}

}  // namespace cairn::services::sqs
