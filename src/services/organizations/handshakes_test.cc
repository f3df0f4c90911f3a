// Invitations. The world is organizations_test.cc's, with two accounts that the configuration declares.
#include "access/testing.h"
#include "event/outbox_row.h"
#include "json/json.h"
#include "organization/handshake.h"
#include "organization/organization.h"
#include "services/organizations/organizations.h"

namespace cairn::services::organizations {
namespace {

using access::testing::kNow;
using boost::json::object;

constexpr const char* kInviter = "111122223333";
constexpr const char* kInvited = "444455556666";
constexpr const char* kThird = "777788889999";

class HandshakesTest : public ::testing::Test, public access::testing::World {
 protected:
  void SetUp() override {
    std::vector<access::DeclaredAccount> declared;
    for (const auto* id : {kInviter, kInvited, kThird}) {
      declared.push_back({.id = id, .name = id, .users = {}});
    }
    ASSERT_TRUE(run(access::apply_declared(catalog, sealer, declared, kNow)));
    ASSERT_EQ(refused("CreateOrganization"), "");
  }
  // The exception and its reason, or "".
  std::string refused(std::string_view operation, object input = {}, const std::string& account = kInviter) {
    const auto& model = *aws::catalogue().by_name("organizations");
    front::Call call{
        .service = model, .operation = *model.operation(operation), .head = head, .account = account};
    call.time = now;
    call.input = std::move(input);
    auto outcome = run(service->run(call));
    if (!outcome) {
      const auto& extra = outcome.error().extra;
      return outcome.error().code + (extra.empty() ? "" : " " + extra.front().second);
    }
    output = std::move(outcome->output);
    if (!outcome->effects.empty()) {
      std::ranges::move(outcome->outbox_behind, std::back_inserter(outcome->effects.outbox));
      const auto committed = run(catalog.commit(std::move(outcome->effects)));
      return committed ? "" : committed.error().text();
    }
    return "";
  }
  std::string invite(const std::string& id, std::string_view type = "ACCOUNT") {
    return refused("InviteAccountToOrganization",
                   {{"Target", {{"Id", id}, {"Type", type}}}, {"Notes", "come in"}});
  }
  object of(std::string_view member) { return {{"HandshakeId", output.at("Handshake").at(member)}}; }
  std::string organization_of(std::string_view account) {
    return (*run(access::load_account(catalog, std::string(account))))->value.organization;
  }

