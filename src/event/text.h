// Text: characters that are either its own or lie in a longer text that somebody else keeps, such as the record
// they were read from. So reading a record copies nothing, and who builds a view by hand need not care.
//
// What is assigned is copied; only borrowed() points elsewhere. A copy of an own text is an own text, a copy of a
// borrowed one borrows from the same. Values; any thread.
#pragma once

#include <algorithm>
#include <compare>
#include <concepts>
#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>

namespace cairn::event {

class Text;

template <class T>
concept TextLike = std::convertible_to<const T&, std::string_view> && !std::same_as<T, Text>;

class Text {
 public:
  Text() = default;
  template <TextLike T>
  Text(const T& text) : Text(copied(text)) {}
  Text(const Text& other) : Text(other.own_ ? copied(other.text_) : borrowed(other.text_)) {}
  Text(Text&& other) noexcept
      : text_(std::exchange(other.text_, {})), own_(std::move(other.own_)) {}
  Text& operator=(Text other) noexcept {
    text_ = other.text_;
    own_ = std::move(other.own_);
    return *this;
  }
  ~Text() = default;

  // REQUIRES: what it points to outlives it and its copies, or own() is called before.
  static Text borrowed(std::string_view text) {
    Text made;
    made.text_ = text;
    return made;
  }
  // A piece of this text, borrowed if this one is. REQUIRES: `piece` points into it.
  Text part(std::string_view piece) const { return own_ ? copied(piece) : borrowed(piece); }
  // From here on it is its own.
  void own() {
    if (!own_) {
      *this = copied(text_);
    }
  }

  operator std::string_view() const { return text_; }
  std::string_view view() const { return text_; }
  bool empty() const { return text_.empty(); }
  std::size_t size() const { return text_.size(); }
  // Of memory, beyond itself.
  std::size_t own_bytes() const { return own_ ? text_.size() : 0; }

  friend bool operator==(const Text& a, const Text& b) { return a.text_ == b.text_; }
  friend auto operator<=>(const Text& a, const Text& b) { return a.text_ <=> b.text_; }
  template <TextLike T>
  friend bool operator==(const Text& a, const T& b) {
    return a.text_ == std::string_view(b);
  }

 private:
  static Text copied(std::string_view text) {
    Text made;
    if (!text.empty()) {
      made.own_ = std::make_unique_for_overwrite<char[]>(text.size());
      std::ranges::copy(text, made.own_.get());
      made.text_ = {made.own_.get(), text.size()};
    }
    return made;
  }

  std::string_view text_;
  std::unique_ptr<char[]> own_;
};

}  // namespace cairn::event
