// What a lookup asks of a set of rows. Internal to store/. Pure.
#pragma once

#include <chrono>
#include <compare>
#include <optional>
#include <string>

#include "store/store.h"
#include "store/terms.h"

namespace cairn::store {

// A row's place in the order of pages. Greater is newer.
struct Key {
  Time time;
  journal::Position position;
  friend auto operator<=>(const Key&, const Key&) = default;
};

struct Criteria {
  std::string account;
  std::string region;
  event::Category category = event::Category::management;
  std::optional<std::pair<Attribute, std::string>> attribute;
  Time from;                   // inclusive
  Time to;                     // inclusive
  journal::Position snapshot;  // only rows before it
  journal::Position unsealed;  // a head's rows before it are in segments: only those after count
  std::optional<Key> before;   // only rows older than it
  std::size_t limit = 0;

  // What the rows are found by: the attribute's term, or the scope's when none is asked for.
  Term term() const;
  // Does the row with this view fit, whatever its key is? REQUIRES of a view found by term() alone: a term
  // may be another value's.
  bool fits(const event::View& view) const;
  bool has(const Key& key) const {
    return key.position < snapshot && key.time >= from && key.time <= to && (!before || key < *before);
  }
};

// The times that records can have.
inline constexpr Time kTimeMin{std::chrono::sys_days(std::chrono::year{1} / 1 / 1)};
inline constexpr Time kTimeMax{std::chrono::sys_days(std::chrono::year{9999} / 12 / 31) +
                               std::chrono::days{1} - Millis{1}};

}  // namespace cairn::store
