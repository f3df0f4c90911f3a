#include "match/wildcard.h"

#include <cstring>

#include "match/limits.h"

namespace cairn::match {

Result<std::vector<std::string>> parse_wildcard(std::string_view text) {
  std::vector<std::string> segments(1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char next = i + 1 < text.size() ? text[i + 1] : '\0';
    // AWS counts from the quote before the text.
    const auto at = " at pos " + std::to_string(i + 1);
    if (text[i] == '*') {
      if (next == '*') {
        return Error{Errc::invalid, "Consecutive wildcard characters" + at};
      }
      segments.emplace_back();
    } else if (text[i] == '\\') {
      if (next != '*' && next != '\\') {
        return Error{Errc::invalid, "Invalid escape character" + at};
      }
      segments.back() += next;
      ++i;
    } else {
      segments.back() += text[i];
    }
  }
  if (segments.size() > Limits::stars_max + 1) {
    return Error{Errc::limit, "a wildcard has more than " + std::to_string(Limits::stars_max) + " stars"};
  }
  return segments;
}

bool wildcard_matches(std::span<const std::string> segments, std::string_view text) {
  if (segments.size() == 1) {
    return text == segments.front();
  }
  const auto& first = segments.front();
  const auto& last = segments.back();
  if (text.size() < first.size() + last.size() || !text.starts_with(first) || !text.ends_with(last)) {
    return false;
  }
  text = text.substr(first.size(), text.size() - first.size() - last.size());
  for (const auto& segment : segments.subspan(1, segments.size() - 2)) {
    // memmem and not find(): it is linear even for a segment and a text made to be slow.
    const void* const found = memmem(text.data(), text.size(), segment.data(), segment.size());
    if (found == nullptr) {
      return false;
    }
    const auto at = static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
    text.remove_prefix(at + segment.size());
  }
  return true;
}

}  // namespace cairn::match
