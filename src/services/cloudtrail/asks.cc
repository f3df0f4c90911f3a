// What a CloudTrail call needs permission for: its action on the resource that it names, with the tags that the resource
// has (aws:ResourceTag) and those that the call would set or remove (aws:RequestTag, aws:TagKeys).
#include <fmt/format.h>

#include <algorithm>

#include "json/json.h"
#include "services/cloudtrail/operations.h"

namespace cairn::services::cloudtrail {
namespace {

// Where trails are in the catalog (trail::trail_key()).
constexpr std::string_view kTrails = "trail/";

// The trails that permission was asked for, by their tags.
struct AskedFor final : front::Staged {
  std::vector<catalog::Expectation> documents;
};

void add_tags_of_request(const Call& call, access::Context& context) {
  const auto* list = json::find_array(call.input, "TagsList");
  const bool removes = call.operation.name == "RemoveTags";
  for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
    const auto& tag = list->at(i);
    const auto key = tag.is_object() ? json::find_string(tag.get_object(), "Key") : std::nullopt;
    if (key && removes) {
      context.add("aws:TagKeys", *key);
    } else if (key) {
      access::add_request_tag(context, *key, json::find_string(tag.get_object(), "Value").value_or(""));
    }
  }
}

// A trail that is not there has no tags; that it is not there is for run() to say.
Task<Result<void, aws::Fault>> add_tags_of_trail(const Dependencies& on, const Call& call, std::string name_or_arn,
                                                 AskedFor& asked, access::Context& context) {
  const auto kept = co_await find_trail(on, call, std::move(name_or_arn));
  if (!kept && kept.error().status >= 500) {
    co_return kept.error();
  }
  if (kept) {
    const auto& trail = kept->trail;
    asked.documents.push_back({trail::trail_key(trail.account, trail.home_region, trail.name), kept->version});
    for (const auto& [key, value] : trail.tags) {
      access::add_resource_tag(context, key, value.value_or(""));
    }
  }
  co_return Result<void, aws::Fault>{};
}

// The member may be absent where an event data store can be named instead; both are names or ARNs.
std::string resource_named(const Call& call, std::string_view member) {
  const auto store = json::find_string(call.input, "EventDataStore");
  if (!call.input.contains(member) && store) {
    return store->starts_with("arn:") ? std::string(*store)
                                      : fmt::format("arn:aws:cloudtrail:{}:{}:eventdatastore/{}", call.region,
                                                    call.account, *store);
  }
  return arn_of(call, json::find_string(call.input, member).value_or(""));
}

std::vector<std::string> resources_of(const Call& call, std::string_view member) {
  if (!member.empty()) {
    return {resource_named(call, member)};
  }
  std::vector<std::string> listed;
  const auto* ids = call.operation.name == "ListTags" ? json::find_array(call.input, "ResourceIdList") : nullptr;
  for (std::size_t i = 0; ids != nullptr && i < ids->size(); ++i) {
    listed.emplace_back(json::text_of(ids->at(i).get_string()));
  }
  return listed.empty() ? std::vector<std::string>{"*"} : listed;
}

}  // namespace

Task<Result<std::vector<access::Ask>, aws::Fault>> asks_of(const Dependencies& on, Call& call, std::string_view member) {
  call.staged = std::make_unique<AskedFor>();
  auto& asked = static_cast<AskedFor&>(*call.staged);
  std::vector<access::Ask> all;
  for (const auto& resource : resources_of(call, member)) {
    access::Ask ask;
    ask.action = "cloudtrail:" + call.operation.name;
    ask.resource = resource;
    ask.resource_account = call.account;
    add_tags_of_request(call, ask.context);
    if (resource != "*" && call.operation.name != "CreateTrail") {
      CAIRN_CO_TRY_VOID(co_await add_tags_of_trail(on, call, resource, asked, ask.context));
    }
    all.push_back(std::move(ask));
  }
  co_return all;
}

void bind_to_asked(const Call& call, Outcome& outcome) {
  if (call.staged == nullptr || call.operation.name == "CreateTrail") {
    return;
  }
  const auto& documents = static_cast<const AskedFor&>(*call.staged).documents;
  for (auto& write : outcome.effects.writes) {
    const auto asked = std::ranges::find(documents, write.key, &catalog::Expectation::key);
    if (asked != documents.end()) {
      write.expected = asked->version;
    } else if (write.key.starts_with(kTrails)) {
      outcome.stale = true;
    }
  }
}

}  // namespace cairn::services::cloudtrail