  codec::RequestHead head;
  Time now = kNow;
  object output;
  std::unique_ptr<front::Service> service = make_organizations({.catalog = catalog});
};

TEST_F(HandshakesTest, an_account_comes_in_by_an_invitation) {
  ASSERT_EQ(invite(kInvited), "");
  EXPECT_EQ(output.at("Handshake").at("State"), "OPEN");
  const auto id = of("Id");
  EXPECT_EQ(refused("DescribeHandshake", id), "");
  EXPECT_EQ(refused("DescribeHandshake", id, kInvited), "");
  EXPECT_EQ(refused("DescribeHandshake", id, kThird), "HandshakeNotFoundException");
  EXPECT_EQ(refused("AcceptHandshake", id, kThird), "HandshakeNotFoundException");
  EXPECT_EQ(refused("AcceptHandshake", id), "HandshakeNotFoundException") << "who invited does not accept";
  EXPECT_EQ(organization_of(kInvited), "");
  EXPECT_EQ(refused("AcceptHandshake", id, kInvited), "");
  EXPECT_EQ(output.at("Handshake").at("State"), "ACCEPTED");
  EXPECT_EQ(organization_of(kInvited), organization_of(kInviter));
  const auto rows = run(catalog.outbox(0, 100));
  EXPECT_EQ(event::decode_outbox_row(rows->back().payload)->body,
            organization::control_of({.account = kInvited, .organization = organization_of(kInviter)}));
  EXPECT_EQ(refused("DescribeAccount", {{"AccountId", kInvited}}), "");
  EXPECT_EQ(output.at("Account").at("JoinedMethod"), "INVITED");
  EXPECT_EQ(refused("AcceptHandshake", id, kInvited), "HandshakeAlreadyInStateException");
  EXPECT_EQ(refused("CancelHandshake", id), "InvalidHandshakeTransitionException");
  EXPECT_EQ(invite(kInvited), "HandshakeConstraintViolationException ALREADY_IN_AN_ORGANIZATION");
}

TEST_F(HandshakesTest, one_is_open_for_an_account) {
  ASSERT_EQ(invite(kInvited), "");
  const auto first = of("Id");
  EXPECT_EQ(invite(kInvited), "DuplicateHandshakeException");
  EXPECT_EQ(refused("DeclineHandshake", first, kInvited), "");
  EXPECT_EQ(refused("DeclineHandshake", first, kInvited), "HandshakeAlreadyInStateException");
  EXPECT_EQ(refused("AcceptHandshake", first, kInvited), "InvalidHandshakeTransitionException");
  ASSERT_EQ(invite(kInvited), "");
  const auto second = of("Id");
  EXPECT_EQ(refused("CancelHandshake", second, kInvited), "AWSOrganizationsNotInUseException");
  EXPECT_EQ(refused("CancelHandshake", second), "");
  EXPECT_EQ(refused("AcceptHandshake", second, kInvited), "InvalidHandshakeTransitionException");
  EXPECT_EQ(refused("ListHandshakesForOrganization"), "");
  EXPECT_EQ(output.at("Handshakes").as_array().size(), 2U);
  EXPECT_EQ(refused("ListHandshakesForAccount", {{"MaxResults", 1}}, kInvited), "");
  EXPECT_EQ(output.at("Handshakes").as_array().size(), 1U);
  EXPECT_TRUE(output.contains("NextToken"));
  EXPECT_EQ(
      refused("ListHandshakesForAccount", {{"Filter", {{"ActionType", "ENABLE_ALL_FEATURES"}}}}, kInvited),
      "");
  EXPECT_TRUE(output.at("Handshakes").as_array().empty());
}

TEST_F(HandshakesTest, invitations_expire) {
  ASSERT_EQ(invite(kInvited), "");
  const auto id = of("Id");
  now += Millis{std::chrono::days{15}};
  EXPECT_EQ(refused("DescribeHandshake", id), "");
  EXPECT_EQ(output.at("Handshake").at("State"), "EXPIRED");
  EXPECT_EQ(refused("AcceptHandshake", id, kInvited), "InvalidHandshakeTransitionException");
  EXPECT_EQ(invite(kInvited), "");
}

TEST_F(HandshakesTest, whom_to_invite) {
  EXPECT_EQ(invite("999988887777"), "InvalidInputException INVALID_PARTY_TYPE_TARGET");
  EXPECT_EQ(invite("o-0123456789", "ORGANIZATION"), "InvalidInputException INVALID_PARTY_TYPE_TARGET");
  EXPECT_EQ(invite("nobody@example.com", "EMAIL"), "InvalidInputException INVALID_PARTY_TYPE_TARGET");
  ASSERT_EQ(refused("CreateAccount", {{"AccountName", "nest"}, {"Email", "nest@example.com"}}), "");
  EXPECT_EQ(invite("nest@example.com", "EMAIL"),
            "HandshakeConstraintViolationException ALREADY_IN_AN_ORGANIZATION");
  const auto request = output.at("CreateAccountStatus").at("Id");
  ASSERT_EQ(refused("DescribeCreateAccountStatus", {{"CreateAccountRequestId", request}}), "");
  const auto account = output.at("CreateAccountStatus").at("AccountId");
  ASSERT_EQ(refused("RemoveAccountFromOrganization", {{"AccountId", account}}), "");
  EXPECT_EQ(invite("nest@example.com", "EMAIL"), "") << "it may come back";
  EXPECT_EQ(output.at("Handshake").at("Parties").at(1).at("Id"), "nest@example.com");
  EXPECT_EQ(refused("AcceptHandshake", of("Id"), std::string(account.as_string())), "");
}

TEST_F(HandshakesTest, an_organization_that_is_no_more_lets_nobody_in) {
  ASSERT_EQ(invite(kInvited), "");
  const auto id = of("Id");
  ASSERT_EQ(refused("DeleteOrganization"), "");
  EXPECT_EQ(refused("AcceptHandshake", id, kInvited), "HandshakeNotFoundException");
  EXPECT_TRUE(run(catalog.scan("organization/handshake/", "", 10))->empty());
  EXPECT_TRUE(run(catalog.scan("organization/invited/", "", 10))->empty());
}

TEST_F(HandshakesTest, what_is_over_is_shown_no_more_and_goes_with_the_next) {
  const auto kept = [&] {
    return run(catalog.scan("organization/handshake/", "", 10))->size() +
           run(catalog.scan("organization/invited/", "", 10))->size();
  };
  ASSERT_EQ(invite(kInvited), "");
  now += organization::kInvitationHolds + organization::kEndedIsKept - Millis{1};
  EXPECT_EQ(refused("ListHandshakesForAccount", {}, kInvited), "");
  EXPECT_EQ(output.at("Handshakes").as_array().size(), 1U);
  EXPECT_EQ(refused("ListHandshakesForOrganization"), "");
  EXPECT_EQ(output.at("Handshakes").as_array().size(), 1U);
  ASSERT_EQ(invite(kThird), "");
  EXPECT_EQ(kept(), 4U);
  now += Millis{1};
  EXPECT_EQ(refused("ListHandshakesForAccount", {}, kInvited), "");
  EXPECT_TRUE(output.at("Handshakes").as_array().empty());
  EXPECT_EQ(refused("ListHandshakesForOrganization"), "");
  EXPECT_EQ(output.at("Handshakes").as_array().size(), 1U);
  ASSERT_EQ(invite(kInvited), "");
  EXPECT_EQ(kept(), 4U);
}

TEST_F(HandshakesTest, so_many_are_kept) {
  const auto organization = organization_of(kInviter);
  const auto fill = [&](std::size_t count) {
    catalog::Transaction all;
    for (std::size_t i = 0; i < count; ++i) {
      const organization::Handshake ended{.id = "h-" + std::to_string(i),
                                          .organization = organization,
                                          .management = kInviter,
                                          .account = kThird,
                                          .state = "CANCELED",
                                          .requested = now,
                                          .expires = now + organization::kInvitationHolds};
      all.writes.push_back({.key = organization::handshake_key(organization, ended.id),
                            .value = organization::encode(ended),
                            .expected = std::nullopt});
    }
    ASSERT_TRUE(run(catalog.commit(std::move(all))));
  };
  fill(organization::Limits::handshakes_max - 1);
  EXPECT_EQ(invite(kInvited), "");
  EXPECT_EQ(invite(kThird), "HandshakeConstraintViolationException HANDSHAKE_RATE_LIMIT_EXCEEDED");
  now += organization::kInvitationHolds + organization::kEndedIsKept;
  EXPECT_EQ(invite(kThird), "");
  EXPECT_EQ(run(catalog.scan("organization/handshake/", "", 10))->size(), 1U);
}

TEST_F(HandshakesTest, requests_for_accounts_are_kept_for_a_while_and_so_many) {
  const object same{{"AccountName", "nest"}, {"Email", "nest@example.com"}};
  const auto kept = [&] { return run(catalog.scan("organization/request/", "", 10))->size(); };
  ASSERT_EQ(refused("CreateAccount", same), "");
  now += organization::kRequestIsKept - Millis{1};
  ASSERT_EQ(refused("CreateAccount", same), "") << "the address is taken: that is asked for, and fails";
  EXPECT_EQ(kept(), 2U);
  now += Millis{1};
  EXPECT_EQ(refused("ListCreateAccountStatus"), "");
  EXPECT_EQ(output.at("CreateAccountStatuses").as_array().size(), 1U);
  ASSERT_EQ(refused("CreateAccount", same), "");
  EXPECT_EQ(kept(), 2U);

  catalog::Transaction all;
  for (std::size_t i = 2; i < organization::Limits::requests_max; ++i) {
    const organization::Request failed{.id = "car-" + std::to_string(i),
                                       .organization = organization_of(kInviter),
                                       .name = "nest",
                                       .failure = "EMAIL_ALREADY_EXISTS",
                                       .asked = now,
                                       .completed = now};
    all.writes.push_back({.key = organization::request_key(failed.organization, failed.id),
                          .value = organization::encode(failed),
                          .expected = std::nullopt});
  }
  ASSERT_TRUE(run(catalog.commit(std::move(all))));
  EXPECT_EQ(refused("CreateAccount", same),
            "ConstraintViolationException ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED");
  ASSERT_EQ(refused("ListAccounts"), "");
  for (const auto accounts = output.at("Accounts").as_array(); const auto& account : accounts) {
    if (account.at("Id") != kInviter) {
      ASSERT_EQ(refused("RemoveAccountFromOrganization", {{"AccountId", account.at("Id")}}), "");
    }
  }
  ASSERT_EQ(refused("DeleteOrganization"), "");
  EXPECT_EQ(kept(), 0U);
}

}  // namespace
}  // namespace cairn::services::organizations
