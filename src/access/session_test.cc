// Session tokens: what is put in comes out, for its own key alone; and who calls with one.
#include "access/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "access/access.h"
#include "access/entities.h"
#include "access/testing.h"
#include "codec/base64.h"

namespace cairn::access {
namespace {

using testing::kNow;
using testing::World;

constexpr std::string_view kKeyId = "ASIAAAAAAAAAAAAAAAAA";
constexpr std::string_view kAllowRead =
    R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}})";

Session of_role() {
  return {.kind = SessionKind::role,
          .account = "111122223333",
          .owner = "Collector",
          .owner_id = "AROAAAAAAAAAAAAAAAAAA",
          .name = "nightly",
          .issued = kNow,
          .expires = kNow + std::chrono::hours(1),
          .policies = {std::string(kAllowRead)},
          .policy_arns = {"arn:aws:iam::aws:policy/AmazonS3FullAccess"},
          .limited = true,
          .tags = {{"team", "red"}, {"cost", "7"}},
          .transitive = {"team"},
          .source_identity = "ann"};
}

class SessionTest : public ::testing::Test, public World {
 protected:
  void SetUp() override {
    RoleDocument role{.id = "AROAAAAAAAAAAAAAAAAAA",
                      .account = "111122223333",
                      .name = "Collector",
                      .path = "/svc/",
                      .created = kNow,
                      .tags = {{"team", "blue"}, {"site", "x"}},
                      .attached = {"arn:aws:iam::aws:policy/AdministratorAccess"},
                      .trust = "{}"};
    commit({put(AccountDocument{.id = "111122223333", .name = "main", .created = kNow}, 0),
            put_entity(role, 0), put(user, 0)});
  }
  std::string token(const Session& session) {
    const crypto::Secret secret("0123456789012345678901234567890123456789");
    return seal_session(sealer, kKeyId, secret, session).token;
  }
  std::optional<Caller> caller_of(const Session& session) {
    const auto key = run(directory.key(std::string(kKeyId), token(session)));
    EXPECT_TRUE(key && *key);
    auto caller = run(directory.caller(**key));
    EXPECT_TRUE(caller) << caller.error().text();
    return caller ? *std::move(caller) : std::nullopt;
  }
  bool may(const Session& session, const std::string& action) {
    const auto caller = caller_of(session);
    return caller && decide(*caller, {.action = action,
                                      .resource = "*",
                                      .resource_account = {},
                                      .resource_policy = nullptr,
                                      .context = {}})
                         .allowed;
  }

  UserDocument user{.id = "AIDAAAAAAAAAAAAAAAAAA",
                    .account = "111122223333",
                    .name = "ann",
                    .created = kNow,
                    .tags = {},
                    .policies = {},
                    .keys = {},
                    .attached = {"arn:aws:iam::aws:policy/AmazonS3FullAccess"}};
  Directory directory{catalog, sealer};
};

TEST_F(SessionTest, tokens_open_with_what_was_put_in) {
  const auto opened = open_session(sealer, kKeyId, token(of_role()));
  ASSERT_TRUE(opened);
  EXPECT_EQ(ByteView(opened->secret.bytes()).text(), "0123456789012345678901234567890123456789");
  const auto& session = opened->session;
  const auto expected = of_role();
  EXPECT_EQ(session.kind, expected.kind);
  EXPECT_EQ(session.account, expected.account);
  EXPECT_EQ(session.owner, expected.owner);
  EXPECT_EQ(session.owner_id, expected.owner_id);
  EXPECT_EQ(session.name, expected.name);
  EXPECT_EQ(session.issued, expected.issued);
  EXPECT_EQ(session.expires, expected.expires);
  EXPECT_EQ(session.policies, expected.policies);
  EXPECT_EQ(session.policy_arns, expected.policy_arns);
  EXPECT_TRUE(session.limited);
  EXPECT_EQ(session.tags, expected.tags);
  EXPECT_EQ(session.transitive, expected.transitive);
  EXPECT_EQ(session.source_identity, expected.source_identity);
}

TEST_F(SessionTest, tokens_open_for_their_own_key_alone) {
  const auto good = token(of_role());
  EXPECT_FALSE(open_session(sealer, "ASIABBBBBBBBBBBBBBBB", good));
  const crypto::Sealer other{crypto::MasterKey::generate()};
  EXPECT_FALSE(open_session(other, kKeyId, good));
  EXPECT_FALSE(open_session(sealer, kKeyId, ""));
  EXPECT_FALSE(open_session(sealer, kKeyId, "not base64"));
  EXPECT_FALSE(open_session(sealer, kKeyId, std::string(SessionLimits::token_bytes_max + 1, 'A')));
  auto bytes = *codec::base64_decode(good);
  for (std::size_t i = 0; i < bytes.size(); i += 7) {
    auto changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(open_session(sealer, kKeyId, codec::base64_encode(changed))) << i;
  }
  const auto key = run(directory.key(std::string(kKeyId), good.substr(4)));
  ASSERT_TRUE(key);
  EXPECT_FALSE(*key);
  const auto without_token = run(directory.key(std::string(kKeyId)));
  ASSERT_TRUE(without_token);
  EXPECT_FALSE(*without_token);
}

TEST_F(SessionTest, says_what_is_packed) {
  const crypto::Secret secret("0123456789012345678901234567890123456789");
  auto session = of_role();
  EXPECT_GT(seal_session(sealer, kKeyId, secret, session).packed_bytes, 0U);
  session.policies.clear();
  session.policy_arns.clear();
  session.tags.clear();
  EXPECT_EQ(seal_session(sealer, kKeyId, secret, session).packed_bytes, 0U);
}

