#include "json/records.h"

#include <simdjson.h>

#include <algorithm>
#include <span>

#include "base/check.h"
#include "json/cursor.h"

namespace cairn::json {
namespace {

constexpr std::string_view kWrapper = "\"Records\"";

// Which of the records has the bytes that are no character.
SplitError not_utf8(std::string_view text, std::span<const Record> records) {
  const auto broken =
      std::ranges::find_if_not(records, [](const Record& r) { return simdjson::validate_utf8(r.raw); });
  const auto offset = broken == records.end() ? 0 : broken->raw.data() - text.data();
  return {Errc::invalid, static_cast<std::size_t>(broken - records.begin()), static_cast<std::size_t>(offset),
          "not UTF-8"};
}

class Splitter {
 public:
  Splitter(std::string_view text, const SplitLimits& limits, std::vector<Record>& out)
      : cursor_(text), limits_(limits), out_(out), before_(out.size()) {}

  bool run() {
    cursor_.skip_space();
    while (!cursor_.at_end()) {
      if (!document()) {
        return false;
      }
      cursor_.skip_space();
    }
    return true;
  }

  SplitError error() const {
    return {limit_ ? Errc::limit : Errc::invalid, out_.size() - before_, cursor_.offset(), cursor_.problem()};
  }

 private:
  bool document() {
    if (cursor_.at('[')) {
      return array();
    }
    return cursor_.at('{') ? object() : cursor_.fail("not a record");
  }

  // A record, or the object that wraps an array of them.
  bool object() {
    const char* const start = cursor_.position();
    cursor_.reset_spaced();
    cursor_.take('{');
    cursor_.skip_space();
    bool wrapper = false;
    if (!cursor_.at('}')) {
      do {
        cursor_.skip_space();
        if (!member(wrapper)) {
          return false;
        }
      } while (cursor_.at(',') && cursor_.take(','));
    }
    return cursor_.take('}') && (wrapper || add(start));
  }

  bool member(bool& wrapper) {
    const char* const name = cursor_.position();
    if (!cursor_.string()) {
      return false;
    }
    const bool records =
        std::string_view(name, static_cast<std::size_t>(cursor_.position() - name)) == kWrapper;
    cursor_.skip_space();
    if (!cursor_.take(':')) {
      return false;
    }
    cursor_.skip_space();
    if (!records || !cursor_.at('[')) {
      return cursor_.value(limits_.depth_max - 1);
    }
    if (wrapper) {
      return cursor_.fail("Records twice in one object");
    }
    wrapper = true;
    if (!array()) {
      return false;
    }
    cursor_.skip_space();
    return true;
  }

  bool array() {
    cursor_.take('[');
    cursor_.skip_space();
    if (cursor_.at(']')) {
      return cursor_.take(']');
    }
    do {
      cursor_.skip_space();
      if (!element()) {
        return false;
      }
      cursor_.skip_space();
    } while (cursor_.at(',') && cursor_.take(','));
    return cursor_.take(']');
  }

  bool element() {
    const char* const start = cursor_.position();
    if (!cursor_.at('{')) {
      return cursor_.fail("not a record");
    }
    cursor_.reset_spaced();
    return cursor_.object(limits_.depth_max - 1) && add(start);
  }

  bool add(const char* start) {
    const std::string_view raw(start, static_cast<std::size_t>(cursor_.position() - start));
    if (raw.size() > limits_.record_bytes_max) {
      limit_ = true;
      return cursor_.fail("record is too large");
    }
    if (out_.size() - before_ >= limits_.records_max) {
      limit_ = true;
      return cursor_.fail("too many records");
    }
    out_.push_back({raw, !cursor_.spaced()});
    return true;
  }

  Cursor cursor_;
  const SplitLimits& limits_;
  std::vector<Record>& out_;
  std::size_t before_;
  bool limit_ = false;
};

}  // namespace

Error SplitError::error() const {
  return Error{code, what, "record " + std::to_string(record) + ", byte " + std::to_string(offset)};
}

Result<void, SplitError> split_records(std::string_view text, const SplitLimits& limits,
                                       std::vector<Record>& out) {
  CAIRN_CHECK(limits.depth_max >= 1);
  if (text.size() > limits.bytes_max) {
    return SplitError{Errc::limit, 0, limits.bytes_max, "text is too large"};
  }
  const std::size_t before = out.size();
  Splitter splitter(text, limits, out);
  const bool whole = splitter.run();
  if (whole && simdjson::validate_utf8(text)) {
    return {};
  }
  auto characters = not_utf8(text, std::span(out).subspan(before));
  auto error = whole || characters.record < out.size() - before ? std::move(characters) : splitter.error();
  out.resize(before + std::min(error.record, out.size() - before));
  return error;
}

Result<void> check_text(std::string_view text, std::size_t depth_max) {
  Cursor cursor(text);
  if (!cursor.value(depth_max) || (!cursor.at_end() && !cursor.fail("something follows the value"))) {
    return Error{Errc::invalid, cursor.problem(), "byte " + std::to_string(cursor.offset())};
  }
  if (!simdjson::validate_utf8(text)) {
    return Error{Errc::invalid, "not UTF-8"};
  }
  return {};
}

std::string minify(std::string_view text) {
  std::string out(text.size() + simdjson::SIMDJSON_PADDING, '\0');
  std::size_t size = 0;
  CAIRN_CHECK(simdjson::minify(text.data(), text.size(), out.data(), size) == simdjson::SUCCESS);
  out.resize(size);
  return out;
}

}  // namespace cairn::json
