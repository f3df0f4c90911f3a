// Groups, roles, instance profiles and managed policies survive being written and read, old ones are still
// read, broken ones are noticed; and what is attached, or comes with a group, binds the user.
#include "access/entities.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "access/aws_policies.h"
#include "access/testing.h"

namespace cairn::access {
namespace {

using testing::kNow;
using testing::World;

constexpr std::string_view kAllowS3 =
    R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}})";
constexpr std::string_view kDenyDelete =
    R"({"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"s3:DeleteObject","Resource":"*"}})";

GroupDocument auditors() {
  return {.id = "AGPAAAAAAAAAAAAAAAAAA",
          .account = "111122223333",
          .name = "Auditors",
          .path = "/staff/",
          .created = kNow,
          .policies = {{"read", std::string(kAllowS3)}},
          .attached = {"arn:aws:iam::aws:policy/IAMReadOnlyAccess"},
          .members = 2};
}

RoleDocument collector() {
  return {.id = "AROAAAAAAAAAAAAAAAAAA",
          .account = "111122223333",
          .name = "Collector",
          .path = "/svc/",
          .created = kNow,
          .tags = {{"team", "blue"}},
          .policies = {{"p", std::string(kAllowS3)}},
          .attached = {"arn:aws:iam::111122223333:policy/ours"},
          .boundary = "arn:aws:iam::aws:policy/PowerUserAccess",
          .trust = R"({"Statement":[]})",
          .description = "collects",
          .session_seconds_max = 7200,
          .instance_profiles = {"web"}};
}

InstanceProfileDocument web() {
  return {.id = "AIPAAAAAAAAAAAAAAAAAA",
          .account = "111122223333",
          .name = "web",
          .path = "/",
          .created = kNow,
          .tags = {{"a", ""}},
          .role = "Collector"};
}

ManagedPolicyDocument ours() {
  return {.id = "ANPAAAAAAAAAAAAAAAAAA",
          .account = "111122223333",
          .name = "Ours",
          .path = "/team/",
          .description = "what we may",
          .created = kNow,
          .updated = kNow,
          .tags = {{"k", "v"}},
          .versions = {{.number = 2, .document = std::string(kAllowS3), .created = kNow},
                       {.number = 5, .document = std::string(kDenyDelete), .created = kNow}},
          .default_version = 5,
          .newest_version = 6,
          .attachments = 3,
          .boundaries = 1};
}

