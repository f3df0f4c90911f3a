// The documents as JSON. Tested by keys_test.cc; fuzzed by key_documents_fuzz.cc.
#include <algorithm>

#include "catalog/document_reader.h"
#include "codec/base64.h"
#include "json/json.h"
#include "keys/key.h"

namespace cairn::keys {
namespace {

constexpr std::int64_t kFormat = 1;
constexpr std::int64_t kFormatOfPairs =
    2;  // of keys that are not symmetric: an older Cairn would misuse them
constexpr std::size_t kAccountChars = 12;
constexpr std::size_t kKeyIdChars = 36;

bool is_account(std::string_view text) {
  return text.size() == kAccountChars &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// A UUID in text: ciphertexts have its bytes.
bool is_key_id(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? c != '-' : !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
      return false;
    }
  }
  return text.size() == kKeyIdChars;
}

bool is_kind(const Key& key) {
  const auto* const spec = find_spec(key.spec);
  return spec != nullptr && spec->is_for(key.usage) && (key.is_symmetric() || key.materials.size() == 1);
}

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
                                    json::value(catalog::millis(one.since)), json::value(one.on_demand)});
  }
  return json::serialize(json::object{{"v", key.is_symmetric() ? kFormat : kFormatOfPairs},
                                      {"id", key.id},
                                      {"account", key.account},
                                      {"region", key.region},
                                      {"created", catalog::millis(key.created)},
                                      {"description", key.description},
                                      {"usage", key.usage},
                                      {"spec", key.spec},
                                      {"enabled", key.enabled},
                                      {"deletion", key.deletion ? catalog::millis(*key.deletion) : 0},
                                      {"windowDays", key.window_days},
                                      {"policy", key.policy},
                                      {"tags", std::move(tags)},
                                      {"aliases", std::move(aliases)},
                                      {"materials", std::move(materials)},
                                      {"rotates", key.rotation.enabled},
                                      {"rotationDays", key.rotation.days},
                                      {"rotatesSince", catalog::millis(key.rotation.enabled_at)},
                                      {"grants", key.grants}});
}

Result<Key> decode_key(const catalog::Document& document) {
  catalog::DocumentReader read(document, kFormatOfPairs);
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
  read.expect((read.format() == kFormat) == key.is_symmetric() && is_kind(key));
  read.expect(is_account(key.account) && is_key_id(key.id) &&
              document.key == key_key(key.account, key.region, key.id));
  return read.finish(std::move(key));
}

std::string encode(const Alias& alias) {
  return json::serialize(json::object{{"v", kFormat},
                                      {"account", alias.account},
                                      {"region", alias.region},
                                      {"name", alias.name},
                                      {"key", alias.key},
                                      {"created", catalog::millis(alias.created)},
                                      {"updated", catalog::millis(alias.updated)}});
}

Result<Alias> decode_alias(const catalog::Document& document) {
  catalog::DocumentReader read(document, kFormat);
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
