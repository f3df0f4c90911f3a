// Tested by kms_test.cc.
#include "services/kms/asks.h"

#include <fmt/format.h>

#include <algorithm>

#include "aws/ids.h"
#include "codec/base64.h"
#include "json/json.h"
#include "services/kms/condition_keys.h"
#include "services/kms/grant_policy.h"
#include "services/kms/grants.h"

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
aws::Fault missing(const Call& call, std::string_view operation, const Named& named, aws::Fault fault) {
  if (named.account == call.account) {
    return fault;
  }
  const auto action = "kms:" + std::string(operation);
  const auto what = named.id.empty()
                        ? keys::alias_arn(named.account, call.region, named.alias)
                        : keys::Key{.id = named.id, .account = named.account, .region = call.region}.arn();
  return aws::fault::access_denied(
      aws::Family::json, {.user = call.caller.principal.arn,
                          .action = action,
                          .resource = what,
                          .reason = "because no resource-based policy allows the " + action + " action"});
}

Task<Found<StoredKey>> load(const Dependencies& on, const Call& call, std::string_view action, Named named) {
  auto key = co_await keys::load_key(on.catalog, named.account, call.region, named.id);
  if (!key) {
    co_return fault::failure(key.error());
  }
  if (!*key || (*key)->value.is_due(call.time)) {
    const keys::Key wanted{.id = named.id, .account = named.account, .region = call.region};
    co_return missing(call, action, named, fault::no_such_key(wanted.arn()));
  }
  co_return **std::move(key);
}

Task<Found<StoredAlias>> load_alias(const Dependencies& on, const Call& call, std::string_view action,
                                    Named named) {
  auto alias = co_await keys::load_alias(on.catalog, named.account, call.region, named.alias);
  if (!alias) {
    co_return fault::failure(alias.error());
  }
  if (!*alias) {
    co_return missing(call, action, named,
                      fault::no_such_alias(keys::alias_arn(named.account, call.region, named.alias)));
  }
  co_return **std::move(alias);
}

struct Target {
  StoredKey key{};
  std::string alias{};  // by which it was named; empty: by its id
};

// Which keys an operation takes.
enum class Reach {
  own,         // of the caller's account, by id
  by_id,       // of any account
  everywhere,  // by alias, too
};

Task<Found<Target>> find_target(const Dependencies& on, const Call& call, std::string_view action,
                                std::string id, Reach reach) {
  CAIRN_CO_TRY(auto named, read_name(call, id));
  Target target{.key = {}, .alias = named.alias};
  if (reach != Reach::everywhere && !named.alias.empty()) {
    co_return fault::invalid_key_id(id);
  }
  if (reach == Reach::own && named.account != call.account) {
    co_return missing(call, action, named, fault::invalid_key_id(id));
  }
  if (!named.alias.empty()) {
    CAIRN_CO_TRY(const auto alias, co_await load_alias(on, call, action, named));
    named.id = alias.value.key;
  }
  CAIRN_CO_TRY(target.key, co_await load(on, call, action, named));
  co_return target;
}

