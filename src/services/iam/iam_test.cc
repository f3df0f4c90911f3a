// Every operation over a catalog in memory, from a call to what it would commit, with AWS's answers and
// errors.
#include "services/iam/iam.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aws/record_form.h"
#include "services/iam/testing.h"

namespace cairn::services::iam {
namespace {

using access::testing::kNow;
using boost::json::object;
using testing::IamTest;
using testing::kPolicy;
using ::testing::MatchesRegex;

TEST_F(IamTest, create_and_get_user) {
  const auto made = answer(
      "CreateUser",
      {{"UserName", "Bob"}, {"Path", "/staff/"}, {"Tags", {object{{"Key", "team"}, {"Value", "blue"}}}}});
  ASSERT_TRUE(made) << made.error().message;
  const auto& user = made->at("User").as_object();
  EXPECT_THAT(std::string(user.at("UserId").as_string()), MatchesRegex("AIDA[A-Z2-7]+"));
  EXPECT_EQ(user.at("Arn"), "arn:aws:iam::111122223333:user/staff/Bob");
  EXPECT_EQ(user.at("Path"), "/staff/");
  EXPECT_EQ(user.at("CreateDate"), 1772446500);
  EXPECT_EQ(json::serialize(user.at("Tags")), R"([{"Key":"team","Value":"blue"}])");
  EXPECT_EQ(users(), 2U);
  EXPECT_EQ(text("GetUser", {{"UserName", "bob"}}), json::serialize(*made));  // names have no case
  const auto plain = answer("CreateUser", {{"UserName", "carol"}});
  ASSERT_TRUE(plain);
  EXPECT_FALSE(plain->at("User").as_object().contains("Tags"));
  EXPECT_EQ(plain->at("User").at("Arn"), "arn:aws:iam::111122223333:user/carol");
}

TEST_F(IamTest, create_user_refuses) {
  ASSERT_TRUE(answer("CreateUser", {{"UserName", "bob"}}));
  EXPECT_EQ(text("CreateUser", {{"UserName", "BOB"}}),
            "EntityAlreadyExists 409 User with name BOB already exists.");
  EXPECT_EQ(last_record.error_code, "EntityAlreadyExistsException");
  EXPECT_EQ(text("CreateUser", {{"UserName", "a b"}}),
            "ValidationError 400 The specified value for userName is invalid. It must contain only "
            "alphanumeric characters and/or the following: "
            "+=,.@_-");
  EXPECT_EQ(text("CreateUser", {{"UserName", std::string(65, 'x')}}),
            "ValidationError 400 1 validation error detected: Value at 'userName' failed to satisfy "
            "constraint: Member must have length less than "
            "or equal to 64");
  EXPECT_EQ(text("CreateUser",
                 {{"UserName", "x"},
                  {"Tags", {object{{"Key", "a"}, {"Value", "1"}}, object{{"Key", "A"}, {"Value", "2"}}}}}),
            "InvalidInput 400 Duplicate tag keys found. Please note that Tag keys are case insensitive.");
  EXPECT_EQ(text("CreateUser",
                 {{"UserName", "x"}, {"PermissionsBoundary", "arn:aws:iam::aws:policy/ReadOnlyAccess"}}),
            "NoSuchEntity 404 Policy arn:aws:iam::aws:policy/ReadOnlyAccess was not found.");
  EXPECT_EQ(users(), 2U);
}

TEST_F(IamTest, names_are_checked_here) {
  const std::string null =
      "ValidationError 400 1 validation error detected: Value null at 'userName' failed to satisfy "
      "constraint: Member must not be null";
  for (const auto* operation : {"CreateUser", "DeleteUser", "ListUserPolicies", "GetUserPolicy",
                                "PutUserPolicy", "DeleteUserPolicy"}) {
    EXPECT_EQ(text(operation), null) << operation;
  }
  EXPECT_EQ(text("GetUserPolicy", {{"UserName", "bob"}}),
            "ValidationError 400 1 validation error detected: Value null at 'policyName' failed to satisfy "
            "constraint: Member must not be null");
  for (const auto* operation :
       {"GetUser", "DeleteUser", "ListAccessKeys", "CreateAccessKey", "ListUserPolicies"}) {
    EXPECT_EQ(text(operation, {{"UserName", "a/b"}}).substr(0, 71),
              "ValidationError 400 The specified value for userName is invalid. It mus")
        << operation;
    EXPECT_EQ(text(operation, {{"UserName", ""}}),
              "ValidationError 400 1 validation error detected: Value at 'userName' failed to satisfy "
              "constraint: Member must have length greater than or equal to 1");
  }
  EXPECT_EQ(asked("GetUser", {{"UserName", "a/b"}}), "iam:GetUser arn:aws:iam::111122223333:user/a/b");
}

TEST_F(IamTest, create_user_stops_at_the_quota) {
  auto account = *run(access::load_account(catalog, "111122223333"));
  account->value.users = Limits::users_max;
  commit({access::put(account->value, account->version)});
  EXPECT_EQ(text("CreateUser", {{"UserName", "bob"}}),
            "LimitExceeded 409 Cannot exceed quota for UsersPerAccount: 5000");
  EXPECT_EQ(last_record.error_code, "LimitExceededException");
}

// Two calls that read before either committed: the second commit conflicts, so the front runs it again and it
// sees the first.
TEST_F(IamTest, the_same_user_twice_at_once_conflicts) {
  auto first = make("CreateUser", {{"UserName", "bob"}});
  auto second = make("CreateUser", {{"UserName", "Bob"}});
  auto one = run(service->run(first));
  auto two = run(service->run(second));
  ASSERT_TRUE(one && two);
  EXPECT_TRUE(run(catalog.commit(std::move(one->effects))));
  const auto refused = run(catalog.commit(std::move(two->effects)));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::conflict);
  EXPECT_FALSE(run(service->run(second)));
}

TEST_F(IamTest, get_user_without_a_name_is_the_caller) {
  caller = admin;
  const auto self = answer("GetUser");
  ASSERT_TRUE(self);
  EXPECT_EQ(self->at("User").at("UserName"), "admin");
  caller = {.kind = access::PrincipalKind::root,
            .account = "111122223333",
            .arn = "arn:aws:iam::111122223333:root",
            .id = "111122223333",
            .name = {},
            .access_key = {}};
  EXPECT_EQ(
      text("GetUser"),
      R"({"User":{"UserId":"111122223333","Arn":"arn:aws:iam::111122223333:root","CreateDate":1772446500}})");
  caller.kind = access::PrincipalKind::session;
  EXPECT_EQ(text("GetUser"),
            "ValidationError 400 Must specify userName when calling with non-User credentials");
  EXPECT_EQ(text("GetUser", {{"UserName", "nobody"}}),
            "NoSuchEntity 404 The user with name nobody cannot be found.");
  EXPECT_EQ(last_record.error_code, "NoSuchEntityException");
}

TEST_F(IamTest, list_users_in_pages_and_by_path) {
  for (const auto* name : {"dave", "Bob", "carol", "erin"}) {
    const std::string path = *name == 'd' || *name == 'e' ? "/staff/" : "/";
    ASSERT_TRUE(answer("CreateUser", {{"UserName", name}, {"Path", path}}));
  }
  std::string names;
  object input = {{"MaxItems", 2}};
  for (int pages = 0; pages < 9; ++pages) {
    const auto page = answer("ListUsers", input);
    ASSERT_TRUE(page);
    EXPECT_LE(page->at("Users").as_array().size(), 2U);
    for (const auto& user : page->at("Users").as_array()) {
      names += std::string(user.at("UserName").as_string()) + " ";
      EXPECT_FALSE(user.as_object().contains("Tags"));
    }
    if (!page->at("IsTruncated").as_bool()) {
      EXPECT_FALSE(page->contains("Marker"));
      break;
    }
    input["Marker"] = page->at("Marker");
  }
  EXPECT_EQ(names, "admin Bob carol dave erin ");
  const auto staff = answer("ListUsers", {{"PathPrefix", "/staff/"}, {"MaxItems", 2}});
  ASSERT_TRUE(staff);
  EXPECT_EQ(staff->at("Users").as_array().size(), 2U);
  EXPECT_FALSE(staff->at("IsTruncated").as_bool());  // there is no third one
  EXPECT_EQ(text("ListUsers", {{"PathPrefix", "/none/"}}), R"({"Users":[],"IsTruncated":false})");
  EXPECT_EQ(text("ListUsers", {{"Marker", "not base64"}}), "ValidationError 400 Invalid Marker.");
}

TEST_F(IamTest, delete_user) {
  ASSERT_TRUE(answer("CreateUser", {{"UserName", "bob"}}));
  const auto key = new_key("bob");
  ASSERT_TRUE(
      answer("PutUserPolicy", {{"UserName", "bob"}, {"PolicyName", "p"}, {"PolicyDocument", kPolicy}}));
  EXPECT_EQ(text("DeleteUser", {{"UserName", "bob"}}),
            "DeleteConflict 409 Cannot delete entity, must delete policies first.");
  ASSERT_TRUE(answer("DeleteUserPolicy", {{"UserName", "bob"}, {"PolicyName", "p"}}));
  EXPECT_EQ(text("DeleteUser", {{"UserName", "bob"}}),
            "DeleteConflict 409 Cannot delete entity, must delete access keys first.");
  EXPECT_EQ(last_record.error_code, "DeleteConflictException");
  ASSERT_TRUE(answer("DeleteAccessKey", {{"UserName", "bob"}, {"AccessKeyId", key}}));
  EXPECT_EQ(text("DeleteUser", {{"UserName", "bob"}}), "{}");
  EXPECT_EQ(users(), 1U);
  EXPECT_EQ(text("DeleteUser", {{"UserName", "bob"}}),
            "NoSuchEntity 404 The user with name bob cannot be found.");
}

TEST_F(IamTest, access_keys) {
  ASSERT_TRUE(answer("CreateUser", {{"UserName", "bob"}}));
  const auto made = answer("CreateAccessKey", {{"UserName", "bob"}});
  ASSERT_TRUE(made);
  const auto& key = made->at("AccessKey").as_object();
  const std::string id(key.at("AccessKeyId").as_string());
  const std::string secret(key.at("SecretAccessKey").as_string());
  EXPECT_THAT(id, MatchesRegex("AKIA[A-Z2-7]+"));
  EXPECT_EQ(id.size(), 20U);
  EXPECT_EQ(secret.size(), 40U);
  EXPECT_EQ(key.at("UserName"), "bob");
  EXPECT_EQ(key.at("Status"), "Active");
  // It signs.
  const access::Directory directory(catalog, sealer);
  const auto found = run(directory.key(id));
  ASSERT_TRUE(found && *found);
  EXPECT_EQ(ByteView((*found)->secret.bytes()).text(), secret);
  EXPECT_EQ((*run(directory.caller(**found)))->principal.arn, "arn:aws:iam::111122223333:user/bob");
  // Its secret is in no record and, in the clear, in no document.
  const auto& model = *aws::catalogue().by_name("iam");
  const auto& shape = *model.operation("CreateAccessKey")->output.shape;
  EXPECT_EQ(json::serialize(aws::record_parameters(shape, *made, aws::record_policy(model))),
            R"({"accessKey":{"userName":"bob","accessKeyId":")" + id +
                R"(","status":"Active","createDate":"Mar 2, 2026 10:15:00 AM"}})");
  for (const auto& document : all()) {
    EXPECT_EQ(document.find(secret), std::string::npos);
  }

  const auto second = new_key("bob");
  EXPECT_EQ(text("CreateAccessKey", {{"UserName", "bob"}}),
            "LimitExceeded 409 Cannot exceed quota for AccessKeysPerUser: 2");
  EXPECT_EQ(text("CreateAccessKey", {{"UserName", "nobody"}}),
            "NoSuchEntity 404 The user with name nobody cannot be found.");
  const auto described = [&](const std::string& one, const std::string& status) {
    return R"({"UserName":"bob","AccessKeyId":")" + one + R"(","Status":")" + status +
           R"(","CreateDate":1772446500})";
  };
  EXPECT_EQ(text("ListAccessKeys", {{"UserName", "bob"}}),
            R"({"AccessKeyMetadata":[)" + described(id, "Active") + "," + described(second, "Active") +
                R"(],"IsTruncated":false})");
  const auto page = answer("ListAccessKeys", {{"UserName", "bob"}, {"MaxItems", 1}});
  ASSERT_TRUE(page && page->at("IsTruncated").as_bool());
  EXPECT_EQ(text("ListAccessKeys", {{"UserName", "bob"}, {"Marker", page->at("Marker")}}),
            R"({"AccessKeyMetadata":[)" + described(second, "Active") + R"(],"IsTruncated":false})");

  EXPECT_EQ(text("UpdateAccessKey", {{"UserName", "bob"}, {"AccessKeyId", id}, {"Status", "Inactive"}}),
            "{}");
  EXPECT_FALSE((*run(directory.key(id)))->active);
  EXPECT_EQ(text("UpdateAccessKey",
                 {{"UserName", "bob"}, {"AccessKeyId", "AKIAZZZZZZZZZZZZZZZZ"}, {"Status", "Active"}}),
            "NoSuchEntity 404 The Access Key with id AKIAZZZZZZZZZZZZZZZZ cannot be found.");
  EXPECT_EQ(text("DeleteAccessKey", {{"UserName", "bob"}, {"AccessKeyId", id}}), "{}");
  EXPECT_FALSE(*run(directory.key(id)));
  EXPECT_EQ(text("DeleteAccessKey", {{"UserName", "bob"}, {"AccessKeyId", id}}),
            "NoSuchEntity 404 The Access Key with id " + id + " cannot be found.");
  EXPECT_EQ(text("ListAccessKeys", {{"UserName", "bob"}}),
            R"({"AccessKeyMetadata":[)" + described(second, "Active") + R"(],"IsTruncated":false})");
}

