// Roles, instance profiles, boundaries, tags, and what is kept of the account.
#include <gtest/gtest.h>

#include "codec/uri.h"
#include "services/iam/testing.h"

namespace cairn::services::iam {
namespace {

using boost::json::array;
using boost::json::object;
using testing::IamTest;
using testing::kPolicy;

constexpr std::string_view kTrust =
    R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"sts:AssumeRole"}})";
constexpr std::string_view kPower = "arn:aws:iam::aws:policy/PowerUserAccess";

class RoleTest : public IamTest {
 protected:
  void SetUp() override {
    IamTest::SetUp();
    made = text("CreateRole", {{"RoleName", "Collector"},
                               {"Path", "/svc/"},
                               {"AssumeRolePolicyDocument", kTrust},
                               {"Description", "collects"},
                               {"Tags", array{{{"Key", "team"}, {"Value", "blue"}}}}});
  }
  std::string made;
};

TEST_F(RoleTest, created_and_shown) {
  EXPECT_NE(made.find(R"("Arn":"arn:aws:iam::111122223333:role/svc/Collector")"), std::string::npos) << made;
  EXPECT_NE(made.find(R"("RoleId":"AROA)"), std::string::npos);
  EXPECT_EQ(made.find("MaxSessionDuration"), std::string::npos);
  const auto got = answer("GetRole", {{"RoleName", "collector"}});
  ASSERT_TRUE(got);
  const auto& role = got->at("Role").as_object();
  EXPECT_EQ(*codec::percent_decode(std::string(role.at("AssumeRolePolicyDocument").as_string())), kTrust);
  EXPECT_EQ(role.at("MaxSessionDuration"), 3600);
  EXPECT_EQ(role.at("Description"), "collects");
  EXPECT_TRUE(role.at("RoleLastUsed").as_object().empty());
  EXPECT_EQ(role.at("Tags").at(0).at("Value"), "blue");
  EXPECT_EQ(text("CreateRole", {{"RoleName", "COLLECTOR"}, {"AssumeRolePolicyDocument", kTrust}}),
            "EntityAlreadyExists 409 Role with name COLLECTOR already exists.");
  EXPECT_EQ(text("CreateRole", {{"RoleName", "x"}, {"AssumeRolePolicyDocument", "{"}}),
            "MalformedPolicyDocument 400 This policy contains invalid Json");
  EXPECT_EQ(text("CreateRole", {{"RoleName", "x"}, {"AssumeRolePolicyDocument", kPolicy}}).substr(0, 27),
            "MalformedPolicyDocument 400");
  EXPECT_EQ(text("CreateRole", {{"RoleName", "x"},
                                {"Path", "/aws-service-role/a.amazonaws.com/"},
                                {"AssumeRolePolicyDocument", kTrust}})
                .substr(0, 19),
            "ValidationError 400");
  EXPECT_EQ(text("GetRole", {{"RoleName", "nobody"}}),
            "NoSuchEntity 404 The role with name nobody cannot be found.");
  EXPECT_EQ(last_record.error_code, "NoSuchEntityException");
}

TEST_F(RoleTest, updated_and_listed) {
  EXPECT_EQ(
      text("UpdateRole", {{"RoleName", "Collector"}, {"Description", "new"}, {"MaxSessionDuration", 7200}}),
      "{}");
  const std::string service =
      R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}})";
  EXPECT_EQ(text("UpdateAssumeRolePolicy", {{"RoleName", "Collector"}, {"PolicyDocument", service}}), "{}");
  EXPECT_EQ(
      text("UpdateAssumeRolePolicy", {{"RoleName", "Collector"}, {"PolicyDocument", kPolicy}}).substr(0, 27),
      "MalformedPolicyDocument 400");
  const auto listed = answer("ListRoles", {{"PathPrefix", "/svc/"}});
  ASSERT_TRUE(listed);
  const auto& role = listed->at("Roles").at(0).as_object();
  EXPECT_EQ(role.at("Description"), "new");
  EXPECT_EQ(role.at("MaxSessionDuration"), 7200);
  EXPECT_FALSE(role.contains("Tags"));
  EXPECT_EQ(*codec::percent_decode(std::string(role.at("AssumeRolePolicyDocument").as_string())), service);
  EXPECT_TRUE(answer("ListRoles", {{"PathPrefix", "/x/"}})->at("Roles").as_array().empty());
  EXPECT_EQ(answer("UpdateRoleDescription", {{"RoleName", "Collector"}, {"Description", "d"}})
                ->at("Role")
                .at("Description"),
            "d");
}

