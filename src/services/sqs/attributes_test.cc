// Attributes, policies, tags, and who may, over a catalog in memory.
#include <gmock/gmock.h>

#include "services/sqs/testing.h"

namespace cairn::services::sqs::testing {
namespace {

using ::testing::HasSubstr;

class AttributesTest : public SqsWorld {
 protected:
  std::string set(std::string_view name, std::string_view value, std::string_view queue = "nest") {
    return text("SetQueueAttributes", about({{"Attributes", object{{name, value}}}}, queue));
  }
  std::string policy(std::string_view principal, std::string_view action, std::string_view more = "") {
    return R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":)" + std::string(principal) +
           R"(,"Action":")" + std::string(action) +
           R"(","Resource":"arn:aws:sqs:eu-west-1:111122223333:nest")" + std::string(more) + "}]}";
  }
};

access::Caller user_of(std::string_view account, std::string_view policy) {
  access::Caller caller;
  caller.principal = {.kind = access::PrincipalKind::user,
                      .account = std::string(account),
                      .arn = "arn:aws:iam::" + std::string(account) + ":user/ann",
                      .id = "AIDAANN",
                      .name = "ann"};
  if (!policy.empty()) {
    caller.policies.push_back(*access::Policy::parse(policy, access::PolicyKind::identity));
  }
  return caller;
}

access::Caller service_of(std::string_view name, std::string_view source) {
  access::Caller caller;
  caller.principal.kind = access::PrincipalKind::service;
  caller.principal.name = name;
  caller.principal.account = kElsewhere;
  caller.context = {{"aws:SourceArn", std::string(source)}, {"aws:SourceAccount", kElsewhere}};
  return caller;
}

TEST_F(AttributesTest, a_queue_says_all_that_it_is) {
  new_queue();
  const auto all = *answer("GetQueueAttributes", about({{"AttributeNames", json::array{"All"}}}));
  EXPECT_EQ(
      json::serialize(all.at("Attributes")),
      R"({"VisibilityTimeout":"30","MaximumMessageSize":"1048576","MessageRetentionPeriod":"345600",)"
      R"("ApproximateNumberOfMessages":"0","ApproximateNumberOfMessagesNotVisible":"0","CreatedTimestamp":"1772446500",)"
      R"("LastModifiedTimestamp":"1772446500","QueueArn":"arn:aws:sqs:eu-west-1:111122223333:nest",)"
      R"("ApproximateNumberOfMessagesDelayed":"0","DelaySeconds":"0","ReceiveMessageWaitTimeSeconds":"0",)"
      R"("SqsManagedSseEnabled":"true"})");
  EXPECT_EQ(text("GetQueueAttributes", about()), "{}");
  EXPECT_EQ(text("GetQueueAttributes", about({{"AttributeNames", json::array{"Policy", "FifoQueue"}}})),
            "{}");
  EXPECT_EQ(text("GetQueueAttributes", about({{"AttributeNames", json::array{"Nonsense"}}})),
            "InvalidAttributeName");
}

TEST_F(AttributesTest, each_has_its_bounds) {
  new_queue();
  const struct {
    const char* name;
    const char* least;
    const char* below;
    const char* most;
    const char* above;
  } rows[] = {
      {"VisibilityTimeout", "0", "-1", "43200", "43201"},
      {"DelaySeconds", "0", "-1", "900", "901"},
      {"ReceiveMessageWaitTimeSeconds", "0", "-1", "20", "21"},
      {"MaximumMessageSize", "1024", "1023", "1048576", "1048577"},
      {"MessageRetentionPeriod", "60", "59", "1209600", "1209601"},
  };
  for (const auto& row : rows) {
    for (const auto* good : {row.least, row.most}) {
      EXPECT_EQ(set(row.name, good), "{}");
      EXPECT_EQ(attribute(row.name), good);
    }
    for (const auto* bad : {row.below, row.above, "", "1x", "one"}) {
      EXPECT_EQ(set(row.name, bad), "InvalidAttributeValue") << row.name << bad;
    }
  }
  clock.time += std::chrono::seconds(5);
  EXPECT_EQ(set("DelaySeconds", "1"), "{}");
  EXPECT_EQ(attribute("LastModifiedTimestamp"), "1772446505");
}

