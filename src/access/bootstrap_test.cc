// What the configuration declares, brought into the catalog: added, changed, removed; twice makes no
// difference; users of the API stay.
#include "access/bootstrap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "access/credentials_file.h"
#include "access/testing.h"

namespace cairn::access {
namespace {

using ::testing::HasSubstr;
using testing::kNow;
using testing::World;

using Accounts = std::vector<DeclaredAccount>;

constexpr std::string_view kReadOnly =
    R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}})";

DeclaredUser user(std::string name, bool administrator = false) {
  return {.name = std::move(name), .administrator = administrator, .policies = {}, .keys = {}};
}
DeclaredUser with_key(DeclaredUser user, std::string id, std::string_view secret) {
  user.keys.push_back({.id = std::move(id), .secret = crypto::Secret(secret)});
  return user;
}
template <class... Users>
DeclaredAccount account(std::string id, Users... users) {
  DeclaredAccount made{.id = std::move(id), .name = "main", .users = {}};
  (made.users.push_back(std::move(users)), ...);
  return made;
}
template <class... All>
Accounts accounts(All... all) {
  Accounts made;
  (made.push_back(std::move(all)), ...);
  return made;
}

std::string text(const crypto::Secret& secret) {
  return std::string(ByteView(secret.bytes()).text());
}

class Bootstrap : public ::testing::Test, public World {
 protected:
  std::vector<Credential> apply(const Accounts& declared) {
    auto applied = run(apply_declared(catalog, sealer, declared, kNow));
    EXPECT_TRUE(applied) << (applied ? "" : applied.error().text());
    return applied ? *std::move(applied) : std::vector<Credential>();
  }
  Error refused(const Accounts& declared) {
    auto applied = run(apply_declared(catalog, sealer, declared, kNow));
    EXPECT_FALSE(applied);
    return applied ? Error{Errc::unknown, "it was accepted"} : applied.error();
  }
  // What the key may do, or "nobody".
  std::string caller_of(const std::string& key_id, const std::string& action = "s3:GetObject") {
    const Directory directory(catalog, sealer);
    const auto key = run(directory.key(key_id));
    if (!key || !*key) {
      return "no key";
    }
    const auto caller = run(directory.caller(**key));
    if (!caller || !*caller) {
      return "nobody";
    }
    const Ask ask{
        .action = action, .resource = "*", .resource_account = {}, .resource_policy = nullptr, .context = {}};
    return (*caller)->principal.arn + (decide(**caller, ask).allowed ? " may" : " may not");
  }
};

TEST_F(Bootstrap, without_a_declaration_there_is_one_account_with_an_administrator) {
  const auto first = apply({});
  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(first[0].account, "111122223333");
  EXPECT_EQ(first[0].user, "admin");
  EXPECT_TRUE(first[0].administrator);
  EXPECT_FALSE(first[0].declared);
  EXPECT_EQ(first[0].secret.size(), 40U);
  EXPECT_EQ(caller_of(first[0].key_id, "iam:CreateUser"), "arn:aws:iam::111122223333:user/admin may");
  const auto before = all();
  const auto second = apply({});
  EXPECT_EQ(all(), before);
  ASSERT_EQ(second.size(), 1U);
  EXPECT_EQ(second[0].key_id, first[0].key_id);
  EXPECT_EQ(text(second[0].secret), text(first[0].secret));
}