TEST_F(SessionTest, a_key_expires) {
  const auto key = run(directory.key(std::string(kKeyId), token(of_role())));
  ASSERT_TRUE(key && *key);
  EXPECT_FALSE((*key)->expired(kNow + std::chrono::minutes(59)));
  EXPECT_TRUE((*key)->expired(kNow + std::chrono::hours(1)));
}

TEST_F(SessionTest, a_role_session_calls) {
  const auto caller = caller_of(of_role());
  ASSERT_TRUE(caller);
  const auto& who = caller->principal;
  EXPECT_EQ(who.kind, PrincipalKind::session);
  EXPECT_EQ(who.arn, "arn:aws:sts::111122223333:assumed-role/Collector/nightly");
  EXPECT_EQ(who.id, "AROAAAAAAAAAAAAAAAAAA:nightly");
  EXPECT_EQ(who.issuer, "arn:aws:iam::111122223333:role/svc/Collector");
  EXPECT_EQ(who.access_key, kKeyId);
  ASSERT_TRUE(who.session);
  EXPECT_EQ(who.session->issuer_type, "Role");
  EXPECT_EQ(who.session->issuer_id, "AROAAAAAAAAAAAAAAAAAA");
  EXPECT_EQ(who.session->issuer_arn, "arn:aws:iam::111122223333:role/svc/Collector");
  EXPECT_EQ(who.session->issuer_name, "Collector");
  EXPECT_EQ(who.session->source_identity, "ann");
  EXPECT_THAT(who.session->transitive_tags, ::testing::ElementsAre(::testing::Pair("team", "red")));
  EXPECT_EQ(*caller->context.single("aws:PrincipalTag/team"), "red");
  EXPECT_EQ(*caller->context.single("aws:PrincipalTag/site"), "x");
  EXPECT_EQ(*caller->context.single("aws:TokenIssueTime"), "2026-03-02T10:15:00Z");
  EXPECT_EQ(*caller->context.single("aws:MultiFactorAuthPresent"), "false");
  EXPECT_EQ(*caller->context.single("aws:SourceIdentity"), "ann");
}

TEST_F(SessionTest, session_policies_limit) {
  auto session = of_role();
  session.policy_arns.clear();
  EXPECT_TRUE(may(session, "s3:GetObject"));
  EXPECT_FALSE(may(session, "s3:PutObject"));
  EXPECT_TRUE(may(of_role(), "s3:PutObject"));
  EXPECT_FALSE(may(of_role(), "iam:GetUser"));
  session.limited = false;
  EXPECT_TRUE(may(session, "iam:GetUser"));
  session.limited = true;
  session.policies.clear();
  EXPECT_FALSE(may(session, "s3:GetObject"));
  // One that is gone lets nobody in.
  session.policy_arns = {"arn:aws:iam::111122223333:policy/gone"};
  EXPECT_FALSE(caller_of(session));
}

TEST_F(SessionTest, ends_with_its_role) {
  auto session = of_role();
  session.owner_id = "AROABBBBBBBBBBBBBBBBB";
  EXPECT_FALSE(caller_of(session));
  session = of_role();
  session.owner = "Other";
  EXPECT_FALSE(caller_of(session));
}

TEST_F(SessionTest, of_users_and_whom_they_federate) {
  Session session{.kind = SessionKind::user,
                  .account = "111122223333",
                  .owner = "ann",
                  .owner_id = user.id,
                  .issued = kNow,
                  .expires = kNow + std::chrono::hours(1)};
  const auto herself = caller_of(session);
  ASSERT_TRUE(herself);
  EXPECT_EQ(herself->principal.kind, PrincipalKind::user);
  EXPECT_EQ(herself->principal.arn, user.arn());
  EXPECT_TRUE(herself->principal.session && herself->principal.session->issuer_type.empty());
  EXPECT_TRUE(may(session, "s3:PutObject"));
  session.kind = SessionKind::federated;
  session.name = "bob";
  session.limited = true;
  const auto bob = caller_of(session);
  ASSERT_TRUE(bob);
  EXPECT_EQ(bob->principal.kind, PrincipalKind::federated);
  EXPECT_EQ(bob->principal.arn, "arn:aws:sts::111122223333:federated-user/bob");
  EXPECT_EQ(bob->principal.id, "111122223333:bob");
  EXPECT_EQ(bob->principal.issuer, user.arn());
  EXPECT_EQ(bob->principal.session->issuer_type, "IAMUser");
  EXPECT_EQ(bob->principal.session->issuer_name, "ann");
  EXPECT_FALSE(may(session, "s3:GetObject"));
  session.policies = {std::string(kAllowRead)};
  EXPECT_TRUE(may(session, "s3:GetObject"));
  EXPECT_FALSE(may(session, "s3:PutObject"));
  session.owner.clear();
  session.owner_id = "111122223333";
  EXPECT_TRUE(may(session, "s3:GetObject"));
  EXPECT_EQ(caller_of(session)->principal.issuer, "arn:aws:iam::111122223333:root");
  session.owner = "ann";
  session.owner_id = "AIDABBBBBBBBBBBBBBBBB";
  EXPECT_FALSE(caller_of(session));
}

}  // namespace
}  // namespace cairn::access
