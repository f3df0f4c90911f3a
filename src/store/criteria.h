// What a lookup asks of a set of rows, and its SQL. The head and the segments have the same columns, so they
// answer the same statements. Internal to store/. Pure.
#pragma once

#include <compare>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "store/duck.h"
#include "store/store.h"

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
  std::optional<Key> before;   // only rows older than it
  std::size_t limit = 0;
};

// The times that records can have: what SQL is asked about stays within them.
inline constexpr Time kTimeMin{std::chrono::sys_days(std::chrono::year{1} / 1 / 1)};
inline constexpr Time kTimeMax{std::chrono::sys_days(std::chrono::year{9999} / 12 / 31) +
                               std::chrono::days{1} - Millis{1}};

struct Statement {
  std::string sql;
  std::vector<duck::Value> parameters;
};

// `from` is what FROM names ("head_1", "read_parquet(?)"), with its parameters.
// The keys of the newest `limit` rows, newest first: columns event_time, _position.
Statement find_statement(Statement from, const Criteria& criteria);
// The whole rows of these keys, in any order: columns column_names(). REQUIRES: keys is not empty.
Statement fetch_statement(Statement from, const Criteria& criteria, std::span<const Key> keys);

// Runs them.
Result<std::vector<Key>> find_rows(duck::Connection& connection, Statement from, const Criteria& criteria);
Result<std::vector<Found>> fetch_rows(duck::Connection& connection, Statement from, const Criteria& criteria,
                                      std::span<const Key> keys);

}  // namespace cairn::store
