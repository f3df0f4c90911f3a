#include "access/pattern.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>

namespace cairn::access {

namespace {

constexpr std::size_t kArnParts = 6;

char16_t unit(char c) {
  return static_cast<unsigned char>(c);
}

char16_t lower(char16_t c) {
  return c >= u'A' && c <= u'Z' ? static_cast<char16_t>(c - u'A' + u'a') : c;
}

struct Variable {
  std::string_view key;
  std::optional<std::string_view> otherwise;
  std::size_t end = 0;  // behind the brace
};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') {
    text.remove_prefix(1);
  }
  while (!text.empty() && text.back() == ' ') {
    text.remove_suffix(1);
  }
  return text;
}

// What stands at `at`, if that is "${…}". A brace that never closes, or with nothing in it, is plain text.
std::optional<Variable> variable_at(std::string_view text, std::size_t at) {
  if (!text.substr(at).starts_with("${")) {
    return std::nullopt;
  }
  const auto close = text.find('}', at);
  if (close == std::string_view::npos) {
    return std::nullopt;
  }
  auto inside = text.substr(at + 2, close - at - 2);
  Variable found{.key = trimmed(inside), .otherwise = {}, .end = close + 1};
  if (const auto comma = inside.find(','); comma != std::string_view::npos) {
    const auto quoted = trimmed(inside.substr(comma + 1));
    if (quoted.size() >= 2 && quoted.front() == '\'' && quoted.back() == '\'') {
      found.otherwise = quoted.substr(1, quoted.size() - 2);
      found.key = trimmed(inside.substr(0, comma));
    }
  }
  return found.key.empty() ? std::nullopt : std::optional(found);
}

bool is_character(std::string_view key) {
  return key == "*" || key == "?" || key == "$";
}

}  // namespace

Pattern Pattern::compile(std::string_view text, PatternOptions options) {
  Pattern made;
  made.fold_case_ = options.fold_case;
  made.pieces_.emplace_back();
  std::size_t colons = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto variable = options.variables ? variable_at(text, at) : std::nullopt;
    auto& piece = made.pieces_.back();
    if (variable && is_character(variable->key)) {
      piece.glyphs.push_back(unit(variable->key.front()));
      at = variable->end;
    } else if (variable) {
      piece.variable = variable->key;
      piece.has_default = variable->otherwise.has_value();
      piece.otherwise = variable->otherwise.value_or("");
      made.pieces_.emplace_back();
      at = variable->end;
    } else {
      const char c = text[at++];
      colons += c == ':' ? 1 : 0;
      const bool in_part = options.arn && colons + 1 < kArnParts;
      const bool ends_part = at == text.size() || text[at] == ':';
      if (options.wildcards && c == '*') {
        piece.glyphs.push_back(in_part && !ends_part ? kAnyInPart : kAny);
      } else if (options.wildcards && c == '?') {
        piece.glyphs.push_back(in_part ? kOneInPart : kOne);
      } else {
        piece.glyphs.push_back(options.fold_case ? lower(unit(c)) : unit(c));
      }
    }
  }
  return made;
}

bool Pattern::resolves(const Context& context) const {
  return std::ranges::all_of(pieces_, [&](const Piece& piece) {
    return piece.variable.empty() || piece.has_default || context.single(piece.variable) != nullptr;
  });
}

std::vector<std::string> Pattern::variables() const {
  std::vector<std::string> names;
  for (const auto& piece : pieces_) {
    if (!piece.variable.empty()) {
      names.push_back(piece.variable);
    }
  }
  return names;
}

bool Pattern::resolve(const Piece& piece, const Context& context, Glyphs& out) {
  out += piece.glyphs;
  if (piece.variable.empty()) {
    return true;
  }
  const auto* value = context.single(piece.variable);
  if (value == nullptr && !piece.has_default) {
    return false;
  }
  for (const char c : value != nullptr ? *value : piece.otherwise) {
    out.push_back(unit(c));
  }
  return true;
}

bool Pattern::resolve(const Context& context, Glyphs& out) const {
  for (const auto& piece : pieces_) {
    if (!resolve(piece, context, out)) {
      return false;
    }
  }
  if (fold_case_) {
    for (auto& glyph : out) {
      glyph = lower(glyph);
    }
  }
  return true;
}

bool Pattern::matches(std::string_view subject, const Context& context) const {
  if (pieces_.size() == 1) {
    return glyphs_match(pieces_.front().glyphs, subject, fold_case_);
  }
  Glyphs resolved;
  return resolve(context, resolved) && glyphs_match(resolved, subject, fold_case_);
}

namespace {

// At the first five colons that are not inside a variable.
std::vector<std::string_view> arn_pattern_parts(std::string_view text, bool variables) {
  std::vector<std::string_view> parts;
  std::size_t start = 0;
  for (std::size_t at = 0; at < text.size() && parts.size() + 1 < kArnParts;) {
    if (const auto variable = variables ? variable_at(text, at) : std::nullopt; variable) {
      at = variable->end;
    } else if (text[at++] == ':') {
      parts.push_back(text.substr(start, at - 1 - start));
      start = at;
    }
  }
  parts.push_back(text.substr(start));
  return parts;
}

std::optional<std::array<std::string_view, kArnParts>> arn_parts(std::string_view text) {
  std::array<std::string_view, kArnParts> parts;
  for (std::size_t i = 0; i + 1 < kArnParts; ++i) {
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) {
      return std::nullopt;
    }
    parts[i] = text.substr(0, colon);
    text.remove_prefix(colon + 1);
  }
  parts.back() = text;
  return parts.front() == "arn" ? std::optional(parts) : std::nullopt;
}

}  // namespace

std::vector<std::string> ArnPattern::variables() const {
  std::vector<std::string> names;
  for (const auto& part : parts_) {
    std::ranges::copy(part.variables(), std::back_inserter(names));
  }
  return names;
}

ResourcePattern ResourcePattern::compile(std::string_view text, bool variables) {
  ResourcePattern made;
  made.pattern_ = Pattern::compile(text, {.wildcards = true, .variables = variables, .arn = true});
  return made;
}

bool ArnPattern::resolves(const Context& context) const {
  return std::ranges::all_of(parts_, [&](const Pattern& part) { return part.resolves(context); });
}

ArnPattern ArnPattern::compile(std::string_view text, bool variables) {
  ArnPattern made;
  made.everything_ = text == "*";
  const PatternOptions options{.wildcards = true, .variables = variables};
  const auto variable = variables ? variable_at(text, 0) : std::nullopt;
  if (variable && variable->end == text.size()) {
    made.parts_.push_back(Pattern::compile(text, options));
    return made;
  }
  for (const auto part : arn_pattern_parts(text, variables)) {
    made.parts_.push_back(Pattern::compile(part, options));
  }
  while (made.parts_.size() < kArnParts) {
    made.parts_.push_back(Pattern::compile("*", options));
  }
  return made;
}

bool ArnPattern::matches(std::string_view subject, const Context& context) const {
  if (everything_) {
    return true;
  }
  if (parts_.size() == 1) {
    return parts_.front().matches(subject, context);
  }
  const auto parts = arn_parts(subject);
  for (std::size_t i = 0; parts && i < kArnParts; ++i) {
    if (!parts_[i].matches((*parts)[i], context)) {
      return false;
    }
  }
  return parts.has_value();
}

}  // namespace cairn::access
