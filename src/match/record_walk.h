// RecordWalk: goes through a record once and hands each leaf that a NameTree knows to a visitor. What nobody
// asks for is stepped over by its brackets, unread.
//
// Elements. An object or array within an array is an element: it has a number, its array has one, and it
// knows the element around it (0: none). A leaf belongs to the innermost element that it is in; that is what
// Consistency needs to see that fields come from one element. (A string or number that itself stands in an
// array belongs to the element around that array: only objects and arrays are told apart.)
//
// One thread. Keeps its buffers between records.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "match/limits.h"
#include "match/name_tree.h"
#include "match/unescape.h"
#include "match/value_index.h"

namespace cairn::match {

struct Element {
  std::uint32_t array;   // which one, counted from 1
  std::uint32_t around;  // the element that the array is in, or 0
};

enum class Problem : std::uint8_t { none, broken, too_deep };

// By how much a character of a structure leads deeper.
inline constexpr auto kDeeper = [] {
  std::array<std::int8_t, 256> deeper{};
  deeper['{'] = deeper['['] = 1;
  deeper['}'] = deeper[']'] = -1;
  return deeper;
}();

class RecordWalk {
 public:
  // Calls visitor(node, element, leaf) for each leaf. The text's structure must be its own. False: problem().
  template <class Visitor>
  bool run(std::string_view text, std::span<const std::uint32_t> structure, const NameTree& names,
           Visitor& visitor) {
    begin(text, structure, names);
    if (character() != '{' || !object(NameTree::kRoot, 0, visitor)) {
      return problem_ != Problem::none ? false : broken();
    }
    return at_ == end_ || broken();
  }

  Problem problem() const { return problem_; }
  // elements()[n] is the element n; [0] is the record itself.
  std::span<const Element> elements() const { return elements_; }

 private:
  void begin(std::string_view text, std::span<const std::uint32_t> structure, const NameTree& names) {
    text_ = text.data();
    text_end_ = text.data() + text.size();
    at_ = structure.data();
    end_ = structure.data() + structure.size();
    names_ = &names;
    elements_.assign(1, Element{});
    arrays_ = 0;
    depth_ = 0;
    problem_ = Problem::none;
    escape_ = escape_from(text_);
  }

  const char* escape_from(const char* at) const {
    const void* const found = std::memchr(at, '\\', static_cast<std::size_t>(text_end_ - at));
    return found != nullptr ? static_cast<const char*>(found) : text_end_;
  }

  // Strings are asked about in the order in which they stand.
  bool has_escape(std::string_view string) {
    if (escape_ < string.data()) {
      escape_ = escape_from(string.data());
    }
    return escape_ < string.data() + string.size();
  }

  bool broken() {
    problem_ = problem_ == Problem::none ? Problem::broken : problem_;
    return false;
  }

  // The one at the current place, which there must be.
  char character() const { return text_[*at_]; }

  // The string at the current place, between its quotes. It ends before the next place, with space between at
  // most.
  std::string_view string() const {
    const char* const first = text_ + at_[0] + 1;
    const char* last = text_ + at_[1] - 1;
    while (*last != '"') {  // there is one, the first at the latest: Structure says it is closed
      --last;
    }
    return {first, static_cast<std::size_t>(last - first)};
  }

  // A number or literal, likewise.
  std::string_view token() const {
    const char* const first = text_ + at_[0];
    const char* last = text_ + at_[1];
    while (last[-1] == ' ' || last[-1] == '\n' || last[-1] == '\r' || last[-1] == '\t') {
      --last;
    }
    return {first, static_cast<std::size_t>(last - first)};
  }

  bool child(NameTree::Node node, std::string_view name, NameTree::Node& found) {
    if (has_escape(name)) {
      if (!unescape(name, name_)) {
        return broken();
      }
      found = find_copied(node);
    } else if (text_end_ - name.data() < 8) {
      name_.assign(name);
      found = find_copied(node);
    } else {
      found = names_->find(node, name);
    }
    return true;
  }

  NameTree::Node find_copied(NameTree::Node node) {
    name_.reserve(8);  // find() may read so much
    return names_->find(node, name_);
  }

