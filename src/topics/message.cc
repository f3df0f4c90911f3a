// Tested by topics_test.cc.
#include "topics/message.h"

#include <fmt/format.h>

#include "json/json.h"

namespace cairn::topics {

std::string Message::key() const {
  return fmt::format("{}{:014}-{}", kMessagesPrefix, time.time_since_epoch().count(), id);
}

std::string progress_prefix(std::string_view message) {
  return fmt::format("sns/delivery/{}/", message.substr(kMessagesPrefix.size()));
}

std::string progress_key(std::string_view message, std::string_view subscription) {
  return progress_prefix(message) + std::string(subscription);
}

std::string Message::text_for(std::string_view protocol) const {
  const auto texts = structured ? json::parse_object(text) : Result<json::object>(json::object());
  if (!structured || !texts) {
    return text;
  }
  const auto own = json::find_string(*texts, protocol);
  return std::string(own ? *own : json::find_string(*texts, "default").value_or(""));
}

}  // namespace cairn::topics
