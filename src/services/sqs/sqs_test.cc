// Queues and messages, over a catalog in memory.
#include <gmock/gmock.h>

#include "services/sqs/testing.h"

namespace cairn::services::sqs::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

using SqsTest = SqsWorld;

json::array ids(std::initializer_list<const char*> names) {
  json::array entries;
  for (const auto* name : names) {
    entries.push_back(object{{"Id", name}, {"MessageBody", name}});
  }
  return entries;
}

TEST_F(SqsTest, a_queue_is_made_found_listed_and_deleted) {
  EXPECT_EQ(text("CreateQueue", {{"QueueName", "nest"}}),
            R"({"QueueUrl":"http://localhost:4586/111122223333/nest"})");
  EXPECT_EQ(asked, std::vector<std::string>{"sqs:CreateQueue arn:aws:sqs:eu-west-1:111122223333:nest"});
  EXPECT_EQ(recorded.resources.at(0).arn, "arn:aws:sqs:eu-west-1:111122223333:nest");
  EXPECT_EQ(text("GetQueueUrl", {{"QueueName", "nest"}}),
            R"({"QueueUrl":"http://localhost:4586/111122223333/nest"})");
  EXPECT_EQ(text("GetQueueUrl", {{"QueueName", "other"}}), "QueueDoesNotExist");
  new_queue("owls");
  EXPECT_EQ(text("ListQueues", {{"QueueNamePrefix", "o"}}),
            R"({"QueueUrls":["http://localhost:4586/111122223333/owls"]})");
  EXPECT_EQ(text("ListQueues", {{"QueueNamePrefix", "x"}}), "{}");
  const auto page = *answer("ListQueues", {{"MaxResults", 1}});
  EXPECT_EQ(json::serialize(page.at("QueueUrls")), R"(["http://localhost:4586/111122223333/nest"])");
  EXPECT_EQ(text("ListQueues", {{"MaxResults", 1}, {"NextToken", page.at("NextToken")}}),
            R"({"QueueUrls":["http://localhost:4586/111122223333/owls"]})");
  EXPECT_EQ(text("ListQueues", {{"MaxResults", 1001}}), "InvalidParameterValue");
  EXPECT_EQ(text("DeleteQueue", about()), "{}");
  EXPECT_EQ(text("DeleteQueue", about()), "QueueDoesNotExist");
  EXPECT_EQ(text("SendMessage", about({{"MessageBody", "x"}})), "QueueDoesNotExist");
}

TEST_F(SqsTest, a_queue_is_named_by_its_url_or_by_the_path) {
  new_queue();
  for (const auto* url :
       {"http://localhost:4586/111122223333/nest", "https://any/111122223333/nest", "/111122223333/nest"}) {
    EXPECT_EQ(text("ListQueueTags", {{"QueueUrl", url}}), "{}") << url;
  }
  for (const auto* url :
       {"nest", "/nest", "http://h/1/nest", "http://h/111122223333/", "http://h/111122223333/a%20b"}) {
    EXPECT_EQ(text("ListQueueTags", {{"QueueUrl", url}}), "InvalidAddress") << url;
  }
  EXPECT_EQ(text("ListQueueTags"), "MissingParameter");
  head.target = "/111122223333/nest?Action=ListQueueTags";
  EXPECT_EQ(text("ListQueueTags"), "{}");
}

TEST_F(SqsTest, names_that_are_none_and_fifo_queues_are_refused) {
  for (const auto* name : {"", "a b", "a.b", "a/b"}) {
    EXPECT_EQ(text("CreateQueue", {{"QueueName", name}}), "InvalidParameterValue") << name;
  }
  EXPECT_EQ(text("CreateQueue", {{"QueueName", std::string(80, 'a')}}).substr(0, 2), "{\"");
  EXPECT_EQ(text("CreateQueue", {{"QueueName", std::string(81, 'a')}}), "InvalidParameterValue");
  EXPECT_EQ(text("CreateQueue", {{"QueueName", "a.fifo"}, {"Attributes", object{{"FifoQueue", "true"}}}}),
            "UnsupportedOperation");
  new_queue();
  EXPECT_EQ(text("SendMessage", about({{"MessageBody", "x"}, {"MessageGroupId", "g"}})),
            "InvalidParameterValue");
}

TEST_F(SqsTest, urls_begin_as_the_configuration_says) {
  service = make_sqs({.catalog = catalog,
                      .sealer = sealer,
                      .mailboxes = *mailboxes,
                      .wall = wall(),
                      .url = "https://queues.example:4586"});
  const std::string url = "https://queues.example:4586/111122223333/nest";
  EXPECT_EQ(text("CreateQueue", {{"QueueName", "nest"}}), R"({"QueueUrl":")" + url + R"("})");
  EXPECT_EQ(text("CreateQueue", {{"QueueName", "nest"}}), R"({"QueueUrl":")" + url + R"("})");
  EXPECT_EQ(text("GetQueueUrl", {{"QueueName", "nest"}}), R"({"QueueUrl":")" + url + R"("})");
  EXPECT_EQ(text("ListQueues"), R"({"QueueUrls":[")" + url + R"("]})");
  EXPECT_TRUE(answer("SendMessage", {{"QueueUrl", url}, {"MessageBody", "x"}}));
}

// A topic's, a bucket's or a trail's: it is told why.
TEST_F(SqsTest, a_service_is_told_that_a_queue_is_not_there) {
  caller = access::Caller();
  caller.principal.kind = access::PrincipalKind::service;
  caller.principal.name = "sns.amazonaws.com";
  for (const auto* const account : {kHere, "999988887777"}) {
    caller.principal.account = account;
    EXPECT_EQ(text("SendMessage", about({{"MessageBody", "x"}})), "QueueDoesNotExist") << account;
  }
}

TEST_F(SqsTest, a_message_is_sent_received_and_deleted) {
  new_queue();
  const auto sent = *answer("SendMessage", about({{"MessageBody", "an owl"}}));
  EXPECT_EQ(sent.at("MD5OfMessageBody"), "9d1b78bc76a1c7def333fb7fcdcfda09");
  EXPECT_EQ(receive({{"AttributeNames", json::array{"All"}}}), "an owl");
  EXPECT_TRUE(recorded.response_elements && recorded.response_elements->is_null());
  EXPECT_EQ(message.at("MessageId"), sent.at("MessageId"));
  EXPECT_EQ(json::serialize(message.at("Attributes")),
            R"({"SenderId":"111122223333","SentTimestamp":"1772446500123","ApproximateReceiveCount":"1",)"
            R"("ApproximateFirstReceiveTimestamp":"1772446500123"})");
  EXPECT_EQ(receive(), "");
  EXPECT_EQ(attribute("ApproximateNumberOfMessagesNotVisible"), "1");
  EXPECT_EQ(text("DeleteMessage", about({{"ReceiptHandle", handle}})), "{}");
  EXPECT_EQ(text("DeleteMessage", about({{"ReceiptHandle", handle}})), "{}");
  EXPECT_EQ(documents("sqs/message/") + documents("sqs/content/"), 0U);
  EXPECT_EQ(text("DeleteMessage", about({{"ReceiptHandle", "x"}})), "ReceiptHandleIsInvalid");
}

TEST_F(SqsTest, what_is_not_deleted_comes_again_and_only_the_last_handle_deletes_it) {
  new_queue();
  send("owl");
  EXPECT_EQ(receive(), "owl");
  const auto old = handle;
  clock.time += std::chrono::seconds(30) - Millis{1};
  EXPECT_EQ(receive(), "");
  clock.time += Millis{1};
  EXPECT_EQ(receive({{"VisibilityTimeout", 5}}), "owl");
  EXPECT_EQ(text("DeleteMessage", about({{"ReceiptHandle", old}})), "{}");
  clock.time += std::chrono::seconds(5);
  EXPECT_EQ(receive({{"AttributeNames", json::array{"ApproximateReceiveCount"}}}), "owl");
  EXPECT_EQ(json::serialize(message.at("Attributes")), R"({"ApproximateReceiveCount":"3"})");
  EXPECT_EQ(text("ChangeMessageVisibility", about({{"ReceiptHandle", old}, {"VisibilityTimeout", 1}})),
            "InvalidParameterValue");
  EXPECT_EQ(text("ChangeMessageVisibility", about({{"ReceiptHandle", handle}, {"VisibilityTimeout", 43201}})),
            "InvalidParameterValue");
  EXPECT_EQ(text("ChangeMessageVisibility", about({{"ReceiptHandle", handle}, {"VisibilityTimeout", 100}})),
            "{}");
  clock.time += std::chrono::seconds(99);
  EXPECT_EQ(receive(), "");
  EXPECT_EQ(text("ChangeMessageVisibility", about({{"ReceiptHandle", handle}, {"VisibilityTimeout", 0}})),
            "{}");
  EXPECT_EQ(text("ChangeMessageVisibility", about({{"ReceiptHandle", handle}, {"VisibilityTimeout", 9}})),
            "MessageNotInflight");
  EXPECT_EQ(receive(), "owl");
}

TEST_F(SqsTest, a_restart_changes_nothing_of_messages) {
  new_queue();
  send("one");
  send("two");
  send("three");
  EXPECT_EQ(receive(), "one");
  const auto first = handle;
  EXPECT_EQ(receive(), "two");
  restart();
  EXPECT_EQ(receive({{"MaxNumberOfMessages", 10}}), "three");
  EXPECT_EQ(text("DeleteMessage", about({{"ReceiptHandle", first}})), "{}");
  clock.time += std::chrono::seconds(30);
  restart();
  EXPECT_EQ(
      receive({{"MaxNumberOfMessages", 10}, {"AttributeNames", json::array{"ApproximateReceiveCount"}}}),
      "two three");
  EXPECT_EQ(json::serialize(message.at("Attributes")), R"({"ApproximateReceiveCount":"2"})");
}

TEST_F(SqsTest, messages_lie_sealed_unless_the_queue_says_otherwise) {
  new_queue();
  new_queue("open", {{"SqsManagedSseEnabled", "false"}});
  send("a secret owl");
  for (const auto& line : all()) {
    EXPECT_EQ(line.find("owl"), std::string::npos) << line;
  }
  send("an open owl", "open");
  EXPECT_THAT(all(), ::testing::Contains(HasSubstr("an open owl")));
  EXPECT_EQ(receive(), "a secret owl");
  EXPECT_EQ(receive({}, "open"), "an open owl");
}

TEST_F(SqsTest, attributes_of_messages_come_along_where_they_are_wanted) {
  new_queue();
  const object attributes{{"team", object{{"DataType", "String"}, {"StringValue", "owls"}}},
                          {"nest.bytes", object{{"DataType", "Binary.raw"}, {"BinaryValue", "AAH/"}}}};
  const object trace{{"AWSTraceHeader", object{{"DataType", "String"}, {"StringValue", "Root=1"}}}};
  const auto sent = answer(
      "SendMessage",
      about({{"MessageBody", "x"}, {"MessageAttributes", attributes}, {"MessageSystemAttributes", trace}}));
  ASSERT_TRUE(sent) << sent.error().message;
  EXPECT_TRUE(sent->contains("MD5OfMessageSystemAttributes"));
  EXPECT_EQ(receive({{"VisibilityTimeout", 0}}), "x");
  EXPECT_FALSE(message.contains("MessageAttributes"));
  EXPECT_EQ(receive({{"VisibilityTimeout", 0}, {"MessageAttributeNames", json::array{"nest.*"}}}), "x");
  EXPECT_EQ(json::serialize(message.at("MessageAttributes")),
            R"({"nest.bytes":{"DataType":"Binary.raw","BinaryValue":"AAH/"}})");
  EXPECT_EQ(receive({{"VisibilityTimeout", 0},
                     {"MessageAttributeNames", json::array{"All"}},
                     {"MessageSystemAttributeNames", json::array{"AWSTraceHeader"}}}),
            "x");
  EXPECT_EQ(message.at("MD5OfMessageAttributes"), sent->at("MD5OfMessageAttributes"));
  EXPECT_EQ(json::serialize(message.at("Attributes")), R"({"AWSTraceHeader":"Root=1"})");
  EXPECT_EQ(receive({{"MessageSystemAttributeNames", json::array{"Nonsense"}}}), "InvalidAttributeName");
}

TEST_F(SqsTest, what_is_no_message_is_refused) {
  new_queue("nest", {{"MaximumMessageSize", "1024"}});
  const auto with = [&](std::string_view name, object attribute) {
    return text("SendMessage",
                about({{"MessageBody", "x"}, {"MessageAttributes", object{{name, std::move(attribute)}}}}));
  };
  EXPECT_EQ(text("SendMessage", about({{"MessageBody", ""}})), "MissingParameter");
  EXPECT_EQ(text("SendMessage", about({{"MessageBody", std::string("a\x01")}})), "InvalidMessageContents");
  EXPECT_EQ(text("SendMessage", about({{"MessageBody", "a\xEF\xBF\xBF"}})), "InvalidMessageContents");
  EXPECT_EQ(text("SendMessage", about({{"MessageBody", std::string(1025, 'a')}})), "InvalidParameterValue");
  EXPECT_THAT(text("SendMessage", about({{"MessageBody", std::string(1024, 'a')}})), StartsWith("{"));
  EXPECT_EQ(text("SendMessage", about({{"MessageBody", "x"}, {"DelaySeconds", 901}})),
            "InvalidParameterValue");
  EXPECT_EQ(with("AWS.x", {{"DataType", "String"}, {"StringValue", "a"}}), "InvalidParameterValue");
  EXPECT_EQ(with("a..b", {{"DataType", "String"}, {"StringValue", "a"}}), "InvalidParameterValue");
  EXPECT_EQ(with("a", {{"DataType", "Text"}, {"StringValue", "a"}}), "InvalidParameterValue");
  EXPECT_EQ(with("a", {{"DataType", "String"}, {"StringValue", ""}}), "InvalidParameterValue");
  EXPECT_EQ(with("a", {{"DataType", "Binary"}, {"StringValue", "a"}}), "InvalidParameterValue");
  EXPECT_EQ(with("a", {{"DataType", "String"}, {"StringValue", std::string(1024, 'a')}}),
            "InvalidParameterValue");
  EXPECT_THAT(with("a", {{"DataType", "Number.int"}, {"StringValue", "1"}}), StartsWith("{"));
}

TEST_F(SqsTest, a_trace_header_is_no_way_around_the_size) {
  new_queue();
  const auto with = [&](const std::string& trace) {
    const object given{{"AWSTraceHeader", object{{"DataType", "String"}, {"StringValue", trace}}}};
    return text("SendMessage", about({{"MessageBody", std::string(queues::Limits::message_bytes_max, '"')},
                                      {"MessageSystemAttributes", given}}));
  };
  EXPECT_THAT(with(std::string(queues::Limits::trace_bytes_max, '"')), StartsWith("{"));
  EXPECT_EQ(with(std::string(queues::Limits::trace_bytes_max + 1, 'a')), "InvalidParameterValue");
  EXPECT_EQ(with(std::string(3'800'000, 'a')), "InvalidParameterValue");
  EXPECT_EQ(with("a\x01"), "InvalidMessageContents");
  const object control{{"DataType", "String." + std::string(200, '\x01')}, {"StringValue", "a"}};
  const object long_type{{"DataType", "String." + std::string(250, 'a')}, {"StringValue", "a"}};
  for (const auto& attribute : {control, long_type}) {
    EXPECT_EQ(
        text("SendMessage", about({{"MessageBody", "x"}, {"MessageAttributes", object{{"a", attribute}}}})),
        "InvalidParameterValue");
  }
}

// Two accounts with two queues each, and little room.
class RoomTest : public SqsWorld {
 protected:
  RoomTest() {
    room = {.messages_max = 3,
            .account_messages_max = 5,
            .account_bytes_max = 1'000,
            .messages_in_all_max = 8,
            .bytes_in_all_max = 1'600};
    restart();
    for (const auto* const account : {kElsewhere, kHere}) {
      caller = root_of(account);
      new_queue("nest");
      new_queue("owls");
    }
  }
  // How many until no more are taken.
  int sent_to(std::string_view queue, std::string_view account = kHere, std::size_t bytes = 1) {
    caller = root_of(account);
    int count = 0;
    std::string answered;
    while (count < 20 &&
           (answered = text("SendMessage", {{"QueueUrl", "http://localhost:4586/" + std::string(account) +
                                                             "/" + std::string(queue)},
                                            {"MessageBody", std::string(bytes, 'm')}}))
               .starts_with("{")) {
      ++count;
    }
    EXPECT_EQ(answered, "ServiceUnavailable");
    return count;
  }
};

TEST_F(RoomTest, is_each_queues_each_accounts_and_all_of_it) {
  EXPECT_EQ(sent_to("nest"), 3);
  EXPECT_EQ(sent_to("owls"), 2);
  EXPECT_EQ(sent_to("nest", kElsewhere), 3);
  EXPECT_EQ(sent_to("owls", kElsewhere), 0);
  caller = root_of(kHere);
  EXPECT_EQ(text("PurgeQueue", about()), "{}");
  EXPECT_EQ(sent_to("owls", kElsewhere), 2);
  EXPECT_EQ(sent_to("owls"), 1);
}

TEST_F(RoomTest, of_bytes_is_each_accounts_too) {
  EXPECT_EQ(sent_to("nest", kHere, 500), 2);
  EXPECT_EQ(sent_to("owls"), 0);
  EXPECT_EQ(sent_to("nest", kElsewhere, 500), 2);
  EXPECT_EQ(sent_to("owls", kElsewhere), 0);
}

TEST_F(RoomTest, is_as_little_after_a_restart) {
  EXPECT_EQ(sent_to("nest"), 3);
  EXPECT_EQ(sent_to("owls"), 2);
  restart();
  EXPECT_EQ(reaped(), 0U);  // which looks at every queue
  EXPECT_EQ(sent_to("owls"), 0);
}

TEST_F(SqsTest, batches_answer_each_entry) {
  new_queue();
  EXPECT_EQ(text("SendMessageBatch", about()), "EmptyBatchRequest");
  EXPECT_EQ(text("SendMessageBatch",
                 about({{"Entries", ids({"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"})}})),
            "TooManyEntriesInBatchRequest");
  EXPECT_EQ(text("SendMessageBatch", about({{"Entries", ids({"a b"})}})), "InvalidBatchEntryId");
  EXPECT_EQ(text("SendMessageBatch", about({{"Entries", ids({"a", "a"})}})), "BatchEntryIdsNotDistinct");
  const auto half = std::string(600'000, 'x');
  EXPECT_EQ(
      text("SendMessageBatch", about({{"Entries", json::array{object{{"Id", "1"}, {"MessageBody", half}},
                                                              object{{"Id", "2"}, {"MessageBody", half}}}}})),
      "BatchRequestTooLong");
  const auto sent = *answer("SendMessageBatch", about({{"Entries", ids({"a", "b",
                                                                        ""
                                                                        "c"})}}));
  EXPECT_EQ(asked.front(), "sqs:SendMessage arn:aws:sqs:eu-west-1:111122223333:nest");
  EXPECT_EQ(sent.at("Successful").as_array().size(), 3U);
  EXPECT_TRUE(sent.at("Failed").as_array().empty());
  EXPECT_EQ(receive({{"MaxNumberOfMessages", 10}}), "a b c");
  const json::array entries{object{{"Id", "1"}, {"ReceiptHandle", handle}},
                            object{{"Id", "2"}, {"ReceiptHandle", handle}},
                            object{{"Id", "3"}, {"ReceiptHandle", "x"}}};
  const auto extended = *answer(
      "ChangeMessageVisibilityBatch",
      about({{"Entries",
              json::array{object{{"Id", "1"}, {"ReceiptHandle", handle}, {"VisibilityTimeout", 60}}}}}));
  EXPECT_EQ(extended.at("Successful").as_array().size(), 1U);
  const auto deleted = *answer("DeleteMessageBatch", about({{"Entries", entries}}));
  EXPECT_EQ(json::serialize(deleted.at("Successful")), R"([{"Id":"1"},{"Id":"2"}])");
  EXPECT_EQ(deleted.at("Failed").at(0).at("Code").as_string(), "ReceiptHandleIsInvalid");
  EXPECT_EQ(attribute("ApproximateNumberOfMessagesNotVisible"), "2");
}

TEST_F(SqsTest, delayed_messages_are_not_seen_before_their_time) {
  new_queue("nest", {{"DelaySeconds", "10"}});
  send("usual");
  ASSERT_TRUE(answer("SendMessage", about({{"MessageBody", "sooner"}, {"DelaySeconds", 1}})));
  EXPECT_EQ(attribute("ApproximateNumberOfMessagesDelayed"), "2");
  EXPECT_EQ(receive(), "");
  clock.time += std::chrono::seconds(10);
  EXPECT_EQ(receive({{"MaxNumberOfMessages", 10}}), "sooner usual");
}

TEST_F(SqsTest, messages_that_are_too_old_go) {
  new_queue("nest", {{"MessageRetentionPeriod", "60"}});
  send("old");
  clock.time += std::chrono::seconds(59);
  send("young");
  EXPECT_EQ(reaped(), 0U);
  clock.time += std::chrono::seconds(1);
  EXPECT_EQ(receive({{"MaxNumberOfMessages", 10}, {"VisibilityTimeout", 0}}), "young");
  EXPECT_EQ(documents("sqs/content/"), 2U);
  EXPECT_EQ(reaped(), 1U);
  EXPECT_EQ(documents("sqs/content/"), 1U);
  EXPECT_EQ(documents("sqs/message/"), 1U);
  EXPECT_EQ(receive(), "young");
}

TEST_F(SqsTest, a_purge_takes_what_was_sent_before_it) {
  new_queue();
  send("before");
  EXPECT_EQ(text("PurgeQueue", about()), "{}");
  EXPECT_EQ(text("PurgeQueue", about()), "PurgeQueueInProgress");
  EXPECT_EQ(receive(), "");
  send("after");
  restart();
  EXPECT_EQ(receive(), "after");
  EXPECT_EQ(reaped(), 1U);
  EXPECT_EQ(documents("sqs/content/"), 1U);
  clock.time += std::chrono::seconds(60);
  EXPECT_EQ(text("PurgeQueue", about()), "{}");
}

TEST_F(SqsTest, what_is_sent_while_the_queue_is_purged_or_deleted_is_not_lost_in_between) {
  new_queue();
  before_commit = [this] { EXPECT_EQ(text("PurgeQueue", about()), "{}"); };
  send("meanwhile");
  EXPECT_EQ(conflicts, 1);
  EXPECT_EQ(receive(), "meanwhile");
  before_commit = [this] { EXPECT_EQ(text("DeleteQueue", about()), "{}"); };
  EXPECT_EQ(text("SendMessage", about({{"MessageBody", "too late"}})), "QueueDoesNotExist");
}

TEST_F(SqsTest, a_message_whose_commit_ended_in_doubt_is_there_if_it_is_there) {
  new_queue();
  catalog.fail({.every = 1, .kind = catalog::memory::Faults::Kind::unknown_applied});
  EXPECT_FALSE(answer("SendMessage", about({{"MessageBody", "there"}})));
  catalog.fail({.every = 1, .kind = catalog::memory::Faults::Kind::unknown_not_applied});
  EXPECT_FALSE(answer("SendMessage", about({{"MessageBody", "not there"}})));
  catalog.fail({});
  EXPECT_EQ(receive({{"MaxNumberOfMessages", 10}}), "there");
  catalog.fail({.every = 1, .kind = catalog::memory::Faults::Kind::unknown_applied});
  EXPECT_FALSE(answer("DeleteMessage", about({{"ReceiptHandle", handle}})));
  catalog.fail({});
  clock.time += std::chrono::seconds(30);
  EXPECT_EQ(receive(), "");
}

TEST_F(SqsTest, a_message_that_cannot_be_read_does_not_stand_in_the_way) {
  new_queue();
  send("damaged");
  send("sound");
  const auto at = run(catalog.scan("sqs/content/", "", 1))->front().key;
  commit({{.key = at, .value = "nonsense", .expected = std::nullopt}});
  EXPECT_EQ(receive({{"MaxNumberOfMessages", 10}}), "sound");
}

TEST_F(SqsTest, a_queue_made_anew_has_none_of_the_old_messages) {
  new_queue();
  send("old");
  EXPECT_EQ(text("DeleteQueue", about()), "{}");
  new_queue();
  EXPECT_EQ(receive(), "");
  send("new");
  EXPECT_EQ(documents("sqs/content/"), 2U);
  EXPECT_EQ(reaped(), 1U);
  EXPECT_EQ(documents("sqs/content/"), 1U);
  EXPECT_EQ(documents("sqs/gone/"), 0U);
  EXPECT_EQ(receive(), "new");
  EXPECT_EQ(text("DeleteQueue", about()), "{}");
  EXPECT_EQ(reaped(), 1U);
  EXPECT_EQ(documents("sqs/queue/"), 1U);  // its versions go on
  clock.time += std::chrono::hours(1);
  EXPECT_EQ(reaped(), 0U);
  EXPECT_EQ(documents("sqs/"), 0U);
}

}  // namespace
}  // namespace cairn::services::sqs::testing
