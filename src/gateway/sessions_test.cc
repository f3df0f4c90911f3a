#include "gateway/sessions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "json/json.h"

namespace cairn::gateway {
namespace {

constexpr Time kNow{Millis{1'772'446'500'000}};  // 2026-03-02T10:15:00Z

json::object credentials(std::string_view key = "ASIAKESTREL000000001", double expires = 1'772'450'100) {
  return {{"AccessKeyId", key},
          {"SecretAccessKey", "secret"},
          {"SessionToken", "token"},
          {"Expiration", expires}};
}

event::Identity ann() {
  event::Identity identity;
  identity.type = "IAMUser";
  identity.principal_id = "AIDAANN";
  identity.arn = "arn:aws:iam::210987654321:user/ann";
  identity.account_id = "210987654321";
  identity.access_key_id = "AKIAANN";
  identity.user_name = "ann";
  return identity;
}

std::optional<Session> issued(std::string_view operation, const json::object& input,
                              const json::object& output, std::string_view answer = "",
                              const event::Identity& caller = ann()) {
  return session_of({.operation = operation,
                     .upstream = "http://rgw",
                     .caller = caller,
                     .input = input,
                     .output = output,
                     .answer = answer,
                     .now = kNow});
}

constexpr std::string_view kFalcon = "arn:aws:iam::210987654321:role/birds/Falcon";

// Of AssumeRole, as these members of its answer have it.
std::optional<Session> assumed(std::string_view arn, std::string_view source = "",
                               std::string_view role = kFalcon, std::string_view id = "AROAKESTREL:nightly") {
  return issued("AssumeRole", {{"RoleArn", role}},
                {{"Credentials", credentials()},
                 {"AssumedRoleUser", {{"Arn", arn}, {"AssumedRoleId", id}}},
                 {"SourceIdentity", source}});
}

TEST(Session, is_the_roles_that_was_assumed) {
  const json::object input{{"RoleArn", kFalcon}, {"SourceIdentity", "eve"}, {"TokenCode", "123456"}};
  const json::object user{{"Arn", "arn:aws:sts::210987654321:assumed-role/Falcon/nightly"},
                          {"AssumedRoleId", "AROAKESTREL:nightly"}};
  for (const auto* operation : {"AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"}) {
    const auto session =
        issued(operation, input,
               {{"Credentials", credentials()}, {"AssumedRoleUser", user}, {"SourceIdentity", "ann"}});
    ASSERT_TRUE(session);
    EXPECT_EQ(session->upstream, "http://rgw");
    EXPECT_EQ(session->asked_by, "210987654321");
    EXPECT_EQ(session->owner, "");
    EXPECT_EQ(session->access_key, "ASIAKESTREL000000001");
    EXPECT_EQ(session->expires, kNow + Millis{3'600'000});
    const auto& who = session->identity;
    EXPECT_EQ(who.type, "AssumedRole");
    EXPECT_EQ(who.principal_id, "AROAKESTREL:nightly");
    EXPECT_EQ(who.arn, "arn:aws:sts::210987654321:assumed-role/Falcon/nightly");
    EXPECT_EQ(who.account_id, "210987654321");
    EXPECT_EQ(who.access_key_id, "ASIAKESTREL000000001");
    EXPECT_EQ(who.user_name, "");
    EXPECT_EQ(
        json::serialize(*who.session_context),
        R"({"sessionIssuer":{"type":"Role","principalId":"AROAKESTREL","arn":"arn:aws:iam::210987654321:role/birds/Falcon",)"
        R"("accountId":"210987654321","userName":"Falcon"},"attributes":{"creationDate":"2026-03-02T10:15:00Z","mfaAuthenticated":"false"},)"
        R"("sourceIdentity":"ann"})");
  }
}

TEST(Session, is_not_believed_of_another_role_than_was_asked_for) {
  const std::string account = "arn:aws:sts::210987654321:assumed-role/";
  EXPECT_TRUE(assumed(account + "Falcon/nightly"));
  EXPECT_TRUE(assumed(account + "birds/Falcon/nightly")) << "as Ceph writes it";
  EXPECT_FALSE(assumed(account + "Kestrel/nightly"));
  EXPECT_FALSE(assumed(account + "Falcon/Kestrel/nightly"));
  EXPECT_FALSE(assumed(account + "Falcon"));
  EXPECT_FALSE(assumed("arn:aws:sts::111122223333:assumed-role/Falcon/nightly"));
}

TEST(Session, has_no_longer_texts_than_aws_writes) {
  const std::string falcon = "arn:aws:sts::210987654321:assumed-role/Falcon/";
  EXPECT_TRUE(assumed(falcon + std::string(64, 'n'), std::string(64, 's')));
  EXPECT_FALSE(assumed(falcon + std::string(65, 'n')));
  EXPECT_FALSE(assumed(falcon + "n", std::string(65, 's')));
  const auto long_role = "arn:aws:iam::210987654321:role/" + std::string(1800, 'p') + "/Falcon";
  EXPECT_TRUE(assumed(falcon + "n", "", long_role));
  EXPECT_FALSE(assumed(falcon + "n", "", long_role, "AROA:" + std::string(2000, 'i')));
}

TEST(Session, of_a_role_has_its_id_by_either_name) {
  const json::object output{
      {"Credentials", credentials()},
      {"AssumedRoleUser", {{"Arn", "arn:aws:sts::210987654321:assumed-role/Falcon/n"}}}};
  const std::string before = "<AssumeRoleResponse><AssumeRoleResult><AssumedRoleUser>";
  const std::string behind = "</AssumedRoleUser></AssumeRoleResult></AssumeRoleResponse>";
  const auto with = [&](const std::string& id) {
    return issued("AssumeRole", {{"RoleArn", kFalcon}}, output, before + id + behind);
  };
  const auto session = with("<AssumeRoleId>AROAKESTREL:n</AssumeRoleId>");
  ASSERT_TRUE(session);
  EXPECT_EQ(session->identity.principal_id, "AROAKESTREL:n");
  EXPECT_FALSE(with(""));
  EXPECT_FALSE(with("<AssumeRoleId></AssumeRoleId>"));
}

TEST(Session, is_the_users_own_or_a_federated_ones) {
  const auto own = issued("GetSessionToken", {}, {{"Credentials", credentials()}});
  ASSERT_TRUE(own);
  EXPECT_EQ(own->identity.user_name, "ann");
  EXPECT_EQ(own->identity.access_key_id, "ASIAKESTREL000000001");
  EXPECT_EQ(json::serialize(*own->identity.session_context),
            R"({"attributes":{"creationDate":"2026-03-02T10:15:00Z","mfaAuthenticated":"false"}})");
  EXPECT_EQ(own->owner, "AKIAANN");
  const json::object user{{"Arn", "arn:aws:sts::210987654321:federated-user/bob"},
                          {"FederatedUserId", "210987654321:bob"}};
  const auto other =
      issued("GetFederationToken", {}, {{"Credentials", credentials()}, {"FederatedUser", user}});
  ASSERT_TRUE(other);
  EXPECT_EQ(other->identity.type, "FederatedUser");
  EXPECT_EQ(other->identity.principal_id, "210987654321:bob");
  EXPECT_EQ(other->identity.session_context->at("sessionIssuer").at("userName"), "ann");
  EXPECT_EQ(other->owner, "AKIAANN");
  EXPECT_FALSE(
      issued("GetSessionToken", {}, {{"Credentials", credentials()}}, "", own->identity));  // AWS gives none
}

TEST(Session, is_none_where_something_is_missing) {
  const json::object user{{"Arn", "arn:aws:sts::210987654321:assumed-role/Falcon/nightly"},
                          {"AssumedRoleId", "A:n"}};
  const json::object input{{"RoleArn", "arn:aws:iam::210987654321:role/Falcon"}};
  ASSERT_TRUE(issued("AssumeRole", input, {{"Credentials", credentials()}, {"AssumedRoleUser", user}}));
  for (const auto* missing : {"AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"}) {
    auto some = credentials();
    some.erase(missing);
    EXPECT_FALSE(issued("AssumeRole", input, {{"Credentials", some}, {"AssumedRoleUser", user}})) << missing;
  }
  EXPECT_FALSE(issued("AssumeRole", input, {{"AssumedRoleUser", user}}));
  EXPECT_FALSE(issued("AssumeRole", input, {{"Credentials", credentials()}}));
  EXPECT_FALSE(issued("AssumeRole", {}, {{"Credentials", credentials()}, {"AssumedRoleUser", user}}));
  EXPECT_FALSE(
      issued("GetCallerIdentity", input, {{"Credentials", credentials()}, {"AssumedRoleUser", user}}));
  EXPECT_FALSE(issued("GetSessionToken", {}, {{"Credentials", credentials("ASIA", -1)}}));
  EXPECT_FALSE(issued("GetSessionToken", {}, {{"Credentials", credentials(std::string(300, 'A'))}}));
}

TEST(Session, ends_within_36_hours) {
  const auto session = issued("GetSessionToken", {}, {{"Credentials", credentials("ASIA", 1e300)}});
  ASSERT_TRUE(session);
  EXPECT_EQ(session->expires, kNow + std::chrono::hours(36));
}

constexpr double kSoon = 1'772'450'100;

struct Known {
  Sessions sessions{};

