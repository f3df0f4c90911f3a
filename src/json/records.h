// Records in a text: CloudTrail's {"Records":[…]}, an array of records, or records one after the other (JSON
// lines). Thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace cairn::json {

struct SplitLimits {
  std::size_t bytes_max = 64U << 20;        // of the whole text
  std::size_t record_bytes_max = 1U << 20;  // of one record
  std::size_t records_max = 100'000;
  std::size_t depth_max = 64;  // of one record
};

struct Record {
  std::string_view raw;  // exactly as it stands in the text, from '{' to '}'; a view into it
  bool compact;          // no space outside of strings; otherwise minify() makes it so
};

// Where a text is wrong: Errc::invalid (not JSON, not UTF-8, not records) or Errc::limit.
struct SplitError {
  Errc code;
  std::size_t record;  // the index of the record at fault, or of the one that would have come next
  std::size_t offset;  // the byte at fault; for what is not UTF-8, the record's first
  std::string what;

  Error error() const;
};

// All of the text's records in order, appended to `out`; on error those before the one at fault. The whole
// text is checked: well-formed JSON in UTF-8, every escape and number readable by every parser behind
// (simdjson, Boost.JSON, DuckDB), every record an object. A member that occurs twice is well-formed, and not
// found here: Scanner::repeated() does.
Result<void, SplitError> split_records(std::string_view text, const SplitLimits& limits,
                                       std::vector<Record>& out);

// Errc::invalid unless the text is one well-formed JSON value (with space around it, if there is any) in
// UTF-8.
Result<void> check_text(std::string_view text, std::size_t depth_max);

// Without the space outside of strings. The text must be well-formed.
std::string minify(std::string_view text);

}  // namespace cairn::json
