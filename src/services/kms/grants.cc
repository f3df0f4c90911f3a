// Grants: made, listed, retired by whom they are for, revoked by whom the key is. Tested by grants_test.cc.
#include "services/kms/grants.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>

#include "codec/base64.h"
#include "crypto/random.h"
#include "json/json.h"

namespace cairn::services::kms {
namespace {

constexpr std::size_t kGrantIdBytes = 32;
constexpr std::string_view kTokenBinding = "kms/grant-token";

// What can be granted for a key: what can be done with it, and what can with every key.
constexpr std::array<std::string_view, 3> kOfAll = {"CreateGrant", "RetireGrant", "DescribeKey"};
constexpr std::array<std::string_view, 4> kOfEncrypting = {"Decrypt", "Encrypt", "ReEncryptFrom",
                                                           "ReEncryptTo"};
constexpr std::array<std::string_view, 4> kOfSymmetric = {
    "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext"};
constexpr std::array<std::string_view, 1> kOfPairs = {"GetPublicKey"};
constexpr std::array<std::string_view, 2> kOfSigning = {"Sign", "Verify"};
constexpr std::array<std::string_view, 2> kOfMacs = {"GenerateMac", "VerifyMac"};

bool can_be_granted(std::string_view operation, const keys::Key& key) {
  const auto in = [&](auto& list) { return std::ranges::find(list, operation) != list.end(); };
  const auto family = key.kind().family;
  return in(kOfAll) || (key.usage == keys::kEncrypts && in(kOfEncrypting)) ||
         (key.is_symmetric() && in(kOfSymmetric)) ||
         ((family == keys::Family::rsa || family == keys::Family::curve) && in(kOfPairs)) ||
         (key.usage == keys::kSigns && in(kOfSigning)) || (key.usage == keys::kMacs && in(kOfMacs));
}

std::optional<keys::EncryptionContext> constraint_in(const Call& call, std::string_view name) {
  const auto* constraints = json::find_object(call.input, "Constraints");
  const auto* pairs = constraints != nullptr ? json::find_object(*constraints, name) : nullptr;
  if (pairs == nullptr) {
    return std::nullopt;
  }
  keys::EncryptionContext context;
  for (const auto& [key, value] : *pairs) {
    context.emplace(key, value.get_string());
  }
  return context;
}

Found<void> check_operations(const keys::Grant& grant, const keys::Key& key) {
  if (grant.operations.empty()) {
    return fault::validation("A grant needs at least one operation.");
  }
  for (const auto& operation : grant.operations) {
    if (!can_be_granted(operation, key)) {
      return fault::validation(fmt::format("Operation {} is not valid for a key of spec {} and usage {}.",
                                           operation, key.spec, key.usage));
    }
  }
  if (grant.is_constrained() && !key.is_symmetric()) {
    return fault::validation("Constraints are for symmetric encryption keys alone.");
  }
  return {};
}

Found<void> check_principals(const keys::Grant& grant) {
  for (const auto& who : {grant.grantee, grant.retiring}) {
    const auto statement =
        json::object{{"Version", "2012-10-17"}, {"Statement", statement_for(who, "kms:Decrypt")}};
    const bool one = who.starts_with("arn:") || who.ends_with(".amazonaws.com");
    if (!who.empty() &&
        (!one || !access::Policy::parse(json::serialize(statement), access::PolicyKind::resource))) {
      return aws::Fault{.code = "InvalidArnException", .status = 400, .message = "ARN is not valid: " + who};
    }
  }
  return {};
}

std::string token_of(const Dependencies& on, const keys::Grant& grant) {
  return codec::base64_encode(on.sealer.seal(keys::grant_key(grant), kTokenBinding));
}

json::object shown(const keys::Key& key, const keys::Grant& grant) {
  json::object all{{"KeyId", key.arn()},
                   {"GrantId", grant.id},
                   {"Name", grant.name},
                   {"CreationDate", seconds(grant.created)},
                   {"GranteePrincipal", grant.grantee}};
  if (!grant.retiring.empty()) {
    all["RetiringPrincipal"] = grant.retiring;
  }
  all["IssuingAccount"] = "arn:aws:iam::" + grant.issuer + ":root";
  json::array operations;
  for (const auto& operation : grant.operations) {
    operations.emplace_back(operation);
  }
  all["Operations"] = std::move(operations);
  json::object constraints;
  for (const auto& [name, context] : {std::pair("EncryptionContextSubset", grant.context_subset),
                                      std::pair("EncryptionContextEquals", grant.context_equals)}) {
    if (context) {
      json::object pairs;
      for (const auto& [key_of_pair, value] : *context) {
        pairs[key_of_pair] = value;
      }
      constraints[name] = std::move(pairs);
    }
  }
  if (!constraints.empty()) {
    all["Constraints"] = std::move(constraints);
  }
  return all;
}

Answer listed(const Call& call, const std::vector<json::object>& grants) {
  std::vector<std::string> marks;
  for (const auto& grant : grants) {
    marks.emplace_back(grant.at("GrantId").get_string());
  }
  Outcome outcome;
  CAIRN_TRY(const auto page, page_of(call, marks, Limits::tags_page_usual, outcome.output));
  json::array list;
  for (auto i = page.begin; i < page.end; ++i) {
    list.push_back(grants[i]);
  }
  outcome.output["Grants"] = std::move(list);
  return outcome;
}

// Counted down once: if somebody else removed it meanwhile, the call is asked anew.
Answer removed(Call& call, Asked& asked, const StoredGrant& grant) {
  if (truth(call, "DryRun")) {
    return fault::dry_run();
  }
  auto& key = asked.keys.front();
  key.value.grants -= key.value.grants > 0 ? 1 : 0;
  auto outcome = changed(call, key);
  outcome.effects.writes.push_back(
      {.key = keys::grant_key(grant.value), .value = std::nullopt, .expected = grant.version});
  return outcome;
}

}  // namespace

json::object statement_for(std::string_view who, std::string_view action) {
  const auto* const kind = who.starts_with("arn:") ? "AWS" : "Service";
  return {
      {"Effect", "Allow"}, {"Principal", json::object{{kind, who}}}, {"Action", action}, {"Resource", "*"}};
}

keys::Grant grant_in(const Call& call) {
  keys::Grant grant{.name = text(call, "Name"),
                    .grantee = text(call, "GranteePrincipal"),
                    .retiring = text(call, "RetiringPrincipal"),
                    .context_equals = constraint_in(call, "EncryptionContextEquals"),
                    .context_subset = constraint_in(call, "EncryptionContextSubset"),
                    .issuer = call.caller.principal.account};
  const auto* operations = json::find_array(call.input, "Operations");
  for (const auto& operation : operations != nullptr ? *operations : json::array()) {
    grant.operations.emplace_back(operation.get_string());
  }
  return grant;
}

bool is_within(const keys::Grant& child, const keys::Grant& parent) {
  if (!std::ranges::all_of(child.operations,
                           [&](const auto& operation) { return parent.allows(operation); })) {
    return false;
  }
  if (!parent.is_constrained() || (child.context_equals && parent.accepts(*child.context_equals))) {
    return true;
  }
  return child.context_subset && !parent.context_equals && parent.accepts(*child.context_subset);
}

Found<std::string> open_token(const Dependencies& on, std::string_view token) {
  const auto sealed = codec::base64_decode(token);
  const auto opened = on.sealer.open(sealed ? *sealed : "", kTokenBinding);
  if (!opened) {
    return aws::Fault{.code = "InvalidGrantTokenException", .status = 400, .message = "Invalid grant token."};
  }
  return std::string(ByteView(opened->bytes()).text());
}

// A grant with the same name and the same content is the same grant.
Task<Answer> create_grant(const Dependencies& on, Call& call, Asked asked) {
  auto& key = asked.keys.front();
  CAIRN_CO_TRY_VOID(check_usable(key.value));
  auto grant = grant_in(call);
  CAIRN_CO_TRY_VOID(check_operations(grant, key.value));
  CAIRN_CO_TRY_VOID(check_principals(grant));
  grant.account = key.value.account;
  grant.region = key.value.region;
  grant.key = key.value.id;
  grant.created = call.time;
  const auto all = co_await keys::grants_of(on.catalog, key.value);
  if (!all) {
    co_return fault::failure(all.error());
  }
  for (const auto& other : *all) {
    grant.id = other.value.id;
    grant.created = other.value.created;
    if (!grant.name.empty() && grant == other.value) {
      Outcome again;
      again.output = {{"GrantToken", token_of(on, grant)}, {"GrantId", grant.id}};
      call.record.response_elements = json::object{{"grantId", grant.id}, {"keyId", key.value.arn()}};
      co_return again;
    }
  }
  if (key.value.grants >= keys::GrantLimits::grants_max) {
    co_return fault::limit("A key has at most 1000 grants.");
  }
  if (truth(call, "DryRun")) {
    co_return fault::dry_run();
  }
  std::array<std::byte, kGrantIdBytes> id;
  crypto::random_bytes(id);
  grant.id = codec::hex_encode(id);
  grant.created = call.time;
  key.value.grants += 1;
  auto outcome = changed(call, key);
  outcome.effects.writes.push_back(
      {.key = keys::grant_key(grant), .value = keys::encode(grant), .expected = 0});
  outcome.output = {{"GrantToken", token_of(on, grant)}, {"GrantId", grant.id}};
  call.record.response_elements = json::object{{"grantId", grant.id}, {"keyId", key.value.arn()}};
  co_return outcome;
}

Task<Answer> list_grants(const Dependencies& on, Call& call, Asked asked) {
  const auto& key = asked.keys.front().value;
  const auto all = co_await keys::grants_of(on.catalog, key);
  if (!all) {
    co_return fault::failure(all.error());
  }
  const auto id = text(call, "GrantId");
  const auto grantee = text(call, "GranteePrincipal");
  std::vector<json::object> list;
  for (const auto& [grant, version] : *all) {
    if ((id.empty() || id == grant.id) && (grantee.empty() || grantee == grant.grantee)) {
      list.push_back(shown(key, grant));
    }
  }
  co_return listed(call, list);
}

Task<Answer> list_retirable_grants(const Dependencies& on, Call& call, Asked /*asked*/) {
  const auto who = text(call, "RetiringPrincipal");
  const auto prefix = keys::grants_prefix(call.account, call.region);
  CAIRN_CO_TRY(const auto behind, marker_in(call));
  const auto most = static_cast<std::size_t>(
      json::find_int(call.input, "Limit").value_or(static_cast<std::int64_t>(Limits::tags_page_usual)));
  std::map<std::string, json::object>
      least;  // by id, behind the marker: a page, and one that says that there are more
  std::string after;
  while (true) {
    const auto page = co_await on.catalog.scan(prefix, after, Limits::page_max);
    if (!page) {
      co_return fault::failure(page.error());
    }
    if (page->empty()) {
      break;
    }
    for (const auto& document : *page) {
      after = document.key;
      const auto grant = keys::decode_grant(document);
      if (!grant) {
        co_return fault::failure(grant.error());
      }
      if (grant->retiring == who && grant->id > behind) {
        least.emplace(grant->id,
                      shown({.id = grant->key, .account = grant->account, .region = grant->region}, *grant));
      }
      if (least.size() > most + 1) {
        least.erase(std::prev(least.end()));
      }
    }
  }
  std::vector<json::object> list;
  for (auto& [id, one] : least) {
    list.push_back(std::move(one));
  }
  co_return listed(call, list);
}

Task<Answer> retire_grant(const Dependencies& /*on*/, Call& call, Asked asked) {
  co_return removed(call, asked, *asked.grant);
}

Task<Answer> revoke_grant(const Dependencies& on, Call& call, Asked asked) {
  const auto all = co_await keys::grants_of(on.catalog, asked.keys.front().value);
  if (!all) {
    co_return fault::failure(all.error());
  }
  const auto id = text(call, "GrantId");
  for (const auto& grant : *all) {
    if (grant.value.id == id) {
      co_return removed(call, asked, grant);
    }
  }
  co_return fault::no_such_grant(id);
}

}  // namespace cairn::services::kms