std::string sample(const std::string& name) {
  std::ifstream in(std::string(CAIRN_SOURCE_DIR) + "/src/access/compat/" + name);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

template <class Entity>
void check(const Entity& entity, const std::string& stem) {
  const catalog::Document written{.key = "k", .value = encode(entity), .version = 1};
  const auto read = Entity::decode(written);
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(encode(*read), encode(entity));
  const auto old = Entity::decode({.key = "k", .value = sample(stem + "_v1.json"), .version = 1});
  ASSERT_TRUE(old) << stem;
  EXPECT_EQ(encode(*old), encode(entity)) << stem;
  auto newer = written;
  newer.value.replace(newer.value.find("\"v\":1"), 5, "\"v\":2");
  auto without_account = written;
  without_account.value.replace(without_account.value.find("\"account\""), 9, "\"amount\"");
  auto cut = written;
  cut.value.resize(cut.value.size() / 2);
  for (const auto& broken : {newer, without_account, cut}) {
    const auto refused = Entity::decode(broken);
    ASSERT_FALSE(refused) << broken.value;
    EXPECT_EQ(refused.error().code, Errc::corrupt);
    EXPECT_EQ(refused.error().subject, "k");
  }
}

TEST(Entities, are_read_as_they_were_written) {
  check(auditors(), "group");
  check(collector(), "role");
  check(web(), "instance_profile");
  check(ours(), "policy");
}

TEST(Entities, a_policy_without_its_default_version_is_corrupt) {
  auto policy = ours();
  policy.default_version = 3;
  EXPECT_FALSE(ManagedPolicyDocument::decode({.key = "k", .value = encode(policy), .version = 1}));
}

TEST(Entities, arns_and_keys) {
  EXPECT_EQ(auditors().arn(), "arn:aws:iam::111122223333:group/staff/Auditors");
  EXPECT_EQ(collector().arn(), "arn:aws:iam::111122223333:role/svc/Collector");
  EXPECT_EQ(web().arn(), "arn:aws:iam::111122223333:instance-profile/web");
  EXPECT_EQ(ours().arn(), "arn:aws:iam::111122223333:policy/team/Ours");
  EXPECT_EQ(ours().text(), kDenyDelete);
  EXPECT_EQ(RoleDocument::key_of("111122223333", "ABC"), RoleDocument::key_of("111122223333", "abc"));
  EXPECT_TRUE(GroupDocument::key_of("1", "a").starts_with(GroupDocument::prefix_of("1")));
}

TEST(Entities, names_of_policies) {
  EXPECT_EQ(policy_name_of("arn:aws:iam::111122223333:policy/a/b/Ours")->name, "Ours");
  EXPECT_EQ(policy_name_of("arn:aws:iam::aws:policy/AdministratorAccess")->account, "aws");
  for (const auto* bad :
       {"", "policy", "arn:aws:iam::111122223333:role/x", "arn:aws:iam::111122223333:policy/",
        "arn:aws:iam:us-east-1:111122223333:policy/x", "arn:aws:s3::111122223333:policy/x",
        "arn:aws:iam::1:policy/x", "arn:other:iam::111122223333:policy/x"}) {
    EXPECT_FALSE(policy_name_of(bad)) << bad;
  }
}

TEST(AwsPolicies, all_compile_and_are_found) {
  std::string before;
  for (const auto& policy : aws_policies()) {
    const auto compiled = Policy::parse(policy.document, PolicyKind::identity);
    EXPECT_TRUE(compiled) << policy.name << ": " << compiled.error().what;
    EXPECT_EQ(find_aws_policy(policy.arn()), &policy);
    EXPECT_TRUE(parse_rfc3339(policy.created) && parse_rfc3339(policy.updated)) << policy.name;
    EXPECT_EQ(policy.id.size(), 21U) << policy.name;
    EXPECT_LT(before, policy.name);
    before = policy.name;
  }
  EXPECT_EQ(find_aws_policy("arn:aws:iam::aws:policy/NoSuch"), nullptr);
  EXPECT_EQ(find_aws_policy("arn:aws:iam::111122223333:policy/AdministratorAccess"), nullptr);
}

class BoundUserTest : public ::testing::Test, public World {
 protected:
  void SetUp() override {
    commit({put(AccountDocument{.id = "111122223333", .name = "main", .created = kNow}, 0), put(user, 0)});
  }
  bool may(const std::string& action) {
    const Key key{.id = "AKIAAAAAAAAAAAAAAAAA", .account = "111122223333", .user = "ann", .secret = {}};
    const auto caller = run(directory.caller(key));
    EXPECT_TRUE(caller && *caller);
    return caller && *caller &&
           decide(**caller, {.action = action,
                             .resource = "*",
                             .resource_account = {},
                             .resource_policy = nullptr,
                             .context = {}})
               .allowed;
  }
  void change(const UserDocument& changed) {
    commit({catalog::Write{
        .key = user_key(changed.account, changed.name), .value = encode(changed), .expected = std::nullopt}});
  }

  UserDocument user{.id = "AIDAAAAAAAAAAAAAAAAAA",
                    .account = "111122223333",
                    .name = "ann",
                    .created = kNow,
                    .tags = {},
                    .policies = {},
                    .keys = {"AKIAAAAAAAAAAAAAAAAA"}};
  Directory directory{catalog, sealer};
};

TEST_F(BoundUserTest, by_what_is_attached) {
  EXPECT_FALSE(may("s3:GetObject"));
  user.attached = {"arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"};
  change(user);
  EXPECT_TRUE(may("s3:GetObject"));
  EXPECT_FALSE(may("s3:PutObject"));
  auto policy = ours();
  policy.default_version = 2;
  commit({put_entity(policy, 0)});
  user.attached.push_back(policy.arn());
  change(user);
  EXPECT_TRUE(may("s3:DeleteObject"));
  // The default version counts from the next call on.
  policy.default_version = 5;
  commit({put_entity(policy, 1)});
  EXPECT_FALSE(may("s3:DeleteObject"));
  EXPECT_TRUE(may("s3:GetObject"));
}

TEST_F(BoundUserTest, by_his_groups) {
  commit({put_entity(auditors(), 0)});
  user.groups = {"Auditors"};
  change(user);
  EXPECT_TRUE(may("s3:PutObject"));
  EXPECT_TRUE(may("iam:ListUsers"));
  EXPECT_FALSE(may("iam:CreateUser"));
  auto group = auditors();
  group.policies["deny"] = kDenyDelete;
  commit({put_entity(group, 1)});
  EXPECT_FALSE(may("s3:DeleteObject"));
}

TEST_F(BoundUserTest, by_his_boundary) {
  user.attached = {"arn:aws:iam::aws:policy/AdministratorAccess"};
  user.boundary = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess";
  change(user);
  EXPECT_TRUE(may("s3:GetObject"));
  EXPECT_FALSE(may("s3:PutObject"));
  user.boundary.clear();
  change(user);
  EXPECT_TRUE(may("s3:PutObject"));
}

// A Deny could be in what is missing.
TEST_F(BoundUserTest, and_not_let_in_when_something_is_missing) {
  const Key key{.id = "AKIAAAAAAAAAAAAAAAAA", .account = "111122223333", .user = "ann", .secret = {}};
  for (const auto* arn : {"arn:aws:iam::111122223333:policy/gone", "arn:aws:iam::aws:policy/NoSuch", "x"}) {
    user.attached = {arn};
    change(user);
    const auto caller = run(directory.caller(key));
    ASSERT_FALSE(caller) << arn;
    EXPECT_EQ(caller.error().code, Errc::corrupt);
  }
  user.attached.clear();
  user.boundary = "arn:aws:iam::aws:policy/NoSuch";
  change(user);
  EXPECT_FALSE(run(directory.caller(key)));
  user.boundary.clear();
  user.groups = {"gone"};
  change(user);
  EXPECT_FALSE(run(directory.caller(key)));
  // The name alone does not do: another path is another policy.
  commit({put_entity(ours(), 0)});
  user.groups.clear();
  user.attached = {"arn:aws:iam::111122223333:policy/Ours"};
  change(user);
  EXPECT_FALSE(run(directory.caller(key)));
}

}  // namespace
}  // namespace cairn::access
