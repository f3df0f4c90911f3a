// A trail's topic: which it is, whether CloudTrail may publish there, and how its notices went.
#include "delivery/notices.h"
#include "services/cloudtrail/cloudtrail_testing.h"

namespace cairn::services::cloudtrail {
namespace {

class TopicTest : public CloudTrailTest {
 protected:
  std::string make_with(std::string_view topic) {
    return text("CreateTrail", {{"Name", "main"}, {"S3BucketName", "kestrel"}, {"SnsTopicName", topic}});
  }
  std::string update(std::string_view topic) {
    return text("UpdateTrail", {{"Name", "main"}, {"SnsTopicName", topic}});
  }
  std::size_t publications() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(s3.calls, [](const auto& call) { return call.starts_with("Publish"); }));
  }
  const std::string topic_arn = "arn:aws:sns:us-east-1:111122223333:nests";
};

TEST_F(TopicTest, is_known_by_its_name_or_its_arn) {
  const auto made = make_with("nests");
  EXPECT_THAT(
      made, HasSubstr(R"("SnsTopicName":"nests","SnsTopicARN":"arn:aws:sns:us-east-1:111122223333:nests")"));
  EXPECT_EQ(publications(), 1U);
  EXPECT_THAT(s3.calls.back(), HasSubstr(arn("main")));
  EXPECT_THAT(text("GetTrail", {{"Name", "main"}}), HasSubstr(topic_arn));
  const auto other = "arn:aws:sns:us-east-1:444455556666:theirs";
  EXPECT_THAT(update(other), HasSubstr(std::string(R"("SnsTopicName":")") + other + R"(","SnsTopicARN":")" +
                                       other + R"(")"));
  EXPECT_THAT(text("UpdateTrail", {{"Name", "main"}, {"S3KeyPrefix", "p"}}), HasSubstr(other));
  EXPECT_EQ(publications(), 3U);  // kept, and verified again
  EXPECT_THAT(update(""), Not(HasSubstr("Sns")));
  EXPECT_THAT(text("GetTrail", {{"Name", "main"}}), Not(HasSubstr("Sns")));
  EXPECT_EQ(publications(), 3U);
}

TEST_F(TopicTest, that_cannot_be_one_is_refused) {
  for (const auto& bad : {std::string("a b"), std::string("a.fifo"), std::string(257, 'a'),
                          std::string("arn:aws:sqs:us-east-1:111122223333:q"),
                          std::string("arn:aws:sns:eu-west-1:111122223333:elsewhere"),
                          std::string("arn:aws:sns:us-east-1:111122223333:a.fifo")}) {
    EXPECT_THAT(make_with(bad), StartsWith("InvalidSnsTopicNameException")) << bad;
  }
  EXPECT_EQ(publications(), 0U);
}

TEST_F(TopicTest, that_refuses_cloudtrail_is_no_topic_of_a_trail) {
  s3.refuse = "Publish";
  for (const auto* const code : {"AuthorizationError", "NotFound"}) {
    s3.code = code;
    EXPECT_EQ(
        make_with("nests"),
        "InsufficientSnsTopicPolicyException: SNS Topic does not exist or the topic policy is incorrect!");
  }
  s3.refuse.clear();
  make_with("nests");
  s3.refuse = "Publish";
  EXPECT_THAT(update("others"), StartsWith("InsufficientSnsTopicPolicyException"));
  EXPECT_THAT(text("GetTrail", {{"Name", "main"}}), HasSubstr(topic_arn));
}

TEST_F(TopicTest, has_its_notices_in_the_status) {
  make_with("nests");
  EXPECT_THAT(text("GetTrailStatus", {{"Name", "main"}}), HasSubstr(R"("LatestNotificationAttemptTime":"")"));
  const delivery::Notified went{
      .sent = kNow, .attempted = kNow + Millis{1'000}, .error = "AuthorizationError", .topic = topic_arn};
  const delivery::StatusName name{.trail_arn = arn("main"), .trail_created = now, .region = "us-east-1"};
  commit({{.key = name.notified_key(), .value = delivery::to_document(went), .expected = std::nullopt}});
  const auto shown = text("GetTrailStatus", {{"Name", "main"}});
  EXPECT_THAT(shown, HasSubstr(R"("LatestNotificationError":"AuthorizationError")"));
  EXPECT_THAT(shown, HasSubstr(R"("LatestNotificationTime":)"));
  EXPECT_THAT(shown, HasSubstr(R"("LatestNotificationAttemptSucceeded":")" + rfc3339(kNow) + R"(")"));
  update("others");
  EXPECT_THAT(text("GetTrailStatus", {{"Name", "main"}}), Not(HasSubstr("LatestNotificationError")));
}

}  // namespace
}  // namespace cairn::services::cloudtrail
