#include "access/administrator.h"

#include <gtest/gtest.h>

#include "access/session.h"
#include "access/testing.h"

namespace cairn::access {
namespace {

using testing::kNow;

struct Administrator : ::testing::Test, testing::World {
  std::vector<Credential> apply(const std::vector<DeclaredAccount>& declared) {
    auto applied = run(apply_declared(catalog, sealer, declared, kNow));
    EXPECT_TRUE(applied) << (applied ? "" : applied.error().text());
    return applied ? *std::move(applied) : std::vector<Credential>();
  }
  Result<std::string> renew(std::string user) {
    return run(renew_key(catalog, sealer, "111122223333", std::move(user), kNow));
  }
};

TEST_F(Administrator, has_a_new_key_and_the_old_one_opens_nothing) {
  const auto before = apply({});
  const auto id = renew("Admin");
  ASSERT_TRUE(id) << id.error().text();
  EXPECT_NE(*id, before[0].key_id);
  const auto after = apply({});
  ASSERT_EQ(after.size(), 1U);
  EXPECT_EQ(after[0].key_id, *id);
  EXPECT_TRUE(after[0].administrator);
  EXPECT_FALSE(after[0].secret == before[0].secret);
  const Directory directory(catalog, sealer);
  EXPECT_FALSE(run(directory.key(before[0].key_id))->has_value());
  const auto key = run(directory.key(*id));
  ASSERT_TRUE(key && *key);
  EXPECT_TRUE((*key)->secret == after[0].secret);
  EXPECT_TRUE(run(directory.caller(**key))->has_value());
}

TEST_F(Administrator, sessions_made_with_the_old_key_open_nothing) {
  apply({});
  const auto user = *run(load_user(catalog, "111122223333", "admin"));
  const auto end = kNow + std::chrono::hours(12);
  const Directory directory(catalog, sealer);
  for (const auto kind : {SessionKind::user, SessionKind::federated}) {
    const auto id = new_session_key_id();
    const Session session{.kind = kind,
                          .account = "111122223333",
                          .owner = "admin",
                          .owner_id = user->value.id,
                          .name = "somebody",
                          .issued = kNow,
                          .expires = end};
    const auto sealed = seal_session(sealer, id, new_secret(), session);
    const auto key = run(directory.key(id, sealed.token));
    ASSERT_TRUE(key && *key);
    EXPECT_TRUE(run(directory.caller(**key))->has_value());
  }
  const auto id = new_session_key_id();
  const auto sealed = seal_session(
      sealer, id, new_secret(),
      {.kind = SessionKind::user, .account = "111122223333", .owner = "admin", .owner_id = user->value.id});
  const auto key = run(directory.key(id, sealed.token));
  ASSERT_TRUE(renew("admin"));
  EXPECT_FALSE(run(directory.caller(**key))->has_value());
}

TEST_F(Administrator, keys_of_the_configuration_and_users_of_the_api_stay_as_they_are) {
  DeclaredUser ann{.name = "ann", .administrator = true, .policies = {}, .keys = {}};
  ann.keys.push_back(
      {.id = "AKIAEXAMPLE00000001", .secret = crypto::Secret(std::string_view("change-me-please"))});
  std::vector<DeclaredAccount> declared;
  declared.push_back({.id = "111122223333", .name = "main", .users = {}});
  declared[0].users.push_back(std::move(ann));
  apply(declared);
  commit({put(UserDocument{.id = "AIDABOB", .account = "111122223333", .name = "bob"}, 0)});
  const auto as_it_was = all();
  EXPECT_EQ(renew("ann").error().code, Errc::denied);
  EXPECT_EQ(renew("bob").error().code, Errc::denied);
  EXPECT_EQ(renew("admin").error().code, Errc::not_found);
  EXPECT_EQ(all(), as_it_was);
}

}  // namespace
}  // namespace cairn::access
