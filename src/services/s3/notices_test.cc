// What buckets tell queues and topics, and that it arrives: over a catalog in memory and a stand-in for both.
#include "services/s3/notices.h"

#include <gmock/gmock.h>

#include <fstream>

#include "services/s3/lifecycle.h"
#include "services/s3/notifier.h"
#include "services/s3/s3_testing.h"

namespace cairn::services::s3::testing {
namespace {

constexpr std::string_view kQueue = "arn:aws:sqs:us-east-1:111122223333:nest";
constexpr std::string_view kTopic = "arn:aws:sns:us-east-1:111122223333:nests";

class Targets final : public aws::Client {
 public:
  Task<Result<aws::ClientAnswer, aws::Fault>> call(aws::ClientCall call) override {
    if (!refuses.empty() && call.on_behalf.source_arn != spared) {
      ++refused;
      co_return aws::Fault{refuses, refuses == "ServiceUnavailable" ? 503 : 400, "no"};
    }
    calls.push_back(std::move(call));
    co_return aws::ClientAnswer{};
  }
  std::vector<aws::ClientCall> calls;
  std::string refuses;
  std::string spared;  // the bucket's ARN that is not refused
  int refused = 0;
};

class NoticesTest : public S3Test {
 protected:
  NoticesTest() {
    open();
    make_bucket("logs");
  }
  void open() {
    notifier = std::make_unique<Notifier>(
        Notifier::Dependencies{.catalog = *catalog, .client = targets, .clock = timers, .metrics = metrics});
    service = make_s3(dependencies());
  }
  Dependencies dependencies() {
    return {.catalog = *catalog,
            .blob = *blob,
            .run = "run2",
            .timers = timers,
            .at_rest = at_rest,
            .limits = limits_,
            .leftovers = &sweeper->leftovers(),
            .room = &room,
            .notices = &notifier->waiting(),
            .telling = &targets};
  }
  // "ok", or what is said against it.
  std::string configure(std::string_view configuration, bool skips_validation = false,
                        std::string_view bucket = "logs") {
    const auto put = answer("PutBucketNotificationConfiguration",
                            {{"Bucket", bucket},
                             {"SkipDestinationValidation", skips_validation},
                             {"NotificationConfiguration", *json::parse_object(configuration)}});
    return put ? "ok" : put.error().code + " " + put.error().message;
  }
  // The queue is told of these.
  std::string tell(std::string_view events, std::string_view rules = "") {
    return configure(R"({"QueueConfigurations":[{"Id":"one","QueueArn":")" + std::string(kQueue) +
                     R"(","Events":[)" + std::string(events) + R"(],"Filter":{"Key":{"FilterRules":[)" +
                     std::string(rules) + "]}}}]}");
  }
  std::size_t sent() {
    const auto count = run(notifier->send());
    EXPECT_TRUE(count);
    return count ? *count : 0;
  }
  std::size_t waiting() { return documents(kNoticePrefix).size(); }
  // The event of a message.
  static json::object event_of(const aws::ClientCall& call) {
    const auto body =
        json::parse_object(*json::find_string(call.input, call.service == "sqs" ? "MessageBody" : "Message"));
    return body->at("Records").at(0).as_object();
  }
  // What was sent since the last time, "ObjectCreated:Put key"; s3:TestEvent aside.
  std::vector<std::string> told() {
    std::vector<std::string> events;
    sent();
    for (const auto& call : std::exchange(targets.calls, {})) {
      if (json::find_string(call.input, "MessageBody")->find("TestEvent") == std::string_view::npos) {
        const auto event = event_of(call);
        events.push_back(std::string(*json::find_string(event, "eventName")) + " " +
                         std::string(event.at("s3").at("object").at("key").as_string()));
      }
    }
    return events;
  }

  Metrics metrics;
  Targets targets;
  std::unique_ptr<Notifier> notifier;
};

TEST_F(NoticesTest, an_event_says_what_happened_as_s3_says_it) {
  ASSERT_EQ(tell(R"("s3:ObjectCreated:*")"), "ok");
  targets.calls.clear();
  ASSERT_TRUE(put("logs", "a b/ä+.gz", "bytes"));
  EXPECT_EQ(waiting(), 1U);
  EXPECT_EQ(sent(), 1U);
  EXPECT_EQ(waiting(), 0U);
  const auto& call = targets.calls.back();
  EXPECT_EQ(call.service + " " + call.operation + " " + call.region, "sqs SendMessage us-east-1");
  EXPECT_EQ(json::find_string(call.input, "QueueUrl"),
            "https://sqs.us-east-1.amazonaws.com/111122223333/nest");
  EXPECT_EQ(call.on_behalf.service_principal, "s3.amazonaws.com");
  EXPECT_EQ(call.on_behalf.source_arn, "arn:aws:s3:::logs");
  EXPECT_EQ(call.on_behalf.source_account, account);
  const auto event = event_of(call);
  EXPECT_EQ(event.at("eventVersion").as_string(), "2.1");
  EXPECT_EQ(event.at("eventSource").as_string(), "aws:s3");
  EXPECT_EQ(event.at("eventName").as_string(), "ObjectCreated:Put");
  EXPECT_EQ(event.at("eventTime").as_string(), "2026-03-02T10:15:00.123Z");
  EXPECT_EQ(event.at("responseElements").at("x-amz-id-2").as_string(), "host-id");
  EXPECT_EQ(event.at("s3").at("configurationId").as_string(), "one");
  EXPECT_EQ(event.at("s3").at("bucket").at("name").as_string(), "logs");
  EXPECT_EQ(event.at("s3").at("bucket").at("arn").as_string(), "arn:aws:s3:::logs");
  const auto& object = event.at("s3").at("object").as_object();
  EXPECT_EQ(object.at("key").as_string(), "a+b/%C3%A4%2B.gz");
  EXPECT_EQ(object.at("size"), 5);
  EXPECT_EQ(object.at("eTag").as_string(), "4b3a6218bb3e3a7303e8a171a60fcf92");
  EXPECT_FALSE(object.contains("versionId"));
  EXPECT_EQ(object.at("sequencer").as_string().size(), 16U);
  EXPECT_EQ(sent(), 0U);
}

TEST_F(NoticesTest, a_topic_is_told_as_a_message) {
  ASSERT_EQ(configure(R"({"TopicConfigurations":[{"TopicArn":")" + std::string(kTopic) +
                      R"(","Events":["s3:ObjectCreated:*"]}]})"),
            "ok");
  targets.calls.clear();
  ASSERT_TRUE(put("logs", "a", "x"));
  EXPECT_EQ(sent(), 1U);
  const auto& call = targets.calls.back();
  EXPECT_EQ(call.service + " " + call.operation, "sns Publish");
  EXPECT_EQ(json::find_string(call.input, "TopicArn"), kTopic);
  EXPECT_EQ(json::find_string(call.input, "Subject"), "Amazon S3 Notification");
  EXPECT_EQ(event_of(call).at("s3").at("object").at("key").as_string(), "a");
}

