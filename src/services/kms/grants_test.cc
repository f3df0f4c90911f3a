#include <algorithm>

#include "keys/grant.h"
#include "services/kms/testing.h"

namespace cairn::services::kms {
namespace {

using testing::kElsewhere;
using testing::kHere;
using testing::object;
using testing::root_of;
using testing::user_of;

constexpr const char* kNest = "bmVzdA==";
constexpr const char* kAnn = "arn:aws:iam::111122223333:user/ann";
constexpr const char* kBob = "arn:aws:iam::111122223333:user/bob";
constexpr const char* kAll = R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"kms:*","Resource":"*"}})";

class GrantsTest : public testing::KmsWorld {
 protected:
  void SetUp() override { key = new_key(); }

  object grant_for(std::string_view who, boost::json::array operations, object constraints = {}) {
    object input{{"KeyId", key}, {"GranteePrincipal", who}, {"Operations", std::move(operations)}};
    if (!constraints.empty()) {
      input["Constraints"] = std::move(constraints);
    }
    return input;
  }
  // Its id, or the exception.
  std::string granted(object input) {
    const auto made = answer("CreateGrant", std::move(input));
    return made ? std::string(made->at("GrantId").as_string()) : made.error().code;
  }
  std::size_t count() { return answer("ListGrants", {{"KeyId", key}})->at("Grants").as_array().size(); }
  void as(access::Caller who) { caller = std::move(who); }

  std::string key;
};

TEST_F(GrantsTest, whom_it_is_for_may_what_it_says_and_no_more) {
  const auto ciphertext = encrypted(key);
  as(user_of(kHere, "ann"));
  EXPECT_EQ(decrypted(ciphertext), "AccessDeniedException");
  as(root_of(kHere));
  const auto id = granted(grant_for(kAnn, {"Decrypt", "DescribeKey"}));
  ASSERT_EQ(id.size(), 64U) << id;
  EXPECT_EQ(json::serialize(*recorded.response_elements), R"({"grantId":")" + id + R"(","keyId":")" + arn_of(key) + "\"}");
  as(user_of(kHere, "ann"));
  EXPECT_EQ(decrypted(ciphertext), kNest);
  EXPECT_EQ(text("Encrypt", {{"KeyId", key}, {"Plaintext", kNest}}), "AccessDeniedException");
  as(user_of(kHere, "bob"));
  EXPECT_EQ(decrypted(ciphertext), "AccessDeniedException");
  as(root_of(kHere));
  EXPECT_EQ(text("RevokeGrant", {{"KeyId", key}, {"GrantId", id}}), "{}");
  EXPECT_EQ(text("RevokeGrant", {{"KeyId", key}, {"GrantId", id}}), "NotFoundException");
  as(user_of(kHere, "ann"));
  EXPECT_EQ(decrypted(ciphertext), "AccessDeniedException");
}

TEST_F(GrantsTest, constraints_are_about_the_encryption_context) {
  const object owls{{"team", "owls"}};
  const object more{{"team", "owls"}, {"nest", "1"}};
  const auto plain = encrypted(key);
  const auto exact = encrypted(key, owls);
  const auto wider = encrypted(key, more);
  ASSERT_EQ(granted(grant_for(kAnn, {"Decrypt"}, {{"EncryptionContextEquals", owls}})).size(), 64U);
  ASSERT_EQ(granted(grant_for(kBob, {"Decrypt"}, {{"EncryptionContextSubset", owls}})).size(), 64U);
  as(user_of(kHere, "ann"));
  EXPECT_EQ(decrypted(exact, owls), kNest);
  EXPECT_EQ(decrypted(wider, more), "AccessDeniedException");
  EXPECT_EQ(decrypted(plain), "AccessDeniedException");
  as(user_of(kHere, "bob"));
  EXPECT_EQ(decrypted(exact, owls), kNest);
  EXPECT_EQ(decrypted(wider, more), kNest);
  EXPECT_EQ(decrypted(plain), "AccessDeniedException");
}

