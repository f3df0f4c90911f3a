// What the operations share. Tested by sns_test.cc.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "access/new_policy.h"
#include "codec/base64.h"
#include "codec/headers.h"
#include "codec/utf8.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "json/json.h"
#include "services/sns/operations.h"

namespace cairn::services::sns {
namespace {

constexpr std::size_t kTokenRandomBytes = 32;
constexpr std::size_t kIdDigits = 32;  // of a UUID
constexpr std::size_t kTagKeyCharsMax = 128;
constexpr std::size_t kTagValueCharsMax = 256;
// Where a UUID has its dashes.
constexpr std::array<std::size_t, 4> kDashes = {8, 13, 18, 23};

}  // namespace

std::string text(const boost::json::object& input, std::string_view member) {
  return std::string(json::find_string(input, member).value_or(""));
}

void expect_same_names(const Asked& asked, catalog::Transaction& change) {
  change.expectations.push_back(
      {.key = topics::names_key(asked.name.account, asked.name.region), .version = asked.names.version});
}

Outcome changed(const Asked& asked) {
  Outcome outcome;
  outcome.effects.writes.push_back(topics::put(asked.topic->value, asked.topic->version));
  expect_same_names(asked, outcome.effects);
  return outcome;
}

Found<topics::Tags> tags_in(const Call& call) {
  topics::Tags tags;
  const auto* list = json::find_array(call.input, "Tags");
  for (const auto& one : list != nullptr ? *list : json::array()) {
    const auto& tag = one.get_object();
    auto name = text(tag, "Key");
    if (name.empty() || codec::utf8_length(name) > kTagKeyCharsMax || name.starts_with("aws:")) {
      return fault::invalid("Tag keys have 1 to 128 characters and do not begin with aws:");
    }
    auto value = text(tag, "Value");
    if (codec::utf8_length(value) > kTagValueCharsMax) {
      return fault::invalid("Tag values have at most 256 characters");
    }
    if (std::ranges::find(tags, name, &topics::Tags::value_type::first) != tags.end()) {
      return fault::invalid("Duplicated keys are not allowed.");
    }
    tags.emplace_back(std::move(name), std::move(value));
  }
  if (tags.size() > topics::Limits::tags_max) {
    return fault::too_many_tags();
  }
  return tags;
}

Found<std::string> token_in(const Call& call) {
  const auto token = text(call.input, "NextToken");
  if (token.empty()) {
    return std::string();
  }
  const auto after = codec::base64_decode(token);
  return after && !after->empty() ? Found<std::string>(*after) : fault::invalid("NextToken");
}

std::string token_after(std::string_view last) {
  return codec::base64_encode(last);
}

std::string usual_policy(const topics::TopicName& topic) {
  json::array actions;
  for (const auto* const action :
       {"GetTopicAttributes", "SetTopicAttributes", "AddPermission", "RemovePermission", "DeleteTopic",
        "Subscribe", "ListSubscriptionsByTopic", "Publish"}) {
    actions.push_back(json::value(fmt::format("SNS:{}", action)));
  }
  const json::object statement{
      {"Sid", "__default_statement_ID"},
      {"Effect", "Allow"},
      {"Principal", json::object{{"AWS", "*"}}},
      {"Action", std::move(actions)},
      {"Resource", topic.arn()},
      {"Condition", json::object{{"StringEquals", json::object{{"AWS:SourceOwner", topic.account}}}}}};
  return json::serialize(json::object{{"Version", "2008-10-17"},
                                      {"Id", "__default_policy_ID"},
                                      {"Statement", json::array{json::value(statement)}}});
}

Found<void> check_policy(std::string_view policy) {
  if (policy.size() > topics::Limits::policy_bytes_max) {
    return fault::invalid("Policy Reason: the policy is too long");
  }
  const auto parsed = access::parse_new_policy(policy, access::PolicyKind::resource);
  if (!parsed) {
    return fault::invalid(fmt::format("Policy Error: {}", parsed.error().what));
  }
  const auto actions = (*parsed)->actions();
  const bool ours = std::ranges::all_of(actions, [](const std::string& action) {
    return action == "*" || codec::lower(action).starts_with("sns:");
  });
  return ours ? Found<void>() : fault::invalid("Policy statement action out of service scope!");
}

std::string new_token(std::string_view subscription) {
  std::string token(subscription);
  std::erase(token, '-');
  std::array<std::byte, kTokenRandomBytes> bytes;
  crypto::random_bytes(bytes);
  return token + codec::hex_encode(bytes);
}

std::string hash_of_token(std::string_view token) {
  return codec::hex_encode(crypto::sha256(token));
}

std::optional<std::string> subscription_of_token(std::string_view token) {
  const bool digits =
      std::ranges::all_of(token, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
  if (!digits || token.size() != kIdDigits + 2 * kTokenRandomBytes) {
    return std::nullopt;
  }
  std::string id(token.substr(0, kIdDigits));
  for (const auto at : kDashes) {
    id.insert(at, 1, '-');
  }
  return id;
}

}  // namespace cairn::services::sns
