#include "delivery/notices.h"

#include <gtest/gtest.h>

#include <fstream>

#include "async/loops.h"
#include "catalog/memory/memory_catalog.h"
#include "delivery/trails.h"
#include "json/json.h"

namespace cairn::delivery {
namespace {

const Time kThen{Millis{1'772'446'500'000}};

class SetClock final : public Clock {
 public:
  Time now() const override { return time; }
  Time time = kThen;
};

// A topic that takes what it is told, or refuses with `code`.
class FakeTopic final : public aws::Client {
 public:
  Task<Result<aws::ClientAnswer, aws::Fault>> call(aws::ClientCall call) override {
    calls.push_back(call);
    if (!code.empty()) {
      co_return aws::Fault{code, 403, "no"};
    }
    co_return aws::ClientAnswer{};
  }
  std::vector<std::string> keys() const {
    std::vector<std::string> all;
    for (const auto& call : calls) {
      const auto told = json::parse_object(json::find_string(call.input, "Message").value_or("")).value();
      all.emplace_back(told.at("s3ObjectKey").at(0).as_string());
    }
    return all;
  }
  std::vector<aws::ClientCall> calls;
  std::string code;
};

class NoticesTest : public ::testing::Test {
 protected:
  NoticesTest() {
    trail.account = "111122223333";
    trail.name = "main";
    trail.home_region = "eu-west-1";
    trail.bucket = "kestrel";
    trail.topic_name = "nests";
    trail.topic_arn = "arn:aws:sns:eu-west-1:111122223333:nests";
    trail.created = kThen;
    keep(trail);
  }
  template <class T>
  T run(Task<T> task) {
    return async::run(async::Executor(loops_.at(0).get_executor()), std::move(task));
  }
  void run(Task<void> task) { async::run(async::Executor(loops_.at(0).get_executor()), std::move(task)); }
  void commit(catalog::Transaction change) {
    const auto done = run(catalog.commit(std::move(change)));
    ASSERT_TRUE(done) << done.error().text();
  }
  // As delivery's own copy.
  void keep(const trail::Trail& one) {
    catalog::Transaction change;
    change.writes.push_back(
        {trail_document_key(one.arn()), json::serialize(trail::to_document(one)), std::nullopt});
    commit(std::move(change));
  }
  void deliver(std::uint64_t number, std::string key) {
    Plan plan{.number = number,
              .trail_arn = trail.arn(),
              .trail_created = trail.created,
              .account = trail.account,
              .region = "us-east-1",
              .home_region = trail.home_region,
              .bucket = trail.bucket,
              .key = std::move(key)};
    catalog::Transaction change;
    notices.add(plan, trail, change);
    if (!change.empty()) {
      commit(std::move(change));
    }
    notices.wake(trail.arn());
  }
  std::size_t waiting() { return run(catalog.scan(std::string(kNoticePrefix), "", 100))->size(); }
  Notified status() { return *run(notified(catalog, trail, "us-east-1")); }

  catalog::memory::MemoryCatalog catalog{system_clock()};
  SetClock clock;
  Metrics metrics;
  FakeTopic topic;
  trail::Trail trail;
  // Who is refused may try again at once.
  const NoticeOptions options{.retry_least = Millis{0}, .retry_most = Millis{0}, .waiting_max = 5};
  Notices notices{options, catalog, topic, clock, metrics};

