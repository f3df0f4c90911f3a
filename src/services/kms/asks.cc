// Tested by kms_test.cc.
#include "services/kms/asks.h"

#include <algorithm>

#include "aws/ids.h"
#include "codec/base64.h"
#include "json/json.h"

namespace cairn::services::kms {
namespace {

constexpr std::size_t kIdChars = 36;

bool is_key_id(std::string_view id) {
  return id.size() == kIdChars && std::ranges::all_of(id, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == '-';
         });
}

// What a KeyId says: whose key, by its id or by an alias.
struct Named {
  std::string account{};
  std::string id{};     // of the key; empty: there is an alias
  std::string alias{};  // "alias/…"
};

Found<Named> read_name(const Call& call, std::string_view id) {
  Named named{.account = call.account};
  std::string_view rest = id;
  const auto arn = aws::Arn::parse(id);
  if (id.starts_with("arn:")) {
    if (!arn || arn->service() != "kms") {
      return fault::invalid_arn(id);
    }
    if (arn->region() != call.region) {
      return fault::invalid_arn(arn->region());
    }
    named.account = arn->account();
    rest = arn->resource();
    if (rest.starts_with("key/")) {
      rest.remove_prefix(4);
    } else if (!rest.starts_with("alias/")) {
      return fault::invalid_arn(id);
    }
  }
  if (rest.starts_with("alias/") && rest.size() > 6) {
    named.alias = rest;
  } else if (is_key_id(rest)) {
    named.id = rest;
  } else {
    return fault::invalid_key_id(id);
  }
  return named;
}

// Whoever asks for another account's key that is not there hears what he would hear if it were not for him.
aws::Fault missing(const Call& call, const Named& named, aws::Fault fault) {
  if (named.account == call.account) {
    return fault;
  }
  const auto action = "kms:" + call.operation.name;
  const auto what = named.id.empty() ? keys::alias_arn(named.account, call.region, named.alias)
                                     : keys::Key{.id = named.id, .account = named.account, .region = call.region}.arn();
  return aws::fault::access_denied(aws::Family::json,
                                   {.user = call.caller.principal.arn,
                                    .action = action,
                                    .resource = what,
                                    .reason = "because no resource-based policy allows the " + action + " action"});
}

Task<Found<StoredKey>> load(const Dependencies& on, const Call& call, Named named) {
  auto key = co_await keys::load_key(on.catalog, named.account, call.region, named.id);
  if (!key) {
    co_return fault::failure(key.error());
  }
  if (!*key || (*key)->value.is_due(call.time)) {
    const keys::Key wanted{.id = named.id, .account = named.account, .region = call.region};
    co_return missing(call, named, fault::no_such_key(wanted.arn()));
  }
  co_return **std::move(key);
}

Task<Found<StoredAlias>> load_alias(const Dependencies& on, const Call& call, Named named) {
  auto alias = co_await keys::load_alias(on.catalog, named.account, call.region, named.alias);
  if (!alias) {
    co_return fault::failure(alias.error());
  }
  if (!*alias) {
    co_return missing(call, named, fault::no_such_alias(keys::alias_arn(named.account, call.region, named.alias)));
  }
  co_return **std::move(alias);
}

struct Target {
  StoredKey key{};
  std::string alias{};  // by which it was named; empty: by its id
};

Task<Found<Target>> find_target(const Dependencies& on, const Call& call, std::string id, bool any) {
  CAIRN_CO_TRY(auto named, read_name(call, id));
  Target target{.key = {}, .alias = named.alias};
  if (!any && (!named.alias.empty() || named.account != call.account)) {
    co_return named.alias.empty() ? missing(call, named, fault::invalid_key_id(id)) : fault::invalid_key_id(id);
  }
  if (!named.alias.empty()) {
    CAIRN_CO_TRY(const auto alias, co_await load_alias(on, call, named));
    named.id = alias.value.key;
  }
  CAIRN_CO_TRY(target.key, co_await load(on, call, named));
  co_return target;
}

void add_context_keys(const Call& call, std::string_view member, access::Context& context) {
  const auto* pairs = json::find_object(call.input, member);
  for (const auto& [name, value] : pairs != nullptr ? *pairs : json::object()) {
    context.set("kms:EncryptionContext:" + std::string(name), {std::string(value.get_string())});
    context.add("kms:EncryptionContextKeys", name);
  }
}

void add_named(const Call& call, std::string_view member, std::string_view key, access::Context& context) {
  const auto* value = json::find(call.input, member);
  if (value == nullptr) {
    return;
  }
  if (value->is_string()) {
    context.set(key, {std::string(value->get_string())});
  } else if (value->is_bool()) {
    context.set(key, {value->get_bool() ? "true" : "false"});
  } else if (value->is_int64()) {
    context.set(key, {std::to_string(value->get_int64())});
  }
}

void add_request_tags(const Call& call, access::Context& context) {
  const auto* tags = json::find_array(call.input, "Tags");
  for (const auto& one : tags != nullptr ? *tags : json::array()) {
    const auto& tag = one.get_object();
    access::add_request_tag(context, json::find_string(tag, "TagKey").value_or(""),
                            json::find_string(tag, "TagValue").value_or(""));
  }
  const auto* names = json::find_array(call.input, "TagKeys");
  for (const auto& name : names != nullptr ? *names : json::array()) {
    context.add("aws:TagKeys", name.get_string());
  }
}

access::Context context_of(const Call& call) {
  access::Context context;
  context.set("kms:CallerAccount", {call.caller.principal.account});
  add_named(call, "BypassPolicyLockoutSafetyCheck", "kms:BypassPolicyLockoutSafetyCheck", context);
  add_named(call, "PendingWindowInDays", "kms:ScheduleKeyDeletionPendingWindowInDays", context);
  add_named(call, "EncryptionAlgorithm", "kms:EncryptionAlgorithm", context);
  add_request_tags(call, context);
  return context;
}

Result<access::Ask, aws::Fault> ask_for(const Call& call, std::string_view action, const Target& target,
                                        std::string_view context_member = "EncryptionContext") {
  const auto& key = target.key.value;
  access::Ask ask{.action = "kms:" + std::string(action),
                  .resource = key.arn(),
                  .resource_account = key.account,
                  .resource_policy = nullptr,
                  .context = context_of(call),
                  .resource_policy_rules = true};
  auto policy = access::Policy::parse(key.policy, access::PolicyKind::resource);
  if (!policy) {
    return fault::failure({Errc::corrupt, "a key's policy cannot be read", key.id});
  }
  ask.resource_policy = *std::move(policy);
  add_context_keys(call, context_member, ask.context);
  ask.context.set("kms:KeySpec", {key.spec});
  ask.context.set("kms:KeyUsage", {key.usage});
  ask.context.set("kms:KeyOrigin", {"AWS_KMS"});
  ask.context.set("kms:MultiRegion", {"false"});
  ask.context.set("kms:ResourceAliases", {key.aliases.begin(), key.aliases.end()});
  if (!target.alias.empty()) {
    ask.context.set("kms:RequestAlias", {target.alias});
  }
  for (const auto& [name, value] : key.tags) {
    access::add_resource_tag(ask.context, name, value);
  }
  return ask;
}

access::Ask ask_for_name(const Call& call, std::string_view action, std::string resource) {
  return {.action = "kms:" + std::string(action),
          .resource = std::move(resource),
          .resource_account = call.account,
          .resource_policy = nullptr,
          .context = context_of(call)};
}

// The key counts, and the record names it, whatever comes of the call.
Found<void> add(const Call& call, Question& question, std::string_view action, Target target,
                std::string_view context_member = "EncryptionContext") {
  CAIRN_TRY(auto ask, ask_for(call, action, target, context_member));
  question.asks.push_back(std::move(ask));
  const auto& key = target.key.value;
  question.asked.resources.push_back({.arn = key.arn(), .account_id = key.account, .type = "AWS::KMS::Key", .arn_prefix = {}});
  question.asked.keys.push_back(std::move(target.key));
  return {};
}

Question ask_to_create(const Call& call) {
  Question question;
  auto ask = ask_for_name(call, "CreateKey", "*");
  add_named(call, "KeySpec", "kms:KeySpec", ask.context);
  add_named(call, "KeyUsage", "kms:KeyUsage", ask.context);
  ask.context.set("kms:KeyOrigin", {"AWS_KMS"});
  ask.context.set("kms:MultiRegion", {"false"});
  question.asks.push_back(ask);
  if (const auto* tags = json::find_array(call.input, "Tags"); tags != nullptr && !tags->empty()) {
    ask.action = "kms:TagResource";
    question.asks.push_back(std::move(ask));
  }
  return question;
}

// The key that the ciphertext names; and it is the one that the caller named, if he did.
Task<Found<Target>> source_of(const Dependencies& on, const Call& call, std::string_view member) {
  const auto ciphertext = codec::base64_decode(text(call, "CiphertextBlob"));
  const auto head = keys::read_head(ciphertext ? *ciphertext : "");
  if (!head) {
    co_return fault::invalid_ciphertext();
  }
  const auto id = text(call, member);
  if (!id.empty()) {
    CAIRN_CO_TRY(auto target, co_await find_target(on, call, id, true));
    if (target.key.value.id != head->key) {
      co_return fault::incorrect_key();
    }
    co_return target;
  }
  auto key = co_await keys::load_key(on.catalog, head->account, call.region, head->key);
  if (!key) {
    co_return fault::failure(key.error());
  }
  if (!*key || (*key)->value.is_due(call.time)) {
    co_return fault::unreadable_key();
  }
  co_return Target{.key = **std::move(key), .alias = {}};
}

Task<Found<Question>> ask_for_two(const Dependencies& on, const Call& call) {
  Question question;
  CAIRN_CO_TRY(auto source, co_await source_of(on, call, "SourceKeyId"));
  CAIRN_CO_TRY_VOID(add(call, question, "ReEncryptFrom", std::move(source), "SourceEncryptionContext"));
  CAIRN_CO_TRY(auto target, co_await find_target(on, call, text(call, "DestinationKeyId"), true));
  CAIRN_CO_TRY_VOID(add(call, question, "ReEncryptTo", std::move(target), "DestinationEncryptionContext"));
  for (auto& ask : question.asks) {
    ask.context.set("kms:ReEncryptOnSameKey",
                    {question.asked.keys[0].value.id == question.asked.keys[1].value.id ? "true" : "false"});
  }
  co_return question;
}

// Aliases have no policy: IAM's decide on them, and the policies of the keys that they are and were for on these.
Task<Found<Question>> ask_for_alias(const Dependencies& on, const Call& call) {
  Question question;
  const Named named{.account = call.account, .id = {}, .alias = text(call, "AliasName")};
  const auto arn = keys::alias_arn(call.account, call.region, named.alias);
  question.asks.push_back(ask_for_name(call, call.operation.name, arn));
  question.asked.resources.push_back({.arn = arn, .account_id = call.account, .type = "AWS::KMS::Alias", .arn_prefix = {}});
  if (call.operation.name != "CreateAlias") {
    CAIRN_CO_TRY(question.asked.alias, co_await load_alias(on, call, named));
    const Named old{.account = call.account, .id = question.asked.alias->value.key, .alias = {}};
    CAIRN_CO_TRY(auto key, co_await load(on, call, old));
    CAIRN_CO_TRY_VOID(add(call, question, call.operation.name, {.key = std::move(key), .alias = {}}));
  }
  if (call.operation.name != "DeleteAlias") {
    CAIRN_CO_TRY(auto target, co_await find_target(on, call, text(call, "TargetKeyId"), false));
    CAIRN_CO_TRY_VOID(add(call, question, call.operation.name, std::move(target)));
  }
  co_return question;
}

Task<Found<Question>> question_about(const Dependencies& on, const Call& call, About about) {
  Question question;
  switch (about) {
    case About::new_key:
      co_return ask_to_create(call);
    case About::two_keys:
      co_return co_await ask_for_two(on, call);
    case About::alias:
      co_return co_await ask_for_alias(on, call);
    case About::ciphertext: {
      CAIRN_CO_TRY(auto target, co_await source_of(on, call, "KeyId"));
      CAIRN_CO_TRY_VOID(add(call, question, call.operation.name, std::move(target)));
      co_return question;
    }
    case About::own_key:
    case About::any_key: {
      CAIRN_CO_TRY(auto target, co_await find_target(on, call, text(call, "KeyId"), about == About::any_key));
      CAIRN_CO_TRY_VOID(add(call, question, call.operation.name, std::move(target)));
      co_return question;
    }
    case About::aliases:
      question.asks.push_back(ask_for_name(call, call.operation.name, "*"));
      if (const auto id = text(call, "KeyId"); !id.empty()) {
        CAIRN_CO_TRY(auto target, co_await find_target(on, call, id, false));
        question.asked.keys.push_back(std::move(target.key));
      }
      co_return question;
    case About::nothing:
      question.asks.push_back(ask_for_name(call, call.operation.name, "*"));
      co_return question;
  }
  co_return question;
}

}  // namespace

Task<Found<Question>> ask(const Dependencies& on, Call& call, About about) {
  auto question = co_await question_about(on, call, about);
  if (question) {
    call.record.resources = question->asked.resources;
  }
  co_return question;
}

}  // namespace cairn::services::kms
