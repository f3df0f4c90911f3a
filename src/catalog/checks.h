// What every adapter of the catalog checks before it touches anything, and how prefixes become ranges of
// keys.
#pragma once

#include <string>
#include <string_view>

#include "catalog/catalog.h"

namespace cairn::catalog {

// Errc::invalid: an empty key or one written twice. Errc::limit: too large.
Result<void> check_key(std::string_view key, const Limits& limits);
Result<void> check(const Transaction& transaction, const Limits& limits);

// Keys, values and payloads together, with a little for each: what a waiting transaction counts against
// Limits.
std::size_t bytes_of(const Transaction& transaction);

// The keys that start with `prefix` and are greater than `after`: from <= key < end.
struct KeyRange {
  std::string from;
  std::string end;
};
KeyRange key_range(std::string_view prefix, std::string_view after, const Limits& limits);

// Counts a page's rows: is there room for one more?
class PageRoom {
 public:
  PageRoom(std::size_t limit, const Limits& limits);
  bool open() const { return rows_ > 0 && bytes_ > 0; }
  std::size_t rows() const { return rows_; }
  void take(std::size_t bytes);

 private:
  std::size_t rows_;
  std::size_t bytes_;
};

}  // namespace cairn::catalog