TEST_F(RoleTest, policies_of_a_role) {
  EXPECT_EQ(
      text("PutRolePolicy", {{"RoleName", "Collector"}, {"PolicyName", "p"}, {"PolicyDocument", kPolicy}}),
      "{}");
  EXPECT_EQ(text("ListRolePolicies", {{"RoleName", "Collector"}}),
            R"({"PolicyNames":["p"],"IsTruncated":false})");
  EXPECT_EQ(answer("GetRolePolicy", {{"RoleName", "Collector"}, {"PolicyName", "p"}})->at("RoleName"),
            "Collector");
  EXPECT_EQ(text("GetRolePolicy", {{"RoleName", "Collector"}, {"PolicyName", "q"}}),
            "NoSuchEntity 404 The role policy with name q cannot be found.");
  EXPECT_EQ(text("AttachRolePolicy", {{"RoleName", "Collector"}, {"PolicyArn", kPower}}), "{}");
  EXPECT_EQ(text("DeleteRole", {{"RoleName", "Collector"}}),
            "DeleteConflict 409 Cannot delete entity, must detach all policies first.");
  EXPECT_EQ(text("DetachRolePolicy", {{"RoleName", "Collector"}, {"PolicyArn", kPower}}), "{}");
  EXPECT_EQ(text("DeleteRole", {{"RoleName", "Collector"}}),
            "DeleteConflict 409 Cannot delete entity, must delete policies first.");
  EXPECT_EQ(text("DeleteRolePolicy", {{"RoleName", "Collector"}, {"PolicyName", "p"}}), "{}");
  EXPECT_EQ(text("DeleteRole", {{"RoleName", "Collector"}}), "{}");
  EXPECT_EQ(run(access::load_account(catalog, "111122223333"))->value().value.roles, 0U);
}

TEST_F(RoleTest, boundaries_are_counted) {
  ASSERT_TRUE(answer("CreatePolicy", {{"PolicyName", "bound"}, {"PolicyDocument", kPolicy}}));
  constexpr std::string_view arn = "arn:aws:iam::111122223333:policy/bound";
  const auto uses = [&] {
    return answer("GetPolicy", {{"PolicyArn", arn}})
        ->at("Policy")
        .at("PermissionsBoundaryUsageCount")
        .to_number<std::int64_t>();
  };
  ASSERT_TRUE(answer("CreateUser", {{"UserName", "bob"}, {"PermissionsBoundary", arn}}));
  EXPECT_EQ(text("PutRolePermissionsBoundary", {{"RoleName", "Collector"}, {"PermissionsBoundary", arn}}),
            "{}");
  EXPECT_EQ(text("PutRolePermissionsBoundary", {{"RoleName", "Collector"}, {"PermissionsBoundary", arn}}),
            "{}");
  EXPECT_EQ(uses(), 2);
  EXPECT_EQ(text("DeletePolicy", {{"PolicyArn", arn}}).substr(0, 18), "DeleteConflict 409");
  EXPECT_EQ(answer("GetRole", {{"RoleName", "Collector"}})
                ->at("Role")
                .at("PermissionsBoundary")
                .at("PermissionsBoundaryArn")
                .as_string(),
            arn);
  EXPECT_EQ(answer("GetUser", {{"UserName", "bob"}})
                ->at("User")
                .at("PermissionsBoundary")
                .at("PermissionsBoundaryType"),
            "Policy");
  EXPECT_EQ(text("PutRolePermissionsBoundary", {{"RoleName", "Collector"}, {"PermissionsBoundary", kPower}}),
            "{}");
  EXPECT_EQ(uses(), 1);
  EXPECT_EQ(text("DeleteRolePermissionsBoundary", {{"RoleName", "Collector"}}), "{}");
  EXPECT_EQ(text("DeleteRolePermissionsBoundary", {{"RoleName", "Collector"}}).substr(0, 16),
            "NoSuchEntity 404");
  EXPECT_EQ(text("DeleteUser", {{"UserName", "bob"}}), "{}");
  EXPECT_EQ(uses(), 0);
  EXPECT_EQ(text("CreateUser", {{"UserName", "bob"}, {"PermissionsBoundary", std::string(arn) + "x"}})
                .substr(0, 16),
            "NoSuchEntity 404");
}

