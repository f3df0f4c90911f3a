// The conditions are ordered by how well Parquet's statistics serve them: a segment is sorted by account,
// region and time, so these three leave few row groups. Keys first, rows later: finding reads the narrow
// columns alone, and eventJson is only unpacked for the rows of the page.
//
// Tested by store_test.cc, against a naive store.
#include "store/criteria.h"

#include <fmt/format.h>

#include <algorithm>

#include "store/columns.h"

namespace cairn::store {

namespace {

class Where {
 public:
  explicit Where(Statement from) : statement_(std::move(from)) { statement_.sql = " FROM " + statement_.sql; }

  void add(std::string_view condition) {
    statement_.sql += any_ ? " AND " : " WHERE ";
    statement_.sql += condition;
    any_ = true;
  }
  void add(std::string_view condition, duck::Value value) {
    add(condition);
    statement_.parameters.push_back(std::move(value));
  }
  void place(const Criteria& criteria) {
    add("account = ?", criteria.account);
    add("region = ?", criteria.region);
  }
  void times(Time from, Time to) {
    add("event_time >= ?", std::max(from, kTimeMin));
    add("event_time <= ?", std::min(to, kTimeMax));
  }
  void before(const Key& key) {
    add("(event_time < ? OR _position < ?)", key.time);
    statement_.parameters.emplace_back(key.position.raw());
  }
  void attribute(Attribute attribute, const std::string& value);

  Statement select(std::string_view columns, std::string_view tail) && {
    statement_.sql = fmt::format("SELECT {}{}{}", columns, statement_.sql, tail);
    return std::move(statement_);
  }

 private:
  Statement statement_;
  bool any_ = false;
};

void Where::attribute(Attribute attribute, const std::string& value) {
  if (value.empty()) {
    return add("false");
  }
  switch (attribute) {
    case Attribute::event_id:
      return add("event_id = ?", value);
    case Attribute::event_name:
      return add("event_name = ?", value);
    case Attribute::username:
      return add("username = ?", value);
    case Attribute::event_source:
      return add("event_source = ?", value);
    case Attribute::access_key_id:
      return add("access_key_id = ?", value);
    case Attribute::resource_type:
      return add("list_contains(resource_types, ?)", value);
    case Attribute::resource_name:
      return add("list_contains(resource_names, ?)", value);
    case Attribute::read_only:
      break;
  }
  if (value != "true" && value != "false") {
    return add("false");
  }
  add("read_only = ?", value == "true");
}

}  // namespace

Statement find_statement(Statement from, const Criteria& criteria) {
  Where where(std::move(from));
  where.place(criteria);
  where.times(criteria.from, criteria.before ? std::min(criteria.to, criteria.before->time) : criteria.to);
  where.add("category = ?", std::string(event::to_string(criteria.category)));
  where.add("_position < ?", criteria.snapshot.raw());
  if (criteria.before) {
    where.before(*criteria.before);
  }
  if (criteria.attribute) {
    where.attribute(criteria.attribute->first, criteria.attribute->second);
  }
  return std::move(where).select(
      "event_time, _position",
      fmt::format(" ORDER BY event_time DESC, _position DESC LIMIT {}", criteria.limit));
}

Statement fetch_statement(Statement from, const Criteria& criteria, std::span<const Key> keys) {
  const auto [oldest, newest] = std::ranges::minmax(keys);
  std::string positions;
  for (const auto& key : keys) {
    positions += fmt::format("{}{}", positions.empty() ? "" : ", ", key.position.raw());
  }
  Where where(std::move(from));
  where.place(criteria);
  where.times(oldest.time, newest.time);
  where.add(fmt::format("_position IN ({})", positions));
  return std::move(where).select(column_names(), "");
}

Result<std::vector<Key>> find_rows(duck::Connection& connection, Statement from, const Criteria& criteria) {
  const auto statement = find_statement(std::move(from), criteria);
  CAIRN_TRY(auto rows, connection.query(statement.sql, statement.parameters));
  std::vector<Key> keys;
  while (rows.next()) {
    keys.push_back({rows.time(0), journal::Position{rows.number(1)}});
  }
  return keys;
}

Result<std::vector<Found>> fetch_rows(duck::Connection& connection, Statement from, const Criteria& criteria,
                                      std::span<const Key> keys) {
  const auto statement = fetch_statement(std::move(from), criteria, keys);
  CAIRN_TRY(auto rows, connection.query(statement.sql, statement.parameters));
  std::vector<Found> found;
  while (rows.next()) {
    found.push_back(read_found(rows));
  }
  return found;
}

}  // namespace cairn::store