TEST_F(AttributesTest, what_is_not_there_is_refused_by_name) {
  new_queue();
  EXPECT_EQ(set("KmsMasterKeyId", "alias/mine"), "UnsupportedOperation");
  EXPECT_EQ(set("KmsDataKeyReusePeriodSeconds", "300"), "UnsupportedOperation");
  EXPECT_EQ(set("KmsMasterKeyId", ""), "{}");
  EXPECT_EQ(set("FifoQueue", "true"), "UnsupportedOperation");
  for (const auto* name : {"FifoQueue", "ContentBasedDeduplication", "QueueArn", "All", "Nonsense",
                           "ApproximateNumberOfMessages"}) {
    EXPECT_EQ(set(name, "false"), "InvalidAttributeName") << name;
  }
  EXPECT_EQ(set("SqsManagedSseEnabled", "maybe"), "InvalidAttributeValue");
}

TEST_F(AttributesTest, a_queue_is_made_twice_only_if_it_is_the_same) {
  new_queue("nest", {{"DelaySeconds", "5"}});
  new_queue("nest", {{"DelaySeconds", "5"}});
  new_queue("nest");
  const auto other =
      answer("CreateQueue", {{"QueueName", "nest"}, {"Attributes", object{{"DelaySeconds", "6"}}}});
  EXPECT_EQ(other.error().code, "QueueNameExists");
  EXPECT_THAT(other.error().message, HasSubstr("DelaySeconds"));
  EXPECT_EQ(attribute("DelaySeconds"), "5");
}

TEST_F(AttributesTest, dead_letters_go_to_a_queue_that_takes_them) {
  new_queue();
  new_queue("dead");
  const std::string arn = "arn:aws:sqs:eu-west-1:111122223333:";
  const auto redrive = [&](const std::string& target, const std::string& count) {
    return set("RedrivePolicy",
               R"({"deadLetterTargetArn":")" + target + R"(","maxReceiveCount":)" + count + "}");
  };
  EXPECT_EQ(redrive(arn + "dead", "3"), "{}");
  for (const auto* count : {"0", "1001", "\"x\"", "null", "1.5"}) {
    EXPECT_EQ(redrive(arn + "dead", count), "InvalidParameterValue") << count;
  }
  for (const auto& target : {arn + "gone", std::string("arn:aws:sqs:us-east-1:111122223333:dead"),
                             std::string("arn:aws:sqs:eu-west-1:444455556666:dead"), std::string("dead")}) {
    EXPECT_EQ(redrive(target, "3"), "InvalidParameterValue") << target;
  }
  for (
      const auto* bad :
      {"x", "{}",
       R"({"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:111122223333:dead","maxReceiveCount":3,"more":1})"}) {
    EXPECT_EQ(set("RedrivePolicy", bad), "InvalidParameterValue") << bad;
  }
  EXPECT_EQ(set("RedrivePolicy", ""), "{}");
  EXPECT_EQ(attribute("RedrivePolicy"), "");
  for (const auto* bad : {"x", "{}", R"({"redrivePermission":"byQueue"})",
                          R"({"redrivePermission":"denyAll","sourceQueueArns":["a"]})",
                          R"({"redrivePermission":"byQueue","sourceQueueArns":["a"]})",
                          R"({"redrivePermission":"byQueue","sourceQueueArns":[1]})",
                          R"({"redrivePermission":"allowAll","more":1})"}) {
    EXPECT_EQ(set("RedriveAllowPolicy", bad, "dead"), "InvalidParameterValue") << bad;
  }
  const std::string spaces(queues::Limits::redrive_allow_bytes_max, ' ');
  EXPECT_EQ(set("RedriveAllowPolicy", R"({"redrivePermission":"denyAll"})" + spaces, "dead"),
            "InvalidParameterValue");
  EXPECT_EQ(set("RedriveAllowPolicy", R"({"redrivePermission":"denyAll"})", "dead"), "{}");
  EXPECT_EQ(redrive(arn + "dead", "3"), "InvalidParameterValue");
  EXPECT_EQ(
      set("RedriveAllowPolicy",
          R"({"redrivePermission":"byQueue","sourceQueueArns":["arn:aws:sqs:eu-west-1:111122223333:nest"]})",
          "dead"),
      "{}");
  EXPECT_EQ(redrive(arn + "dead", "3"), "{}");
}

