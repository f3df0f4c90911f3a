// Managed policies: made, versioned, attached, counted, deleted.
#include <gtest/gtest.h>

#include "codec/uri.h"
#include "services/iam/testing.h"

namespace cairn::services::iam {
namespace {

using boost::json::array;
using boost::json::object;
using testing::IamTest;
using testing::kPolicy;

constexpr std::string_view kArn = "arn:aws:iam::111122223333:policy/team/read";
constexpr std::string_view kAdmin = "arn:aws:iam::aws:policy/AdministratorAccess";

class ManagedPolicyTest : public IamTest {
 protected:
  void SetUp() override {
    IamTest::SetUp();
    ASSERT_TRUE(answer(
        "CreatePolicy",
        {{"PolicyName", "read"}, {"Path", "/team/"}, {"PolicyDocument", kPolicy}, {"Description", "reads"}}));
    ASSERT_TRUE(answer("CreateUser", {{"UserName", "bob"}}));
  }
  std::int64_t attachments(std::string_view arn) {
    const auto got = answer("GetPolicy", {{"PolicyArn", arn}});
    return got ? got->at("Policy").at("AttachmentCount").to_number<std::int64_t>() : -1;
  }
};

TEST_F(ManagedPolicyTest, created_and_shown) {
  const auto made = answer("CreatePolicy", {{"PolicyName", "other"}, {"PolicyDocument", kPolicy}});
  ASSERT_TRUE(made);
  const auto& policy = made->at("Policy").as_object();
  EXPECT_EQ(policy.at("Arn"), "arn:aws:iam::111122223333:policy/other");
  EXPECT_EQ(policy.at("DefaultVersionId"), "v1");
  EXPECT_EQ(policy.at("PolicyId").as_string().size(), 21U);
  EXPECT_FALSE(policy.contains("Description"));
  const auto got = answer("GetPolicy", {{"PolicyArn", kArn}});
  ASSERT_TRUE(got);
  EXPECT_EQ(got->at("Policy").at("Description"), "reads");
  EXPECT_TRUE(got->at("Policy").at("Tags").as_array().empty());
  EXPECT_EQ(text("CreatePolicy", {{"PolicyName", "READ"}, {"PolicyDocument", kPolicy}}),
            "EntityAlreadyExists 409 A policy called READ already exists. Duplicate names are not allowed.");
  EXPECT_EQ(text("CreatePolicy", {{"PolicyName", "x"}, {"PolicyDocument", "{"}}),
            "MalformedPolicyDocument 400 This policy contains invalid Json");
  std::string large(kPolicy);
  large.insert(large.find("s3:*") + 3, std::string(6144, 'a'));
  EXPECT_EQ(text("CreatePolicy", {{"PolicyName", "x"}, {"PolicyDocument", large}}),
            "LimitExceeded 409 Cannot exceed quota for PolicySize: 6144");
  EXPECT_EQ(
      text("GetPolicy", {{"PolicyArn", "arn:aws:iam::111122223333:policy/read"}}),
      "NoSuchEntity 404 Policy arn:aws:iam::111122223333:policy/read does not exist or is not attachable.");
  EXPECT_EQ(text("GetPolicy", {{"PolicyArn", "arn:aws:iam::aws:policy/NoSuchPolicy"}}),
            "NoSuchEntity 404 Policy arn:aws:iam::aws:policy/NoSuchPolicy was not found.");
  EXPECT_EQ(text("GetPolicy", {{"PolicyArn", "no arn, but long enough"}}),
            "ValidationError 400 Invalid ARN:  Could not be parsed!");
  EXPECT_EQ(answer("GetPolicy", {{"PolicyArn", kAdmin}})->at("Policy").at("PolicyId"),
            "ANPAIWMBCKSKIEE64ZLYK");
}

TEST_F(ManagedPolicyTest, versions) {
  for (int i = 2; i <= 5; ++i) {
    ASSERT_TRUE(answer("CreatePolicyVersion",
                       {{"PolicyArn", kArn}, {"PolicyDocument", kPolicy}, {"SetAsDefault", i == 3}}));
  }
  EXPECT_EQ(
      text("CreatePolicyVersion", {{"PolicyArn", kArn}, {"PolicyDocument", kPolicy}}),
      "LimitExceeded 409 A managed policy can have up to 5 versions. Before you create a new version, you "
      "must delete an existing version.");
  EXPECT_EQ(text("DeletePolicyVersion", {{"PolicyArn", kArn}, {"VersionId", "v3"}}),
            "DeleteConflict 409 Cannot delete the default version of a policy.");
  EXPECT_EQ(text("DeletePolicyVersion", {{"PolicyArn", kArn}, {"VersionId", "v5"}}), "{}");
  EXPECT_EQ(text("DeletePolicyVersion", {{"PolicyArn", kArn}, {"VersionId", "v5"}}).substr(0, 16),
            "NoSuchEntity 404");
  // Numbers are not used again.
  const auto made = answer("CreatePolicyVersion", {{"PolicyArn", kArn}, {"PolicyDocument", kPolicy}});
  EXPECT_EQ(made->at("PolicyVersion").at("VersionId"), "v6");
  const auto listed = answer("ListPolicyVersions", {{"PolicyArn", kArn}});
  ASSERT_TRUE(listed);
  std::string ids;
  for (const auto& version : listed->at("Versions").as_array()) {
    ids += std::string(version.at("VersionId").as_string()) +
           (version.at("IsDefaultVersion").as_bool() ? "*" : "") + " ";
  }
  EXPECT_EQ(ids, "v6 v4 v3* v2 v1 ");
  const auto page = answer("ListPolicyVersions", {{"PolicyArn", kArn}, {"MaxItems", 4}});
  ASSERT_TRUE(page && page->at("IsTruncated").as_bool());
  EXPECT_EQ(answer("ListPolicyVersions", {{"PolicyArn", kArn}, {"Marker", page->at("Marker")}})
                ->at("Versions")
                .as_array()
                .size(),
            1U);
  EXPECT_EQ(text("SetDefaultPolicyVersion", {{"PolicyArn", kArn}, {"VersionId", "v6"}}), "{}");
  const auto got = answer("GetPolicyVersion", {{"PolicyArn", kArn}, {"VersionId", "v6"}});
  EXPECT_TRUE(got->at("PolicyVersion").at("IsDefaultVersion").as_bool());
  EXPECT_EQ(*codec::percent_decode(std::string(got->at("PolicyVersion").at("Document").as_string())),
            kPolicy);
  EXPECT_EQ(text("SetDefaultPolicyVersion", {{"PolicyArn", kArn}, {"VersionId", "v9"}}).substr(0, 16),
            "NoSuchEntity 404");
  EXPECT_EQ(text("DeletePolicy", {{"PolicyArn", kArn}}).substr(0, 18), "DeleteConflict 409");
  EXPECT_TRUE(answer("GetPolicyVersion", {{"PolicyArn", kAdmin}, {"VersionId", "v1"}}));
  EXPECT_FALSE(answer("GetPolicyVersion", {{"PolicyArn", kAdmin}, {"VersionId", "v2"}}));
  EXPECT_EQ(text("CreatePolicyVersion", {{"PolicyArn", kAdmin}, {"PolicyDocument", kPolicy}}).substr(0, 12),
            "AccessDenied");
}

TEST_F(ManagedPolicyTest, attached_and_detached) {
  for (const auto arn : {kArn, kAdmin}) {
    EXPECT_EQ(attachments(arn), 0);
    EXPECT_EQ(text("AttachUserPolicy", {{"UserName", "bob"}, {"PolicyArn", arn}}), "{}");
    EXPECT_EQ(text("AttachUserPolicy", {{"UserName", "bob"}, {"PolicyArn", arn}}), "{}");
    EXPECT_EQ(attachments(arn), 1);
  }
  EXPECT_EQ(
      text("ListAttachedUserPolicies", {{"UserName", "bob"}}),
      R"({"AttachedPolicies":[{"PolicyName":"read","PolicyArn":"arn:aws:iam::111122223333:policy/team/read"},)"
      R"({"PolicyName":"AdministratorAccess","PolicyArn":"arn:aws:iam::aws:policy/AdministratorAccess"}],"IsTruncated":false})");
  EXPECT_EQ(answer("ListAttachedUserPolicies", {{"UserName", "bob"}, {"PathPrefix", "/team/"}})
                ->at("AttachedPolicies")
                .as_array()
                .size(),
            1U);
  EXPECT_EQ(text("DeletePolicy", {{"PolicyArn", kArn}}),
            "DeleteConflict 409 Cannot delete a policy attached to entities.");
  EXPECT_EQ(text("DeleteUser", {{"UserName", "bob"}}),
            "DeleteConflict 409 Cannot delete entity, must detach all policies first.");
  EXPECT_EQ(text("DetachUserPolicy", {{"UserName", "bob"}, {"PolicyArn", kArn}}), "{}");
  EXPECT_EQ(text("DetachUserPolicy", {{"UserName", "bob"}, {"PolicyArn", kArn}}),
            "NoSuchEntity 404 Policy arn:aws:iam::111122223333:policy/team/read was not found.");
  EXPECT_EQ(attachments(kArn), 0);
  EXPECT_EQ(text("DeletePolicy", {{"PolicyArn", kArn}}), "{}");
  EXPECT_EQ(text("DeletePolicy", {{"PolicyArn", kArn}}),
            "NoSuchEntity 404 Policy arn:aws:iam::111122223333:policy/team/read was not found.");
  EXPECT_EQ(text("AttachUserPolicy", {{"UserName", "bob"}, {"PolicyArn", kArn}}),
            "NoSuchEntity 404 Policy arn:aws:iam::111122223333:policy/team/read does not exist or is not "
            "attachable.");
  EXPECT_EQ(text("AttachUserPolicy", {{"UserName", "bob"}, {"PolicyArn", "longpolicynamebutnoarn"}}),
            "ValidationError 400 Invalid ARN:  Could not be parsed!");
  EXPECT_EQ(text("AttachUserPolicy", {{"UserName", "admin"}, {"PolicyArn", kAdmin}}).substr(0, 18),
            "UnmodifiableEntity");
}

TEST_F(ManagedPolicyTest, ten_at_most) {
  for (int i = 0; i < 11; ++i) {
    const auto name = "p" + std::to_string(i);
    ASSERT_TRUE(answer("CreatePolicy", {{"PolicyName", name}, {"PolicyDocument", kPolicy}}));
    EXPECT_EQ(text("AttachUserPolicy",
                   {{"UserName", "bob"}, {"PolicyArn", "arn:aws:iam::111122223333:policy/" + name}}),
              i < 10 ? "{}" : "LimitExceeded 409 Cannot exceed quota for PoliciesPerUser: 10");
  }
}

TEST_F(ManagedPolicyTest, listed) {
  ASSERT_TRUE(answer("AttachUserPolicy", {{"UserName", "bob"}, {"PolicyArn", kAdmin}}));
  const auto names = [&](object input) {
    std::string all;
    for (;;) {
      const auto page = answer("ListPolicies", input);
      for (const auto& policy : page->at("Policies").as_array()) {
        all += std::string(policy.at("PolicyName").as_string()) + " ";
      }
      if (!page->at("IsTruncated").as_bool()) {
        return all;
      }
      input["Marker"] = page->at("Marker");
    }
  };
  EXPECT_EQ(names({{"Scope", "Local"}}), "read ");
  EXPECT_EQ(names({{"Scope", "AWS"}, {"OnlyAttached", true}}), "AdministratorAccess ");
  EXPECT_EQ(names({{"OnlyAttached", true}}), "AdministratorAccess ");
  EXPECT_EQ(names({{"PathPrefix", "/team/"}}), "read ");
  EXPECT_EQ(names({{"MaxItems", 2}}),
            "AWSCloudTrail_FullAccess AWSCloudTrail_ReadOnlyAccess AdministratorAccess AmazonS3FullAccess "
            "AmazonS3ReadOnlyAccess IAMFullAccess IAMReadOnlyAccess PowerUserAccess read ");
  EXPECT_EQ(names({{"PolicyUsageFilter", "PermissionsBoundary"}}), "");
}

TEST_F(ManagedPolicyTest, its_entities) {
  ASSERT_TRUE(answer("CreateGroup", {{"GroupName", "staff"}, {"Path", "/a/"}}));
  ASSERT_TRUE(answer("AttachUserPolicy", {{"UserName", "bob"}, {"PolicyArn", kArn}}));
  ASSERT_TRUE(answer("AttachGroupPolicy", {{"GroupName", "staff"}, {"PolicyArn", kArn}}));
  ASSERT_TRUE(answer("CreateUser", {{"UserName", "eve"}, {"PermissionsBoundary", kArn}}));
  const auto found = [&](object input) {
    input["PolicyArn"] = kArn;
    const auto got = answer("ListEntitiesForPolicy", std::move(input));
    std::string all;
    for (const auto& one : got->at("PolicyGroups").as_array()) {
      all += std::string(one.at("GroupName").as_string()) + " ";
    }
    for (const auto& one : got->at("PolicyUsers").as_array()) {
      all += std::string(one.at("UserName").as_string()) + " ";
    }
    return all;
  };
  EXPECT_EQ(found({}), "staff bob eve ");
  EXPECT_EQ(found({{"EntityFilter", "User"}}), "bob eve ");
  EXPECT_EQ(found({{"PathPrefix", "/a/"}}), "staff ");
  EXPECT_EQ(found({{"PolicyUsageFilter", "PermissionsBoundary"}}), "eve ");
  EXPECT_EQ(found({{"PolicyUsageFilter", "PermissionsPolicy"}}), "staff bob ");
  EXPECT_EQ(found({{"MaxItems", 1}}), "staff ");
}

TEST_F(ManagedPolicyTest, asks_for_its_arn) {
  caller = admin;
  EXPECT_EQ(asked("GetPolicy", {{"PolicyArn", kArn}}), "iam:GetPolicy " + std::string(kArn));
  EXPECT_EQ(asked("CreatePolicy", {{"PolicyName", "x"}, {"Path", "/p/"}}),
            "iam:CreatePolicy arn:aws:iam::111122223333:policy/p/x");
  EXPECT_EQ(asked("AttachUserPolicy", {{"UserName", "bob"}, {"PolicyArn", kArn}}),
            "iam:AttachUserPolicy arn:aws:iam::111122223333:user/bob");
  auto call = make("AttachUserPolicy", {{"UserName", "bob"}, {"PolicyArn", kArn}});
  const auto asks = run(service->asks(call));
  EXPECT_EQ(*asks->front().context.single("iam:PolicyARN"), kArn);
}

}  // namespace
}  // namespace cairn::services::iam