  // At '{'; behind it afterwards, as all of these.
  template <class Visitor>
  bool object(NameTree::Node node, std::uint32_t element, Visitor& visitor) {
    if (!deeper()) {
      return false;
    }
    ++at_;
    if (at_ != end_ && character() == '}') {
      return shallower();
    }
    for (;;) {
      // A member and what comes after it are four places at least.
      if (end_ - at_ < 4 || character() != '"' || text_[at_[1]] != ':') {
        return broken();
      }
      NameTree::Node next = NameTree::kNowhere;
      if (!child(node, string(), next)) {
        return false;
      }
      at_ += 2;
      if (!(next == NameTree::kNowhere ? skip() : value(next, element, visitor)) || at_ == end_) {
        return broken();
      }
      if (character() == '}') {
        return shallower();
      }
      if (character() != ',') {
        return broken();
      }
      ++at_;
    }
  }

  template <class Visitor>
  bool array(NameTree::Node node, std::uint32_t element, Visitor& visitor) {
    if (!deeper()) {
      return false;
    }
    const auto number = ++arrays_;
    ++at_;
    if (at_ != end_ && character() == ']') {
      return shallower();
    }
    for (;;) {
      if (end_ - at_ < 2 || !one_of_array(node, {.array = number, .around = element}, visitor) ||
          at_ == end_) {
        return broken();
      }
      if (character() == ']') {
        return shallower();
      }
      if (character() != ',') {
        return broken();
      }
      ++at_;
    }
  }

  template <class Visitor>
  bool one_of_array(NameTree::Node node, const Element& here, Visitor& visitor) {
    const char c = character();
    if (c == '{' || c == '[') {
      elements_.push_back(here);
      return value(node, static_cast<std::uint32_t>(elements_.size() - 1), visitor);
    }
    return value(node, here.around, visitor);
  }

  template <class Visitor>
  bool value(NameTree::Node node, std::uint32_t element, Visitor& visitor) {
    switch (character()) {
      case '{':
        return names_->has_children(node) ? object(node, element, visitor) : skip();
      case '[':
        return array(node, element, visitor);
      case '"':
        return names_->leaves(node).empty() ? skip() : string_leaf(node, element, visitor);
      default:
        return names_->leaves(node).empty() ? skip() : token_leaf(node, element, visitor);
    }
  }

  template <class Visitor>
  bool string_leaf(NameTree::Node node, std::uint32_t element, Visitor& visitor) {
    auto text = string();
    if (has_escape(text)) {
      if (!unescape(text, text_buffer_)) {
        return broken();
      }
      text = text_buffer_;
    }
    visitor(node, element, Leaf{.kind = LeafKind::string, .text = text});
    ++at_;
    return true;
  }

  template <class Visitor>
  bool token_leaf(NameTree::Node node, std::uint32_t element, Visitor& visitor) {
    const auto text = token();
    const char c = text.front();
    const bool number = c == '-' || (c >= '0' && c <= '9');
    if (!number && text != "true" && text != "false" && text != "null") {
      return broken();
    }
    visitor(node, element, Leaf{.kind = number ? LeafKind::number : LeafKind::literal, .text = text});
    ++at_;
    return true;
  }

  bool skip() {
    const char c = character();
    if (c != '{' && c != '[') {
      ++at_;
      return c != '}' && c != ']' && c != ',' && c != ':';
    }
    int depth = 1;
    do {
      if (++at_ == end_) {
        return false;
      }
      depth += kDeeper[static_cast<unsigned char>(character())];
    } while (depth != 0);
    ++at_;
    return true;
  }

  bool deeper() {
    if (++depth_ > Limits::record_depth_max) {
      problem_ = Problem::too_deep;
      return false;
    }
    return true;
  }

  bool shallower() {
    --depth_;
    ++at_;
    return true;
  }

  const char* text_ = nullptr;
  const char* text_end_ = nullptr;
  const std::uint32_t* at_ = nullptr;
  const std::uint32_t* end_ = nullptr;
  const NameTree* names_ = nullptr;
  std::vector<Element> elements_;
  std::uint32_t arrays_ = 0;
  std::size_t depth_ = 0;
  Problem problem_ = Problem::none;
  const char* escape_ = nullptr;  // the next backslash, or the end
  std::string name_;
  std::string text_buffer_;
};

}  // namespace cairn::match
