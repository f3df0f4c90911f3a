// Cursor: walks over JSON text and says whether it is well-formed, building nothing. Used inside json/ alone.
// One thread.
//
// It checks RFC 8259's grammar, the depth, that \u escapes of surrogates come in pairs and that numbers fit a
// double; what every reader behind it (simdjson, Boost.JSON, DuckDB) needs to accept the text too. It does
// not check UTF-8: whoever makes one has done so for the whole text, which is quicker.
#pragma once

#include <cstddef>
#include <string_view>

namespace cairn::json {

class Cursor {
 public:
  explicit Cursor(std::string_view text)
      : begin_(text.data()), at_(text.data()), end_(text.data() + text.size()) {}

  bool at_end() const { return at_ == end_; }
  bool at(char c) const { return at_ != end_ && *at_ == c; }
  const char* position() const { return at_; }
  std::size_t offset() const { return static_cast<std::size_t>(at_ - begin_); }

  void skip_space();
  // Each steps over one thing and says whether it was there; if not, problem() tells what was wrong at
  // offset().
  bool take(char c);
  bool string();
  bool value(std::size_t depth_max);   // may begin and end with space
  bool object(std::size_t depth_max);  // at '{'; depth_max is for what is inside
  const char* problem() const { return problem_; }
  bool fail(const char* problem);

  // Was there space outside of strings since the last reset?
  bool spaced() const { return spaced_; }
  void reset_spaced() { spaced_ = false; }

 private:
  bool value_here(std::size_t depth_left);
  bool array(std::size_t depth_left);
  bool number();
  bool digits();
  bool literal(std::string_view word);
  bool escape();
  bool unicode_escape();
  int hex4();

  const char* begin_;
  const char* at_;
  const char* end_;
  const char* problem_ = nullptr;
  bool spaced_ = false;
};

// The first byte of [at, end) that ends a run of plain characters in a string: '"', '\\' or a control
// character; or end.
const char* plain_end(const char* at, const char* end);

}  // namespace cairn::json