TEST_F(AttributesTest, a_policy_lets_other_accounts_in_and_services) {
  new_queue();
  send("owl");
  const auto as = [&](access::Caller who, std::string_view operation, object input) {
    std::swap(caller, who);
    const auto got = text(operation, about(std::move(input)));
    std::swap(caller, who);
    return got.starts_with("{") ? std::string("ok") : got;
  };
  const auto stranger =
      user_of(kElsewhere,
              R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sqs:*","Resource":"*"}]})");
  EXPECT_EQ(as(stranger, "ReceiveMessage", {}), "AccessDeniedException");
  EXPECT_EQ(set("Policy", policy(R"({"AWS":"444455556666"})", "sqs:*")), "{}");
  EXPECT_EQ(as(stranger, "ReceiveMessage", {}), "ok");
  EXPECT_EQ(as(user_of(kElsewhere, ""), "ReceiveMessage", {}), "AccessDeniedException");
  EXPECT_EQ(as(stranger, "SetQueueAttributes", {{"Attributes", object{{"DelaySeconds", "1"}}}}),
            "AccessDeniedException");
  EXPECT_EQ(as(stranger, "DeleteQueue", {}), "AccessDeniedException");
  EXPECT_EQ(as(user_of(kHere, ""), "ReceiveMessage", {}), "AccessDeniedException");
  const auto s3 = policy(R"({"Service":"s3.amazonaws.com"})", "sqs:SendMessage",
                         R"(,"Condition":{"ArnEquals":{"aws:SourceArn":"arn:aws:s3:::logs"}})");
  EXPECT_EQ(set("Policy", s3), "{}");
  EXPECT_EQ(attribute("Policy"), s3);
  EXPECT_EQ(as(service_of("s3.amazonaws.com", "arn:aws:s3:::logs"), "SendMessage", {{"MessageBody", "x"}}),
            "ok");
  EXPECT_EQ(as(service_of("s3.amazonaws.com", "arn:aws:s3:::other"), "SendMessage", {{"MessageBody", "x"}}),
            "AccessDeniedException");
  EXPECT_EQ(as(service_of("sns.amazonaws.com", "arn:aws:s3:::logs"), "SendMessage", {{"MessageBody", "x"}}),
            "AccessDeniedException");
  EXPECT_EQ(as(stranger, "ReceiveMessage", {}), "AccessDeniedException");
  caller = stranger;
  EXPECT_EQ(text("GetQueueUrl", {{"QueueName", "nothing"}, {"QueueOwnerAWSAccountId", kHere}}),
            "QueueDoesNotExist");
}

TEST_F(AttributesTest, policies_that_are_none_are_refused) {
  new_queue();
  for (const auto& bad :
       {std::string("x"), std::string("{}"), policy(R"({"AWS":"444455556666"})", "s3:GetObject")}) {
    EXPECT_EQ(set("Policy", bad), "InvalidAttributeValue") << bad;
  }
  EXPECT_EQ(set("Policy", policy("\"*\"", "SQS:SendMessage")), "{}");
  EXPECT_EQ(set("Policy", ""), "{}");
  EXPECT_EQ(attribute("Policy"), "");
}

