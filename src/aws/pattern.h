// A string shape's pattern. The model's is Java's; what is matched is its translation for RE2, always against
// the whole value.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace cairn::aws {

// Compiled at the first use. Thread-safe.
class Pattern {
 public:
  // `re2` empty: there is no translation, and everything matches.
  Pattern(std::string java, std::string re2);
  ~Pattern();
  Pattern(Pattern&&) noexcept;
  Pattern& operator=(Pattern&&) noexcept;

  // As the model writes it, for messages.
  const std::string& text() const { return java_; }
  bool matches(std::string_view value) const;
  // There is no translation: docs/reference/models.md lists it.
  bool dropped() const { return re2_.empty(); }
  // False: it is not a pattern that RE2 can read, and everything matches. A test sees to it that ours all
  // can.
  bool usable() const;

 private:
  struct Compiled;
  const re2::RE2* compiled() const;

  std::string java_;
  std::string re2_;
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace cairn::aws