TEST_F(IamTest, a_key_of_another_user_is_not_found) {
  ASSERT_TRUE(answer("CreateUser", {{"UserName", "bob"}}));
  ASSERT_TRUE(answer("CreateUser", {{"UserName", "carol"}}));
  const auto key = new_key("bob");
  for (const auto* operation : {"DeleteAccessKey", "UpdateAccessKey"}) {
    EXPECT_EQ(text(operation, {{"UserName", "carol"}, {"AccessKeyId", key}, {"Status", "Inactive"}}),
              "NoSuchEntity 404 The Access Key with id " + key + " cannot be found.");
  }
}

TEST_F(IamTest, a_third_key_made_at_the_same_time_conflicts) {
  ASSERT_TRUE(answer("CreateUser", {{"UserName", "bob"}}));
  new_key("bob");
  auto call = make("CreateAccessKey", {{"UserName", "bob"}});
  auto late = run(service->run(call));
  ASSERT_TRUE(late);
  new_key("bob");
  const auto refused = run(catalog.commit(std::move(late->effects)));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::conflict);
}

TEST_F(IamTest, what_the_configuration_declares_is_shown_but_not_changed) {
  EXPECT_TRUE(answer("GetUser", {{"UserName", "admin"}}));
  EXPECT_EQ(text("ListUserPolicies", {{"UserName", "admin"}}),
            R"({"PolicyNames":["AdministratorAccess"],"IsTruncated":false})");
  const auto keys = answer("ListAccessKeys", {{"UserName", "admin"}});
  ASSERT_TRUE(keys);
  const std::string key(keys->at("AccessKeyMetadata").at(0).at("AccessKeyId").as_string());
  const auto before = all();
  const std::pair<std::string_view, object> changes[] = {
      {"DeleteUser", {}},
      {"CreateAccessKey", {}},
      {"DeleteAccessKey", {{"AccessKeyId", key}}},
      {"UpdateAccessKey", {{"AccessKeyId", key}, {"Status", "Inactive"}}},
      {"PutUserPolicy", {{"PolicyName", "p"}, {"PolicyDocument", kPolicy}}},
      {"DeleteUserPolicy", {{"PolicyName", "AdministratorAccess"}}},
  };
  for (const auto& [operation, input] : changes) {
    auto with_name = input;
    with_name["UserName"] = "admin";
    EXPECT_EQ(text(operation, with_name),
              "UnmodifiableEntity 400 Cannot perform the operation on the protected user 'admin' - this user "
              "is only modifiable by the configuration")
        << operation;
    EXPECT_EQ(last_record.error_code, "UnmodifiableEntityException");
  }
  EXPECT_EQ(text("CreateUser", {{"UserName", "admin"}}),
            "EntityAlreadyExists 409 User with name admin already exists.");
  EXPECT_EQ(all(), before);
}

