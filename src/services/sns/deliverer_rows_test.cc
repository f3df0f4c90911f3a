// What waits is bounded, written row by row, sealed, and due by a clock of its own.
#include "codec/base64.h"
#include "services/sns/testing.h"

namespace cairn::services::sns {
namespace {

using testing::Delivery;
using testing::kHook;
using testing::object;

TEST_F(Delivery, asks_again_after_a_minute_with_the_same_token) {
  const auto one = subscribe("http", kHook);
  deliver();
  const auto first = last_envelope().at("Token");
  const auto again = [&](Millis after) {
    clock.time += after;
    EXPECT_EQ(subscribe("http", kHook), one);
    deliver();
    return endpoints.kept.size();
  };
  EXPECT_EQ(again(Millis{59'999}), 1U);
  EXPECT_EQ(again(Millis{1}), 2U);
  EXPECT_EQ(last_envelope().at("Token"), first);
  wall_ahead = std::chrono::hours(-1);  // the clock of ages decides
  EXPECT_EQ(again(Millis{60'000}), 3U);
  clock.time -= std::chrono::hours(5);
  EXPECT_EQ(again(Millis{0}), 4U);
  EXPECT_EQ(code("ConfirmSubscription", {{"TopicArn", arn()}, {"Token", first}}), "");
  EXPECT_EQ(again(Millis{60'000}), 4U);
}

TEST_F(Delivery, has_one_message_at_most_that_asks_an_endpoint) {
  endpoints.status = 0;
  for (int i = 0; i < 50; ++i) {
    subscribe("http", kHook);
    EXPECT_LE(waiting(), 1U);
    deliver();
    clock.time += Millis{10'000};
  }
  EXPECT_LE(endpoints.kept.size(), 4U * 9U);  // four times for each message, and one a minute
}

TEST_F(Delivery, asks_nobody_for_whom_there_is_no_room) {
  confirmed();
  endpoints.status = 0;
  while (publish("m").starts_with("{")) {
  }
  EXPECT_EQ(code("Subscribe",
                 {{"TopicArn", arn()}, {"Protocol", "http"}, {"Endpoint", "http://other.example.org/"}}),
            "Throttled");
}

TEST_F(Delivery, keeps_no_more_bytes_than_it_may) {
  confirmed();
  endpoints.status = 0;
  const std::string large(30'000, 'm');
  EXPECT_TRUE(publish(large).starts_with("{"));
  EXPECT_TRUE(publish(large).starts_with("Throttled:"));  // reserved, though nobody took it in yet
  deliver();
  EXPECT_TRUE(publish(large).starts_with("Throttled:"));
  EXPECT_TRUE(publish("small").starts_with("{"));
  endpoints.status = 200;
  clock.time += Millis{20'000};
  deliver();
  EXPECT_TRUE(publish(large).starts_with("{"));
}

TEST_F(Delivery, counts_what_is_published_before_it_is_taken_in) {
  for (int i = 0; i < 7; ++i) {
    subscribe("sqs", queue("q" + std::to_string(i)));
  }
  EXPECT_TRUE(publish("one").starts_with("{"));
  EXPECT_TRUE(publish("two").starts_with("{"));
  EXPECT_TRUE(publish("three").starts_with("Throttled:"));  // 21 rows
}

// Two accounts, each with a topic that two queues subscribe to; nobody reaches these.
class Shares : public Delivery {
 protected:
  static DelivererOptions options() {
    return {.deliveries_max = 12, .account_deliveries_max = 8, .account_bytes_max = 20'000};
  }
  void SetUp() override {
    make_topic();
    caller = testing::root_of(testing::kElsewhere);
    EXPECT_EQ(code("CreateTopic", {{"Name", "theirs"}}), "");
    for (const auto* const name : {"q", "r"}) {
      EXPECT_EQ(
          code("Subscribe",
               {{"TopicArn", kTheirs}, {"Protocol", "sqs"}, {"Endpoint", queue(name, testing::kElsewhere)}}),
          "");
    }
    caller = testing::root_of(testing::kHere);
    subscribe("sqs", queue("q"));
    subscribe("sqs", queue("r"));
    service = make_sns({.catalog = catalog, .sealer = sealer, .deliverer = small});
    queues.fault = aws::Fault{.code = "ServiceUnavailable", .status = 503, .message = ""};
  }
  // How many messages are taken until no more are.
  int taken_by(const std::string& topic, std::string_view text = "m") {
    int count = 0;
    while (count < 20 && code("Publish", {{"TopicArn", topic}, {"Message", text}}).empty()) {
      ++count;
    }
    return count;
  }
  void deliver_all() {
    queues.fault.reset();
    clock.time += std::chrono::hours(1);
    run(small.work_off());
  }

  const std::string kTheirs = "arn:aws:sns:eu-west-1:" + std::string(testing::kElsewhere) + ":theirs";
  Deliverer small{parts(), options()};
};

TEST_F(Shares, leave_other_accounts_room) {
  EXPECT_EQ(taken_by(arn()), 4);
  run(small.work_off());
  EXPECT_EQ(taken_by(arn()), 0);
  caller = testing::root_of(testing::kElsewhere);
  EXPECT_EQ(taken_by(kTheirs), 2);
  deliver_all();
  EXPECT_EQ(taken_by(kTheirs), 4);
  deliver_all();
  caller = testing::root_of(testing::kHere);
  EXPECT_EQ(taken_by(arn()), 4);
}

TEST_F(Shares, are_of_bytes_too) {
  const std::string large(8'000, 'm');
  EXPECT_EQ(taken_by(arn(), large), 1);
  caller = testing::root_of(testing::kElsewhere);
  EXPECT_EQ(taken_by(kTheirs, large), 1);
  deliver_all();
  EXPECT_EQ(taken_by(kTheirs, large), 1);
}

TEST_F(Shares, are_the_topics_owners_whoever_publishes) {
  EXPECT_EQ(code("AddPermission", {{"TopicArn", arn()},
                                   {"Label", "them"},
                                   {"AWSAccountId", json::array{json::value(testing::kElsewhere)}},
                                   {"ActionName", json::array{json::value("Publish")}}}),
            "");
  caller = testing::user_of(
      testing::kElsewhere,
      R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sns:Publish","Resource":"*"}})");
  EXPECT_EQ(taken_by(arn()), 4);
  EXPECT_EQ(taken_by(kTheirs), 2);
}

TEST_F(Shares, of_what_was_not_published_are_free_again) {
  json::array entries;
  for (int i = 0; i < 5; ++i) {
    entries.push_back(object{{"Id", std::to_string(i)}, {"Message", "m"}});
  }
  EXPECT_EQ(code("PublishBatch", {{"TopicArn", arn()}, {"PublishBatchRequestEntries", entries}}),
            "Throttled");
  run(small.work_off());
  EXPECT_EQ(taken_by(arn()), 4);
}

TEST_F(Shares, count_what_earlier_runs_left) {
  EXPECT_EQ(taken_by(arn()), 4);
  Deliverer later(parts(), options());
  ASSERT_TRUE(run(later.load()));
  service = make_sns({.catalog = catalog, .sealer = sealer, .deliverer = later});
  EXPECT_EQ(taken_by(arn()), 0);
  caller = testing::root_of(testing::kElsewhere);
  EXPECT_EQ(taken_by(kTheirs), 2);
}

TEST_F(Delivery, keeps_its_times_whatever_the_wall_clock_says) {
  confirmed();
  for (const auto step : {std::chrono::hours(-5), std::chrono::hours(5)}) {
    endpoints.kept.clear();
    wall_ahead = step;
    endpoints.status = 503;
    publish("m");
    deliver();
    EXPECT_EQ(endpoints.kept.size(), 1U);
    clock.time += Millis{19'999};
    deliver();
    EXPECT_EQ(endpoints.kept.size(), 1U);
    endpoints.status = 200;
    clock.time += Millis{1};
    deliver();
    EXPECT_EQ(endpoints.kept.size(), 2U);
    EXPECT_EQ(waiting(), 0U);
  }
}

TEST_F(Delivery, is_not_held_up_when_its_own_clock_goes_back) {
  confirmed();
  endpoints.status = 503;
  publish("m");
  deliver();
  endpoints.status = 200;
  clock.time -= std::chrono::hours(5);
  deliver();
  EXPECT_EQ(endpoints.kept.size(), 2U);
  EXPECT_EQ(waiting(), 0U);
}

TEST_F(Delivery, writes_a_message_once_and_each_row_for_itself) {
  for (int i = 0; i < 3; ++i) {
    subscribe("sqs", queue("q" + std::to_string(i)));
  }
  confirmed();
  publish("m");
  const auto key = run(catalog.scan("sns/message/", "", 10))->front().key;
  endpoints.status = 503;
  deliver();
  EXPECT_EQ(run(catalog.get(key))->value().version, 1U);
  EXPECT_EQ(run(catalog.scan("sns/delivery/", "", 10))->size(), 4U);
  const auto sent = queues.calls.size();
  EXPECT_EQ(sent, 3U);
  Deliverer later(parts(), {});
  ASSERT_TRUE(run(later.load()));
  run(later.work_off());
  EXPECT_EQ(queues.calls.size(), sent);  // these are over
  EXPECT_EQ(endpoints.kept.size(), 1U);  // and this is not due yet
  endpoints.status = 200;
  clock.time += Millis{20'000};
  run(later.work_off());
  EXPECT_EQ(endpoints.kept.size(), 2U);
  EXPECT_TRUE(run(catalog.scan("sns/message/", "", 10))->empty());
  EXPECT_TRUE(run(catalog.scan("sns/delivery/", "", 10))->empty());
}

TEST_F(Delivery, removes_what_was_over_before_a_restart) {
  for (int i = 0; i < 2; ++i) {
    subscribe("sqs", queue("q" + std::to_string(i)));
  }
  publish("m");
  const auto key = run(catalog.scan("sns/message/", "", 10))->front().key;
  const auto subscriptions = run(catalog.scan("sns/subscription/", "", 10)).value();
  for (const auto& document : subscriptions) {
    const auto id = document.key.substr(document.key.rfind('/') + 1);
    commit({{.key = topics::progress_key(key, id),
             .value = topics::encode(topics::Progress{.over = true}),
             .expected = std::nullopt}});
  }
  ASSERT_TRUE(run(deliverer.load()));
  EXPECT_EQ(waiting(), 0U);
  EXPECT_TRUE(run(catalog.scan("sns/delivery/", "", 10))->empty());
  deliver();
  EXPECT_TRUE(queues.calls.empty());
}

TEST_F(Delivery, lies_sealed_until_it_is_delivered) {
  confirmed();
  publish("a secret egg", {{"Subject", "a secret subject"}});
  subscribe("http", "http://other.example.org/");
  for (const auto& line : all()) {
    EXPECT_EQ(line.find("secret"), std::string::npos) << line;
    EXPECT_EQ(line.find(codec::base64_encode(std::string("a secret egg"))), std::string::npos) << line;
  }
  deliver();
  const auto token = std::string(last_envelope().at("Token").as_string());
  for (const auto& line : all()) {
    EXPECT_EQ(line.find(token), std::string::npos) << line;
  }
}

}  // namespace
}  // namespace cairn::services::sns
