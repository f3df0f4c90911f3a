// Who may use a topic, and its tags. Tested by sns_test.cc.
#include <fmt/format.h>

#include <algorithm>

#include "aws/ids.h"
#include "json/json.h"
#include "services/sns/operations.h"

namespace cairn::services::sns {
namespace {

// The policy as an object with a list of statements.
Found<json::object> policy_of(const topics::Topic& topic) {
  auto policy = json::parse_object(topic.policy);
  if (!policy || json::find(*policy, "Statement") == nullptr) {
    return fault::failure({Errc::corrupt, "a topic's policy cannot be read", topic.name.arn()});
  }
  auto& statement = policy->at("Statement");
  if (statement.is_object()) {
    statement = json::array{std::move(statement)};
  }
  return *std::move(policy);
}

bool is_labelled(const json::value& statement, std::string_view label) {
  const auto* object = statement.if_object();
  return object != nullptr && json::find_string(*object, "Sid") == label;
}

// One is itself, several are a list.
json::value one_or_many(json::array list) {
  return list.size() == 1 ? list.front() : json::value(std::move(list));
}

Found<json::object> statement_in(const Call& call, const topics::Topic& topic, std::string_view label) {
  json::array principals;
  for (const auto& account : *json::find_array(call.input, "AWSAccountId")) {
    const auto id = aws::AccountId::parse(json::text_of(account.get_string()));
    if (!id) {
      return fault::invalid("AWSAccountId");
    }
    principals.push_back(json::value(fmt::format("arn:aws:iam::{}:root", id->text())));
  }
  json::array actions;
  for (const auto& name : *json::find_array(call.input, "ActionName")) {
    const auto action = json::text_of(name.get_string());
    const auto* operation = call.service.operation(action);
    if (operation == nullptr && action != "*") {
      return fault::invalid("Policy statement action out of service scope!");
    }
    actions.push_back(json::value(fmt::format("SNS:{}", action)));
  }
  if (principals.empty() || actions.empty()) {
    return fault::invalid(principals.empty() ? "AWSAccountId" : "ActionName");
  }
  return json::object{{"Sid", label},
                      {"Effect", "Allow"},
                      {"Principal", json::object{{"AWS", one_or_many(std::move(principals))}}},
                      {"Action", one_or_many(std::move(actions))},
                      {"Resource", topic.name.arn()}};
}

}  // namespace

Task<Answer> add_permission(const Dependencies& /*on*/, Call& call, Asked asked) {
  auto& topic = asked.topic->value;
  const auto label = text(call.input, "Label");
  if (label.empty() || label.size() > Limits::label_chars_max) {
    co_return fault::invalid("Label");
  }
  CAIRN_CO_TRY(auto policy, policy_of(topic));
  auto& statements = policy.at("Statement").as_array();
  if (std::ranges::any_of(statements, [&](const auto& one) { return is_labelled(one, label); })) {
    co_return fault::invalid("Statement already exists");
  }
  CAIRN_CO_TRY(auto statement, statement_in(call, topic, label));
  statements.push_back(std::move(statement));
  auto written = json::serialize(policy);
  CAIRN_CO_TRY_VOID(check_policy(written));
  topic.policy = std::move(written);
  co_return changed(asked);
}

Task<Answer> remove_permission(const Dependencies& /*on*/, Call& call, Asked asked) {
  auto& topic = asked.topic->value;
  CAIRN_CO_TRY(auto policy, policy_of(topic));
  auto& statements = policy.at("Statement").as_array();
  const auto label = text(call.input, "Label");
  json::array kept;
  for (const auto& one : statements) {
    if (!is_labelled(one, label)) {
      kept.push_back(one);
    }
  }
  if (kept.size() == statements.size()) {
    co_return Outcome{};
  }
  statements = std::move(kept);
  topic.policy = json::serialize(policy);
  co_return changed(asked);
}

Task<Answer> tag_resource(const Dependencies& /*on*/, Call& call, Asked asked) {
  CAIRN_CO_TRY(const auto more, tags_in(call));
  auto& tags = asked.topic->value.tags;
  for (const auto& tag : more) {
    const auto same = std::ranges::find(tags, tag.first, &topics::Tags::value_type::first);
    if (same != tags.end()) {
      same->second = tag.second;
    } else {
      tags.push_back(tag);
    }
  }
  if (tags.size() > topics::Limits::tags_max) {
    co_return fault::too_many_tags();
  }
  co_return changed(asked);
}

Task<Answer> untag_resource(const Dependencies& /*on*/, Call& call, Asked asked) {
  const auto* names = json::find_array(call.input, "TagKeys");
  for (const auto& name : names != nullptr ? *names : json::array()) {
    std::erase_if(asked.topic->value.tags,
                  [&](const auto& tag) { return tag.first == json::text_of(name.get_string()); });
  }
  co_return changed(asked);
}

Task<Answer> list_tags_for_resource(const Dependencies& /*on*/, Call& /*call*/, Asked asked) {
  json::array list;
  for (const auto& [name, value] : asked.topic->value.tags) {
    list.push_back(json::object{{"Key", name}, {"Value", value}});
  }
  Outcome outcome;
  outcome.output["Tags"] = std::move(list);
  co_return outcome;
}

}  // namespace cairn::services::sns