TEST_F(GrantsTest, who_may_make_grants_by_a_grant_makes_none_that_are_wider) {
  const object owls{{"team", "owls"}};
  ASSERT_EQ(granted(grant_for(kAnn, {"CreateGrant", "Decrypt"}, {{"EncryptionContextSubset", owls}})).size(), 64U);
  as(user_of(kHere, "ann"));
  EXPECT_EQ(granted(grant_for(kBob, {"Decrypt"})), "AccessDeniedException");
  EXPECT_EQ(granted(grant_for(kBob, {"Encrypt"}, {{"EncryptionContextSubset", owls}})), "AccessDeniedException");
  EXPECT_EQ(granted(grant_for(kBob, {"Decrypt"}, {{"EncryptionContextSubset", owls}})).size(), 64U);
}

TEST_F(GrantsTest, it_is_retired_by_whom_it_names) {
  auto input = grant_for(kAnn, {"Decrypt"});
  input["RetiringPrincipal"] = kBob;
  const auto made = answer("CreateGrant", input);
  ASSERT_TRUE(made);
  as(user_of(kHere, "bob", R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"kms:ListRetirableGrants","Resource":"*"}})"));
  EXPECT_EQ(answer("ListRetirableGrants", {{"RetiringPrincipal", kBob}})->at("Grants").as_array().size(), 1U);
  as(user_of(kHere, "ann"));
  EXPECT_EQ(text("RetireGrant", {{"GrantToken", made->at("GrantToken")}}), "AccessDeniedException");
  as(user_of(kHere, "bob"));
  EXPECT_EQ(text("RetireGrant", {{"GrantToken", "AQID"}}), "InvalidGrantTokenException");
  EXPECT_EQ(text("RetireGrant", {{"GrantToken", made->at("GrantToken")}}), "{}");
  EXPECT_EQ(text("RetireGrant", {{"GrantToken", made->at("GrantToken")}}), "NotFoundException");
  as(root_of(kHere));
  EXPECT_EQ(count(), 0U);
  input["Operations"] = boost::json::array{"Decrypt", "RetireGrant"};
  const auto id = granted(input);
  as(user_of(kHere, "ann"));
  EXPECT_EQ(text("RetireGrant", {{"KeyId", arn_of(key)}, {"GrantId", id}}), "{}") << "it lets its holder";
  EXPECT_EQ(text("RetireGrant", {}), "ValidationException");
}

TEST_F(GrantsTest, one_of_the_same_name_and_content_is_the_same) {
  auto input = grant_for(kAnn, {"Decrypt"});
  input["Name"] = "nest";
  const auto id = granted(input);
  EXPECT_EQ(granted(input), id);
  input["Operations"] = boost::json::array{"Encrypt"};
  EXPECT_NE(granted(input), id);
  EXPECT_EQ(count(), 2U);
  EXPECT_EQ(answer("ListGrants", {{"KeyId", key}, {"GrantId", id}})->at("Grants").as_array().size(), 1U);
  EXPECT_EQ(answer("ListGrants", {{"KeyId", key}, {"GranteePrincipal", kBob}})->at("Grants").as_array().size(), 0U);
}

TEST_F(GrantsTest, what_is_wrong_is_told) {
  EXPECT_EQ(granted(grant_for("nobody", {"Decrypt"})), "InvalidArnException");
  EXPECT_EQ(granted(grant_for(kAnn, {"Sign"})), "ValidationException");
  EXPECT_EQ(granted(grant_for(kAnn, {})), "ValidationException");
  EXPECT_EQ(text("Encrypt", {{"KeyId", key}, {"Plaintext", kNest}, {"GrantTokens", {"AQID"}}}), "InvalidGrantTokenException");
  ASSERT_EQ(text("DisableKey", {{"KeyId", key}}), "{}");
  EXPECT_EQ(granted(grant_for(kAnn, {"Decrypt"})), "DisabledException");
}

TEST_F(GrantsTest, across_accounts_the_other_side_allows_too) {
  const auto ciphertext = encrypted(key);
  ASSERT_EQ(granted(grant_for("arn:aws:iam::444455556666:user/eve", {"Decrypt"})).size(), 64U);
  as(user_of(kElsewhere, "eve"));
  EXPECT_EQ(decrypted(ciphertext), "AccessDeniedException");
  as(user_of(kElsewhere, "eve", kAll));
  EXPECT_EQ(decrypted(ciphertext), kNest);
}

