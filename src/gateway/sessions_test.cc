#include "gateway/sessions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
                              const json::object& output) {
  const auto caller = ann();
  return session_of(
      {.operation = operation, .caller = caller, .input = input, .output = output, .now = kNow});
}

TEST(Session, is_the_roles_that_was_assumed) {
  const json::object input{{"RoleArn", "arn:aws:iam::210987654321:role/birds/Falcon"},
                           {"SourceIdentity", "ann"}};
  const json::object user{{"Arn", "arn:aws:sts::210987654321:assumed-role/Falcon/nightly"},
                          {"AssumedRoleId", "AROAKESTREL:nightly"}};
  for (const auto* operation : {"AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"}) {
    const auto session =
        issued(operation, input, {{"Credentials", credentials()}, {"AssumedRoleUser", user}});
    ASSERT_TRUE(session);
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

TEST(Session, is_the_users_own_or_a_federated_ones) {
  const auto own = issued("GetSessionToken", {}, {{"Credentials", credentials()}});
  ASSERT_TRUE(own);
  EXPECT_EQ(own->identity.user_name, "ann");
  EXPECT_EQ(own->identity.access_key_id, "ASIAKESTREL000000001");
  EXPECT_EQ(json::serialize(*own->identity.session_context),
            R"({"attributes":{"creationDate":"2026-03-02T10:15:00Z","mfaAuthenticated":"false"}})");
  const auto with_device =
      issued("GetSessionToken", {{"TokenCode", "123456"}}, {{"Credentials", credentials()}});
  EXPECT_EQ(with_device->identity.session_context->at("attributes").at("mfaAuthenticated"), "true");
  const json::object user{{"Arn", "arn:aws:sts::210987654321:federated-user/bob"},
                          {"FederatedUserId", "210987654321:bob"}};
  const auto other =
      issued("GetFederationToken", {}, {{"Credentials", credentials()}, {"FederatedUser", user}});
  ASSERT_TRUE(other);
  EXPECT_EQ(other->identity.type, "FederatedUser");
  EXPECT_EQ(other->identity.principal_id, "210987654321:bob");
  EXPECT_EQ(other->identity.session_context->at("sessionIssuer").at("userName"), "ann");
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
  EXPECT_FALSE(issued("GetSessionToken", {}, {{"Credentials", credentials("ASIA", 1e300)}}));
  EXPECT_FALSE(issued("GetSessionToken", {}, {{"Credentials", credentials(std::string(300, 'A'))}}));
}

TEST(Sessions, are_found_with_their_own_token_and_bounded) {
  Sessions sessions;
  const auto learn = [&](const std::string& key, double expires, Time now = kNow) {
    sessions.learn(*issued("GetSessionToken", {}, {{"Credentials", credentials(key, expires)}}), now);
  };
  learn("A", 1'772'450'100);
  ASSERT_TRUE(sessions.find("A", "token"));
  EXPECT_FALSE(sessions.find("A", "tokem"));
  EXPECT_FALSE(sessions.find("A", ""));
  EXPECT_FALSE(sessions.find("B", "token"));
  learn("A", 1'772'450'200);  // again
  EXPECT_EQ(sessions.size(), 1U);
  learn("B", 1'772'450'300, kNow + Millis{3'700'000});  // by when A has ended
  EXPECT_FALSE(sessions.find("A", "token"));
  EXPECT_EQ(sessions.size(), 1U);
  for (std::size_t i = 0; i < Sessions::kSessionsMax; ++i) {
    learn("C" + std::to_string(i), 1'772'450'301);
  }
  EXPECT_EQ(sessions.size(), Sessions::kSessionsMax);
  EXPECT_FALSE(sessions.find("B", "token")) << "it would have ended first";
  EXPECT_TRUE(sessions.find("C0", "token"));
}

}  // namespace
}  // namespace cairn::gateway
