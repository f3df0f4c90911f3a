// Who the caller is, and whose a key is.
#include "services/sts/sts.h"

#include <gtest/gtest.h>

#include "access/testing.h"
#include "json/json.h"

namespace cairn::services::sts {
namespace {

class StsTest : public ::testing::Test, public access::testing::World {
 protected:
  front::Call call(std::string_view operation, boost::json::object input = {}) {
    const auto& model = *aws::catalogue().by_name("sts");
    front::Call made{
        .service = model, .operation = *model.operation(operation), .head = head, .account = "111122223333"};
    made.input = std::move(input);
    made.caller.principal = {.kind = access::PrincipalKind::user,
                             .account = "111122223333",
                             .arn = "arn:aws:iam::111122223333:user/staff/ann",
                             .id = "AIDAAAAAAAAAAAAAAAAAA",
                             .name = "ann",
                             .access_key = "AKIAAAAAAAAAAAAAAAAA"};
    return made;
  }

  codec::RequestHead head;
  std::unique_ptr<front::Service> service = make_sts(catalog, sealer);
};

TEST_F(StsTest, get_caller_identity_needs_no_permission) {
  auto asked = call("GetCallerIdentity");
  const auto asks = run(service->asks(asked));
  ASSERT_TRUE(asks);
  EXPECT_TRUE(asks->empty());
  const auto answer = run(service->run(asked));
  ASSERT_TRUE(answer);
  EXPECT_EQ(
      json::serialize(answer->output),
      R"({"UserId":"AIDAAAAAAAAAAAAAAAAAA","Account":"111122223333","Arn":"arn:aws:iam::111122223333:user/staff/ann"})");
  EXPECT_TRUE(answer->effects.empty());
}

TEST_F(StsTest, get_access_key_info) {
  commit({access::put(access::KeyDocument{.id = "AKIAEXAMPLE00000001",
                                          .account = "444455556666",
                                          .user = "bob",
                                          .sealed = "x",
                                          .created = {}},
                      0)});
  auto asked = call("GetAccessKeyInfo", {{"AccessKeyId", "AKIAEXAMPLE00000001"}});
  const auto asks = run(service->asks(asked));
  ASSERT_TRUE(asks && asks->size() == 1);
  EXPECT_EQ(asks->front().action, "sts:GetAccessKeyInfo");
  const auto answer = run(service->run(asked));
  ASSERT_TRUE(answer);
  EXPECT_EQ(json::serialize(answer->output), R"({"Account":"444455556666"})");
  auto unknown = call("GetAccessKeyInfo", {{"AccessKeyId", "AKIAZZZZZZZZZZZZZZZZ"}});
  const auto refused = run(service->run(unknown));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "ValidationError");
  EXPECT_EQ(refused.error().status, 400);
}

TEST_F(StsTest, answers_what_it_has_and_nothing_else) {
  EXPECT_EQ(service->name(), "sts");
  EXPECT_TRUE(service->answers("GetCallerIdentity"));
  EXPECT_TRUE(service->answers("AssumeRole"));
  EXPECT_FALSE(service->answers("AssumeRoleWithSAML"));
  EXPECT_FALSE(service->answers("getcalleridentity"));
}

}  // namespace
}  // namespace cairn::services::sts