TEST_F(GrantsTest, as_many_as_there_may_be_leave_the_key_usable) {
  const auto ciphertext = encrypted(key);
  auto stored = **run(keys::load_key(catalog, kHere, region, key));
  std::vector<catalog::Write> writes;
  for (std::size_t i = 0; i < keys::GrantLimits::grants_max; ++i) {
    const keys::Grant grant{.id = std::to_string(i), .account = kHere, .region = region, .key = key,
                            .grantee = i % 2 == 0 ? kAnn : "arn:aws:iam::111122223333:user/u" + std::to_string(i),
                            .operations = {"Decrypt"}, .issuer = kHere, .created = now};
    writes.push_back({.key = keys::grant_key(grant), .value = keys::encode(grant), .expected = 0});
  }
  stored.value.grants = keys::GrantLimits::grants_max;
  writes.push_back(keys::put(stored.value, stored.version));
  commit(std::move(writes));
  EXPECT_EQ(decrypted(ciphertext), kNest);
  for (const auto& [name, text] : {std::pair("ann", kNest), std::pair("u1", kNest), std::pair("bob", "AccessDeniedException")}) {
    as(user_of(kHere, name));
    EXPECT_EQ(decrypted(ciphertext), text) << name;
  }
  as(root_of(kHere));
  EXPECT_EQ(granted(grant_for(kBob, {"Decrypt"})), "LimitExceededException");
}

// The second read the grant before the first was through, and the key after that.
TEST_F(GrantsTest, one_that_two_remove_at_once_is_counted_down_once) {
  for (const auto* operation : {"RetireGrant", "RevokeGrant"}) {
    const auto id = granted(grant_for(kAnn, {"Decrypt"}));
    ASSERT_EQ(text(operation, {{"KeyId", arn_of(key)}, {"GrantId", id}}), "{}");
    catalog::Transaction second{.writes = written, .expectations = {}, .outbox = {}};
    second.writes.at(0).expected = (**run(keys::load_key(catalog, kHere, region, key))).version;
    EXPECT_EQ(run(catalog.commit(std::move(second))).error().code, Errc::conflict) << operation;
  }
}

TEST_F(GrantsTest, what_one_may_retire_is_listed_page_by_page_whatever_the_key) {
  std::vector<std::string> made;
  for (std::size_t i = 0; i < 7; ++i) {
    key = i % 3 == 0 ? new_key() : key;
    auto input = grant_for(kAnn, {"Decrypt"});
    input["RetiringPrincipal"] = i == 5 ? kAnn : kBob;
    const auto id = granted(input);
    if (i != 5) {
      made.push_back(id);
    }
  }
  std::ranges::sort(made);
  std::vector<std::string> seen;
  object input{{"RetiringPrincipal", kBob}, {"Limit", 2}};
  for (bool more = true; more;) {
    const auto page = answer("ListRetirableGrants", input);
    ASSERT_TRUE(page);
    EXPECT_EQ(page->at("Grants").as_array().size(), 2U);
    for (const auto& grant : page->at("Grants").as_array()) {
      seen.emplace_back(grant.at("GrantId").as_string());
    }
    more = page->at("Truncated").as_bool();
    if (more) {
      input["Marker"] = page->at("NextMarker");
    }
    ASSERT_LE(seen.size(), made.size());
  }
  EXPECT_EQ(seen, made);
}

TEST_F(GrantsTest, an_explicit_deny_is_stronger) {
  const auto ciphertext = encrypted(key);
  ASSERT_EQ(granted(grant_for(kAnn, {"Decrypt"})).size(), 64U);
  as(user_of(kHere, "ann", R"({"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"kms:Decrypt","Resource":"*"}})"));
  EXPECT_EQ(decrypted(ciphertext), "AccessDeniedException");
}

}  // namespace
}  // namespace cairn::services::kms