TEST_F(NoticesTest, only_what_is_asked_for_is_told) {
  ASSERT_EQ(
      tell(R"("s3:ObjectCreated:Put")", R"({"Name":"Prefix","Value":"in/"},{"Name":"suffix","Value":".gz"})"),
      "ok");
  for (const auto* key : {"in/a.gz", "in/a.txt", "out/a.gz", "in/b.gz"}) {
    ASSERT_TRUE(put("logs", key, "x"));
  }
  ASSERT_TRUE(
      answer("CopyObject", {{"Bucket", "logs"}, {"Key", "in/copy.gz"}, {"CopySource", "logs/in/a.gz"}}));
  ASSERT_TRUE(remove("logs", "in/a.gz"));
  EXPECT_THAT(told(), ElementsAre("ObjectCreated:Put in/a.gz", "ObjectCreated:Put in/b.gz"));
  ASSERT_TRUE(answer("PutBucketNotificationConfiguration",
                     {{"Bucket", "logs"}, {"NotificationConfiguration", object()}}));
  ASSERT_TRUE(put("logs", "in/c.gz", "x"));
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(NoticesTest, a_form_is_told_as_what_it_is) {
  ASSERT_EQ(tell(R"("s3:ObjectCreated:Post")"), "ok");
  ASSERT_TRUE(put("logs", "put", "x"));
  const auto form = make("PutObject", {{"Bucket", "logs"}, {"Key", "posted"}}, "x");
  form->call->is_form = true;
  ASSERT_TRUE(perform(*form));
  EXPECT_THAT(told(), ElementsAre("ObjectCreated:Post posted"));
}

TEST_F(NoticesTest, removals_are_told_with_and_without_versions) {
  ASSERT_EQ(tell(R"("s3:ObjectRemoved:*","s3:ObjectCreated:Copy")"), "ok");
  ASSERT_TRUE(put("logs", "a", "x"));
  ASSERT_TRUE(answer("CopyObject", {{"Bucket", "logs"}, {"Key", "b"}, {"CopySource", "logs/a"}}));
  ASSERT_TRUE(remove("logs", "a"));
  ASSERT_TRUE(remove("logs", "a"));  // it is not there
  EXPECT_THAT(told(), ElementsAre("ObjectCreated:Copy b", "ObjectRemoved:Delete a"));
  ASSERT_TRUE(answer("PutBucketVersioning",
                     {{"Bucket", "logs"}, {"VersioningConfiguration", object{{"Status", "Enabled"}}}}));
  const auto made = put("logs", "v", "x");
  const auto hidden = remove("logs", "v");
  EXPECT_EQ(sent(), 1U);
  EXPECT_EQ(event_of(targets.calls.back()).at("s3").at("object").at("versionId").as_string(),
            at(hidden, "/VersionId"));
  ASSERT_TRUE(
      answer("DeleteObject", {{"Bucket", "logs"}, {"Key", "v"}, {"VersionId", at(made, "/VersionId")}}));
  EXPECT_THAT(told(), ElementsAre("ObjectRemoved:DeleteMarkerCreated v", "ObjectRemoved:Delete v"));
}

TEST_F(NoticesTest, tags_and_lifecycle_are_told) {
  ASSERT_EQ(tell(R"("s3:ObjectTagging:*","s3:LifecycleExpiration:*")"), "ok");
  ASSERT_TRUE(put("logs", "a", "x"));
  const object tags{{"TagSet", json::array{object{{"Key", "team"}, {"Value", "owls"}}}}};
  ASSERT_TRUE(answer("PutObjectTagging", {{"Bucket", "logs"}, {"Key", "a"}, {"Tagging", tags}}));
  ASSERT_TRUE(answer("DeleteObjectTagging", {{"Bucket", "logs"}, {"Key", "a"}}));
  sent();
  EXPECT_EQ(event_of(targets.calls.back()).at("eventVersion").as_string(), "2.3");
  ASSERT_TRUE(answer(
      "PutBucketLifecycleConfiguration",
      {{"Bucket", "logs"},
       {"LifecycleConfiguration",
        *json::parse(R"({"Rules":[{"ID":"a","Status":"Enabled","Filter":{},"Expiration":{"Days":1}}]})")}}));
  clock.advance(std::chrono::hours(72));
  const auto expire = [&] {
    Lifecycle lifecycle(dependencies(), clock);
    return run(lifecycle.apply())->removed;
  };
  EXPECT_EQ(expire(), 1U);
  EXPECT_EQ(sent(), 1U);
  EXPECT_EQ(event_of(targets.calls.back()).at("userIdentity").at("principalId").as_string(),
            "s3.amazonaws.com");
  ASSERT_TRUE(answer("PutBucketVersioning",
                     {{"Bucket", "logs"}, {"VersioningConfiguration", object{{"Status", "Enabled"}}}}));
  ASSERT_TRUE(put("logs", "v", "x"));
  clock.advance(std::chrono::hours(72));
  EXPECT_EQ(expire(), 1U);
  EXPECT_THAT(told(),
              ElementsAre("ObjectTagging:Put a", "ObjectTagging:Delete a", "LifecycleExpiration:Delete a",
                          "LifecycleExpiration:DeleteMarkerCreated v"));
}

TEST_F(NoticesTest, a_destination_is_asked_before_it_is_told) {
  const std::string refusal = "InvalidArgument Unable to validate the following destination configurations";
  EXPECT_EQ(tell(R"("s3:ObjectCreated:*")"), "ok");
  EXPECT_THAT(std::string(*json::find_string(targets.calls.at(0).input, "MessageBody")),
              HasSubstr(R"("Event":"s3:TestEvent")"));
  for (const auto* code : {"AccessDenied", "AWS.SimpleQueueService.NonExistentQueue"}) {
    targets.refuses = code;
    EXPECT_EQ(tell(R"("s3:ObjectCreated:*")"), refusal);
  }
  targets.refuses = "ServiceUnavailable";
  EXPECT_THAT(tell(R"("s3:ObjectCreated:*")"), HasSubstr("ServiceUnavailable"));
  const auto elsewhere =
      R"({"QueueConfigurations":[{"QueueArn":"arn:aws:sqs:eu-west-1:111122223333:q","Events":["s3:ObjectCreated:*"]}]})";
  EXPECT_EQ(configure(elsewhere, true), "ok");
  targets.refuses.clear();
  EXPECT_EQ(configure(elsewhere), refusal);
}

TEST_F(NoticesTest, what_is_not_taken_is_tried_again_later_and_later) {
  ASSERT_EQ(tell(R"("s3:ObjectCreated:*")"), "ok");
  targets.calls.clear();
  for (int i = 0; i < 12; ++i) {
    ASSERT_TRUE(put("logs", std::to_string(i), "x"));
  }
  targets.refuses = "ServiceUnavailable";
  EXPECT_EQ(sent(), 0U);
  targets.refuses.clear();
  EXPECT_EQ(sent(), 0U);
  timers.advance(Notifier::kFirstPause);
  targets.refuses = "ServiceUnavailable";
  EXPECT_EQ(sent(), 0U);
  EXPECT_EQ(targets.refused, 2);
  timers.advance(Notifier::kFirstPause);
  EXPECT_EQ(sent(), 0U);
  EXPECT_EQ(targets.refused, 2);  // twice as long
  targets.refuses.clear();
  timers.advance(Notifier::kFirstPause);
  EXPECT_EQ(sent(), 12U);
  EXPECT_EQ(event_of(targets.calls.front()).at("s3").at("object").at("key").as_string(), "0");
  EXPECT_EQ(event_of(targets.calls.back()).at("s3").at("object").at("key").as_string(), "11");
}

TEST_F(NoticesTest, a_target_that_fails_does_not_hold_up_another) {
  ASSERT_EQ(configure(R"({"QueueConfigurations":[{"QueueArn":")" + std::string(kQueue) +
                      R"(","Events":["s3:ObjectCreated:*"]}],"TopicConfigurations":[{"TopicArn":")" +
                      std::string(kTopic) + R"(","Events":["s3:ObjectRemoved:*"]}]})"),
            "ok");
  ASSERT_TRUE(put("logs", "a", "x"));
  ASSERT_TRUE(remove("logs", "a"));
  targets.refuses = "ServiceUnavailable";
  EXPECT_EQ(sent(), 0U);
  EXPECT_EQ(targets.refused, 2);
}

