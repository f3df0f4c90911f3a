// Tags of queues. Tested by sqs_test.cc.
#include "services/sqs/tags.h"

#include <algorithm>

#include "json/json.h"

namespace cairn::services::sqs {
namespace {

constexpr std::size_t kTagKeyBytesMax = 512;     // 128 characters of UTF-8
constexpr std::size_t kTagValueBytesMax = 1024;  // 256

Found<void> check_count(const queues::Tags& tags) {
  if (tags.size() > queues::Limits::tags_max) {
    return fault::invalid_parameter("Tags", std::to_string(tags.size()), "A queue has at most 50 tags.");
  }
  return {};
}

}  // namespace

Found<queues::Tags> tags_in(const Call& call, std::string_view member) {
  queues::Tags tags;
  const auto* given = json::find_object(call.input, member);
  for (const auto& [name, value] : given != nullptr ? *given : json::object()) {
    const auto tag = value.is_string() ? std::string(json::text_of(value.get_string())) : std::string();
    if (name.empty() || name.size() > kTagKeyBytesMax || name.starts_with("aws:")) {
      return fault::invalid_parameter("Tags", name, "A tag's key is empty, too long, or begins with aws:.");
    }
    if (tag.size() > kTagValueBytesMax) {
      return fault::invalid_parameter("Tags", name, "A tag's value is longer than 256 characters.");
    }
    tags.emplace_back(name, tag);
  }
  CAIRN_TRY_VOID(check_count(tags));
  return tags;
}

Task<Answer> tag_queue(const Dependencies& /*on*/, Call& call, Asked asked) {
  CAIRN_CO_TRY(const auto more, tags_in(call, "Tags"));
  auto& tags = asked.queue->value.tags;
  for (const auto& tag : more) {
    std::erase_if(tags, [&](const auto& old) { return old.first == tag.first; });
    tags.push_back(tag);
  }
  CAIRN_CO_TRY_VOID(check_count(tags));
  co_return changed(*asked.queue);
}

Task<Answer> untag_queue(const Dependencies& /*on*/, Call& call, Asked asked) {
  const auto* names = json::find_array(call.input, "TagKeys");
  for (const auto& name : names != nullptr ? *names : json::array()) {
    std::erase_if(asked.queue->value.tags,
                  [&](const auto& tag) { return tag.first == json::text_of(name.get_string()); });
  }
  co_return changed(*asked.queue);
}

Task<Answer> list_queue_tags(const Dependencies& /*on*/, Call& /*call*/, Asked asked) {
  Outcome outcome;
  json::object tags;
  for (const auto& [name, value] : asked.queue->value.tags) {
    tags[name] = value;
  }
  if (!tags.empty()) {
    outcome.output["Tags"] = std::move(tags);
  }
  co_return outcome;
}

}  // namespace cairn::services::sqs
