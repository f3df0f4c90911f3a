// What a Matcher is made of. Used by compile.cc, which makes it, and matcher.cc, which reads it.
//
// A condition is a field of patterns: a place in the record and tests of which one must pass. Conditions are
// shared by all branches of all patterns that ask the same. One condition of each branch is its entry, the
// one that is expected to hold most rarely: a branch is looked at only if its entry holds.
#pragma once

#include <cstdint>
#include <vector>

#include "match/match.h"
#include "match/name_tree.h"
#include "match/value_index.h"

namespace cairn::match {

// A path of the record, as it is or rewritten.
struct Location {
  ValueIndex index;
  const Derived* rewrite = nullptr;   // into an envelope of Compiled::envelopes
  std::vector<Mark> held_by_absence;  // conditions
};

struct Condition {
  std::uint32_t location;
  bool may_hold = false;      // it has tests of leaves
  bool may_absent = false;    // it holds if there is no leaf
  std::uint32_t entered = 0;  // in Compiled::entered: the branches that it is the entry of
  std::uint32_t entered_count = 0;
};

struct CompiledBranch {
  std::uint32_t pattern;
  std::uint32_t conditions;  // in Compiled::branch_conditions, in the order of their paths
  std::uint32_t conditions_count;
};

struct Matcher::Compiled {
  NameTree names;  // its leaves are locations
  std::vector<Location> locations;
  std::vector<std::uint32_t> absence_locations;  // those with held_by_absence
  std::vector<Condition> conditions;
  std::vector<CompiledBranch> branches;
  std::vector<Mark> branch_conditions;
  std::vector<std::uint32_t> entered;
  std::vector<std::uint32_t> always;  // branches without conditions
  std::uint32_t exclusions = 0;       // how many there are
  std::vector<Hit> hits;              // each pattern's
  std::vector<std::shared_ptr<const Envelope>> envelopes;
};

}  // namespace cairn::match
