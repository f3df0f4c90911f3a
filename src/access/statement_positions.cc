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

// Goes through the text once, forwards.
class Ruler {
 public:
  explicit Ruler(std::string_view text) : text_(text) {}

  TextSpan span(std::size_t begin, std::size_t end) {
    const auto start = position(begin);
    return {.start = start, .end = position(end - 1)};
  }

 private:
  // REQUIRES: not before the one that was asked for last.
  TextPosition position(std::size_t at) {
    for (; at_ < at; ++at_) {
      const auto byte = static_cast<unsigned char>(text_[at_]);
      if (byte == '\n') {
        here_ = {.line = here_.line + 1, .column = 1};
      } else if ((byte & 0xC0U) != 0x80U) {  // a character starts
        ++here_.column;
      }
    }
    return here_;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  TextPosition here_;
};

std::vector<TextSpan> spans_of(std::string_view text, std::size_t at) {
  std::vector<TextSpan> spans;
  Ruler ruler(text);
  if (at >= text.size()) {
    return spans;
  }
  if (text[at] != '[') {
    auto alone = ruler.span(at, std::max(after_value(text, at), at + 1));
    ++alone.start.column;
    alone.end.column += alone.end.line == alone.start.line ? 1 : 0;
    spans.push_back(alone);
    return spans;
  }
  at = after_any(text, at + 1, " \t\r\n,");
  while (at < text.size() && text[at] != ']') {
    const auto end = std::max(after_value(text, at), at + 1);
    spans.push_back(ruler.span(at, end));
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