TEST_F(Bootstrap, adds_changes_and_removes_what_is_declared) {
  auto ann = with_key(user("ann", true), "AKIAEXAMPLE00000001", "change-me");
  auto bob = with_key(user("bob"), "AKIAEXAMPLE00000002", "bobs");
  bob.policies.push_back({"read", std::string(kReadOnly)});
  const auto made =
      apply(accounts(account("111122223333", std::move(ann), std::move(bob)), account("444455556666")));
  ASSERT_EQ(made.size(), 3U);
  EXPECT_EQ(text(made[0].secret), "change-me");
  EXPECT_TRUE(made[0].administrator && made[0].declared);
  EXPECT_FALSE(made[1].administrator);
  EXPECT_EQ(made[2].user, "admin");
  EXPECT_EQ(caller_of("AKIAEXAMPLE00000001", "iam:CreateUser"), "arn:aws:iam::111122223333:user/ann may");
  EXPECT_EQ(caller_of("AKIAEXAMPLE00000002"), "arn:aws:iam::111122223333:user/bob may");
  EXPECT_EQ(caller_of("AKIAEXAMPLE00000002", "s3:PutObject"), "arn:aws:iam::111122223333:user/bob may not");
  const auto id_of_bob = (*run(load_user(catalog, "111122223333", "bob")))->value.id;

  // Bob's secret and policy change, ann goes, and so does the second account.
  const auto changed =
      apply(accounts(account("111122223333", with_key(user("bob"), "AKIAEXAMPLE00000002", "new-secret"))));
  ASSERT_EQ(changed.size(), 1U);
  EXPECT_EQ(caller_of("AKIAEXAMPLE00000001"), "no key");
  EXPECT_EQ(caller_of("AKIAEXAMPLE00000002"), "arn:aws:iam::111122223333:user/bob may not");
  EXPECT_EQ(caller_of(made[2].key_id), "no key");
  EXPECT_EQ(text((*run(Directory(catalog, sealer).key("AKIAEXAMPLE00000002")))->secret), "new-secret");
  const auto bob_now = run(load_user(catalog, "111122223333", "bob"));
  EXPECT_EQ((*bob_now)->value.id, id_of_bob);
  EXPECT_EQ((*run(load_account(catalog, "111122223333")))->value.users, 1U);
  EXPECT_FALSE((*run(load_account(catalog, "444455556666")))->value.active);
}

TEST_F(Bootstrap, twice_is_once) {
  const auto declare = [] {
    auto ann =
        with_key(with_key(user("ann", true), "AKIAEXAMPLE00000001", "one"), "AKIAEXAMPLE00000002", "two");
    ann.policies.push_back({"read", std::string(kReadOnly)});
    return accounts(account("111122223333", std::move(ann), user("bob")), account("444455556666"));
  };
  const auto first = apply(declare());
  const auto before = all();
  const auto commits = catalog.commits_tried();
  const auto second = apply(declare());
  EXPECT_EQ(all(), before);
  EXPECT_EQ(catalog.commits_tried(), commits);
  ASSERT_EQ(first.size(), second.size());
  for (std::size_t i = 0; i < first.size(); ++i) {
    EXPECT_EQ(first[i].key_id, second[i].key_id);
    EXPECT_EQ(text(first[i].secret), text(second[i].secret));
  }
}

TEST_F(Bootstrap, a_key_of_ours_goes_when_one_is_declared_and_the_other_way_round) {
  const auto ours = apply(accounts(account("111122223333", user("ann", true))));
  const auto declared =
      apply(accounts(account("111122223333", with_key(user("ann", true), "AKIAEXAMPLE00000001", "x"))));
  EXPECT_EQ(declared[0].key_id, "AKIAEXAMPLE00000001");
  EXPECT_EQ(caller_of(ours[0].key_id), "no key");
  const auto again = apply(accounts(account("111122223333", user("ann", true))));
  EXPECT_EQ(caller_of("AKIAEXAMPLE00000001"), "no key");
  EXPECT_NE(again[0].key_id, ours[0].key_id);
  EXPECT_EQ(caller_of(again[0].key_id), "arn:aws:iam::111122223333:user/ann may");
}

TEST_F(Bootstrap, a_declared_key_moves_with_a_renamed_user) {
  apply(accounts(account("111122223333", with_key(user("ann", true), "AKIAEXAMPLE00000001", "x"))));
  apply(accounts(account("111122223333", with_key(user("anna", true), "AKIAEXAMPLE00000001", "x"))));
  EXPECT_EQ(caller_of("AKIAEXAMPLE00000001"), "arn:aws:iam::111122223333:user/anna may");
  // A name may also change its case alone.
  apply(accounts(account("111122223333", with_key(user("Anna", true), "AKIAEXAMPLE00000001", "x"))));
  EXPECT_EQ(caller_of("AKIAEXAMPLE00000001"), "arn:aws:iam::111122223333:user/Anna may");
}

