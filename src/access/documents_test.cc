// The documents survive being written and read, old ones are still read, broken ones are noticed, and a key
// finds its way to its caller.
#include "access/documents.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "access/testing.h"

namespace cairn::access {
namespace {

using testing::kNow;
using testing::World;

UserDocument ann() {
  return {.id = "AIDAAAAAAAAAAAAAAAAAA",
          .account = "111122223333",
          .name = "Ann",
          .path = "/staff/",
          .created = kNow,
          .tags = {{"team", "blue \"sky\""}, {"empty", ""}},
          .policies =
              {{"p",
                R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}})"}},
          .keys = {"AKIAAAAAAAAAAAAAAAAA", "AKIABBBBBBBBBBBBBBBB"},
          .declared = true};
}

catalog::Document document(std::string key, std::string value) {
  return {.key = std::move(key), .value = std::move(value), .version = 3};
}

TEST(Documents, are_read_as_they_were_written) {
  const auto user = decode_user(document("k", encode(ann())));
  ASSERT_TRUE(user);
  EXPECT_EQ(encode(*user), encode(ann()));
  EXPECT_EQ(user->tags, ann().tags);
  EXPECT_EQ(user->policies, ann().policies);
  EXPECT_EQ(user->created, kNow);
  EXPECT_EQ(user->arn(), "arn:aws:iam::111122223333:user/staff/Ann");
  const KeyDocument key{.id = "AKIAAAAAAAAAAAAAAAAA",
                        .account = "111122223333",
                        .user = "Ann",
                        .sealed = std::string("\0\xFF\x01", 3),
                        .active = false,
                        .declared = true,
                        .created = kNow};
  const auto read = decode_key(document("k", encode(key)));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->sealed, key.sealed);
  EXPECT_FALSE(read->active);
  EXPECT_EQ(encode(*read), encode(key));
  const AccountDocument account{
      .id = "111122223333", .name = "main", .created = kNow, .active = true, .users = 7};
  EXPECT_EQ(encode(*decode_account(document("k", encode(account)))), encode(account));
}