 private:
  async::Loops loops_{1};
};

TEST_F(NoticesTest, tell_a_topic_of_each_file_in_order) {
  deliver(9, "a.json.gz");
  deliver(10, "b.json.gz");
  run(notices.work_off());
  EXPECT_EQ(topic.keys(), (std::vector<std::string>{"a.json.gz", "b.json.gz"}));
  const auto& call = topic.calls.front();
  EXPECT_EQ(json::find_string(call.input, "Message"),
            R"({"s3Bucket":"kestrel","s3ObjectKey":["a.json.gz"]})");
  EXPECT_EQ(json::find_string(call.input, "TopicArn"), trail.topic_arn);
  EXPECT_EQ(call.region, "eu-west-1");
  EXPECT_EQ(call.on_behalf.service_principal, "cloudtrail.amazonaws.com");
  EXPECT_EQ(call.on_behalf.source_arn, trail.arn());
  EXPECT_EQ(call.on_behalf.source_account, trail.account);
  EXPECT_EQ(waiting(), 0U);
  EXPECT_EQ(status().sent, kThen);
  EXPECT_EQ(status().error, "");
}

TEST_F(NoticesTest, are_none_of_a_trail_without_a_topic) {
  trail.topic_arn.clear();
  deliver(1, "a");
  EXPECT_EQ(waiting(), 0U);
  run(notices.work_off());
  EXPECT_TRUE(topic.calls.empty());
}

TEST_F(NoticesTest, wait_for_a_topic_that_refuses_and_are_caught_up) {
  const NoticeOptions slow{.retry_least = std::chrono::hours{1}, .retry_most = std::chrono::hours{1}};
  Notices patient(slow, catalog, topic, clock, metrics);
  deliver(1, "a");
  deliver(2, "b");
  patient.wake(trail.arn());
  topic.code = "AuthorizationError";
  run(patient.work_off());
  EXPECT_EQ(topic.calls.size(), 1U);  // the second waits behind the first, and both for their time
  EXPECT_EQ(waiting(), 2U);
  EXPECT_EQ(status().error, "AuthorizationError");
  EXPECT_EQ(status().attempted, kThen);
  EXPECT_EQ(status().sent, std::nullopt);
  topic.code.clear();
  topic.calls.clear();
  run(notices.work_off());
  EXPECT_EQ(topic.keys(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(status().error, "");
  EXPECT_EQ(status().sent, kThen);
}

TEST_F(NoticesTest, of_earlier_runs_are_found) {
  deliver(1, "a");
  Notices later(options, catalog, topic, clock, metrics);
  ASSERT_TRUE(run(later.load()));
  run(later.work_off());
  EXPECT_EQ(topic.keys(), (std::vector<std::string>{"a"}));
  EXPECT_EQ(waiting(), 0U);
}

TEST_F(NoticesTest, go_to_the_topic_that_the_trail_has_by_then) {
  deliver(1, "a");
  trail.topic_arn = "arn:aws:sns:eu-west-1:111122223333:others";
  keep(trail);
  run(notices.work_off());
  EXPECT_EQ(json::find_string(topic.calls.front().input, "TopicArn"), trail.topic_arn);
}

TEST_F(NoticesTest, of_a_trail_that_is_gone_or_another_are_dropped) {
  deliver(1, "a");
  trail.created += Millis{1};
  keep(trail);
  deliver(2, "b");
  run(notices.work_off());
  EXPECT_EQ(topic.keys(), (std::vector<std::string>{"b"}));
  deliver(3, "c");
  catalog::Transaction gone;
  gone.writes.push_back({trail_document_key(trail.arn()), std::nullopt, std::nullopt});
  commit(std::move(gone));
  run(notices.work_off());
  EXPECT_EQ(topic.calls.size(), 1U);
  EXPECT_EQ(waiting(), 0U);
}

TEST_F(NoticesTest, are_dropped_when_they_are_too_many_or_too_old) {
  for (std::uint64_t i = 1; i <= 7; ++i) {
    deliver(i, "k" + std::to_string(i));
  }
  run(notices.work_off());
  EXPECT_EQ(topic.keys(), (std::vector<std::string>{"k3", "k4", "k5", "k6", "k7"}));
  deliver(8, "old");
  clock.time += std::chrono::days{1};
  deliver(9, "new");
  run(notices.work_off());
  EXPECT_EQ(topic.keys().back(), "new");
  EXPECT_EQ(topic.calls.size(), 6U);
  EXPECT_NE(metrics.text().find("cairn_delivery_notices_dropped_total 3"), std::string::npos)
      << metrics.text();
}

TEST_F(NoticesTest, that_cannot_be_read_are_left_out_and_counted_once) {
  deliver(1, "damaged");
  const auto key = run(catalog.scan(std::string(kNoticePrefix), "", 1))->front().key;
  catalog::Transaction damage;
  damage.writes.push_back({key, "{}", std::nullopt});
  commit(std::move(damage));
  deliver(2, "a");
  deliver(3, "b");
  run(notices.work_off());
  EXPECT_EQ(topic.keys(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(waiting(), 1U);
  EXPECT_NE(metrics.text().find("cairn_delivery_notices_unreadable_total 1"), std::string::npos)
      << metrics.text();
}

TEST_F(NoticesTest, read_what_they_wrote_and_nothing_else) {
  const Notice notice{.number = 7,
                      .trail_arn = trail.arn(),
                      .trail_created = kThen,
                      .region = "eu-west-1",
                      .bucket = "b",
                      .key = "k",
                      .made = kThen};
  EXPECT_EQ(to_document(*notice_from(to_document(notice))), to_document(notice));
  EXPECT_EQ(
      to_document(notice),
      R"({"v":1,"number":7,"trail":"arn:aws:cloudtrail:eu-west-1:111122223333:trail/main","trailCreated":1772446500000,)"
      R"("region":"eu-west-1","bucket":"b","key":"k","made":1772446500000})");
  for (const auto* const bad :
       {"", "{}", R"({"v":2,"number":7,"trail":"t","trailCreated":1,"bucket":"b","key":"k","made":1})",
        R"({"v":1,"number":-7,"trail":"t","trailCreated":1,"bucket":"b","key":"k","made":1})"}) {
    EXPECT_FALSE(notice_from(bad)) << bad;
  }
  const Notified went{.sent = kThen, .attempted = std::nullopt, .error = "e", .topic = "t"};
  EXPECT_EQ(to_document(*notified_from(to_document(went))), to_document(went));
  EXPECT_FALSE(notified_from(R"({"v":2})"));
}

}  // namespace
}  // namespace cairn::delivery
