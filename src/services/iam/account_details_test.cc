// GetAccountAuthorizationDetails: everything once, whatever the page's size.
#include "codec/uri.h"
#include "services/iam/testing.h"

namespace cairn::services::iam {
namespace {

using boost::json::array;
using boost::json::object;

constexpr std::string_view kTrust =
    R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}})";
constexpr std::string_view kReadOnly = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess";
constexpr std::string_view kOwn = "arn:aws:iam::111122223333:policy/p/own";

class AccountDetails : public testing::IamTest {
 protected:
  void SetUp() override {
    IamTest::SetUp();
    const auto done = [this](std::string_view operation, object input) {
      const auto made = answer(operation, std::move(input));
      ASSERT_TRUE(made) << operation << " " << made.error().message;
    };
    done("CreatePolicy", {{"PolicyName", "own"}, {"Path", "/p/"}, {"PolicyDocument", testing::kPolicy}});
    done("CreateUser", {{"UserName", "ann"}, {"PermissionsBoundary", kOwn}});
    done("CreateUser", {{"UserName", "bob"}});
    done("PutUserPolicy", {{"UserName", "ann"}, {"PolicyName", "in"}, {"PolicyDocument", testing::kPolicy}});
    done("CreateGroup", {{"GroupName", "ops"}});
    done("AddUserToGroup", {{"GroupName", "ops"}, {"UserName", "ann"}});
    done("AttachGroupPolicy", {{"GroupName", "ops"}, {"PolicyArn", kReadOnly}});
    done("CreateRole", {{"RoleName", "web"}, {"AssumeRolePolicyDocument", kTrust}});
    done("CreateInstanceProfile", {{"InstanceProfileName", "host"}});
    done("AddRoleToInstanceProfile", {{"InstanceProfileName", "host"}, {"RoleName", "web"}});
    done("CreatePolicyVersion", {{"PolicyArn", kOwn}, {"PolicyDocument", testing::kPolicy}});
  }

  // Names of all that is told, page after page.
  std::vector<std::string> names(object input) {
    std::vector<std::string> all;
    for (int pages = 0; pages < 20; ++pages) {
      const auto page = answer("GetAccountAuthorizationDetails", input);
      EXPECT_TRUE(page) << (page ? "" : page.error().message);
      if (!page) {
        break;
      }
      std::int64_t on_page = 0;
      for (const auto& [list, name] : kNames) {
        for (const auto& one : page->at(list).as_array()) {
          all.emplace_back(one.at(name).as_string());
          ++on_page;
        }
      }
      EXPECT_LE(on_page, input.contains("MaxItems") ? input.at("MaxItems").to_number<std::int64_t>() : 100);
      if (!page->at("IsTruncated").as_bool()) {
        break;
      }
      input["Marker"] = page->at("Marker");
    }
    return all;
  }

  static constexpr std::array<std::pair<const char*, const char*>, 4> kNames = {
      std::pair{"UserDetailList", "UserName"}, std::pair{"GroupDetailList", "GroupName"},
      std::pair{"RoleDetailList", "RoleName"}, std::pair{"Policies", "PolicyName"}};
};

TEST_F(AccountDetails, has_all_that_they_are) {
  const auto all = answer("GetAccountAuthorizationDetails");
  ASSERT_TRUE(all) << all.error().message;
  const auto encoded = codec::percent_encode(testing::kPolicy);
  const auto& ann = all->at("UserDetailList").at(1).as_object();
  EXPECT_EQ(ann.at("UserName"), "ann");
  EXPECT_EQ(ann.at("UserPolicyList").at(0).at("PolicyDocument").as_string(), encoded);
  EXPECT_EQ(ann.at("GroupList").at(0), "ops");
  EXPECT_EQ(ann.at("PermissionsBoundary").at("PermissionsBoundaryArn").as_string(), kOwn);
  EXPECT_FALSE(all->at("UserDetailList").at(2).as_object().contains("PermissionsBoundary"));
  const auto& attached = all->at("GroupDetailList").at(0).at("AttachedManagedPolicies").at(0);
  EXPECT_EQ(attached.at("PolicyArn").as_string(), kReadOnly);
  EXPECT_EQ(attached.at("PolicyName"), "AmazonS3ReadOnlyAccess");
  const auto& role = all->at("RoleDetailList").at(0);
  EXPECT_EQ(role.at("AssumeRolePolicyDocument").as_string(), codec::percent_encode(kTrust));
  EXPECT_EQ(role.at("InstanceProfileList").at(0).at("InstanceProfileName"), "host");
  const auto& own = all->at("Policies").at(0);
  EXPECT_EQ(own.at("Arn").as_string(), kOwn);
  EXPECT_EQ(own.at("PolicyVersionList").as_array().size(), 2U);
  EXPECT_EQ(own.at("PolicyVersionList").at(0).at("Document").as_string(), encoded);
  EXPECT_EQ(own.at("PolicyVersionList").at(0).at("IsDefaultVersion"), true);
  EXPECT_EQ(all->at("Policies").at(1).at("AttachmentCount"), 1);
}

TEST_F(AccountDetails, each_is_told_once_whatever_the_page) {
  const std::vector<std::string> everything = {"admin", "ann", "bob", "ops", "web", "own", "AmazonS3ReadOnlyAccess"};
  EXPECT_EQ(names({}), everything);
  for (int size = 1; size <= 8; ++size) {
    EXPECT_EQ(names({{"MaxItems", size}}), everything) << size;
  }
  const struct {
    array filter;
    std::vector<std::string> told;
  } rows[] = {
      {{"User"}, {"admin", "ann", "bob"}},
      {{"Group", "Role"}, {"ops", "web"}},
      {{"LocalManagedPolicy"}, {"own"}},
      {{"AWSManagedPolicy", "Role"}, {"web", "AmazonS3ReadOnlyAccess"}},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(names({{"Filter", row.filter}}), row.told);
    EXPECT_EQ(names({{"Filter", row.filter}, {"MaxItems", 1}}), row.told);
  }
}

TEST_F(AccountDetails, what_is_refused) {
  EXPECT_EQ(text("GetAccountAuthorizationDetails", {{"Filter", array{"Everything"}}}),
            "ValidationError 400 Invalid Filter: Everything");
  for (const auto* marker : {"eA==", "OTphYmM=", "MDo="}) {  // x, 9:abc, 0:
    EXPECT_EQ(text("GetAccountAuthorizationDetails", {{"Marker", marker}}),
              "ValidationError 400 Invalid Marker.");
  }
  EXPECT_EQ(asked("GetAccountAuthorizationDetails"), "iam:GetAccountAuthorizationDetails *");
}

}  // namespace
}  // namespace cairn::services::iam