std::string sample(const std::string& name) {
  std::ifstream in(std::string(CAIRN_SOURCE_DIR) + "/src/access/compat/" + name);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

// What version 1 wrote stays readable.
TEST(Documents, version_1_is_read) {
  const auto user = decode_user(document("k", sample("user_v1.json")));
  ASSERT_TRUE(user);
  EXPECT_EQ(encode(*user), encode(ann()));
  const auto key = decode_key(document("k", sample("key_v1.json")));
  ASSERT_TRUE(key);
  EXPECT_EQ(key->user, "Ann");
  const auto account = decode_account(document("k", sample("account_v1.json")));
  ASSERT_TRUE(account);
  EXPECT_EQ(account->users, 7U);
}

// A Cairn that does not know what binds a user must refuse him, so documents that hold more say so.
TEST(Documents, version_2_holds_more) {
  const auto user = decode_user(document("k", sample("user_v2.json")));
  ASSERT_TRUE(user);
  EXPECT_EQ(user->attached, std::vector<std::string>{"arn:aws:iam::aws:policy/AmazonS3FullAccess"});
  EXPECT_EQ(user->groups, std::vector<std::string>{"Auditors"});
  EXPECT_EQ(user->boundary, "arn:aws:iam::aws:policy/PowerUserAccess");
  EXPECT_EQ(encode(*decode_user(document("k", encode(*user)))), encode(*user));
  EXPECT_TRUE(encode(*user).starts_with("{\"v\":2"));
  EXPECT_TRUE(encode(ann()).starts_with("{\"v\":1"));
  const auto account = decode_account(document("k", sample("account_v2.json")));
  ASSERT_TRUE(account);
  EXPECT_EQ(account->instance_profiles, 4U);
  EXPECT_EQ(account->alias, "acme");
  EXPECT_EQ(encode(*decode_account(document("k", encode(*account)))), encode(*account));
}

// A Cairn that does not know organizations would close an account that one made.
TEST(Documents, version_3_of_an_account_knows_its_organization) {
  const auto account = decode_account(document("k", sample("account_v3.json")));
  ASSERT_TRUE(account);
  EXPECT_TRUE(account->made);
  EXPECT_EQ(account->email, "nest@example.com");
  EXPECT_EQ(account->organization, "o-k3strel9ab");
  EXPECT_EQ(account->organization_path, "o-k3strel9ab/r-k3st/");
  EXPECT_EQ(encode(*account), sample("account_v3.json"));
}

TEST(Documents, broken_ones_are_noticed) {
  auto without_keys = encode(ann());
  without_keys.replace(without_keys.find("\"keys\""), 6, "\"kegs\"");
  auto of_the_future = encode(ann());
  of_the_future.replace(of_the_future.find("\"v\":1"), 5, "\"v\":3");
  for (const auto& value : {std::string(), std::string("{"), std::string("[]"), without_keys, of_the_future,
                            encode(ann()).substr(0, 80)}) {
    const auto user = decode_user(document("access/user/x/ann", value));
    ASSERT_FALSE(user) << value;
    EXPECT_EQ(user.error().code, Errc::corrupt);
    EXPECT_EQ(user.error().subject, "access/user/x/ann");
  }
  EXPECT_FALSE(decode_key(document(
      "k",
      R"({"v":1,"id":"a","account":"b","user":"c","sealed":"***","active":true,"declared":false,"created":1})")));
}

TEST(Documents, users_are_kept_without_case_and_in_order_of_name) {
  EXPECT_EQ(user_key("111122223333", "Ann"), user_key("111122223333", "aNN"));
  EXPECT_LT(user_key("111122223333", "ann"), user_key("111122223333", "Bob"));
  EXPECT_TRUE(user_key("111122223333", "ann").starts_with(users_prefix("111122223333")));
}

TEST(Documents, ids_have_aws_shapes) {
  EXPECT_THAT(new_user_id(), ::testing::MatchesRegex("AIDA[A-Z2-7]+"));
  EXPECT_EQ(new_user_id().size(), 21U);
  EXPECT_THAT(new_key_id(), ::testing::MatchesRegex("AKIA[A-Z2-7]+"));
  EXPECT_EQ(new_key_id().size(), 20U);
  EXPECT_EQ(new_secret().size(), 40U);
  EXPECT_FALSE(new_secret() == new_secret());
}

TEST(Documents, names) {
  for (const auto* good :
       {"a", "Ann.Lee+x=1,2@home_-", "0123456789012345678901234567890123456789012345678901234567890123"}) {
    EXPECT_TRUE(is_name(good)) << good;
  }
  for (const auto* bad : {"", "a b", "a/b", "a:b", "\xC3\xA9",
                          "01234567890123456789012345678901234567890123456789012345678901234"}) {
    EXPECT_FALSE(is_name(bad)) << bad;
  }
}

class DirectoryTest : public ::testing::Test, public World {
 protected:
  void SetUp() override {
    const KeyDocument key{.id = "AKIAAAAAAAAAAAAAAAAA",
                          .account = "111122223333",
                          .user = "Ann",
                          .sealed = seal_secret(sealer, "AKIAAAAAAAAAAAAAAAAA", crypto::Secret("s3cret")),
                          .active = true,
                          .declared = false,
                          .created = kNow};
    const AccountDocument account{.id = "111122223333", .name = "main", .created = kNow};
    commit({put(account, 0), put(ann(), 0), put(key, 0)});
  }

  Directory directory{catalog, sealer};
};

TEST_F(DirectoryTest, finds_the_caller_of_a_key) {
  const auto key = run(directory.key("AKIAAAAAAAAAAAAAAAAA"));
  ASSERT_TRUE(key && *key);
  EXPECT_EQ(ByteView((*key)->secret.bytes()).text(), "s3cret");
  EXPECT_TRUE((*key)->active);
  for (int i = 0; i < 2; ++i) {  // compiled, then remembered
    const auto caller = run(directory.caller(**key));
    ASSERT_TRUE(caller && *caller);
    EXPECT_EQ((*caller)->principal.arn, "arn:aws:iam::111122223333:user/staff/Ann");
    EXPECT_EQ((*caller)->principal.id, "AIDAAAAAAAAAAAAAAAAAA");
    EXPECT_EQ((*caller)->principal.access_key, "AKIAAAAAAAAAAAAAAAAA");
    EXPECT_EQ((*caller)->policies.size(), 1U);
  }
  const auto unknown = run(directory.key("AKIAZZZZZZZZZZZZZZZZ"));
  ASSERT_TRUE(unknown);
  EXPECT_FALSE(*unknown);
}

TEST_F(DirectoryTest, sees_a_changed_policy_at_once) {
  const auto key = run(directory.key("AKIAAAAAAAAAAAAAAAAA"));
  const Ask ask{.action = "s3:GetObject",
                .resource = "*",
                .resource_account = {},
                .resource_policy = nullptr,
                .context = {}};
  EXPECT_TRUE(decide(**run(directory.caller(**key)), ask).allowed);
  auto changed = ann();
  changed.policies.clear();
  commit({put(changed, 1)});
  EXPECT_FALSE(decide(**run(directory.caller(**key)), ask).allowed);
  // Removed and made again, the document has its first version again.
  commit({remove_user(changed, 2)});
  changed.policies["q"] = R"({"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}})";
  commit({put(changed, 0)});
  EXPECT_TRUE(decide(**run(directory.caller(**key)), ask).explicit_deny);
}

