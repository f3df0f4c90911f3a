// What users here cannot have is asked for, and there is none.
#include <gtest/gtest.h>

#include "services/iam/testing.h"

namespace cairn::services::iam {
namespace {

using testing::IamTest;

struct Row {
  std::string_view operation;
  std::string_view member;
};
constexpr Row kRows[] = {{"ListMFADevices", "MFADevices"},
                         {"ListSSHPublicKeys", "SSHPublicKeys"},
                         {"ListServiceSpecificCredentials", "ServiceSpecificCredentials"},
                         {"ListSigningCertificates", "Certificates"}};

std::string empty(std::string_view member) {
  return "{\"" + std::string(member) + R"(":[],"IsTruncated":false})";
}

TEST_F(IamTest, other_credentials_are_none_of_a_user_who_is_there) {
  ASSERT_TRUE(answer("CreateUser", {{"UserName", "bob"}, {"Path", "/a/"}}));
  for (const auto& [operation, member] : kRows) {
    EXPECT_EQ(text(operation, {{"UserName", "bob"}}), empty(member));
    EXPECT_EQ(text(operation, {{"UserName", "nobody"}}),
              "NoSuchEntity 404 The user with name nobody cannot be found.");
    EXPECT_EQ(text(operation, {{"UserName", "bob"}, {"Marker", "?"}}), "ValidationError 400 Invalid Marker.");
    EXPECT_EQ(asked(operation, {{"UserName", "bob"}}),
              "iam:" + std::string(operation) + " arn:aws:iam::111122223333:user/a/bob");
    caller = admin;
    EXPECT_EQ(text(operation), empty(member)) << "the caller's own";
  }
  EXPECT_EQ(text("ListServiceSpecificCredentials", {{"AllUsers", true}}),
            "InvalidInput 400 This Cairn has no AllUsers: name a user.");
}

TEST_F(IamTest, there_are_no_virtual_devices) {
  EXPECT_EQ(text("ListVirtualMFADevices"), empty("VirtualMFADevices"));
  EXPECT_EQ(asked("ListVirtualMFADevices", {}), "iam:ListVirtualMFADevices *");
}

TEST_F(IamTest, no_user_has_a_login_profile) {
  ASSERT_TRUE(answer("CreateUser", {{"UserName", "bob"}}));
  for (const auto* operation : {"GetLoginProfile", "DeleteLoginProfile"}) {
    EXPECT_EQ(text(operation, {{"UserName", "BOB"}}),
              "NoSuchEntity 404 Login Profile for User bob cannot be found.");
    EXPECT_EQ(last_record.error_code, "NoSuchEntityException");
    EXPECT_EQ(text(operation, {{"UserName", "nobody"}}),
              "NoSuchEntity 404 The user with name nobody cannot be found.");
  }
}

}  // namespace
}  // namespace cairn::services::iam
