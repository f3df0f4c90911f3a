#include <fmt/format.h>

#include <cctype>
#include <set>

#include "aws/ids.h"
#include "codec/headers.h"
#include "codec/utf8.h"
#include "json/json.h"
#include "services/cloudtrail/faults.h"
#include "services/cloudtrail/operations.h"

namespace cairn::services::cloudtrail {
namespace {

constexpr std::size_t kResourcesMax = 20;
constexpr std::size_t kTagsMax = 50;
constexpr std::size_t kTagKeyCharsMax = 128;
constexpr std::size_t kTagValueCharsMax = 256;

// Letters, digits and spaces of any script, and these.
bool is_tag_text(std::string_view text, std::size_t chars_max) {
  const auto allowed = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x80 || std::isalnum(byte) != 0 ||
           std::string_view(" _.:/=+-@").find(c) != std::string_view::npos;
  };
  const auto starts_a_character = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; };
  return std::ranges::all_of(text, allowed) &&
         static_cast<std::size_t>(std::ranges::count_if(text, starts_a_character)) <= chars_max;
}

bool is_reserved(std::string_view key) {
  return codec::lower(key.substr(0, 4)) == "aws:";
}

// Tags belong to ARNs, never to names, and to the Region where the trail is at home; of ours, only trails
// have them.
Task<Result<Kept, aws::Fault>> tagged_trail(const Dependencies& on, const Call& call, std::string arn_text) {
  const auto arn = aws::Arn::parse(arn_text);
  if (!arn || arn->service() != "cloudtrail") {
    co_return fault::arn_invalid(arn_text);
  }
  if (arn->resource_type() != "trail") {
    co_return is_absent_kind(arn->resource_type()) ? fault::resource_not_found(arn_text)
                                                   : fault::resource_type_not_supported(arn_text);
  }
  auto kept = co_await find_trail(on, call, arn_text);
  const bool elsewhere = kept && kept->trail.home_region != call.region;
  if (elsewhere || (!kept && kept.error().code == "TrailNotFoundException")) {
    co_return fault::resource_not_found(arn_text);
  }
  co_return kept;
}

Outcome changed(const Kept& kept) {
  Outcome outcome;
  outcome.effects = write_of(kept);
  return outcome;
}

std::string resource_id(const Call& call) {
  return std::string(json::find_string(call.input, "ResourceId").value_or(""));
}

json::object shown(std::string_view arn, const trail::Trail& trail) {
  json::array tags;
  for (const auto& [key, value] : trail.tags) {
    json::object tag{{"Key", key}};
    if (value) {
      tag["Value"] = *value;
    }
    tags.push_back(std::move(tag));
  }
  return {{"ResourceId", arn}, {"TagsList", std::move(tags)}};
}

Result<void, aws::Fault> check_list(const Call& call) {
  if (json::find_array(call.input, "TagsList") == nullptr) {
    return fault::invalid_tag_parameter("TagsList is missing.");
  }
  return {};
}

}  // namespace

Result<void, aws::Fault> merge_tags(std::map<std::string, std::optional<std::string>>& tags, const Call& call,
                                    std::string_view arn) {
  const auto* list = json::find_array(call.input, "TagsList");
  if (list == nullptr) {
    return {};
  }
  std::set<std::string_view> seen;
  for (const auto& item : *list) {
    const auto key = json::find_string(item.get_object(), "Key").value_or("");
    const auto value = json::find_string(item.get_object(), "Value");
    if (key.empty() || !is_tag_text(key, kTagKeyCharsMax) ||
        !is_tag_text(value.value_or(""), kTagValueCharsMax) || is_reserved(key)) {
      return fault::invalid_tag_parameter(
          fmt::format("The tag key or value is not valid: {}", codec::utf8_prefix(key, 200)));
    }
    if (!seen.insert(key).second) {
      return fault::invalid_tag_parameter(fmt::format("Duplicate tag key: {}", key));
    }
    tags.insert_or_assign(std::string(key), value ? std::optional(std::string(*value)) : std::nullopt);
  }
  if (tags.size() > kTagsMax) {
    return fault::tags_limit_exceeded(arn);
  }
  return {};
}

Task<Answer> add_tags(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(auto found, co_await tagged_trail(on, call, resource_id(call)));
  CAIRN_CO_TRY(auto kept, co_await check_may_change(on, call, std::move(found)));
  CAIRN_CO_TRY_VOID(check_list(call));
  CAIRN_CO_TRY_VOID(merge_tags(kept.trail.tags, call, kept.trail.arn()));
  call.record.resources = {resource_of(kept.trail)};
  co_return changed(kept);
}

Task<Answer> remove_tags(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(auto found, co_await tagged_trail(on, call, resource_id(call)));
  CAIRN_CO_TRY(auto kept, co_await check_may_change(on, call, std::move(found)));
  CAIRN_CO_TRY_VOID(check_list(call));
  for (const auto& item : *json::find_array(call.input, "TagsList")) {
    kept.trail.tags.erase(std::string(json::find_string(item.get_object(), "Key").value_or("")));
  }
  call.record.resources = {resource_of(kept.trail)};
  co_return changed(kept);
}

Task<Answer> list_tags(const Dependencies& on, Call& call) {
  json::array list;
  const auto* ids = json::find_array(call.input, "ResourceIdList");
  if (ids != nullptr && ids->size() > kResourcesMax) {
    co_return aws::fault::validation(aws::Family::json, "ResourceIdList has more than 20 members.");
  }
  for (std::size_t i = 0; ids != nullptr && i < ids->size(); ++i) {
    const std::string arn(json::text_of(ids->at(i).get_string()));
    CAIRN_CO_TRY(const auto kept, co_await tagged_trail(on, call, arn));
    list.push_back(shown(arn, kept.trail));
  }
  Outcome outcome;
  outcome.output["ResourceTagList"] = std::move(list);
  co_return outcome;
}

}  // namespace cairn::services::cloudtrail
