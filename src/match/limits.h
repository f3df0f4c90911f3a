// What bounds a pattern, a matcher and a record. Reaching one is Errc::limit.
#pragma once

#include <cstddef>

namespace cairn::match {

struct Limits {
  static constexpr std::size_t pattern_bytes_max = 64U << 10;  // of a pattern's text
  static constexpr std::size_t pattern_depth_max = 64;         // of objects and arrays in it
  static constexpr std::size_t path_names_max = 32;            // names in a path
  static constexpr std::size_t branches_max = 1'000;           // of one pattern, alternatives multiplied out
  static constexpr std::size_t fields_max = 128;               // of one branch
  static constexpr std::size_t wildcards_max = 128;            // of one pattern
  static constexpr std::size_t stars_max = 32;                 // of one wildcard
  static constexpr std::size_t patterns_max = 100'000;         // of one matcher

  static constexpr std::size_t record_bytes_max = 1U << 20;
  static constexpr std::size_t record_depth_max =
      64;  // of objects and arrays on the paths that are asked for
  // Ways to share fields out among a record's arrays that are tried for one branch. Only records that have a
  // member twice, or names with dots beside nested ones, leave more than one.
  static constexpr std::size_t choices_max = 10'000;
};

}  // namespace cairn::match