TEST_F(NoticesTest, a_bucket_that_may_not_tell_does_not_hold_up_another) {
  make_bucket("foreign");
  const auto all = R"({"QueueConfigurations":[{"QueueArn":")" + std::string(kQueue) +
                   R"(","Events":["s3:ObjectCreated:*"]}]})";
  ASSERT_EQ(configure(all, true, "foreign"), "ok");
  ASSERT_EQ(configure(all, true), "ok");
  targets.refuses = "AccessDenied";
  targets.spared = "arn:aws:s3:::logs";
  ASSERT_TRUE(put("foreign", "a", "x"));
  ASSERT_TRUE(put("logs", "a", "x"));
  EXPECT_EQ(sent(), 1U);
  EXPECT_EQ(targets.refused, 1);
  EXPECT_EQ(waiting(), 1U);
}

TEST_F(NoticesTest, what_was_counted_and_not_committed_is_forgotten) {
  const auto lane = lane_of(kQueue, "logs");
  EXPECT_TRUE(notifier->waiting().add(lane, "111122223333"));
  EXPECT_EQ(sent(), 0U);
  EXPECT_EQ(notifier->waiting().count_of(lane), 0U);
}

TEST_F(NoticesTest, a_restart_sends_what_waits_and_once_more_what_was_not_removed) {
  ASSERT_EQ(tell(R"("s3:ObjectCreated:*")"), "ok");
  ASSERT_TRUE(put("logs", "a", "x"));
  targets.calls.clear();
  restart("run3");
  open();
  ASSERT_TRUE(run(notifier->load()));
  EXPECT_EQ(notifier->waiting().count_of(lane_of(kQueue, "logs")), 1U);
  ASSERT_TRUE(put("logs", "b", "x"));
  EXPECT_EQ(sent(), 2U);
  EXPECT_EQ(notifier->waiting().count_of(lane_of(kQueue, "logs")), 0U);
  const auto sequencer = [&](std::size_t i) {
    return std::string(event_of(targets.calls.at(i)).at("s3").at("object").at("sequencer").as_string());
  };
  EXPECT_LT(sequencer(0), sequencer(1));
}

