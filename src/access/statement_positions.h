// Where the statements of a policy stand in its text, as IAM's simulator tells it: lines and columns from 1,
// the braces included. A lone statement is counted as if it stood in brackets, as in AWS's example. The text
// is one that Policy::parse took; of any other there may be fewer, or none. Pure. Tested by
// statement_positions_test.cc; fuzzed by policy_fuzz.cc.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace cairn::access {

struct TextPosition {
  std::int64_t line = 1;
  std::int64_t column = 1;

  friend bool operator==(const TextPosition&, const TextPosition&) = default;
};

struct TextSpan {
  TextPosition start;
  TextPosition end;

  friend bool operator==(const TextSpan&, const TextSpan&) = default;
};

std::vector<TextSpan> statement_positions(std::string_view policy);

}  // namespace cairn::access
