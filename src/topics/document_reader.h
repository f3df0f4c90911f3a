// Inside topics/ only. One thread.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "base/time.h"
#include "catalog/catalog.h"
#include "codec/base64.h"
#include "json/json.h"

namespace cairn::topics {

// Reads the members of one stored JSON document; the first that is not what was written makes the whole
// corrupt.
class DocumentReader {
 public:
  // `format`: the newest that is read.
  DocumentReader(const catalog::Document& document, std::int64_t format)
      : DocumentReader(document.key, document.value, format) {}
  DocumentReader(std::string key, std::string_view text, std::int64_t format) : key_(std::move(key)) {
    auto parsed = json::parse_object(text);
    sound_ = parsed.has_value();
    if (parsed) {
      object_ = *std::move(parsed);
    }
    version_ = json::find_int(object_, "v").value_or(0);
    sound_ = sound_ && version_ > 0 && version_ <= format;
  }

  std::int64_t version() const { return version_; }

  bool is_there(std::string_view name) const { return json::find(object_, name) != nullptr; }
  std::string text(std::string_view name) {
    const auto value = json::find_string(object_, name);
    expect(value.has_value());
    return std::string(value.value_or(""));
  }
  bool truth(std::string_view name) {
    const auto value = json::find_bool(object_, name);
    expect(value.has_value());
    return value.value_or(false);
  }
  std::int64_t number(std::string_view name) {
    const auto value = json::find_int(object_, name);
    expect(value.has_value());
    return value.value_or(0);
  }
  // Of members that older documents do not have.
  std::string text_or(std::string_view name, std::string otherwise) {
    return is_there(name) ? text(name) : std::move(otherwise);
  }
  Time time(std::string_view name) { return Time(Millis(number(name))); }
  Time time_or(std::string_view name, Time otherwise) { return is_there(name) ? time(name) : otherwise; }

  // Rows of so many values; take() is given each.
  template <class Take>
  void rows(std::string_view name, std::size_t columns, Take take) {
    const auto* list = json::find_array(object_, name);
    sound_ = sound_ && list != nullptr;
    for (std::size_t i = 0; sound_ && i < list->size(); ++i) {
      const auto* one = list->at(i).if_array();
      sound_ = one != nullptr && one->size() == columns;
      if (sound_) {
        take(*one);
      }
    }
  }
  std::string text_in(const json::array& of, std::size_t column) {
    const auto* text = of[column].if_string();
    expect(text != nullptr);
    return text != nullptr ? std::string(json::text_of(*text)) : std::string();
  }
  std::int64_t number_in(const json::array& of, std::size_t column) {
    const auto* number = of[column].if_int64();
    expect(number != nullptr);
    return number != nullptr ? *number : 0;
  }
  Time time_in(const json::array& of, std::size_t column) { return Time(Millis(number_in(of, column))); }
  bool truth_in(const json::array& of, std::size_t column) {
    const auto* truth = of[column].if_bool();
    expect(truth != nullptr);
    return truth != nullptr && *truth;
  }
  void expect(bool truth) { sound_ = sound_ && truth; }

  template <class T>
  Result<T> finish(T made) {
    return sound_ ? Result<T>(std::move(made))
                  : Error{Errc::corrupt, "read a document of topics: not what was written", key_};
  }

 private:
  std::string key_;
  json::object object_;
  std::int64_t version_ = 0;
  bool sound_ = false;
};

}  // namespace cairn::topics
