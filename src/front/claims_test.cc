// Which calls are refused when, as rows; and a body that stops.
#include "front/claims.h"

#include <gtest/gtest.h>

#include "access/testing.h"
#include "async/loops.h"
#include "aws/model.h"
#include "front/testing_room.h"

namespace cairn::front {
namespace {

using reserve::Claim;

Claim claim(std::string_view service, std::string_view operation,
            access::PrincipalKind kind = access::PrincipalKind::user, std::string name = "") {
  const auto* of = aws::catalogue().by_name(service);
  const auto* what = of->operation(operation);
  EXPECT_NE(what, nullptr) << operation;
  const codec::RequestHead head;
  Call call{.service = *of, .operation = *what, .head = head};
  call.caller.principal.kind = kind;
  call.caller.principal.name = std::move(name);
  return claim_of(call);
}

TEST(Claims, rows) {
  const struct {
    std::string_view service;
    std::string_view operation;
    Claim claim;
  } rows[] = {
      {"s3", "PutObject", Claim::growth},
      {"s3", "CreateBucket", Claim::growth},
      {"s3", "GetObject", Claim::read},
      {"s3", "HeadBucket", Claim::read},
      {"s3", "DeleteObject", Claim::removal},
      {"s3", "DeleteObjects", Claim::removal},
      {"s3", "DeleteBucket", Claim::removal},
      {"s3", "AbortMultipartUpload", Claim::removal},
      {"iam", "CreateUser", Claim::growth},
      {"iam", "ListUsers", Claim::read},
      {"iam", "DeleteUser", Claim::removal},
      {"iam", "DeleteAccessKey", Claim::removal},
      {"iam", "DetachUserPolicy", Claim::removal},
      {"cloudtrail", "CreateTrail", Claim::growth},
      {"cloudtrail", "LookupEvents", Claim::read},
      {"cloudtrail", "GetTrailStatus", Claim::read},
      {"cloudtrail", "StopLogging", Claim::removal},
      {"cloudtrail", "StartLogging", Claim::growth},
      {"cloudtrail", "DeleteTrail", Claim::removal},
      {"cloudtrail", "RemoveTags", Claim::removal},
      {"sts", "GetCallerIdentity", Claim::read},
      {"sqs", "SendMessage", Claim::growth},
      {"sqs", "ReceiveMessage", Claim::read},
      {"sqs", "DeleteMessage", Claim::removal},
      {"sqs", "DeleteMessageBatch", Claim::removal},
      {"sqs", "PurgeQueue", Claim::removal},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(claim(row.service, row.operation), row.claim) << row.operation;
  }
}

TEST(Claims, what_a_service_does_is_cairns_own) {
  const auto service = access::PrincipalKind::service;
  EXPECT_EQ(claim("s3", "PutObject", service), Claim::own);
  EXPECT_EQ(claim("sns", "Publish", service, "cloudtrail.amazonaws.com"), Claim::own);
  EXPECT_EQ(claim("sns", "Publish", service, "s3.amazonaws.com"), Claim::growth);
  EXPECT_EQ(claim("sqs", "SendMessage", service, "s3.amazonaws.com"), Claim::growth);
  EXPECT_EQ(claim("sqs", "SendMessage", service, "sns.amazonaws.com"), Claim::growth);
}

TEST(Claims, an_administrator_is_one_under_the_calls_own_conditions) {
  const struct {
    std::string_view policy;
    bool administrator;
  } rows[] = {
      {R"({"Effect":"Allow","Action":"*","Resource":"*"})", true},
      {R"({"Effect":"Allow","Action":"s3:*","Resource":"*"})", false},
      {R"({"Effect":"Allow","Action":"*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"198.51.100.0/24"}}})",
       true},
      {R"({"Effect":"Allow","Action":"*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}})",
       false},
      {R"([{"Effect":"Allow","Action":"*","Resource":"*"},
          {"Effect":"Deny","Action":"cairn:UseReserve","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"198.51.100.24"}}}])",
       false},
      {R"([{"Effect":"Allow","Action":"*","Resource":"*"},
          {"Effect":"Deny","Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}])",
       false},
      {R"([{"Effect":"Allow","Action":"*","Resource":"*"},
          {"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":"us-east-1"}}}])",
       true},
  };
  const auto& service = *aws::catalogue().by_name("s3");
  const codec::RequestHead head;
  for (const auto& row : rows) {
    Call call{.service = service, .operation = *service.operation("DeleteBucket"), .head = head};
    call.region = "us-east-1";
    call.source_address = "198.51.100.24";
    call.caller.principal = {.kind = access::PrincipalKind::user, .account = "111122223333"};
    const auto policy =
        access::Policy::parse(R"({"Version":"2012-10-17","Statement":)" + std::string(row.policy) + "}",
                              access::PolicyKind::identity);
    ASSERT_TRUE(policy) << row.policy;
    call.caller.policies.push_back(*policy);
    EXPECT_EQ(is_administrator(call), row.administrator) << row.policy;
  }
}

TEST(Claims, a_body_stops_when_the_room_ends) {
  async::Loops loops(1);
  testing::FakeRoom room;
  const auto source = http::body_of("some bytes");
  const auto payload = rationed(unchecked_payload(*source), room, Claim::growth);
  const auto first = async::run(loops.at(0).get_executor(), payload->read());
  ASSERT_TRUE(first);
  EXPECT_EQ(first->size(), 10U);
  EXPECT_FALSE(payload->fault(aws::Family::s3));
  room.refused = {Claim::growth};
  EXPECT_FALSE(async::run(loops.at(0).get_executor(), payload->read()));
  ASSERT_TRUE(payload->fault(aws::Family::s3));
  EXPECT_EQ(payload->fault(aws::Family::s3)->code, "ServiceUnavailable");
  EXPECT_EQ(payload->fault(aws::Family::s3)->status, 503);
}

}  // namespace
}  // namespace cairn::front
