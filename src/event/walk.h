// Walk: steps over JSON text that json/scan.h has handed out (an object, an array), member by member,
// building nothing. For the few members whose places a scanner's paths cannot name: what lies in arrays, and
// what depends on the service.
//
//   Walk walk(text);
//   for (walk.enter_object(); walk.next_member(key);) { key == "arn" ? take(walk.string()) : walk.skip(); }
//
// Any bytes are safe: a text that is not JSON ends early. One thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace cairn::event {

class Walk {
 public:
  explicit Walk(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  // The first byte of the value that comes next: '{', '[', '"', …; 0 at the end.
  char peek();
  // Each member's or element's value must be entered, taken or skipped before the next one is asked for.
  bool enter_object();
  bool next_member(std::string_view& key);  // the key as it stands in the text, escapes included
  bool enter_array();
  bool next_element();
  // A string's content as it stands in the text; steps over any other value and returns nothing.
  std::optional<std::string_view> string();
  void skip();

 private:
  void space();
  bool next(char close);
  void fail() { at_ = end_; }
  void skip_nested();

  const char* at_;
  const char* end_;
};

// A string's content without its escapes; empty if they are wrong.
std::string unescaped(std::string_view content);

}  // namespace cairn::event
