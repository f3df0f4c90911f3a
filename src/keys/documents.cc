// The documents as JSON. Tested by keys_test.cc; fuzzed by key_documents_fuzz.cc.
#include "codec/base64.h"
#include "json/json.h"
#include "keys/key.h"

namespace cairn::keys {
namespace {

constexpr std::int64_t kFormat = 1;

std::int64_t millis(Time time) {
  return time.time_since_epoch().count();
}

// Reads members; the first that is not what was written makes the whole corrupt.
class Reader {
 public:
  explicit Reader(const catalog::Document& document) : key_(document.key) {
    auto parsed = json::parse_object(document.value);
    sound_ = parsed.has_value();
    if (parsed) {
      object_ = *std::move(parsed);
    }
    sound_ = sound_ && json::find_int(object_, "v") == kFormat;
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
  std::int64_t number(std::string_view name) {
    const auto value = json::find_int(object_, name);
    expect(value.has_value());
    return value.value_or(0);
  }
  Time time(std::string_view name) { return Time(Millis(number(name))); }

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
  Time time_in(const json::array& of, std::size_t column) {
    const auto* number = of[column].if_int64();
    expect(number != nullptr);
    return Time(Millis(number != nullptr ? *number : 0));
  }
  bool truth_in(const json::array& of, std::size_t column) {
    const auto* truth = of[column].if_bool();
    expect(truth != nullptr);
    return truth != nullptr && *truth;
  }
  std::string bytes_in(const json::array& of, std::size_t column) {
    auto decoded = codec::base64_decode(text_in(of, column));
    expect(decoded.has_value());
    return decoded ? *std::move(decoded) : std::string();
  }
  void expect(bool truth) { sound_ = sound_ && truth; }

  template <class T>
  Result<T> finish(T made) {
    return sound_ ? Result<T>(std::move(made))
                  : Error{Errc::corrupt, "read a document of keys: not what was written", key_};
  }

 private:
  std::string key_;
  json::object object_;
  bool sound_ = false;
};

}  // namespace

std::string encode(const Key& key) {
  json::array tags;
  for (const auto& [name, value] : key.tags) {
    tags.push_back(json::array{json::value(name), json::value(value)});
  }
  json::array aliases;
  for (const auto& alias : key.aliases) {
    aliases.push_back(json::array{json::value(alias)});
  }
  json::array materials;
  for (const auto& one : key.materials) {
    materials.push_back(json::array{json::value(one.id), json::value(codec::base64_encode(one.sealed)),
                                    json::value(millis(one.since)), json::value(one.on_demand)});
  }
  return json::serialize(json::object{{"v", kFormat},
                                      {"id", key.id},
                                      {"account", key.account},
                                      {"region", key.region},
                                      {"created", millis(key.created)},
                                      {"description", key.description},
                                      {"usage", key.usage},
                                      {"spec", key.spec},
                                      {"enabled", key.enabled},
                                      {"deletion", key.deletion ? millis(*key.deletion) : 0},
                                      {"windowDays", key.window_days},
                                      {"policy", key.policy},
                                      {"tags", std::move(tags)},
                                      {"aliases", std::move(aliases)},
                                      {"materials", std::move(materials)},
                                      {"rotates", key.rotation.enabled},
                                      {"rotationDays", key.rotation.days},
                                      {"rotatesSince", millis(key.rotation.enabled_at)},
                                      {"grants", key.grants}});
}

Result<Key> decode_key(const catalog::Document& document) {
  Reader read(document);
  Key key{.id = read.text("id"),
          .account = read.text("account"),
          .region = read.text("region"),
          .created = read.time("created"),
          .description = read.text("description"),
          .usage = read.text("usage"),
          .spec = read.text("spec"),
          .enabled = read.truth("enabled"),
          .window_days = read.number("windowDays"),
          .policy = read.text("policy"),
          .rotation = {.enabled = read.truth("rotates"),
                       .days = read.number("rotationDays"),
                       .enabled_at = read.time("rotatesSince")},
          .grants = static_cast<std::uint64_t>(read.number("grants"))};
  if (const auto deletion = read.number("deletion"); deletion != 0) {
    key.deletion = Time(Millis(deletion));
  }
  read.rows("tags", 2, [&](const json::array& row) {
    key.tags.emplace_back(read.text_in(row, 0), read.text_in(row, 1));
  });
  read.rows("aliases", 1, [&](const json::array& row) { key.aliases.insert(read.text_in(row, 0)); });
  read.rows("materials", 4, [&](const json::array& row) {
    key.materials.push_back({.id = read.text_in(row, 0),
                             .sealed = read.bytes_in(row, 1),
                             .since = read.time_in(row, 2),
                             .on_demand = read.truth_in(row, 3)});
  });
  read.expect(!key.materials.empty() && key.rotation.days > 0);
  return read.finish(std::move(key));
}

std::string encode(const Alias& alias) {
  return json::serialize(json::object{{"v", kFormat},
                                      {"account", alias.account},
                                      {"region", alias.region},
                                      {"name", alias.name},
                                      {"key", alias.key},
                                      {"created", millis(alias.created)},
                                      {"updated", millis(alias.updated)}});
}

Result<Alias> decode_alias(const catalog::Document& document) {
  Reader read(document);
  Alias alias{.account = read.text("account"),
              .region = read.text("region"),
              .name = read.text("name"),
              .key = read.text("key"),
              .created = read.time("created"),
              .updated = read.time("updated")};
  read.expect(alias.name.starts_with("alias/"));
  return read.finish(std::move(alias));
}

}  // namespace cairn::keys
