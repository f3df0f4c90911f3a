// Reads the members of one stored JSON document; the first that is missing, or of another type, makes it
// corrupt. Members that came later have a value for documents without them. Inside access/ only. One thread.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "catalog/catalog.h"
#include "json/json.h"

namespace cairn::access {

class DocumentReader {
 public:
  // `newest`: the newest format that is understood ("v"); a newer one is corrupt, too.
  DocumentReader(const catalog::Document& document, std::int64_t newest) : key_(document.key) {
    auto parsed = json::parse(document.value);
    parsed_ = parsed ? *std::move(parsed) : boost::json::value();
    const auto format = number("v");
    sound_ = sound_ && format >= 1 && format <= newest;
  }

  std::string text(std::string_view name) {
    const auto* found = member(name);
    return found != nullptr && found->is_string() ? std::string(found->get_string())
                                                  : (fail(), std::string());
  }
  bool truth(std::string_view name) {
    const auto* found = member(name);
    return found != nullptr && found->is_bool() ? found->get_bool() : (fail(), false);
  }
  std::int64_t number(std::string_view name) {
    const auto* found = member(name);
    return found != nullptr && found->is_int64() ? found->get_int64() : (fail(), 0);
  }
  std::uint64_t count(std::string_view name) { return static_cast<std::uint64_t>(number(name)); }
  Time time(std::string_view name) { return Time(Millis(number(name))); }
  std::vector<std::string> texts(std::string_view name) {
    std::vector<std::string> all;
    for (const auto& one : list(name)) {
      one.is_string() ? all.emplace_back(one.get_string()) : (fail(), all.emplace_back());
    }
    return all;
  }
  // [["name", "value"], …]
  std::vector<std::pair<std::string, std::string>> pairs(std::string_view name) {
    std::vector<std::pair<std::string, std::string>> all;
    for (const auto& one : list(name)) {
      const auto* pair = one.if_array();
      if (pair == nullptr || pair->size() != 2 || !(*pair)[0].is_string() || !(*pair)[1].is_string()) {
        fail();
        break;
      }
      all.emplace_back((*pair)[0].get_string(), (*pair)[1].get_string());
    }
    return all;
  }
  // Of members that documents of older Cairns do not have.
  bool has(std::string_view name) const { return member(name) != nullptr; }
  std::string text_or_none(std::string_view name) { return has(name) ? text(name) : std::string(); }
  bool truth_or_false(std::string_view name) { return has(name) && truth(name); }
  std::uint64_t count_or_none(std::string_view name) { return has(name) ? count(name) : 0; }
  std::vector<std::string> texts_or_none(std::string_view name) {
    return has(name) ? texts(name) : std::vector<std::string>();
  }
  const boost::json::array& list(std::string_view name) {
    static const boost::json::array kNone;
    const auto* found = member(name);
    return found != nullptr && found->is_array() ? found->get_array() : (fail(), kNone);
  }
  void fail() { sound_ = false; }

  template <class T>
  Result<T> finish(T made) {
    return sound_ ? Result<T>(std::move(made))
                  : Error{Errc::corrupt, "read access document: not what was written", key_};
  }

 private:
  const boost::json::value* member(std::string_view name) const {
    return parsed_.is_object() ? parsed_.get_object().if_contains(name) : nullptr;
  }

  std::string key_;
  boost::json::value parsed_;
  bool sound_ = true;
};

// [["name", "value"], …]
inline boost::json::array pair_of(std::string_view a, std::string_view b) {
  boost::json::array pair;
  pair.emplace_back(a);
  pair.emplace_back(b);
  return pair;
}

inline std::int64_t millis(Time time) {
  return time.time_since_epoch().count();
}

}  // namespace cairn::access