TEST_F(NoticesTest, what_cannot_be_sent_for_days_is_dropped) {
  ASSERT_EQ(tell(R"("s3:ObjectCreated:*")"), "ok");
  ASSERT_TRUE(put("logs", "a", "x"));
  targets.refuses = "ServiceUnavailable";
  timers.advance(Millis(Notifier::kKept) - Millis{1});
  ASSERT_TRUE(put("logs", "b", "x"));
  EXPECT_EQ(sent(), 0U);
  EXPECT_EQ(waiting(), 2U);
  timers.advance(Notifier::kPauseMax);
  EXPECT_EQ(sent(), 0U);
  EXPECT_EQ(waiting(), 1U);
  EXPECT_THAT(metrics.text(), HasSubstr("cairn_s3_notices_dropped_total 1"));
}

TEST_F(NoticesTest, no_more_wait_than_may) {
  WaitingNotices waiting(timers, metrics);
  const std::string queue(kQueue);
  std::string before;
  for (std::size_t i = 0; i < WaitingNotices::lane_max; ++i) {
    const auto next = waiting.add(queue, "a");
    ASSERT_TRUE(next);
    ASSERT_LT(before, *next);
    before = *next;
  }
  EXPECT_FALSE(waiting.add(queue, "a"));
  EXPECT_TRUE(waiting.add("another", "a"));
  waiting.gone(queue, 1);
  EXPECT_TRUE(waiting.add(queue, "a"));
  EXPECT_FALSE(waiting.add(queue, "a"));
  waiting.none_of(queue);
  EXPECT_EQ(waiting.count_of(queue), 0U);
}

