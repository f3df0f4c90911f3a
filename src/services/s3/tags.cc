// Tested by copy_object_test.cc.
#include "services/s3/tags.h"

#include "codec/uri.h"
#include "codec/utf8.h"
#include "json/json.h"
#include "services/s3/faults.h"
#include "services/s3/keeping.h"

namespace cairn::services::s3 {
namespace {

constexpr std::size_t kObjectTagsMax = 10;
constexpr std::size_t kKeyCharsMax = 128;
constexpr std::size_t kValueCharsMax = 256;
constexpr int kRemoved = 204;

std::size_t tag_characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

// Letters of any script, digits, spaces and "+-=._:/@".
bool fits(std::string_view text, std::size_t characters_max) {
  constexpr std::string_view kMarks = " +-=._:/@";
  const auto allowed = [&](char c) {
    return static_cast<unsigned char>(c) >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z') || kMarks.find(c) != std::string_view::npos;
  };
  return codec::valid_utf8(text) && tag_characters(text) <= characters_max &&
         std::ranges::all_of(text, allowed);
}

Result<void, aws::Fault> add(Tags& tags, std::string_view key, std::string_view value) {
  if (key.empty() || !fits(key, kKeyCharsMax)) {
    return fault::invalid_tag("The TagKey you have provided is invalid").with("TagKey", std::string(key));
  }
  if (!fits(value, kValueCharsMax)) {
    return fault::invalid_tag("The TagValue you have provided is invalid")
        .with("TagKey", std::string(key))
        .with("TagValue", std::string(value));
  }
  if (!tags.emplace(key, value).second) {
    return fault::invalid_tag("Cannot provide multiple Tags with the same key")
        .with("TagKey", std::string(key));
  }
  return {};
}

Result<void, aws::Fault> check_count(std::size_t count) {
  if (count > kObjectTagsMax) {
    return aws::Fault{"BadRequest", 400, "Object tags cannot be greater than 10"};
  }
  return {};
}

Task<Answer> write_tags(const Dependencies& on, Call& call, Tags tags, int status) {
  CAIRN_CO_TRY(const auto bucket, co_await bucket_of(on, call));
  Draft draft(on.catalog);
  CAIRN_CO_TRY(auto version, co_await version_of(draft, bucket.value, call));
  version.object.tags = std::move(tags);
  Outcome outcome;
  outcome.status = status;
  show_version(bucket.value, version.object, outcome.output);
  auto happening = happening_of(call, status == kRemoved ? "ObjectTagging:Delete" : "ObjectTagging:Put",
                                bucket.value, version.object);
  CAIRN_CO_TRY_VOID(co_await change_version(draft, bucket.value, std::move(version)));
  CAIRN_CO_TRY_VOID(co_await tell(on, draft, bucket.value, std::move(happening)));
  outcome.effects = draft.take();
  co_return outcome;
}

}  // namespace

Result<Tags, aws::Fault> tags_of_header(std::string_view text) {
  Tags tags;
  if (text.empty()) {
    return tags;
  }
  constexpr bool kPlusIsSpace = true;  // as in forms: Go and Python write it so
  const auto pairs = codec::parse_query(text, kPlusIsSpace);
  if (!pairs) {
    return fault::invalid_argument(
        "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without "
        "tag "
        "name duplicates.");
  }
  CAIRN_TRY_VOID(check_count(pairs->size()));
  for (const auto& [key, value] : *pairs) {
    CAIRN_TRY_VOID(add(tags, key, value));
  }
  return tags;
}

Result<Tags, aws::Fault> tags_of_set(const json::object& tagging) {
  Tags tags;
  const auto* set = json::find_array(tagging, "TagSet");
  if (set == nullptr) {
    return tags;
  }
  CAIRN_TRY_VOID(check_count(set->size()));
  for (const auto& item : *set) {
    const auto& tag = item.get_object();
    CAIRN_TRY_VOID(
        add(tags, json::find_string(tag, "Key").value_or(""), json::find_string(tag, "Value").value_or("")));
  }
  return tags;
}

Task<Answer> put_object_tagging(const Dependencies& on, Call& call) {
  const auto* tagging = json::find_object(call.input, "Tagging");
  CAIRN_CO_TRY(auto tags, tags_of_set(tagging == nullptr ? json::object() : *tagging));
  co_return co_await write_tags(on, call, std::move(tags), 200);
}

Task<Answer> delete_object_tagging(const Dependencies& on, Call& call) {
  co_return co_await write_tags(on, call, Tags(), kRemoved);
}

Task<Answer> get_object_tagging(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(const auto bucket, co_await bucket_of(on, call));
  Draft draft(on.catalog);
  CAIRN_CO_TRY(const auto version, co_await version_of(draft, bucket.value, call));
  json::array set;
  for (const auto& [key, value] : version.object.tags) {
    set.push_back(json::object{{"Key", key}, {"Value", value}});
  }
  Outcome outcome;
  show_version(bucket.value, version.object, outcome.output);
  outcome.output["TagSet"] = std::move(set);
  co_return outcome;
}

}  // namespace cairn::services::s3