TEST_F(IamTest, a_new_name_is_asked_for_too) {
  caller = admin;
  ASSERT_TRUE(answer("CreateUser", {{"UserName", "bob"}, {"Path", "/staff/"}}));
  const struct {
    json::object input;
    std::string_view target;
  } rows[] = {
      {{{"UserName", "bob"}, {"NewUserName", "eve"}}, "user/staff/eve"},
      {{{"UserName", "bob"}, {"NewPath", "/admins/"}}, "user/admins/bob"},
      {{{"UserName", "bob"}, {"NewPath", "/"}, {"NewUserName", "eve"}}, "user/eve"},
  };
  for (const auto& row : rows) {
    auto call = make("UpdateUser", row.input);
    const auto asks = run(service->asks(call));
    ASSERT_TRUE(asks && asks->size() == 2);
    EXPECT_EQ(asks->at(0).resource, "arn:aws:iam::111122223333:user/staff/bob");
    EXPECT_EQ(asks->at(1).action, "iam:UpdateUser");
    EXPECT_EQ(asks->at(1).resource, "arn:aws:iam::111122223333:" + std::string(row.target));
  }
}

TEST_F(IamTest, asks_for_the_users_arn) {
  caller = admin;
  ASSERT_TRUE(answer("CreateUser", {{"UserName", "bob"}, {"Path", "/staff/"}}));
  EXPECT_EQ(asked("CreateUser", {{"UserName", "carol"}, {"Path", "/x/"}}),
            "iam:CreateUser arn:aws:iam::111122223333:user/x/carol");
  EXPECT_EQ(asked("CreateUser", {{"UserName", "carol"}}),
            "iam:CreateUser arn:aws:iam::111122223333:user/carol");
  EXPECT_EQ(asked("GetUser", {{"UserName", "BOB"}}), "iam:GetUser arn:aws:iam::111122223333:user/staff/bob");
  EXPECT_EQ(asked("GetUser", {{"UserName", "nobody"}}), "iam:GetUser arn:aws:iam::111122223333:user/nobody");
  EXPECT_EQ(asked("GetUser"), "iam:GetUser arn:aws:iam::111122223333:user/admin");
  EXPECT_EQ(asked("ListUsers"), "iam:ListUsers arn:aws:iam::111122223333:user/");
  EXPECT_EQ(asked("ListUsers", {{"PathPrefix", "/staff/"}}),
            "iam:ListUsers arn:aws:iam::111122223333:user/staff/");
  EXPECT_EQ(asked("PutUserPolicy", {{"UserName", "bob"}, {"PolicyName", "p"}}),
            "iam:PutUserPolicy arn:aws:iam::111122223333:user/staff/bob");
}

TEST_F(IamTest, answers_what_it_has_and_nothing_else) {
  EXPECT_EQ(service->name(), "iam");
  EXPECT_TRUE(service->answers("CreateUser"));
  EXPECT_FALSE(service->answers("CreateLoginProfile"));
  EXPECT_TRUE(service->checks_itself("CreateUser", "UserName"));
  EXPECT_FALSE(service->checks_itself("CreateUser", "Path"));
}

TEST_F(IamTest, another_account_sees_nothing_of_it) {
  std::vector<access::DeclaredAccount> declared;
  declared.push_back({.id = "111122223333", .name = "main", .users = {}});
  declared.push_back({.id = "444455556666", .name = "other", .users = {}});
  ASSERT_TRUE(run(access::apply_declared(catalog, sealer, declared, kNow)));
  ASSERT_TRUE(answer("CreateUser", {{"UserName", "bob"}}));
  auto call = make("GetUser", {{"UserName", "bob"}});
  call.account = "444455556666";
  const auto refused = run(service->run(call));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "NoSuchEntity");
}

}  // namespace
}  // namespace cairn::services::iam
