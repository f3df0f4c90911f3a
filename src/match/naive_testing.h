// The matcher as one would first write it, to hold the real one against: each pattern is taken by itself, the
// record is spelt out as a list of leaves, and of array elements every choice is tried. Slow on purpose.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "match/document.h"
#include "match/fold.h"
#include "match/limits.h"
#include "match/number.h"
#include "match/pattern.h"

namespace cairn::match::testing {

struct NaiveLeaf {
  std::string path;
  bool is_string;
  std::string text;
  std::map<int, int> places;  // array: index, of all arrays around it
};

class NaiveRecord {
 public:
  // The text must be a well-formed object.
  explicit NaiveRecord(std::string_view text) {
    const auto document = read_document(text, Limits::record_depth_max).value();
    for (std::size_t i = 0; i < document.items.size(); ++i) {
      read(document.items[i], document.names[i], {});
    }
  }
  const std::vector<NaiveLeaf>& leaves() const { return leaves_; }

 private:
  void read(const Node& node, const std::string& path, const std::map<int, int>& places) {
    if (node.kind == Kind::object) {
      for (std::size_t i = 0; i < node.items.size(); ++i) {
        read(node.items[i], path + "." + node.names[i], places);
      }
    } else if (node.kind == Kind::array) {
      const int array = arrays_++;
      for (std::size_t i = 0; i < node.items.size(); ++i) {
        auto inner = places;
        if (node.items[i].kind == Kind::object || node.items[i].kind == Kind::array) {
          inner[array] = static_cast<int>(i);
        }
        read(node.items[i], path, inner);
      }
    } else {
      leaves_.push_back({path, node.kind == Kind::string, node.text, places});
    }
  }

  std::vector<NaiveLeaf> leaves_;
  int arrays_ = 0;
};

inline bool naive_wildcard(const std::vector<std::string>& segments, std::size_t from,
                           std::string_view text) {
  if (from == 0) {
    return text.starts_with(segments[0]) &&
           (segments.size() == 1 ? text == segments[0]
                                 : naive_wildcard(segments, 1, text.substr(segments[0].size())));
  }
  for (std::size_t skip = 0; skip <= text.size(); ++skip) {
    const auto rest = text.substr(skip);
    const bool last = from + 1 == segments.size();
    if (last ? rest == segments[from]
             : rest.starts_with(segments[from]) &&
                   naive_wildcard(segments, from + 1, rest.substr(segments[from].size()))) {
      return true;
    }
  }
  return false;
}

inline bool naive_text_passes(const Test& test, const std::string& leaf) {
  const auto text = test.ignore_case ? folded(leaf) : leaf;
  const auto asked = test.ignore_case ? folded(test.text) : test.text;
  switch (test.op) {
    case Op::equals:
      return text == asked;
    case Op::prefix:
      return text.starts_with(asked);
    case Op::suffix:
      return text.ends_with(asked);
    case Op::wildcard:
      return naive_wildcard(test.segments, 0, text);
    case Op::address: {
      const auto address = parse_address(text);
      return address && test.addresses.has(*address);
    }
    default:
      return false;
  }
}

inline bool naive_passes(const Test& test, const NaiveLeaf& leaf) {
  switch (test.op) {
    case Op::exists:
      return true;
    case Op::absent:
      return false;
    case Op::anything_but:
      return std::none_of(test.excluded.begin(), test.excluded.end(),
                          [&](const Test& excluded) { return naive_passes(excluded, leaf); });
    case Op::number: {
      const auto number = leaf.is_string ? std::nullopt : comparable_number(leaf.text);
      return number && test.range.has(*number);
    }
    case Op::literal:
    case Op::number_text:
      return !leaf.is_string && leaf.text == test.text;
    default:
      return leaf.is_string && naive_text_passes(test, leaf.text);
  }
}

using Places = std::map<int, int>;

// Both, if they agree on every array that they have in common.
inline std::optional<Places> naive_together(Places one, const Places& other) {
  for (const auto& [array, index] : other) {
    if (one.try_emplace(array, index).first->second != index) {
      return std::nullopt;
    }
  }
  return one;
}

// Can the fields from `from` on hold, given the elements that those before have chosen?
inline bool naive_holds(const Branch& branch, std::size_t from, const NaiveRecord& record,
                        const Places& chosen) {
  if (from == branch.size()) {
    return true;
  }
  const Field& field = *branch[from];
  bool absent = true;
  for (const auto& leaf : record.leaves()) {
    const auto together = leaf.path == field.path ? naive_together(chosen, leaf.places) : std::nullopt;
    absent = absent && !together;
    if (together &&
        std::any_of(field.any_of.begin(), field.any_of.end(),
                    [&](const Test& test) { return naive_passes(test, leaf); }) &&
        naive_holds(branch, from + 1, record, *together)) {
      return true;
    }
  }
  const bool may_absent = std::any_of(field.any_of.begin(), field.any_of.end(),
                                      [](const Test& test) { return test.op == Op::absent; });
  return may_absent && absent && naive_holds(branch, from + 1, record, chosen);
}

inline bool naive_match(const Pattern& pattern, const NaiveRecord& record) {
  return std::any_of(pattern.branches.begin(), pattern.branches.end(),
                     [&](const Branch& branch) { return naive_holds(branch, 0, record, {}); });
}

}  // namespace cairn::match::testing
