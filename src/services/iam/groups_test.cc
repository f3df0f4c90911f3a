// Groups, who is in them, and users' new names.
#include <gtest/gtest.h>

#include "services/iam/testing.h"

namespace cairn::services::iam {
namespace {

using boost::json::object;
using testing::IamTest;
using testing::kPolicy;

class GroupTest : public IamTest {
 protected:
  void SetUp() override {
    IamTest::SetUp();
    ASSERT_TRUE(answer("CreateGroup", {{"GroupName", "staff"}, {"Path", "/a/"}}));
    ASSERT_TRUE(answer("CreateUser", {{"UserName", "bob"}}));
    ASSERT_TRUE(answer("AddUserToGroup", {{"GroupName", "staff"}, {"UserName", "bob"}}));
  }
  std::string groups_of(std::string_view user) {
    const auto got = answer("ListGroupsForUser", {{"UserName", user}});
    std::string all;
    for (const auto& group : got->at("Groups").as_array()) {
      all += std::string(group.at("GroupName").as_string()) + " ";
    }
    return all;
  }
  std::string members_of(std::string_view group, object more = {}) {
    more["GroupName"] = group;
    const auto got = answer("GetGroup", std::move(more));
    std::string all;
    for (const auto& user : got->at("Users").as_array()) {
      all += std::string(user.at("UserName").as_string()) + " ";
    }
    return all;
  }
};

TEST_F(GroupTest, created_and_listed) {
  EXPECT_EQ(text("CreateGroup", {{"GroupName", "STAFF"}}),
            "EntityAlreadyExists 409 Group with name STAFF already exists.");
  ASSERT_TRUE(answer("CreateGroup", {{"GroupName", "audit"}}));
  const auto listed = answer("ListGroups");
  ASSERT_TRUE(listed);
  EXPECT_EQ(listed->at("Groups").as_array().size(), 2U);
  EXPECT_EQ(listed->at("Groups").at(1).at("Arn"), "arn:aws:iam::111122223333:group/a/staff");
  EXPECT_EQ(answer("ListGroups", {{"PathPrefix", "/a/"}})->at("Groups").as_array().size(), 1U);
  const auto page = answer("ListGroups", {{"MaxItems", 1}});
  EXPECT_EQ(answer("ListGroups", {{"Marker", page->at("Marker")}})->at("Groups").at(0).at("GroupName"),
            "staff");
  EXPECT_EQ(text("GetGroup", {{"GroupName", "nobody"}}),
            "NoSuchEntity 404 The group with name nobody cannot be found.");
  EXPECT_EQ(run(access::load_account(catalog, "111122223333"))->value().value.groups, 2U);
}

TEST_F(GroupTest, has_members) {
  ASSERT_TRUE(answer("CreateUser", {{"UserName", "eve"}}));
  EXPECT_EQ(text("AddUserToGroup", {{"GroupName", "Staff"}, {"UserName", "Eve"}}), "{}");
  EXPECT_EQ(text("AddUserToGroup", {{"GroupName", "staff"}, {"UserName", "eve"}}), "{}");
  EXPECT_EQ(members_of("staff"), "bob eve ");
  EXPECT_EQ(members_of("staff", {{"MaxItems", 1}}), "bob ");
  const auto page = answer("GetGroup", {{"GroupName", "staff"}, {"MaxItems", 1}});
  EXPECT_EQ(members_of("staff", {{"Marker", page->at("Marker")}}), "eve ");
  EXPECT_EQ(groups_of("bob"), "staff ");
  EXPECT_EQ(text("DeleteGroup", {{"GroupName", "staff"}}),
            "DeleteConflict 409 Cannot delete entity, must remove users from group first.");
  EXPECT_EQ(text("DeleteUser", {{"UserName", "eve"}}),
            "DeleteConflict 409 Cannot delete entity, must remove users from group first.");
  for (const auto* name : {"bob", "eve"}) {
    EXPECT_EQ(text("RemoveUserFromGroup", {{"GroupName", "staff"}, {"UserName", name}}), "{}");
  }
  EXPECT_EQ(text("RemoveUserFromGroup", {{"GroupName", "staff"}, {"UserName", "bob"}}).substr(0, 16),
            "NoSuchEntity 404");
  EXPECT_EQ(text("DeleteGroup", {{"GroupName", "staff"}}), "{}");
  EXPECT_EQ(text("AddUserToGroup", {{"GroupName", "staff"}, {"UserName", "bob"}}),
            "NoSuchEntity 404 The group with name staff cannot be found.");
  EXPECT_EQ(run(access::load_account(catalog, "111122223333"))->value().value.groups, 0U);
}

TEST_F(GroupTest, renamed_with_its_members) {
  ASSERT_TRUE(
      answer("PutGroupPolicy", {{"GroupName", "staff"}, {"PolicyName", "p"}, {"PolicyDocument", kPolicy}}));
  ASSERT_TRUE(answer("CreateGroup", {{"GroupName", "taken"}}));
  EXPECT_EQ(text("UpdateGroup", {{"GroupName", "staff"}, {"NewGroupName", "Taken"}}).substr(0, 23),
            "EntityAlreadyExists 409");
  EXPECT_EQ(text("UpdateGroup", {{"GroupName", "staff"}, {"NewGroupName", "crew"}, {"NewPath", "/b/"}}),
            "{}");
  EXPECT_EQ(groups_of("bob"), "crew ");
  EXPECT_EQ(members_of("crew"), "bob ");
  EXPECT_FALSE(answer("GetGroup", {{"GroupName", "staff"}}));
  EXPECT_EQ(text("ListGroupPolicies", {{"GroupName", "crew"}}),
            R"({"PolicyNames":["p"],"IsTruncated":false})");
  EXPECT_EQ(text("UpdateGroup", {{"GroupName", "crew"}, {"NewGroupName", "CREW"}}), "{}");
  EXPECT_EQ(groups_of("bob"), "CREW ");
}

TEST_F(GroupTest, ten_of_a_user) {
  for (int i = 1; i < 11; ++i) {
    const auto name = "g" + std::to_string(i);
    ASSERT_TRUE(answer("CreateGroup", {{"GroupName", name}}));
    EXPECT_EQ(text("AddUserToGroup", {{"GroupName", name}, {"UserName", "bob"}}),
              i < 10 ? "{}" : "LimitExceeded 409 Cannot exceed quota for GroupsPerUser: 10");
  }
}

TEST_F(GroupTest, users_take_keys_and_groups_along_to_a_new_name) {
  const auto key = new_key("bob");
  const auto id = answer("GetUser", {{"UserName", "bob"}})->at("User").at("UserId");
  ASSERT_TRUE(answer("CreateUser", {{"UserName", "eve"}}));
  EXPECT_EQ(text("UpdateUser", {{"UserName", "bob"}, {"NewUserName", "EVE"}}),
            "EntityAlreadyExists 409 User with name EVE already exists.");
  EXPECT_EQ(text("UpdateUser", {{"UserName", "bob"}, {"NewUserName", "rob"}, {"NewPath", "/x/"}}), "{}");
  const auto rob = answer("GetUser", {{"UserName", "rob"}});
  ASSERT_TRUE(rob);
  EXPECT_EQ(rob->at("User").at("UserId"), id);
  EXPECT_EQ(rob->at("User").at("Arn"), "arn:aws:iam::111122223333:user/x/rob");
  EXPECT_EQ(members_of("staff"), "rob ");
  EXPECT_FALSE(answer("GetUser", {{"UserName", "bob"}}));
  const access::Directory directory(catalog, sealer);
  const auto found = run(directory.key(key));
  ASSERT_TRUE(found && *found);
  const auto its_caller = run(directory.caller(**found));
  ASSERT_TRUE(its_caller && *its_caller);
  EXPECT_EQ((*its_caller)->principal.name, "rob");
  EXPECT_EQ(text("UpdateUser", {{"UserName", "admin"}, {"NewPath", "/x/"}}).substr(0, 18),
            "UnmodifiableEntity");
}

}  // namespace
}  // namespace cairn::services::iam
