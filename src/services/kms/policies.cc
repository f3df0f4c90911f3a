// Key policies and tags. Tested by kms_test.cc.
#include <algorithm>

#include "json/json.h"
#include "services/kms/operations.h"

namespace cairn::services::kms {
namespace {

constexpr std::string_view kPolicyName = "default";

Found<void> check_policy_name(const Call& call) {
  const auto name = text(call, "PolicyName");
  if (!name.empty() && name != kPolicyName) {
    return aws::Fault{.code = "NotFoundException", .status = 400, .message = "No such policy exists"};
  }
  return {};
}

}  // namespace

Task<Answer> get_key_policy(const Dependencies& /*on*/, Call& call, Asked asked) {
  CAIRN_CO_TRY_VOID(check_policy_name(call));
  Outcome outcome;
  outcome.output = {{"Policy", asked.keys.front().value.policy}, {"PolicyName", kPolicyName}};
  co_return outcome;
}

Task<Answer> list_key_policies(const Dependencies& /*on*/, Call& /*call*/, Asked /*asked*/) {
  Outcome outcome;
  outcome.output = {{"PolicyNames", json::array{kPolicyName}}, {"Truncated", false}};
  co_return outcome;
}

Task<Answer> put_key_policy(const Dependencies& /*on*/, Call& call, Asked asked) {
  CAIRN_CO_TRY_VOID(check_policy_name(call));
  auto& key = asked.keys.front();
  CAIRN_CO_TRY_VOID(check_policy(call, key.value, text(call, "Policy")));
  key.value.policy = text(call, "Policy");
  co_return changed(call, key);
}

Task<Answer> tag_resource(const Dependencies& /*on*/, Call& call, Asked asked) {
  auto& key = asked.keys.front();
  CAIRN_CO_TRY_VOID(check_not_pending(key.value));
  CAIRN_CO_TRY(const auto more, tags_in(call));
  auto& tags = key.value.tags;
  for (const auto& tag : more) {
    const auto same = std::ranges::find(tags, tag.first, &keys::Tags::value_type::first);
    if (same != tags.end()) {
      same->second = tag.second;
    } else {
      tags.push_back(tag);
    }
  }
  if (tags.size() > keys::Limits::tags_max) {
    co_return fault::limit("A key has at most 50 tags.");
  }
  co_return changed(call, key);
}

Task<Answer> untag_resource(const Dependencies& /*on*/, Call& call, Asked asked) {
  auto& key = asked.keys.front();
  CAIRN_CO_TRY_VOID(check_not_pending(key.value));
  const auto* names = json::find_array(call.input, "TagKeys");
  for (const auto& name : names != nullptr ? *names : json::array()) {
    std::erase_if(key.value.tags, [&](const auto& tag) { return tag.first == json::text_of(name.get_string()); });
  }
  co_return changed(call, key);
}

Task<Answer> list_resource_tags(const Dependencies& /*on*/, Call& call, Asked asked) {
  auto tags = asked.keys.front().value.tags;
  std::ranges::sort(tags);
  std::vector<std::string> names;
  for (const auto& tag : tags) {
    names.push_back(tag.first);
  }
  Outcome outcome;
  CAIRN_CO_TRY(const auto page, page_of(call, names, Limits::tags_page_usual, outcome.output));
  json::array list;
  for (auto i = page.begin; i < page.end; ++i) {
    list.push_back(json::object{{"TagKey", tags[i].first}, {"TagValue", tags[i].second}});
  }
  outcome.output["Tags"] = std::move(list);
  co_return outcome;
}

}  // namespace cairn::services::kms
