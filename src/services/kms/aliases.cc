// Aliases: names for keys, of which a key may have many. Tested by kms_test.cc.
#include "json/json.h"
#include "services/kms/operations.h"

namespace cairn::services::kms {
namespace {

Found<void> check_name(std::string_view name) {
  if (!name.starts_with("alias/") || name.size() == std::string_view("alias/").size()) {
    return fault::invalid_alias("Alias must start with the prefix \"alias/\". Please see "
                                "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html");
  }
  if (name.starts_with("alias/aws/")) {
    return aws::Fault{.code = "NotAuthorizedException", .status = 400, .message = ""};
  }
  if (name.substr(std::string_view("alias/").size()).find(':') != std::string_view::npos) {
    return fault::invalid_alias("Alias contains invalid characters for an alias");
  }
  return {};
}

Found<void> take_alias(keys::Key& key, const std::string& name) {
  CAIRN_TRY_VOID(check_not_pending(key));
  if (key.aliases.size() >= keys::Limits::aliases_max) {
    return fault::limit("A key has at most 50 aliases.");
  }
  key.aliases.insert(name);
  return {};
}

json::object shown(const keys::Alias& alias) {
  return {{"AliasName", alias.name},
          {"AliasArn", alias.arn()},
          {"TargetKeyId", alias.key},
          {"CreationDate", seconds(alias.created)},
          {"LastUpdatedDate", seconds(alias.updated)}};
}

}  // namespace

Task<Answer> create_alias(const Dependencies& on, Call& call, Asked asked) {
  const auto name = text(call, "AliasName");
  CAIRN_CO_TRY_VOID(check_name(name));
  auto& key = asked.keys.front();
  const auto there = co_await keys::load_alias(on.catalog, call.account, call.region, name);
  if (!there) {
    co_return fault::failure(there.error());
  }
  if (*there) {
    co_return fault::alias_exists((*there)->value.arn());
  }
  CAIRN_CO_TRY_VOID(take_alias(key.value, name));
  auto outcome = changed(call, key);
  outcome.effects.writes.push_back(keys::put(keys::Alias{.account = call.account,
                                                         .region = call.region,
                                                         .name = name,
                                                         .key = key.value.id,
                                                         .created = call.time,
                                                         .updated = call.time},
                                             0));
  co_return outcome;
}

// Both keys' documents name their aliases.
Task<Answer> update_alias(const Dependencies& /*on*/, Call& call, Asked asked) {
  auto& alias = *asked.alias;
  CAIRN_CO_TRY_VOID(check_name(alias.value.name));
  auto& from = asked.keys.front();
  auto& to = asked.keys.back();
  CAIRN_CO_TRY_VOID(check_not_pending(to.value));
  if (from.value.usage != to.value.usage || from.value.is_symmetric() != to.value.is_symmetric()) {
    co_return fault::validation("The new and the current key of an alias must be of the same type and usage.");
  }
  alias.value.key = to.value.id;
  alias.value.updated = call.time;
  const bool moves = from.value.id != to.value.id;
  if (moves) {
    from.value.aliases.erase(alias.value.name);
    CAIRN_CO_TRY_VOID(take_alias(to.value, alias.value.name));
  }
  auto outcome = changed(call, to);
  if (moves) {
    outcome.effects.writes.push_back(keys::put(from.value, from.version));
  }
  outcome.effects.writes.push_back(keys::put(alias.value, alias.version));
  co_return outcome;
}

Task<Answer> delete_alias(const Dependencies& /*on*/, Call& call, Asked asked) {
  auto& key = asked.keys.front();
  key.value.aliases.erase(asked.alias->value.name);
  auto outcome = changed(call, key);
  outcome.effects.writes.push_back(keys::remove(asked.alias->value, asked.alias->version));
  co_return outcome;
}

// Aliases of keys that are gone went with them.
Task<Answer> list_aliases(const Dependencies& on, Call& call, Asked asked) {
  CAIRN_CO_TRY(auto after, marker_in(call));
  const auto most = static_cast<std::size_t>(
      json::find_int(call.input, "Limit").value_or(static_cast<std::int64_t>(Limits::page_usual)));
  const auto prefix = keys::alias_prefix(call.account, call.region);
  json::array list;
  bool truncated = false;
  for (bool more = true; more;) {
    const auto page = co_await on.catalog.scan(prefix, after.empty() ? "" : prefix + after, Limits::page_max);
    if (!page) {
      co_return fault::failure(page.error());
    }
    more = !page->empty();
    for (const auto& document : *page) {
      const auto alias = keys::decode_alias(document);
      if (!alias) {
        co_return fault::failure(alias.error());
      }
      if (asked.keys.empty() || alias->key == asked.keys.front().value.id) {
        if (list.size() == most) {
          truncated = true;
          more = false;
          break;
        }
        list.push_back(shown(*alias));
      }
      after = document.key.substr(prefix.size());
    }
  }
  Outcome outcome;
  outcome.output["Aliases"] = std::move(list);
  mark(outcome.output, truncated, after);
  co_return outcome;
}

}  // namespace cairn::services::kms
