// What callers ask, read from JSON. Inside live/ only.
#pragma once

#include <boost/json/value.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "live/live.h"
#include "match/match.h"

namespace cairn::live {

struct TailQuestion {
  std::string since = "now";
  bool follow = true;
  std::shared_ptr<const match::Matcher> matcher;  // none: every record
};
// Errc::invalid names what is wrong; an unknown member is.
Result<TailQuestion> tail_question(std::string_view text);

struct Expectation {
  std::string name;
  std::uint64_t least = 1;
  std::optional<std::uint64_t> most;

  std::string wanted() const;  // "exactly 3", "at least 1", "2 to 5", "none"
  bool holds(std::uint64_t found) const { return found >= least && (!most || found <= *most); }
};

struct AssertQuestion {
  std::string since;
  std::optional<Mark> until;
  Millis wait{0};
  std::vector<Expectation> expectations;
  bool only = false;
  // An expectation's pattern has its place as id, the pattern of `only` the place behind the last.
  std::shared_ptr<const match::Matcher> matcher;
};
Result<AssertQuestion> assert_question(std::string_view text, const Limits& limits);

}  // namespace cairn::live
