// Matching: many patterns compiled together into one immutable Matcher, which says in one pass over a JSON
// record which of them match.
//
//   CAIRN_TRY(auto pattern, parse_event_pattern(R"({"eventName": ["StopLogging"]})"));
//   CAIRN_TRY(auto matcher, compile({{.owner = 1, .id = 7, .pattern = …}}));
//   CAIRN_TRY_VOID(matcher->match(record, scratch, hits));
//
// A Matcher is read by any number of threads at once, without a lock; each brings a Scratch of its own. When
// the patterns change, compile another and swap the pointer. Knows JSON, and nothing of what a record means.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "match/envelope.h"
#include "match/limits.h"
#include "match/pattern.h"

namespace cairn::match {

// A pattern, whose it is, and which of theirs.
struct OwnedPattern {
  std::uint32_t owner = 0;
  std::uint64_t id = 0;
  std::shared_ptr<const Pattern> pattern;
  // How the records lie that the pattern speaks of, if not as they are handed in.
  std::shared_ptr<const Envelope> envelope{};
};

struct Hit {
  std::uint32_t owner;
  std::uint64_t id;

  bool operator==(const Hit&) const = default;
};

// What a thread needs to match, kept between records so that nothing is allocated once it is large enough.
// Any matcher may use it, one call at a time.
class Scratch {
 public:
  Scratch();
  ~Scratch();
  Scratch(Scratch&&) noexcept;
  Scratch& operator=(Scratch&&) noexcept;

  struct State;

 private:
  friend class Matcher;
  std::unique_ptr<State> state_;
};

class Matcher {
 public:
  struct Compiled;
  explicit Matcher(std::unique_ptr<const Compiled> compiled);
  ~Matcher();

  // Appends a hit for each pattern that matches, in the order in which they were handed to compile(). On
  // error `hits` is as it was. Errc::invalid: no JSON object, or broken: brackets, strings and UTF-8 are
  // checked throughout, numbers and literals where a pattern asks for them (json::check_text() checks all).
  // Errc::limit: too large, too deep or too ambiguous.
  Result<void> match(std::string_view record, Scratch& scratch, std::vector<Hit>& hits) const;

  std::size_t patterns() const;

 private:
  std::unique_ptr<const Compiled> compiled_;
};

// Errc::limit: more patterns than Limits allow.
Result<std::shared_ptr<const Matcher>> compile(std::span<const OwnedPattern> patterns);

}  // namespace cairn::match
