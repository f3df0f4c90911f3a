// What IAM's tests share: an account with its administrator, and calls that are run and committed as the
// front does it.
#pragma once

#include <gtest/gtest.h>

#include "access/testing.h"
#include "json/json.h"
#include "services/iam/iam.h"

namespace cairn::services::iam::testing {

using access::testing::kNow;
using boost::json::object;

inline constexpr std::string_view kPolicy =
    R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}})";

class IamTest : public ::testing::Test, public access::testing::World {
 protected:
  void SetUp() override {
    std::vector<access::DeclaredAccount> declared;
    declared.push_back({.id = "111122223333", .name = "main", .users = {}});
    ASSERT_TRUE(run(access::apply_declared(catalog, sealer, declared, kNow)));
    admin = {.kind = access::PrincipalKind::user,
             .account = "111122223333",
             .arn = "arn:aws:iam::111122223333:user/admin",
             .id = (*run(access::load_user(catalog, "111122223333", "admin")))->value.id,
             .name = "admin",
             .access_key = {}};
  }

  front::Call make(std::string_view operation, object input) {
    const auto& model = *aws::catalogue().by_name("iam");
    front::Call call{
        .service = model, .operation = *model.operation(operation), .head = head, .account = "111122223333"};
    call.time = kNow;
    call.caller.principal = caller;
    call.input = std::move(input);
    return call;
  }

  // Runs it as the front does: what it returns is committed, and a conflict runs it again.
  Result<object, aws::Fault> answer(std::string_view operation, object input = {}) {
    auto call = make(operation, std::move(input));
    auto outcome = run(service->run(call));
    last_record = std::move(call.record);
    if (!outcome) {
      return outcome.error();
    }
    if (!outcome->effects.empty()) {
      auto effects = std::move(outcome->effects);
      const auto committed = run(catalog.commit(std::move(effects)));
      EXPECT_TRUE(committed) << committed.error().text();
    }
    return std::move(outcome->output);
  }
  std::string text(std::string_view operation, object input = {}) {
    const auto output = answer(operation, std::move(input));
    return output ? json::serialize(*output)
                  : output.error().code + " " + std::to_string(output.error().status) + " " +
                        output.error().message;
  }
  std::string asked(std::string_view operation, object input = {}) {
    auto call = make(operation, std::move(input));
    const auto asks = run(service->asks(call));
    return asks && asks->size() == 1 ? asks->front().action + " " + asks->front().resource : "not one";
  }
  std::string new_key(std::string_view user) {
    const auto made = answer("CreateAccessKey", {{"UserName", user}});
    return made ? std::string(made->at("AccessKey").at("AccessKeyId").as_string()) : made.error().message;
  }
  std::uint64_t users() { return (*run(access::load_account(catalog, "111122223333")))->value.users; }

  codec::RequestHead head;
  access::Principal admin;
  access::Principal caller;
  front::Recorded last_record;
  std::unique_ptr<front::Service> service = make_iam(catalog, sealer);
};

}  // namespace cairn::services::iam::testing
