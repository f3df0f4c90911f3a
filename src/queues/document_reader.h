// Inside queues/ only. One thread.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "base/time.h"
#include "catalog/catalog.h"
#include "json/json.h"

namespace cairn::queues {

// Reads the members of one stored JSON document; the first that is not what was written makes the whole
// corrupt.
class DocumentReader {
 public:
  DocumentReader(std::string key, std::string_view text, std::int64_t format) : key_(std::move(key)) {
    auto parsed = json::parse_object(text);
    sound_ = parsed.has_value();
    if (parsed) {
      object_ = *std::move(parsed);
    }
    sound_ = sound_ && json::find_int(object_, "v") == format;
  }

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
  // Not negative.
  std::int64_t number(std::string_view name) {
    const auto value = json::find_int(object_, name);
    expect(value && *value >= 0);
    return value.value_or(0);
  }
  // The same, of a member that older documents do not have.
  std::int64_t number_or(std::string_view name, std::int64_t otherwise) {
    return json::find(object_, name) != nullptr ? number(name) : otherwise;
  }
  Time time(std::string_view name) { return Time(Millis(number(name))); }
  json::object object(std::string_view name) {
    const auto* value = json::find_object(object_, name);
    expect(value != nullptr);
    return value != nullptr ? *value : json::object();
  }
  // Pairs of texts; take() is given each.
  template <class Take>
  void pairs(std::string_view name, Take take) {
    const auto* list = json::find_array(object_, name);
    expect(list != nullptr);
    for (std::size_t i = 0; sound_ && i < list->size(); ++i) {
      const auto* pair = list->at(i).if_array();
      expect(pair != nullptr && pair->size() == 2 && pair->at(0).is_string() && pair->at(1).is_string());
      if (sound_) {
        take(std::string(json::text_of(pair->at(0).get_string())),
             std::string(json::text_of(pair->at(1).get_string())));
      }
    }
  }
  void expect(bool truth) { sound_ = sound_ && truth; }

  template <class T>
  Result<T> finish(T made) {
    return sound_ ? Result<T>(std::move(made))
                  : Error{Errc::corrupt, "read a document of queues: not what was written", key_};
  }

 private:
  std::string key_;
  json::object object_;
  bool sound_ = false;
};

inline std::int64_t millis(Time time) {
  return time.time_since_epoch().count();
}

}  // namespace cairn::queues
