// Consistency: can the fields of a branch all hold within the same elements of the record's arrays?
//
// A branch's field may hold through several leaves; to choose one is to choose, for every array around it,
// the element that it is in. All fields together must choose one element of each array. A field that must be
// absent looks at the elements that the fields before it (by path) have chosen, and sees none of its leaves
// there; of an array that none of them is in it sees all elements. (That it depends on the order of the paths
// is AWS's engine's doing, and here to agree with it.)
//
//   {"d": {"a": ["1"], "b": ["2"]}}    holds for  {"d": [{"a": 1, "b": 2}]}
//                                      and not    {"d": [{"a": 1}, {"b": 2}]}
//
// Choices in different arrays do not depend on each other, so the elements are gone through once, from the
// outermost in: in each, the fields that must hold below it are shared out among its arrays by where they
// have leaves at all. Only if a field has leaves in two arrays of one element (a member that occurs twice, or
// a name with dots) there is more than one way to share, and all are tried, up to Limits::choices_max.
//
// One thread; keeps its buffers. Tested by match_differential_test.cc and match_data_test.cc.
#pragma once

#include <bitset>
#include <cstdint>
#include <span>
#include <vector>

#include "match/limits.h"
#include "match/record_walk.h"

namespace cairn::match {

// A leaf at a field's path, in an element; passed: the field holds through it.
struct Sighting {
  std::uint32_t field;  // in the branch, by path
  std::uint32_t element;
  bool passed;
};

struct FieldNeed {
  bool may_hold;    // it has tests of leaves
  bool may_absent;  // it holds if there is no leaf
};

class Consistency {
 public:
  enum class Answer : std::uint8_t { no, yes, too_many_choices };

  // The record's elements, for the questions that follow.
  void begin(std::span<const Element> elements);
  Answer ask(std::span<const FieldNeed> fields, std::span<const Sighting> sightings);

 private:
  using FieldSet = std::bitset<Limits::fields_max>;
  struct Inside {
    FieldSet here;   // fields with leaves directly in the element that pass
    FieldSet below;  // … or in elements within it
    FieldSet seen;   // fields with any leaves directly in the element
    FieldSet seen_below;
  };
  // What must be chosen: fields that must hold, and fields of which nothing may be seen.
  struct Want {
    FieldSet hold;
    FieldSet absent;
  };

  // The arrays directly in an element, from the one that `child` is in on.
  struct Arrays {
    std::uint32_t child;
    const FieldSet& here;       // fields that hold without any array
    const FieldSet& ambiguous;  // fields with leaves that pass in more than one array
  };

  void note(const Sighting& sighting);
  void forget(const Sighting& sighting);
  bool choose_absence(std::span<const FieldNeed> fields, std::size_t from, Want want);
  bool element(std::uint32_t number, Want want);
  bool share(const Arrays& arrays, Want want);
  bool share_free(const Arrays& arrays, std::uint32_t next, const Want& inside, const Want& outside,
                  FieldSet free);
  bool within(std::uint32_t child, std::uint32_t next, const Want& want);
  bool spend();

  std::span<const Element> elements_;
  std::vector<std::uint32_t> first_child_;   // by element
  std::vector<std::uint32_t> next_sibling_;  // 0: none
  std::vector<Inside> inside_;               // by element
  std::size_t choices_ = 0;
};

}  // namespace cairn::match
