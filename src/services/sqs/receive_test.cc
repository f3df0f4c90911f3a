// Receiving: clocks that step, dead letters, who waits, and what others do meanwhile.
#include <gmock/gmock.h>

#include <thread>

#include "services/sqs/testing.h"

namespace cairn::services::sqs::testing {
namespace {

using ::testing::HasSubstr;

class ReceiveTest : public SqsWorld {
 protected:
  // As a call of somebody else leaves it.
  void post(const queues::Queue& queue, queues::Mailbox& mailbox, const std::string& body) {
    queues::Message sent{.queue = queue.id, .number = mailbox.next_number(), .id = "1", .parts = 1};
    sent.sent = sent.since = sent.visible = clock.time;
    catalog::Transaction change;
    queues::put_state(sent, change);
    queues::put_content(sent, *queues::encode_content(sent, {.body = body}, nullptr), change);
    EXPECT_TRUE(run(catalog.commit(std::move(change))));
    mailbox.add(sent);
  }
};

TEST_F(ReceiveTest, a_step_of_the_wall_clock_changes_what_messages_say_and_nothing_else) {
  new_queue("nest", {{"MessageRetentionPeriod", "3600"}});
  for (const auto step : {std::chrono::hours(-5), std::chrono::hours(5)}) {
    send("before");
    EXPECT_EQ(receive(), "before");
    stepped.emplace().time = clock.time + step;
    service = make_service();
    EXPECT_EQ(receive(), "");
    send("after");
    EXPECT_EQ(receive({{"AttributeNames", json::array{"SentTimestamp"}}}), "after");
    EXPECT_EQ(message.at("Attributes").at("SentTimestamp").as_string(),
              std::to_string(stepped->time.time_since_epoch().count()));
    EXPECT_EQ(text("ChangeMessageVisibility", about({{"ReceiptHandle", handle}, {"VisibilityTimeout", 30}})),
              "{}");
    EXPECT_EQ(receive(), "");
    clock.time += std::chrono::seconds(30);
    EXPECT_EQ(receive({{"MaxNumberOfMessages", 10}}), "before after");
    clock.time += std::chrono::seconds(3539);
    EXPECT_EQ(reaped(), 0U);
    clock.time += std::chrono::seconds(31);
    EXPECT_EQ(reaped(), 2U);
    stepped.reset();
    service = make_service();
  }
}

TEST_F(ReceiveTest, the_clock_of_ages_may_be_set_back_and_nothing_is_lost_or_frozen) {
  new_queue("nest", {{"MessageRetentionPeriod", "3600"}});
  for (const bool restarts : {false, true}) {
    send("owl");
    EXPECT_EQ(receive(), "owl");
    clock.time -= std::chrono::hours(5);
    if (restarts) {
      restart();
    }
    EXPECT_EQ(receive(), "") << restarts;
    clock.time += std::chrono::seconds(30);
    EXPECT_EQ(receive(), "owl") << restarts;
    clock.time += std::chrono::seconds(3569);
    EXPECT_EQ(reaped(), 0U) << restarts;
    clock.time += std::chrono::seconds(1 + (restarts ? 30 : 0));
    EXPECT_EQ(reaped(), 1U) << restarts;
    EXPECT_EQ(text("PurgeQueue", about()), "{}");
    clock.time += std::chrono::seconds(60);
  }
}

TEST_F(ReceiveTest, what_was_received_too_often_goes_to_the_dead_letters) {
  new_queue("dead");
  new_queue("nest",
            {{"RedrivePolicy",
              R"({"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:111122223333:dead","maxReceiveCount":"2"})"}});
  EXPECT_EQ(attribute("RedrivePolicy"),
            R"({"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:111122223333:dead","maxReceiveCount":2})");
  EXPECT_EQ(text("ListDeadLetterSourceQueues", about({}, "dead")),
            R"({"queueUrls":["http://localhost:4586/111122223333/nest"]})");
  send("poison");
  send("food");
  EXPECT_EQ(receive({{"VisibilityTimeout", 0}}), "poison");
  EXPECT_EQ(receive({{"VisibilityTimeout", 0}}), "poison");
  restart();
  EXPECT_EQ(receive({{"VisibilityTimeout", 0}}), "food");
  EXPECT_EQ(attribute("ApproximateNumberOfMessages"), "1");
  restart();
  EXPECT_EQ(receive({{"AttributeNames", json::array{"All"}}}, "dead"), "poison");
  EXPECT_THAT(json::serialize(message.at("Attributes")),
              HasSubstr(R"("DeadLetterQueueSourceArn":"arn:aws:sqs:eu-west-1:111122223333:nest")"));
  EXPECT_EQ(text("DeleteQueue", about({}, "dead")), "{}");
  EXPECT_EQ(receive({{"VisibilityTimeout", 0}}), "food");
  EXPECT_EQ(receive({{"VisibilityTimeout", 0}}), "food");  // there is nowhere to go
}

TEST_F(ReceiveTest, each_queue_of_dead_letters_counts_for_itself) {
  const auto redrive_to = [](const std::string& queue) {
    return object{{"RedrivePolicy", R"({"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:111122223333:)" + queue +
                                        R"(","maxReceiveCount":1})"}};
  };
  new_queue("last");
  new_queue("second", redrive_to("last"));
  new_queue("nest", redrive_to("second"));
  send("poison");
  EXPECT_EQ(receive({{"VisibilityTimeout", 0}}), "poison");
  EXPECT_EQ(receive({{"VisibilityTimeout", 0}}), "");
  restart();
  EXPECT_EQ(receive({{"VisibilityTimeout", 0}, {"AttributeNames", json::array{"ApproximateReceiveCount"}}},
                    "second"),
            "poison");
  EXPECT_EQ(json::serialize(message.at("Attributes")), R"({"ApproximateReceiveCount":"2"})");
  EXPECT_EQ(receive({}, "second"), "");
  EXPECT_EQ(receive({}, "last"), "poison");
}

TEST_F(ReceiveTest, who_waits_goes_on_when_what_was_there_went_to_the_dead_letters) {
  new_queue("dead");
  new_queue("nest",
            {{"RedrivePolicy",
              R"({"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:111122223333:dead","maxReceiveCount":1})"}});
  send("poison");
  EXPECT_EQ(receive({{"VisibilityTimeout", 0}}), "poison");
  const auto queue = *run(queues::load_queue(catalog, kHere, "eu-west-1", "nest"));
  const auto mailbox = *run(mailboxes->of(queue->value));
  std::thread sender([&] {
    while (mailbox->messages() > 0) {
      std::this_thread::yield();
    }
    post(queue->value, *mailbox, "food");
  });
  EXPECT_EQ(receive({{"WaitTimeSeconds", 20}}), "food");
  sender.join();
  EXPECT_EQ(receive({}, "dead"), "poison");
}

TEST_F(ReceiveTest, who_waits_hears_of_what_is_sent_and_of_what_is_seen_again) {
  new_queue();
  EXPECT_EQ(receive({{"WaitTimeSeconds", 21}}), "InvalidParameterValue");
  const auto queue = *run(queues::load_queue(catalog, kHere, "eu-west-1", "nest"));
  const auto mailbox = *run(mailboxes->of(queue->value));
  const auto when_waiting = [&](const std::function<void()>& then) {
    return std::thread([&mailbox, then] {
      while (mailbox->waiting() == 0) {
        std::this_thread::yield();
      }
      then();
    });
  };
  auto sender = when_waiting([&] { post(queue->value, *mailbox, "sent meanwhile"); });
  EXPECT_EQ(receive({{"WaitTimeSeconds", 20}}), "sent meanwhile");
  sender.join();
  EXPECT_EQ(mailbox->waiting(), 0U);
  EXPECT_EQ(receive({{"WaitTimeSeconds", 1}}), "");
  auto closer = when_waiting([&] { mailboxes->close(); });
  EXPECT_EQ(receive({{"WaitTimeSeconds", 20}}), "");
  closer.join();
}

TEST_F(ReceiveTest, what_is_deleted_while_it_is_received_is_not_received) {
  new_queue();
  send("owl");
  EXPECT_EQ(receive({{"VisibilityTimeout", 0}}), "owl");
  const auto first = handle;
  before_commit = [&] { EXPECT_EQ(text("DeleteMessage", about({{"ReceiptHandle", first}})), "{}"); };
  EXPECT_EQ(receive(), "");
  EXPECT_EQ(conflicts, 1);
  EXPECT_EQ(documents("sqs/message/"), 0U);
}

TEST_F(ReceiveTest, a_receive_that_is_not_committed_gives_its_messages_back) {
  new_queue();
  send("owl");
  for (const auto kind :
       {catalog::memory::Faults::Kind::unavailable, catalog::memory::Faults::Kind::unknown_not_applied,
        catalog::memory::Faults::Kind::unknown_applied}) {
    catalog.fail({.every = 1, .kind = kind});
    EXPECT_FALSE(answer("ReceiveMessage", about()));
    EXPECT_EQ(attribute("ApproximateNumberOfMessages"), "1");
    catalog.fail({});
    EXPECT_EQ(receive({{"VisibilityTimeout", 0}}), "owl");
  }
}

}  // namespace
}  // namespace cairn::services::sqs::testing