class WithApiUser : public Bootstrap {
 protected:
  void SetUp() override {
    apply(accounts(account("111122223333")));
    const UserDocument made{.id = "AIDAAAAAAAAAAAAAAAAAA",
                            .account = "111122223333",
                            .name = "Carol",
                            .created = kNow,
                            .tags = {},
                            .policies = {},
                            .keys = {"AKIACCCCCCCCCCCCCCCC"}};
    const KeyDocument key{.id = "AKIACCCCCCCCCCCCCCCC",
                          .account = "111122223333",
                          .user = "Carol",
                          .sealed = seal_secret(sealer, "AKIACCCCCCCCCCCCCCCC", crypto::Secret("c")),
                          .created = kNow};
    auto of_account = (*run(load_account(catalog, "111122223333")))->value;
    ++of_account.users;
    commit({put(made, 0), put(key, 0), put(of_account, 1)});
  }
};

TEST_F(WithApiUser, he_is_never_touched) {
  apply(accounts(account("111122223333", user("ann", true))));
  EXPECT_EQ(caller_of("AKIACCCCCCCCCCCCCCCC"), "arn:aws:iam::111122223333:user/Carol may not");
  EXPECT_EQ((*run(load_account(catalog, "111122223333")))->value.users, 2U);
  // Without his account his keys open nothing; with it they do again.
  apply(accounts(account("444455556666")));
  EXPECT_EQ(caller_of("AKIACCCCCCCCCCCCCCCC"), "nobody");
  EXPECT_EQ((*run(load_account(catalog, "111122223333")))->value.users, 1U);
  apply(accounts(account("111122223333")));
  EXPECT_EQ(caller_of("AKIACCCCCCCCCCCCCCCC"), "arn:aws:iam::111122223333:user/Carol may not");
}

TEST_F(WithApiUser, his_name_and_his_key_cannot_be_declared) {
  const auto before = all();
  const auto name = refused(accounts(account("111122223333", user("carol"))));
  EXPECT_EQ(name.code, Errc::conflict);
  EXPECT_THAT(name.text(), HasSubstr("arn:aws:iam::111122223333:user/Carol"));
  const auto key =
      refused(accounts(account("111122223333", with_key(user("ann"), "AKIACCCCCCCCCCCCCCCC", "mine"))));
  EXPECT_EQ(key.code, Errc::conflict);
  EXPECT_THAT(key.text(), HasSubstr("AKIACCCCCCCCCCCCCCCC"));
  EXPECT_EQ(all(), before);
}

TEST_F(Bootstrap, commits_that_fail_are_tried_again_or_told) {
  for (const auto kind :
       {catalog::memory::Faults::Kind::unknown_applied, catalog::memory::Faults::Kind::unknown_not_applied}) {
    World world;
    world.catalog.fail({.every = 2, .kind = kind});
    const auto applied = world.run(apply_declared(
        world.catalog, world.sealer, accounts(account("111122223333"), account("444455556666")), kNow));
    ASSERT_TRUE(applied) << applied.error().text();
    world.catalog.fail({});
    const auto before = world.all();
    const auto again = world.run(apply_declared(
        world.catalog, world.sealer, accounts(account("111122223333"), account("444455556666")), kNow));
    ASSERT_TRUE(again);
    EXPECT_EQ(world.all(), before);
    EXPECT_EQ((*again)[1].key_id, (*applied)[1].key_id);
  }
  catalog.fail({.every = 1, .kind = catalog::memory::Faults::Kind::unavailable});
  EXPECT_EQ(refused({}).code, Errc::unavailable);
  EXPECT_TRUE(all().empty());
}

TEST_F(Bootstrap, another_master_key_is_noticed_where_a_secret_would_be_lost) {
  apply({});
  const crypto::Sealer other{crypto::MasterKey::generate()};
  const auto applied = run(apply_declared(catalog, other, {}, kNow));
  ASSERT_FALSE(applied);
  EXPECT_EQ(applied.error().code, Errc::denied);
}

