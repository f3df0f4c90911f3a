#include "event/walk.h"

#include <cstring>

#include "json/json.h"

namespace cairn::event {
namespace {

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

// The closing quote of a string whose content begins at `at`; end if there is none.
const char* closing_quote(const char* at, const char* end) {
  const char* from = at;
  while (at < end) {
    const auto* const quote =
        static_cast<const char*>(std::memchr(at, '"', static_cast<std::size_t>(end - at)));
    if (quote == nullptr) {
      return end;
    }
    const char* slash = quote;
    while (slash > from && slash[-1] == '\\') {
      --slash;
    }
    if ((quote - slash) % 2 == 0) {
      return quote;
    }
    at = from = quote + 1;
  }
  return end;
}

}  // namespace

void Walk::space() {
  while (at_ < end_ && is_space(*at_)) {
    ++at_;
  }
}

char Walk::peek() {
  space();
  return at_ < end_ ? *at_ : '\0';
}

bool Walk::enter_object() {
  if (peek() != '{') {
    return skip(), false;
  }
  ++at_;
  return true;
}

bool Walk::enter_array() {
  if (peek() != '[') {
    return skip(), false;
  }
  ++at_;
  return true;
}

// Is there another one before the closing bracket? Steps over what comes between: a comma, or the bracket.
bool Walk::next(char close) {
  char c = peek();
  if (c == ',') {
    ++at_;
    c = peek();
  }
  if (c == close) {
    ++at_;
    return false;
  }
  return c != '\0';
}

bool Walk::next_member(std::string_view& key) {
  if (!next('}')) {
    return false;
  }
  const auto name = peek() == '"' ? string() : std::nullopt;
  if (!name || peek() != ':') {
    return fail(), false;
  }
  ++at_;
  key = *name;
  return true;
}

bool Walk::next_element() {
  return next(']');
}

std::optional<std::string_view> Walk::string() {
  if (peek() != '"') {
    return skip(), std::nullopt;
  }
  const char* const begin = at_ + 1;
  const char* const quote = closing_quote(begin, end_);
  if (quote == end_) {
    return fail(), std::nullopt;
  }
  at_ = quote + 1;
  return std::string_view(begin, static_cast<std::size_t>(quote - begin));
}

void Walk::skip() {
  switch (peek()) {
    case '"':
      string();
      return;
    case '{':
    case '[':
      skip_nested();
      return;
    case ',':
    case '}':
    case ']':
      return fail();  // there is no value
    default:
      while (at_ < end_ && *at_ != ',' && *at_ != '}' && *at_ != ']') {
        ++at_;
      }
  }
}

void Walk::skip_nested() {
  std::size_t depth = 0;
  while (at_ < end_) {
    switch (*at_) {
      case '"':
        string();
        continue;
      case '{':
      case '[':
        ++depth;
        break;
      case '}':
      case ']':
        --depth;
        break;
      default:
        break;
    }
    ++at_;
    if (depth == 0) {
      return;
    }
  }
}

std::string unescaped(std::string_view content) {
  if (content.find('\\') == std::string_view::npos) {
    return std::string(content);
  }
  const auto value = json::parse(std::string("\"").append(content).append("\""));
  return value && value->is_string() ? std::string(json::text_of(value->as_string())) : std::string();
}

}  // namespace cairn::event
