// AddPermission and RemovePermission: statements of the queue's policy, by their Sid. Tested by
// attributes_test.cc.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "json/json.h"
#include "services/sqs/operations.h"

namespace cairn::services::sqs {
namespace {

constexpr std::array<std::string_view, 7> kActions = {"*",
                                                      "SendMessage",
                                                      "ReceiveMessage",
                                                      "DeleteMessage",
                                                      "ChangeMessageVisibility",
                                                      "GetQueueAttributes",
                                                      "GetQueueUrl"};
constexpr std::size_t kStatementsMax = 20;
constexpr std::size_t kLabelCharsMax = 80;

json::object policy_of(const queues::Queue& queue) {
  if (auto policy = json::parse_object(queue.settings.policy)) {
    return *std::move(policy);
  }
  return {{"Version", "2012-10-17"}, {"Id", queue.arn() + "/SQSDefaultPolicy"}, {"Statement", json::array()}};
}

json::array statements_of(json::object& policy) {
  auto& found = policy["Statement"];
  return found.is_array() ? found.get_array() : json::array{found};
}

bool is_labelled(const json::value& statement, std::string_view label) {
  return statement.is_object() && json::find_string(statement.get_object(), "Sid") == label;
}

Found<json::array> list_in(const Call& call, std::string_view member) {
  const auto* list = json::find_array(call.input, member);
  if (list == nullptr || list->empty()) {
    return fault::missing_parameter(member);
  }
  return *list;
}

Found<json::value> principals_in(const Call& call) {
  CAIRN_TRY(const auto accounts, list_in(call, "AWSAccountIds"));
  json::array principals;
  for (const auto& account : accounts) {
    if (!aws::AccountId::parse(json::text_of(account.get_string()))) {
      return fault::invalid_parameter("PrincipalId", json::text_of(account.get_string()),
                                      "Unable to verify.");
    }
    principals.push_back(
        json::value(fmt::format("arn:aws:iam::{}:root", json::text_of(account.get_string()))));
  }
  return principals.size() == 1 ? principals[0] : json::value(principals);
}

Found<json::value> actions_in(const Call& call) {
  CAIRN_TRY(const auto names, list_in(call, "Actions"));
  json::array actions;
  for (const auto& name : names) {
    const auto action = json::text_of(name.get_string());
    if (std::ranges::find(kActions, action) == kActions.end()) {
      return fault::invalid_parameter(
          "ActionName", action,
          "Only the queue owner is allowed to invoke this action, or there is no such action.");
    }
    actions.push_back(json::value(fmt::format("SQS:{}", action)));
  }
  return actions.size() == 1 ? actions[0] : json::value(actions);
}

Found<void> check_label(std::string_view label) {
  const bool sound =
      !label.empty() && label.size() <= kLabelCharsMax && std::ranges::all_of(label, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
               c == '-';
      });
  return sound ? Found<void>()
               : fault::invalid_parameter("Label", label,
                                          "It has 1 to 80 letters, digits, hyphens and underscores.");
}

Found<Outcome> with_policy(queues::StoredQueue queue, json::object policy, json::array statements, Time now) {
  policy["Statement"] = std::move(statements);
  CAIRN_TRY_VOID(apply_policy(policy["Statement"].get_array().empty() ? "" : json::serialize(policy),
                              queue.value.settings));
  queue.value.modified = now;
  return changed(queue);
}

}  // namespace

Task<Answer> add_permission(const Dependencies& /*on*/, Call& call, Asked asked) {
  auto& queue = *asked.queue;
  const auto label = text(call, "Label");
  CAIRN_CO_TRY_VOID(check_label(label));
  auto policy = policy_of(queue.value);
  auto statements = statements_of(policy);
  if (std::ranges::any_of(statements, [&](const json::value& one) { return is_labelled(one, label); })) {
    co_return fault::invalid_parameter("Label", label, "Already exists.");
  }
  if (statements.size() >= kStatementsMax) {
    co_return fault::limit("20 statements are maximum for a policy.");
  }
  json::object statement{{"Sid", label}, {"Effect", "Allow"}};
  CAIRN_CO_TRY(auto principals, principals_in(call));
  statement["Principal"] = json::object{{"AWS", std::move(principals)}};
  CAIRN_CO_TRY(statement["Action"], actions_in(call));
  statement["Resource"] = queue.value.arn();
  statements.push_back(std::move(statement));
  co_return with_policy(queue, std::move(policy), std::move(statements), call.time);
}

Task<Answer> remove_permission(const Dependencies& /*on*/, Call& call, Asked asked) {
  auto& queue = *asked.queue;
  const auto label = text(call, "Label");
  auto policy = policy_of(queue.value);
  auto statements = statements_of(policy);
  const auto at =
      std::ranges::find_if(statements, [&](const json::value& one) { return is_labelled(one, label); });
  if (at == statements.end()) {
    co_return fault::invalid_parameter("Label", label, "can't find label.");
  }
  statements.erase(at);
  co_return with_policy(queue, std::move(policy), std::move(statements), call.time);
}

}  // namespace cairn::services::sqs