access::Ask ask_about(const Call& call, std::string_view action, const Target& target,
                      std::string_view context_member) {
  const auto& key = target.key.value;
  access::Ask ask{.action = "kms:" + std::string(action),
                  .resource = key.arn(),
                  .resource_account = key.account,
                  .resource_policy = nullptr,
                  .context = context_of(call),
                  .resource_policy_rules = true};
  add_context_keys(call, context_member, ask.context);
  ask.context.set("kms:KeySpec", {key.spec});
  ask.context.set("kms:KeyUsage", {key.usage});
  ask.context.set("kms:KeyOrigin", {"AWS_KMS"});
  ask.context.set("kms:MultiRegion", {"false"});
  ask.context.set("kms:ResourceAliases", {key.aliases.begin(), key.aliases.end()});
  if (!target.alias.empty()) {
    ask.context.set("kms:RequestAlias", {target.alias});
    if (key.account != call.account) {  // its id is not for everyone
      ask.shown_resource = keys::alias_arn(key.account, call.region, target.alias);
    }
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
Task<Found<void>> add(const Dependencies& on, const Call& call, Question& question, std::string_view action,
                      Target target, std::string_view context_member = "EncryptionContext") {
  auto ask = ask_about(call, action, target, context_member);
  const auto& key = target.key.value;
  CAIRN_CO_TRY(const auto context, context_in(call, context_member));
  const auto retired = question.asked.grant ? question.asked.grant->value.id : std::string();
  CAIRN_CO_TRY(const auto policy, co_await policy_text(on, call, action, key, context, retired));
  auto compiled = access::Policy::parse(policy, access::PolicyKind::resource);
  if (!compiled) {
    co_return fault::failure({Errc::corrupt, "a key's policy cannot be read", key.id});
  }
  ask.resource_policy = *std::move(compiled);
  question.asks.push_back(std::move(ask));
  question.asked.resources.push_back(
      {.arn = key.arn(), .account_id = key.account, .type = "AWS::KMS::Key", .arn_prefix = {}});
  question.asked.keys.push_back(std::move(target.key));
  co_return Found<void>();
}

Question ask_to_create(const Call& call) {
  Question question;
  auto ask = ask_for_name(call, "CreateKey", "*");
  ask.context.set("kms:KeySpec", {std::string(keys::kSymmetric)});
  ask.context.set("kms:KeyUsage", {std::string(keys::kEncrypts)});
  add_named(call, "CustomerMasterKeySpec", "kms:KeySpec", ask.context);
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
Task<Found<Target>> source_of(const Dependencies& on, const Call& call, std::string_view action,
                              std::string_view member) {
  const auto ciphertext = codec::base64_decode(text(call, "CiphertextBlob"));
  const auto head = keys::read_head(ciphertext ? *ciphertext : "");
  const auto id = text(call, member);
  const auto algorithm = text(call, member == "KeyId" ? "EncryptionAlgorithm" : "SourceEncryptionAlgorithm");
  const bool says_its_key = algorithm.empty() || algorithm == keys::kSymmetric;
  if (id.empty() && !head) {
    co_return says_its_key
        ? fault::invalid_ciphertext()
        : fault::validation(fmt::format("{} is required with algorithm {}.", member, algorithm));
  }
  if (!id.empty()) {
    CAIRN_CO_TRY(auto target, co_await find_target(on, call, action, id, Reach::everywhere));
    if (!says_its_key || !target.key.value.is_symmetric()) {
      co_return target;
    }
    if (!head) {
      co_return fault::invalid_ciphertext();
    }
    if (target.key.value.id != head->key) {
      const Named named{
          .account = target.key.value.account, .id = target.key.value.id, .alias = target.alias};
      co_return missing(call, action, named, fault::incorrect_key());
    }
    co_return target;
  }
  auto key = co_await keys::load_key(on.catalog, head->account, call.region, head->key);
  if (!key) {
    co_return fault::failure(key.error());
  }
  if (!*key || (*key)->value.is_due(call.time)) {
    const Named named{.account = head->account, .id = head->key, .alias = {}};
    co_return missing(call, action, named, fault::unreadable_key());
  }
  co_return Target{.key = **std::move(key), .alias = {}};
}

Task<Found<Question>> ask_for_two(const Dependencies& on, const Call& call) {
  Question question;
  CAIRN_CO_TRY(auto source, co_await source_of(on, call, "ReEncryptFrom", "SourceKeyId"));
  CAIRN_CO_TRY_VOID(
      co_await add(on, call, question, "ReEncryptFrom", std::move(source), "SourceEncryptionContext"));
  CAIRN_CO_TRY(auto target, co_await find_target(on, call, "ReEncryptTo", text(call, "DestinationKeyId"),
                                                 Reach::everywhere));
  CAIRN_CO_TRY_VOID(
      co_await add(on, call, question, "ReEncryptTo", std::move(target), "DestinationEncryptionContext"));
  set_algorithm(call, "SourceEncryptionAlgorithm", question.asks[0]);
  set_algorithm(call, "DestinationEncryptionAlgorithm", question.asks[1]);
  for (auto& ask : question.asks) {
    ask.context.set("kms:ReEncryptOnSameKey",
                    {question.asked.keys[0].value.id == question.asked.keys[1].value.id ? "true" : "false"});
  }
  co_return question;
}

// Aliases have no policy: IAM's decide on them, and the policies of the keys that they are and were for on
// these.
Task<Found<Question>> ask_for_alias(const Dependencies& on, const Call& call) {
  Question question;
  const Named named{.account = call.account, .id = {}, .alias = text(call, "AliasName")};
  const auto arn = keys::alias_arn(call.account, call.region, named.alias);
  question.asks.push_back(ask_for_name(call, call.operation.name, arn));
  question.asked.resources.push_back(
      {.arn = arn, .account_id = call.account, .type = "AWS::KMS::Alias", .arn_prefix = {}});
  if (call.operation.name != "CreateAlias") {
    CAIRN_CO_TRY(question.asked.alias, co_await load_alias(on, call, call.operation.name, named));
    const Named old{.account = call.account, .id = question.asked.alias->value.key, .alias = {}};
    CAIRN_CO_TRY(auto key, co_await load(on, call, call.operation.name, old));
    Target old_target{.key = std::move(key), .alias = {}};
    CAIRN_CO_TRY_VOID(co_await add(on, call, question, call.operation.name, std::move(old_target)));
  }
  if (call.operation.name != "DeleteAlias") {
    CAIRN_CO_TRY(auto target,
                 co_await find_target(on, call, call.operation.name, text(call, "TargetKeyId"), Reach::own));
    CAIRN_CO_TRY_VOID(co_await add(on, call, question, call.operation.name, std::move(target)));
  }
  co_return question;
}

// By its token, or by its key and its id. Whoever may retire it hears that it is not there; the others that
// they may not.
Task<Found<Question>> ask_to_retire(const Dependencies& on, const Call& call) {
  std::string at;
  Named named{.account = call.account};  // a token says nothing that its holder does not know
  if (const auto token = text(call, "GrantToken"); !token.empty()) {
    CAIRN_CO_TRY(at, open_token(on, token));
  } else if (text(call, "KeyId").empty() || text(call, "GrantId").empty()) {
    co_return fault::validation("Either GrantToken, or KeyId and GrantId must be given.");
  } else {
    CAIRN_CO_TRY(const auto target,
                 co_await find_target(on, call, call.operation.name, text(call, "KeyId"), Reach::by_id));
    at = keys::grant_prefix(target.key.value) + text(call, "GrantId");
    named = {.account = target.key.value.account, .id = target.key.value.id, .alias = {}};
  }
  const auto document = co_await on.catalog.get(at);
  if (!document) {
    co_return fault::failure(document.error());
  }
  if (!*document) {
    co_return missing(call, call.operation.name, named, fault::no_such_grant(text(call, "GrantId")));
  }
  auto grant = keys::decode_grant(**document);
  if (!grant) {
    co_return fault::failure(grant.error());
  }
  named = {.account = grant->account, .id = grant->key, .alias = {}};
  CAIRN_CO_TRY(auto key, co_await load(on, call, call.operation.name, named));
  Target target{.key = std::move(key), .alias = {}};
  Question question;
  question.asked.grant = {.value = *std::move(grant), .version = (*document)->version};
  CAIRN_CO_TRY_VOID(co_await add(on, call, question, "RetireGrant", std::move(target)));
  co_return question;
}

// The tokens of grants that were made just now: here these hold at once.
Found<void> check_tokens(const Dependencies& on, const Call& call) {
  const auto* tokens = json::find_array(call.input, "GrantTokens");
  for (const auto& token : tokens != nullptr ? *tokens : json::array()) {
    CAIRN_TRY_VOID(open_token(on, json::text_of(token.get_string())));
  }
  return {};
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
      CAIRN_CO_TRY(auto target, co_await source_of(on, call, call.operation.name, "KeyId"));
      CAIRN_CO_TRY_VOID(co_await add(on, call, question, call.operation.name, std::move(target)));
      co_return question;
    }
    case About::grant:
      co_return co_await ask_to_retire(on, call);
    case About::own_key:
    case About::key_by_id:
    case About::any_key: {
      const auto reach = about == About::own_key     ? Reach::own
                         : about == About::key_by_id ? Reach::by_id
                                                     : Reach::everywhere;
      CAIRN_CO_TRY(auto target,
                   co_await find_target(on, call, call.operation.name, text(call, "KeyId"), reach));
      CAIRN_CO_TRY_VOID(co_await add(on, call, question, call.operation.name, std::move(target)));
      co_return question;
    }
    case About::aliases:
      question.asks.push_back(ask_for_name(call, call.operation.name, "*"));
      if (const auto id = text(call, "KeyId"); !id.empty()) {
        CAIRN_CO_TRY(auto target, co_await find_target(on, call, call.operation.name, id, Reach::own));
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
  CAIRN_CO_TRY_VOID(check_tokens(on, call));
  auto question = co_await question_about(on, call, about);
  if (question) {
    call.record.resources = question->asked.resources;
    std::erase_if(call.record.resources,
                  [&](const event::Resource& one) { return one.account_id != call.account; });
  }
  co_return question;
}

}  // namespace cairn::services::kms
