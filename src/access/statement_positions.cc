#include "access/statement_positions.h"

#include <algorithm>

namespace cairn::access {

namespace {

std::size_t after_any(std::string_view text, std::size_t at, std::string_view skipped) {
  return std::min(text.find_first_not_of(skipped, at), text.size());
}

// Behind the string that starts at `at`.
std::size_t after_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size() && text[at] != '"'; ++at) {
    at += text[at] == '\\' ? 1 : 0;
  }
  return std::min(at + 1, text.size());
}

// Behind the value that starts at `at`.
std::size_t after_value(std::string_view text, std::size_t at) {
  int depth = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"') {
      at = after_string(text, at);
    } else if (c == '{' || c == '[') {
      ++depth;
      ++at;
    } else if (c == '}' || c == ']') {
      --depth;
      ++at;
    } else if (depth == 0) {
      return std::min(text.find_first_of(",]} \t\r\n", at), text.size());
    } else {
      ++at;
    }
    if (depth <= 0) {
      return at;
    }
  }
  return text.size();
}

TextPosition position(std::string_view text, std::size_t at) {
  const auto before = text.substr(0, at);
  const auto line_start = before.rfind('\n') + 1;  // npos is -1
  const auto starts_character = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; };
  return {.line = 1 + std::ranges::count(before, '\n'),
          .column = 1 + std::ranges::count_if(before.substr(line_start), starts_character)};
}

TextSpan span(std::string_view text, std::size_t begin, std::size_t end) {
  return {.start = position(text, begin), .end = position(text, end - 1)};
}

std::vector<TextSpan> spans_of(std::string_view text, std::size_t at) {
  std::vector<TextSpan> spans;
  if (at >= text.size()) {
    return spans;
  }
  if (text[at] != '[') {
    auto alone = span(text, at, std::max(after_value(text, at), at + 1));
    ++alone.start.column;
    alone.end.column += alone.end.line == alone.start.line ? 1 : 0;
    spans.push_back(alone);
    return spans;
  }
  at = after_any(text, at + 1, " \t\r\n,");
  while (at < text.size() && text[at] != ']') {
    const auto end = std::max(after_value(text, at), at + 1);
    spans.push_back(span(text, at, end));
    at = after_any(text, end, " \t\r\n,");
  }
  return spans;
}

}  // namespace

std::vector<TextSpan> statement_positions(std::string_view policy) {
  auto at = after_any(policy, 0, " \t\r\n{");
  while (at < policy.size() && policy[at] == '"') {
    const auto end = after_string(policy, at);
    const auto key = policy.substr(at, end - at);
    const auto value = after_any(policy, end, " \t\r\n:");
    if (key == "\"Statement\"") {
      return spans_of(policy, value);
    }
    at = after_any(policy, after_value(policy, value), " \t\r\n,");
  }
  return {};
}

}  // namespace cairn::access