TEST_F(Bootstrap, refuses_wrong_declarations) {
  auto reserved = user("ann", true);
  reserved.policies.push_back({"AdministratorAccess", std::string(kReadOnly)});
  auto bad_policy = user("ann");
  bad_policy.policies.push_back({"p", R"({"Statement":{}})"});
  auto twice = user("ann");
  twice.policies.push_back({"p", std::string(kReadOnly)});
  twice.policies.push_back({"p", std::string(kReadOnly)});
  const auto check = [](Accounts declared, std::string_view expected) {
    const auto checked = check_declared(declared);
    ASSERT_FALSE(checked) << expected;
    EXPECT_EQ(checked.error().code, Errc::invalid);
    EXPECT_THAT(checked.error().text(), HasSubstr(std::string(expected)));
  };
  check(accounts(account("1234")), "12 digits");
  check(accounts(account("111122223333"), account("111122223333")), "an account is declared twice");
  check(accounts(account("111122223333", user("a b"))), "111122223333/a b");
  check(accounts(account("111122223333", user("ann"), user("Ann"))), "a user is declared twice");
  check(accounts(account("111122223333", with_key(user("ann"), "short", "x"))), "16 to 128");
  check(accounts(account("111122223333", with_key(user("ann"), "AKIAEXAMPLE00000001", ""))), "secret");
  check(accounts(account("111122223333", with_key(user("ann"), "AKIAEXAMPLE00000001", "a\nb"))), "secret");
  check(accounts(account("111122223333", with_key(user("a"), "AKIAEXAMPLE00000001", "x"),
                         with_key(user("b"), "AKIAEXAMPLE00000001", "x"))),
        "a key is declared twice");
  check(accounts(account("111122223333", std::move(reserved))), "has this policy already");
  check(accounts(account("111122223333", std::move(bad_policy))), "Syntax errors in policy.");
  check(accounts(account("111122223333", std::move(twice))), "used twice");
  // A secret is never in what is told.
  const auto told =
      check_declared(accounts(account("111122223333", with_key(user("ann"), "short", "hunter2"))));
  EXPECT_EQ(told.error().text().find("hunter2"), std::string::npos);
}

TEST_F(Bootstrap, the_credentials_file) {
  const auto made =
      apply(accounts(account("111122223333", with_key(user("ann", true), "AKIAEXAMPLE00000001", "change-me"),
                             with_key(user("bob", true), "AKIAEXAMPLE00000002", "bobs")),
                     account("444455556666")));
  const auto folder = std::filesystem::temp_directory_path() / ("cairn-credentials-" + new_user_id());
  std::filesystem::create_directories(folder);
  const auto path = folder / "credentials";
  std::ofstream(path.string() + ".new") << "cut off";
  ASSERT_TRUE(write_credentials(path, made, "eu-west-1"));
  ASSERT_TRUE(write_credentials(path, made, "eu-west-1"));
  std::stringstream content;
  content << std::ifstream(path).rdbuf();
  const std::string ann =
      "aws_access_key_id = AKIAEXAMPLE00000001\naws_secret_access_key = change-me\nregion = eu-west-1\n\n";
  const std::string bob =
      "aws_access_key_id = AKIAEXAMPLE00000002\naws_secret_access_key = bobs\nregion = eu-west-1\n\n";
  const std::string ours = "aws_access_key_id = " + made[2].key_id +
                           "\naws_secret_access_key = " + text(made[2].secret) + "\nregion = eu-west-1\n\n";
  EXPECT_EQ(content.str(), "[default]\n" + ann + "[111122223333]\n" + ann + "[111122223333.ann]\n" + ann +
                               "[111122223333.bob]\n" + bob + "[444455556666]\n" + ours);
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  EXPECT_FALSE(std::filesystem::exists(path.string() + ".new"));
  const auto first = status.st_ino;
  ASSERT_TRUE(write_credentials(path, made, "eu-west-1"));
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_ino, first) << "written though nothing changed";
  ASSERT_EQ(::chmod(path.c_str(), 0644), 0);
  ASSERT_TRUE(write_credentials(path, made, "eu-west-1"));
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  ASSERT_TRUE(write_credentials(path, made, "eu-west-2"));
  std::stringstream moved;
  moved << std::ifstream(path).rdbuf();
  EXPECT_NE(moved.str().find("region = eu-west-2"), std::string::npos);
  const auto nowhere = write_credentials(folder / "missing" / "credentials", made, "eu-west-1");
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().code, Errc::not_found);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace cairn::access
