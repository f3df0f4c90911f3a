// Tags of users, roles, instance profiles and managed policies. Tested by roles_test.cc.
#include <algorithm>
#include <boost/json/array.hpp>

#include "codec/headers.h"
#include "json/json.h"
#include "services/iam/entities.h"

namespace cairn::services::iam {

namespace {

using access::Tag;

auto keyed(std::string key) {
  return [key = std::move(key)](const Tag& tag) { return codec::lower(tag.key) == codec::lower(key); };
}

template <class Entity>
Task<Found<Stored<Entity>>> find_tagged(const Dependencies& on, const Call& call) {
  co_return co_await find_named_own<Entity>(on, call);
}
template <>
Task<Found<Stored<ManagedPolicyDocument>>> find_tagged<ManagedPolicyDocument>(const Dependencies& on,
                                                                              const Call& call) {
  co_return co_await find_own_policy(on, call, text(call, "PolicyArn"));
}

template <class Entity>
constexpr std::string_view tags_quota() {
  if constexpr (std::is_same_v<Entity, ManagedPolicyDocument>) {
    return "TagsPerPolicy";
  } else {
    return Words<Entity>::tags_quota;
  }
}

// In order of key, behind the marker's.
Outcome page_of_tags(const std::vector<Tag>& tags, const Page& page) {
  auto sorted = tags;
  std::ranges::sort(sorted, {}, &Tag::key);
  auto next = std::ranges::upper_bound(sorted, page.after, {}, &Tag::key);
  std::vector<Tag> shown;
  for (; next != sorted.end() && shown.size() < page.limit; ++next) {
    shown.push_back(*next);
  }
  Outcome outcome;
  outcome.output["Tags"] = described_tags(shown);
  put_page_end(outcome.output, next != sorted.end(), shown.empty() ? "" : shown.back().key);
  return outcome;
}

}  // namespace

// A key takes the place of the same key in another case.
template <class Entity>
Task<Answer> tag_entity(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(auto owner, co_await find_tagged<Entity>(on, call));
  CAIRN_CO_TRY(auto added, tags_of(call, tags_quota<Entity>()));
  auto& tags = owner.value.tags;
  for (auto& tag : added) {
    std::erase_if(tags, keyed(tag.key));
    tags.push_back(std::move(tag));
  }
  if (tags.size() > Limits::tags_max) {
    co_return fault::quota(tags_quota<Entity>(), Limits::tags_max);
  }
  Outcome outcome;
  outcome.effects.writes.push_back(access::put_entity(owner.value, owner.version));
  co_return outcome;
}

template <class Entity>
Task<Answer> untag_entity(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(auto owner, co_await find_tagged<Entity>(on, call));
  const auto* keys = json::find_array(call.input, "TagKeys");
  for (const auto& key : keys != nullptr ? *keys : json::array()) {
    std::erase_if(owner.value.tags, keyed(std::string(key.get_string())));
  }
  Outcome outcome;
  outcome.effects.writes.push_back(access::put_entity(owner.value, owner.version));
  co_return outcome;
}

template <class Entity>
Task<Answer> list_entity_tags(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto page, page_of(call));
  if constexpr (std::is_same_v<Entity, ManagedPolicyDocument>) {
    CAIRN_CO_TRY(const auto policy, co_await find_policy(on, call, text(call, "PolicyArn")));
    co_return page_of_tags(policy.own.value.tags, page);
  } else {
    CAIRN_CO_TRY(const auto owner, co_await find_named<Entity>(on, call));
    co_return page_of_tags(owner.value.tags, page);
  }
}

template Task<Answer> tag_entity<UserDocument>(const Dependencies&, Call&);
template Task<Answer> tag_entity<RoleDocument>(const Dependencies&, Call&);
template Task<Answer> tag_entity<InstanceProfileDocument>(const Dependencies&, Call&);
template Task<Answer> tag_entity<ManagedPolicyDocument>(const Dependencies&, Call&);
template Task<Answer> untag_entity<UserDocument>(const Dependencies&, Call&);
template Task<Answer> untag_entity<RoleDocument>(const Dependencies&, Call&);
template Task<Answer> untag_entity<InstanceProfileDocument>(const Dependencies&, Call&);
template Task<Answer> untag_entity<ManagedPolicyDocument>(const Dependencies&, Call&);
template Task<Answer> list_entity_tags<UserDocument>(const Dependencies&, Call&);
template Task<Answer> list_entity_tags<RoleDocument>(const Dependencies&, Call&);
template Task<Answer> list_entity_tags<InstanceProfileDocument>(const Dependencies&, Call&);
template Task<Answer> list_entity_tags<ManagedPolicyDocument>(const Dependencies&, Call&);

}  // namespace cairn::services::iam