TEST_F(RoleTest, instance_profiles) {
  const auto profile = answer("CreateInstanceProfile", {{"InstanceProfileName", "web"}});
  ASSERT_TRUE(profile);
  EXPECT_EQ(profile->at("InstanceProfile").at("Arn"), "arn:aws:iam::111122223333:instance-profile/web");
  const object both{{"InstanceProfileName", "web"}, {"RoleName", "Collector"}};
  EXPECT_EQ(text("AddRoleToInstanceProfile", both), "{}");
  EXPECT_EQ(text("AddRoleToInstanceProfile", both).substr(0, 17), "LimitExceeded 409");
  EXPECT_EQ(answer("GetInstanceProfile", {{"InstanceProfileName", "web"}})
                ->at("InstanceProfile")
                .at("Roles")
                .at(0)
                .at("RoleName"),
            "Collector");
  EXPECT_EQ(answer("ListInstanceProfilesForRole", {{"RoleName", "Collector"}})
                ->at("InstanceProfiles")
                .at(0)
                .at("InstanceProfileName"),
            "web");
  EXPECT_EQ(answer("ListInstanceProfiles")->at("InstanceProfiles").as_array().size(), 1U);
  EXPECT_EQ(text("DeleteRole", {{"RoleName", "Collector"}}),
            "DeleteConflict 409 Cannot delete entity, must remove roles from instance profile first.");
  EXPECT_EQ(text("DeleteInstanceProfile", {{"InstanceProfileName", "web"}}),
            "DeleteConflict 409 Cannot delete entity, must remove roles from instance profile first.");
  EXPECT_EQ(text("RemoveRoleFromInstanceProfile", both), "{}");
  EXPECT_EQ(text("RemoveRoleFromInstanceProfile", both).substr(0, 16), "NoSuchEntity 404");
  EXPECT_EQ(text("DeleteInstanceProfile", {{"InstanceProfileName", "web"}}), "{}");
  EXPECT_EQ(text("DeleteInstanceProfile", {{"InstanceProfileName", "web"}}),
            "NoSuchEntity 404 Instance Profile web cannot be found.");
}

TEST_F(RoleTest, passing_a_role_takes_permission) {
  caller = admin;
  auto call = make("AddRoleToInstanceProfile", {{"InstanceProfileName", "web"}, {"RoleName", "Collector"}});
  const auto asks = run(service->asks(call));
  ASSERT_TRUE(asks && asks->size() == 2);
  EXPECT_EQ(asks->at(1).action, "iam:PassRole");
  EXPECT_EQ(asks->at(1).resource, "arn:aws:iam::111122223333:role/svc/Collector");
  EXPECT_EQ(*asks->at(1).context.single("iam:ResourceTag/team"), "blue");
}