TEST_F(AttributesTest, permissions_are_statements_by_their_label) {
  new_queue();
  const auto add = [&](const char* label, json::array accounts, json::array actions) {
    return text(
        "AddPermission",
        about({{"Label", label}, {"AWSAccountIds", std::move(accounts)}, {"Actions", std::move(actions)}}));
  };
  EXPECT_EQ(add("one", {kElsewhere}, {"SendMessage"}), "{}");
  EXPECT_EQ(
      attribute("Policy"),
      R"({"Version":"2012-10-17","Id":"arn:aws:sqs:eu-west-1:111122223333:nest/SQSDefaultPolicy","Statement":[{"Sid":"one",)"
      R"("Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:root"},"Action":"SQS:SendMessage",)"
      R"("Resource":"arn:aws:sqs:eu-west-1:111122223333:nest"}]})");
  EXPECT_EQ(add("one", {kElsewhere}, {"SendMessage"}), "InvalidParameterValue");
  EXPECT_EQ(add("", {kElsewhere}, {"SendMessage"}), "InvalidParameterValue");
  EXPECT_EQ(add("a b", {kElsewhere}, {"SendMessage"}), "InvalidParameterValue");
  EXPECT_EQ(add(std::string(81, 'a').c_str(), {kElsewhere}, {"SendMessage"}), "InvalidParameterValue");
  const json::array crowd(700, json::value(kElsewhere));
  EXPECT_EQ(add("crowd", crowd, {"SendMessage"}), "InvalidAttributeValue");
  EXPECT_THAT(attribute("Policy"), ::testing::Not(HasSubstr("crowd")));
  EXPECT_EQ(add("two", {"1"}, {"SendMessage"}), "InvalidParameterValue");
  EXPECT_EQ(add("two", {kElsewhere}, {"DeleteQueue"}), "InvalidParameterValue");
  EXPECT_EQ(add("two", {kElsewhere, kHere}, {"SendMessage", "ReceiveMessage"}), "{}");
  EXPECT_EQ(text("RemovePermission", about({{"Label", "three"}})), "InvalidParameterValue");
  EXPECT_EQ(text("RemovePermission", about({{"Label", "one"}})), "{}");
  EXPECT_THAT(attribute("Policy"), ::testing::Not(HasSubstr("\"one\"")));
  EXPECT_EQ(text("RemovePermission", about({{"Label", "two"}})), "{}");
  EXPECT_EQ(attribute("Policy"), "");
}

TEST_F(AttributesTest, tags_are_set_shown_removed_and_decide) {
  ASSERT_TRUE(answer("CreateQueue", {{"QueueName", "nest"}, {"tags", object{{"team", "owls"}}}}));
  EXPECT_EQ(asked.size(), 2U);
  EXPECT_EQ(asked.back(), "sqs:TagQueue arn:aws:sqs:eu-west-1:111122223333:nest");
  EXPECT_EQ(text("TagQueue", about({{"Tags", object{{"team", "kites"}, {"a", ""}}}})), "{}");
  EXPECT_EQ(text("ListQueueTags", about()), R"({"Tags":{"team":"kites","a":""}})");
  EXPECT_EQ(text("TagQueue", about({{"Tags", object{{"aws:x", "1"}}}})), "InvalidParameterValue");
  object many;
  for (int i = 0; i < 49; ++i) {
    many["k" + std::to_string(i)] = "v";
  }
  EXPECT_EQ(text("TagQueue", about({{"Tags", many}})), "InvalidParameterValue");
  caller = user_of(
      kHere, R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sqs:*","Resource":"*",)"
             R"("Condition":{"StringEquals":{"aws:ResourceTag/team":"kites"}}}]})");
  EXPECT_EQ(text("UntagQueue", about({{"TagKeys", json::array{"team"}}})), "{}");
  EXPECT_EQ(text("ListQueueTags", about()), "AccessDeniedException");
}

}  // namespace
}  // namespace cairn::services::sqs::testing
