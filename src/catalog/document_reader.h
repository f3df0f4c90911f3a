// Reads the members of one document that is stored as JSON: {"v": FORMAT, …}. The first member that is
// missing, or not of the type that was written, makes the whole corrupt; so its owner reads all of them, and
// asks once. Members that came later have a value for documents without them. One thread.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "catalog/catalog.h"

namespace cairn::catalog {

class DocumentReader {
 public:
  // Formats from 1 to `newest` are understood; a newer one is corrupt, too.
  DocumentReader(const Document& document, std::int64_t newest)
      : DocumentReader(document.key, document.value, newest) {}
  // What is stored elsewhere than in the catalog; `key` names it in errors.
  DocumentReader(std::string key, std::string_view text, std::int64_t newest);

  std::int64_t format() const { return format_; }
  // And is not null.
  bool has(std::string_view name) const;

  std::string text(std::string_view name);
  bool truth(std::string_view name);
  std::int64_t number(std::string_view name);
  std::uint64_t count(std::string_view name);  // a number that is not negative
  Time time(std::string_view name);
  std::string bytes(std::string_view name);  // in base64
  boost::json::object object(std::string_view name);
  const boost::json::array& list(std::string_view name);
  std::vector<std::string> texts(std::string_view name);
  std::vector<std::pair<std::string, std::string>> pairs(std::string_view name);  // [["a", "b"], …]

  // Of members that documents of older Cairns do not have.
  std::int64_t number_or(std::string_view name, std::int64_t otherwise) {
    return has(name) ? number(name) : otherwise;
  }
  Time time_or(std::string_view name, Time otherwise) { return has(name) ? time(name) : otherwise; }
  std::string text_or_none(std::string_view name) { return has(name) ? text(name) : std::string(); }
  bool truth_or_false(std::string_view name) { return has(name) && truth(name); }
  std::uint64_t count_or_none(std::string_view name) { return has(name) ? count(name) : 0; }
  std::vector<std::string> texts_or_none(std::string_view name) {
    return has(name) ? texts(name) : std::vector<std::string>();
  }

  // Rows of so many values; take() is given each, and reads it with what follows.
  template <class Take>
  void rows(std::string_view name, std::size_t columns, Take take) {
    for (const auto& row : list(name)) {
      const auto* const values = row.if_array();
      expect(values != nullptr && values->size() == columns);
      if (!sound_) {
        return;
      }
      take(*values);
    }
  }
  std::string text_in(const boost::json::array& row, std::size_t column);
  bool truth_in(const boost::json::array& row, std::size_t column);
  std::int64_t number_in(const boost::json::array& row, std::size_t column);
  Time time_in(const boost::json::array& row, std::size_t column);
  std::string bytes_in(const boost::json::array& row, std::size_t column);

  // What else must hold.
  void expect(bool truth) { sound_ = sound_ && truth; }

  // Errc::corrupt: something was not so.
  template <class T>
  Result<T> finish(T made) const {
    return sound_ ? Result<T>(std::move(made)) : corrupt();
  }
  Error corrupt() const;

 private:
  std::string decoded(const std::string& base64);

  std::string key_;
  boost::json::object object_;
  std::int64_t format_ = 0;
  bool sound_ = false;
};

// As DocumentReader reads it.
inline std::int64_t millis(Time time) {
  return time.time_since_epoch().count();
}

}  // namespace cairn::catalog