TEST_F(RoleTest, tags) {
  EXPECT_EQ(
      text("TagRole", {{"RoleName", "Collector"},
                       {"Tags", array{{{"Key", "TEAM"}, {"Value", "red"}}, {{"Key", "a"}, {"Value", ""}}}}}),
      "{}");
  EXPECT_EQ(text("ListRoleTags", {{"RoleName", "Collector"}}),
            R"({"Tags":[{"Key":"TEAM","Value":"red"},{"Key":"a","Value":""}],"IsTruncated":false})");
  EXPECT_EQ(text("UntagRole", {{"RoleName", "Collector"}, {"TagKeys", array{"team", "none"}}}), "{}");
  EXPECT_EQ(text("ListRoleTags", {{"RoleName", "Collector"}}),
            R"({"Tags":[{"Key":"a","Value":""}],"IsTruncated":false})");
  array many;
  for (int i = 0; i < 50; ++i) {
    many.push_back(object{{"Key", "k" + std::to_string(i)}, {"Value", "v"}});
  }
  EXPECT_EQ(text("TagRole", {{"RoleName", "Collector"}, {"Tags", many}}),
            "LimitExceeded 409 Cannot exceed quota for TagsPerRole: 50");
  caller = admin;
  auto call = make("TagRole", {{"RoleName", "Collector"}, {"Tags", array{{{"Key", "x"}, {"Value", "y"}}}}});
  const auto asks = run(service->asks(call));
  EXPECT_EQ(*asks->front().context.single("aws:RequestTag/x"), "y");
  EXPECT_EQ(*asks->front().context.single("aws:TagKeys"), "x");
  EXPECT_EQ(*asks->front().context.single("aws:ResourceTag/a"), "");
}

// His own tags and boundary count whether he is named or not.
TEST_F(RoleTest, who_names_no_user_is_asked_for_as_himself) {
  EXPECT_EQ(text("CreateUser", {{"UserName", "ann"},
                                {"Path", "/ops/"},
                                {"Tags", array{{{"Key", "locked"}, {"Value", "yes"}}}},
                                {"PermissionsBoundary", "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"}})
                .substr(0, 8),
            R"({"User":)");
  caller = {.kind = access::PrincipalKind::user,
            .account = "111122223333",
            .arn = "arn:aws:iam::111122223333:user/ops/ann",
            .id = "AIDA",
            .name = "ann",
            .access_key = "AKIA"};
  for (const auto& input : {object{}, object{{"UserName", "ann"}}}) {
    auto call = make("CreateAccessKey", input);
    const auto asks = run(service->asks(call));
    ASSERT_TRUE(asks && asks->size() == 1);
    EXPECT_EQ(asks->front().resource, "arn:aws:iam::111122223333:user/ops/ann");
    EXPECT_EQ(*asks->front().context.single("iam:ResourceTag/locked"), "yes");
    EXPECT_EQ(*asks->front().context.single("iam:PermissionsBoundary"),
              "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess");
  }
}

TEST_F(RoleTest, the_account) {
  const auto summary = answer("GetAccountSummary")->at("SummaryMap").as_object();
  EXPECT_EQ(summary.at("Roles").to_number<int>(), 1);
  EXPECT_EQ(summary.at("Users").to_number<int>(), 1);
  EXPECT_EQ(summary.at("RolesQuota").to_number<int>(), 1000);
  EXPECT_EQ(text("ListAccountAliases"), R"({"AccountAliases":[],"IsTruncated":false})");
  EXPECT_EQ(text("CreateAccountAlias", {{"AccountAlias", "acme"}}), "{}");
  EXPECT_EQ(text("CreateAccountAlias", {{"AccountAlias", "acme"}}), "{}");
  EXPECT_EQ(text("CreateAccountAlias", {{"AccountAlias", "acme-two"}}), "{}");
  EXPECT_EQ(text("ListAccountAliases"), R"({"AccountAliases":["acme-two"],"IsTruncated":false})");
  commit({catalog::Write{.key = access::alias_key("taken"), .value = "{}", .expected = 0}});
  EXPECT_EQ(text("CreateAccountAlias", {{"AccountAlias", "taken"}}),
            "EntityAlreadyExists 409 The account alias taken already exists.");
  EXPECT_EQ(text("DeleteAccountAlias", {{"AccountAlias", "acme"}}).substr(0, 16), "NoSuchEntity 404");
  EXPECT_EQ(text("DeleteAccountAlias", {{"AccountAlias", "acme-two"}}), "{}");
  EXPECT_EQ(text("ListAccountAliases"), R"({"AccountAliases":[],"IsTruncated":false})");
  EXPECT_EQ(text("CreateAccountAlias", {{"AccountAlias", "acme"}}), "{}");
}