TEST_F(DirectoryTest, a_key_opens_nothing_without_user_account_or_place) {
  const auto key = run(directory.key("AKIAAAAAAAAAAAAAAAAA"));
  const auto nobody = [&] {
    const auto caller = run(directory.caller(**key));
    return caller && !*caller;
  };
  EXPECT_FALSE(nobody());
  auto without_key = ann();
  without_key.keys = {"AKIABBBBBBBBBBBBBBBB"};
  commit({put(without_key, 1)});
  EXPECT_TRUE(nobody());
  commit({put(ann(), 2)});
  EXPECT_FALSE(nobody());
  AccountDocument account{.id = "111122223333", .name = "main", .created = kNow, .active = false};
  commit({put(account, 1)});
  EXPECT_TRUE(nobody());
  account.active = true;
  commit({put(account, 2)});
  EXPECT_FALSE(nobody());
  commit({remove_user(ann(), 3)});
  EXPECT_TRUE(nobody());
}

TEST_F(DirectoryTest, the_root_of_an_account) {
  const Key key{.id = "AKIARRRRRRRRRRRRRRRR", .account = "111122223333", .user = {}, .secret = {}};
  const auto caller = run(directory.caller(key));
  ASSERT_TRUE(caller && *caller);
  EXPECT_EQ((*caller)->principal.kind, PrincipalKind::root);
  EXPECT_EQ((*caller)->principal.arn, "arn:aws:iam::111122223333:root");
}

TEST_F(DirectoryTest, a_secret_that_was_moved_to_another_key_does_not_open) {
  auto stolen = run(load_key(catalog, "AKIAAAAAAAAAAAAAAAAA"));
  auto moved = (*stolen)->value;
  moved.id = "AKIABBBBBBBBBBBBBBBB";
  commit({put(moved, 0)});
  const auto key = run(directory.key("AKIABBBBBBBBBBBBBBBB"));
  ASSERT_FALSE(key);
  EXPECT_EQ(key.error().code, Errc::corrupt);
}

TEST_F(DirectoryTest, a_policy_that_does_not_compile_lets_nobody_in) {
  auto broken = ann();
  broken.policies["q"] = R"({"Statement":{"Effect":"Deny"}})";
  commit({put(broken, 1)});
  const auto key = run(directory.key("AKIAAAAAAAAAAAAAAAAA"));
  const auto caller = run(directory.caller(**key));
  ASSERT_FALSE(caller);
  EXPECT_EQ(caller.error().code, Errc::corrupt);
}

TEST_F(DirectoryTest, remembers_no_more_than_its_limit) {
  for (std::size_t i = 0; i <= Directory::kCompiledMax + 5; ++i) {
    auto user = ann();
    user.name = "user" + std::to_string(i);
    user.policies["p"] =
        R"({"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b)" + user.name + R"("}})";
    commit({put(user, 0)});
    const Key key{.id = "AKIAAAAAAAAAAAAAAAAA", .account = "111122223333", .user = user.name, .secret = {}};
    const auto caller = run(directory.caller(key));
    ASSERT_TRUE(caller && *caller);
    ASSERT_EQ((*caller)->principal.name, user.name);
  }
}

}  // namespace
}  // namespace cairn::access
