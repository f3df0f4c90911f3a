// Tags of accounts, units and the root. Tested by organizations_test.cc.
#include <algorithm>

#include "json/json.h"
#include "services/organizations/operations.h"

namespace cairn::services::organizations {
namespace {

struct StoredTags {
  std::vector<access::Tag> tags;
  catalog::Version version = 0;
};

std::string tags_key(const Organization& organization, std::string_view resource) {
  return "organization/tags/" + organization.id + "/" + std::string(resource);
}

// [["key", "value"], …]
std::string encode(const std::vector<access::Tag>& tags) {
  json::array list;
  for (const auto& tag : tags) {
    list.push_back(json::array{json::value(tag.key), json::value(tag.value)});
  }
  return json::serialize(json::object{{"v", 1}, {"tags", std::move(list)}});
}

Result<std::vector<access::Tag>> decode(const catalog::Document& document) {
  const Error corrupt{Errc::corrupt, "read the tags of an account or a unit: not what was written", document.key};
  const auto object = json::parse_object(document.value);
  const auto* list = object && json::find_int(*object, "v") == 1 ? json::find_array(*object, "tags") : nullptr;
  if (list == nullptr) {
    return corrupt;
  }
  std::vector<access::Tag> tags;
  for (const auto& one : *list) {
    const auto* pair = one.if_array();
    if (pair == nullptr || pair->size() != 2 || !pair->at(0).is_string() || !pair->at(1).is_string()) {
      return corrupt;
    }
    tags.push_back({.key = std::string(json::text_of(pair->at(0).get_string())),
                    .value = std::string(json::text_of(pair->at(1).get_string()))});
  }
  return tags;
}

Task<Found<StoredTags>> load_tags(const Dependencies& on, const Organization& organization, std::string resource) {
  const auto document = co_await on.catalog.get(tags_key(organization, resource));
  if (!document) {
    co_return fault::failure(document.error());
  }
  if (!*document) {
    co_return StoredTags{};
  }
  auto tags = decode(**document);
  if (!tags) {
    co_return fault::failure(tags.error());
  }
  co_return StoredTags{.tags = *std::move(tags), .version = (*document)->version};
}

Found<std::string> resource_of(const Call& call, const Organization& organization) {
  auto resource = text(call, "ResourceId");
  if (!organization.is_parent(resource) && !organization.members.contains(resource)) {
    return fault::no_such_target();
  }
  return resource;
}

void merge(std::vector<access::Tag>& tags, const std::vector<access::Tag>& more) {
  for (const auto& tag : more) {
    const auto same = std::ranges::find(tags, tag.key, &access::Tag::key);
    if (same != tags.end()) {
      same->value = tag.value;
    } else {
      tags.push_back(tag);
    }
  }
}

Found<void> check_room(const std::vector<access::Tag>& tags) {
  if (tags.size() > Limits::tags_max) {
    return fault::constraint("MAX_TAG_LIMIT_EXCEEDED", "You have exceeded the allowed number of tags.");
  }
  return {};
}

// As long as what they are of is still there.
void put_tags(const Standing& at, const std::string& resource, const StoredTags& stored, Outcome& outcome) {
  const auto& organization = at.organization.value;
  outcome.effects.writes.push_back(
      {.key = tags_key(organization, resource), .value = encode(stored.tags), .expected = stored.version});
  outcome.effects.expectations.push_back(
      {.key = organization::key_of(organization.id), .version = at.organization.version});
}

}  // namespace

catalog::Write put_new_tags(const Organization& organization, std::string_view resource,
                            const std::vector<access::Tag>& tags) {
  return {.key = tags_key(organization, resource), .value = encode(tags), .expected = 0};
}

catalog::Write remove_tags(const Organization& organization, std::string_view resource) {
  return {.key = tags_key(organization, resource), .value = std::nullopt, .expected = std::nullopt};
}

Found<std::vector<access::Tag>> tags_in(const Call& call) {
  std::vector<access::Tag> tags;
  const auto* list = json::find_array(call.input, "Tags");
  for (const auto& one : list != nullptr ? *list : json::array()) {
    const auto& tag = one.get_object();
    access::Tag made{.key = std::string(json::find_string(tag, "Key").value_or("")),
                     .value = std::string(json::find_string(tag, "Value").value_or(""))};
    if (made.key.starts_with("aws:")) {
      return fault::invalid_input("INVALID_SYSTEM_TAGS_PARAMETER", "System tags cannot be changed by users.");
    }
    if (std::ranges::find(tags, made.key, &access::Tag::key) != tags.end()) {
      return fault::invalid_input("DUPLICATE_TAG_KEY", "Tag keys must be unique.");
    }
    tags.push_back(std::move(made));
  }
  CAIRN_TRY_VOID(check_room(tags));
  return tags;
}

Task<Answer> tag_resource(const Dependencies& on, Call& call, Standing at) {
  CAIRN_CO_TRY(const auto resource, resource_of(call, at.organization.value));
  CAIRN_CO_TRY(const auto more, tags_in(call));
  CAIRN_CO_TRY(auto stored, co_await load_tags(on, at.organization.value, resource));
  merge(stored.tags, more);
  CAIRN_CO_TRY_VOID(check_room(stored.tags));
  Outcome outcome;
  put_tags(at, resource, stored, outcome);
  co_return outcome;
}

Task<Answer> untag_resource(const Dependencies& on, Call& call, Standing at) {
  CAIRN_CO_TRY(const auto resource, resource_of(call, at.organization.value));
  CAIRN_CO_TRY(auto stored, co_await load_tags(on, at.organization.value, resource));
  const auto* keys = json::find_array(call.input, "TagKeys");
  for (const auto& key : keys != nullptr ? *keys : json::array()) {
    std::erase_if(stored.tags, [&](const access::Tag& tag) { return tag.key == json::text_of(key.get_string()); });
  }
  Outcome outcome;
  put_tags(at, resource, stored, outcome);
  co_return outcome;
}

Task<Answer> list_tags(const Dependencies& on, Call& call, Standing at) {
  CAIRN_CO_TRY(const auto resource, resource_of(call, at.organization.value));
  CAIRN_CO_TRY(const auto stored, co_await load_tags(on, at.organization.value, resource));
  json::array list;
  for (const auto& tag : stored.tags) {
    list.push_back(json::object{{"Key", tag.key}, {"Value", tag.value}});
  }
  Outcome outcome;
  outcome.output["Tags"] = std::move(list);
  co_return outcome;
}

}  // namespace cairn::services::organizations