TEST_F(RoleTest, the_password_policy) {
  EXPECT_EQ(text("GetAccountPasswordPolicy"),
            "NoSuchEntity 404 The Password Policy with domain name 111122223333 cannot be found.");
  EXPECT_EQ(text("UpdateAccountPasswordPolicy", {{"MinimumPasswordLength", 14}, {"MaxPasswordAge", 90}}),
            "{}");
  EXPECT_EQ(
      text("GetAccountPasswordPolicy"),
      R"({"PasswordPolicy":{"MinimumPasswordLength":14,"RequireSymbols":false,"RequireNumbers":false,)"
      R"("RequireUppercaseCharacters":false,"RequireLowercaseCharacters":false,"AllowUsersToChangePassword":false,)"
      R"("ExpirePasswords":true,"MaxPasswordAge":90}})");
  EXPECT_EQ(text("UpdateAccountPasswordPolicy", {{"RequireSymbols", true}}), "{}");
  EXPECT_EQ(answer("GetAccountPasswordPolicy")->at("PasswordPolicy").at("MinimumPasswordLength"), 6);
  EXPECT_EQ(text("DeleteAccountPasswordPolicy"), "{}");
  EXPECT_EQ(text("DeleteAccountPasswordPolicy").substr(0, 16), "NoSuchEntity 404");
}

TEST_F(RoleTest, a_change_is_committed_only_to_what_permission_was_asked_for) {
  const struct {
    const char* operation;
    object input;
  } rows[] = {
      {"TagRole", {{"RoleName", "Collector"}, {"Tags", array{{{"Key", "x"}, {"Value", "y"}}}}}},
      {"UpdateAssumeRolePolicy", {{"RoleName", "Collector"}, {"PolicyDocument", kTrust}}},
      {"DeleteRole", {{"RoleName", "Collector"}}},
  };
  caller = admin;
  for (const auto& row : rows) {
    auto call = make(row.operation, row.input);
    ASSERT_TRUE(run(service->asks(call))) << row.operation;
    ASSERT_EQ(text("TagRole",
                   {{"RoleName", "Collector"}, {"Tags", array{{{"Key", "team"}, {"Value", row.operation}}}}}),
              "{}");
    auto late = run(service->run(call));
    ASSERT_TRUE(late) << row.operation;
    EXPECT_EQ(run(catalog.commit(std::move(late->effects))).error().code, Errc::conflict) << row.operation;
    ASSERT_TRUE(run(service->asks(call))) << row.operation;
    auto anew = run(service->run(call));
    ASSERT_TRUE(anew) << row.operation;
    EXPECT_TRUE(run(catalog.commit(std::move(anew->effects)))) << row.operation;
  }
}

TEST_F(RoleTest, sessions_of_users_do_not_reach_iam) {
  caller = admin;
  caller.session = std::make_shared<const access::SessionFacts>();
  auto call = make("ListRoles", {});
  const auto asks = run(service->asks(call));
  ASSERT_FALSE(asks);
  EXPECT_EQ(asks.error().code, "InvalidClientTokenId");
  caller.kind = access::PrincipalKind::session;
  auto of_role = make("ListRoles", {});
  EXPECT_TRUE(run(service->asks(of_role)));
}

}  // namespace
}  // namespace cairn::services::iam