  void learn(const std::string& key, double expires = kSoon, const std::string& asked_by = "1",
             const std::string& secret = "secret", Time now = kNow) {
    auto given = credentials(key, expires);
    given["SecretAccessKey"] = secret;
    auto session = issued("GetSessionToken", {}, {{"Credentials", std::move(given)}});
    session->asked_by = asked_by;
    sessions.learn(*std::move(session), now);
  }
  bool has(const std::string& key) const { return sessions.find(key, "token") != nullptr; }
};

TEST(Sessions, are_found_with_their_own_token) {
  Known known;
  known.learn("A");
  EXPECT_TRUE(known.has("A"));
  EXPECT_FALSE(known.sessions.find("A", "tokem"));
  EXPECT_FALSE(known.sessions.find("A", ""));
  EXPECT_FALSE(known.has("B"));
  known.learn("A", kSoon + 100);  // again
  EXPECT_EQ(known.sessions.size(), 1U);
}

TEST(Sessions, are_not_replaced_before_they_end) {
  Known known;
  known.learn("A");
  known.learn("A", kSoon + 100, "2", "another");
  const std::string_view secret = "secret";
  EXPECT_TRUE(std::ranges::equal(known.sessions.find("A", "token")->secret.bytes(),
                                 std::as_bytes(std::span(secret))));
  known.learn("A", kSoon + 7200, "2", "another", kNow + Millis{3'700'000});
  EXPECT_EQ(known.sessions.find("A", "token")->secret.size(), 7U);
  EXPECT_EQ(known.sessions.size(), 1U);
}

TEST(Sessions, of_one_asker_push_out_his_own_alone) {
  Known known;
  known.learn("ann's", kSoon - 1, "2");
  for (std::size_t i = 0; i <= Sessions::kShareMax; ++i) {
    known.learn("C" + std::to_string(i), kSoon + static_cast<double>(i));
  }
  EXPECT_TRUE(known.has("ann's"));
  EXPECT_FALSE(known.has("C0")) << "it would have ended first";
  EXPECT_TRUE(known.has("C1"));
  EXPECT_EQ(known.sessions.size(), Sessions::kShareMax + 1);
}

TEST(Sessions, are_bounded_in_all) {
  Known known;
  for (std::size_t i = 0; i <= Sessions::kSessionsMax; ++i) {
    known.learn("C" + std::to_string(i), kSoon + static_cast<double>(i), std::to_string(i % 11));
  }
  EXPECT_EQ(known.sessions.size(), Sessions::kSessionsMax);
  EXPECT_FALSE(known.has("C0"));
  EXPECT_TRUE(known.has("C1"));
  known.learn("D", kSoon + 1e5, "1", "secret", kNow + Millis{3'600'000 + 20'000'000});
  EXPECT_EQ(known.sessions.size(), 1U) << "the others have ended";
}

}  // namespace
}  // namespace cairn::gateway