TEST_F(NoticesTest, one_account_leaves_room_for_others) {
  WaitingNotices waiting(timers, metrics);
  std::size_t taken = 0;
  for (const auto* const lane : {"q/1", "q/2", "q/3"}) {
    for (std::size_t i = 0; i < WaitingNotices::lane_max; ++i) {
      taken += waiting.add(lane, "a") ? 1 : 0;
    }
  }
  EXPECT_EQ(taken, WaitingNotices::account_max);
  EXPECT_TRUE(waiting.add("q/4", "b"));
  waiting.gone("q/1", 1);
  EXPECT_TRUE(waiting.add("q/3", "a"));
  EXPECT_FALSE(waiting.add("q/3", "a"));
  waiting.none_of("q/2");
  EXPECT_TRUE(waiting.add("q/3", "a"));
  // The bucket is another account's now, with what waits of it.
  EXPECT_TRUE(waiting.add("q/1", "b"));
  EXPECT_EQ(waiting.count_of("q/1"), WaitingNotices::lane_max);
  for (std::size_t i = 0; i < WaitingNotices::lane_max; ++i) {
    static_cast<void>(waiting.add("q/5", "b"));
  }
  EXPECT_FALSE(waiting.add("q/6", "b"));
  EXPECT_TRUE(waiting.add("q/7", "a"));
  waiting.found("q/8", "c");
  EXPECT_EQ(waiting.count_of("q/8"), 1U);
}

TEST(Notices, documents_are_read_and_what_was_not_written_is_noticed) {
  const Notice notice{
      .bucket = "arn:aws:s3:::logs", .account = "111122223333", .made = Time{Millis{5}}, .body = "{}"};
  EXPECT_EQ(to_document(notice),
            R"({"v":1,"bucket":"arn:aws:s3:::logs","account":"111122223333","made":5,"body":"{}"})");
  const auto again = notice_from(to_document(notice));
  ASSERT_TRUE(again);
  EXPECT_EQ(to_document(*again), to_document(notice));
  for (const auto* bad : {"", "{}", R"({"v":2,"bucket":"b","account":"a","made":5,"body":"{}"})",
                          R"({"v":1,"bucket":"b","account":"a","made":5})",
                          R"({"v":1,"bucket":"b","account":"a","body":""})"}) {
    EXPECT_FALSE(notice_from(bad)) << bad;
  }
  EXPECT_EQ(lane_in(notice_key(lane_of(kQueue, "logs"), "0A")), lane_of(kQueue, "logs"));
  EXPECT_EQ(target_of(lane_of(kQueue, "logs")), kQueue);
}

TEST(Notices, documents_of_the_first_version_are_read) {
  std::ifstream in(std::string(CAIRN_SOURCE_DIR) + "/src/services/s3/compat/notice_v1.json");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const auto notice = notice_from(text);
  ASSERT_TRUE(notice) << text;
  EXPECT_EQ(notice->bucket, "arn:aws:s3:::kestrel-audit");
  EXPECT_EQ(notice->made, Time{Millis{1'772'446'500'123}});
  EXPECT_TRUE(json::parse_object(notice->body));
  EXPECT_EQ(to_document(*notice), text);
}

}  // namespace
}  // namespace cairn::services::s3::testing
