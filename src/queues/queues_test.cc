#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "crypto/master_key.h"
#include "json/json.h"
#include "queues/message.h"
#include "queues/queue.h"

namespace cairn::queues {
namespace {

constexpr Time kNow{Millis{1'772'446'500'123}};
constexpr const char* kNumber = "0000019cae7a1b0c";
constexpr const char* kQueueKey = "sqs/queue/111122223333/eu-west-1/nest";

std::string sample(const std::string& name) {
  std::ifstream in(std::string(CAIRN_SOURCE_DIR) + "/src/queues/compat/" + name);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

Queue nest() {
  return {.id = "q-1",
          .account = "111122223333",
          .region = "eu-west-1",
          .name = "nest",
          .created = kNow,
          .modified = kNow,
          .settings = {.visibility = 60,
                       .policy = "{}",
                       .dead_letters = "arn:aws:sqs:eu-west-1:111122223333:dead",
                       .receives_most = 3},
          .tags = {{"team", "owls"}},
          .purged = kNumber,
          .purged_at = kNow};
}

Message letter() {
  return {.queue = "q-1",
          .number = kNumber,
          .id = "1234abcd-12ab-34cd-56ef-1234567890ab",
          .sender = "AIDAANN",
          .sent = kNow,
          .since = kNow + Millis{1},
          .visible = kNow + Millis{5},
          .hidden = Millis{4},
          .receives = 2,
          .receives_elsewhere = 1,
          .received = kNow,
          .bytes = 7,
          .parts = 1,
          .sealed = true,
          .from = "arn:aws:sqs:eu-west-1:111122223333:source"};
}

TEST(Queues, documents_of_version_1_are_read_and_written_alike) {
  const auto queue = decode_queue({.key = kQueueKey, .value = sample("queue_v1.json"), .version = 1});
  ASSERT_TRUE(queue) << queue.error().text();
  EXPECT_EQ(*queue, nest());
  EXPECT_EQ(encode(*queue), sample("queue_v1.json"));
  EXPECT_EQ(queue->arn(), "arn:aws:sqs:eu-west-1:111122223333:nest");
  const auto message =
      decode_message({.key = message_key("q-1", kNumber), .value = sample("message_v1.json"), .version = 1});
  ASSERT_TRUE(message) << message.error().text();
  EXPECT_EQ(*message, letter());
  EXPECT_EQ(encode(*message), sample("message_v1.json"));
  const auto first = decode_message(
      {.key = message_key("q-1", kNumber), .value = sample("message_v1_first.json"), .version = 1});
  ASSERT_TRUE(first) << first.error().text();
  auto older = letter();  // before it said these
  older.since = older.sent;
  older.hidden = std::chrono::hours(12);
  older.receives_elsewhere = 0;
  EXPECT_EQ(*first, older);
  auto open = letter();
  open.sealed = false;
  const auto content =
      decode_content(open, sample("content_v1.json"), crypto::Sealer(crypto::MasterKey::generate()));
  ASSERT_TRUE(content) << content.error().text();
  EXPECT_EQ(content->body, "an owl");
  EXPECT_EQ(content->trace, "Root=1");
  EXPECT_EQ(*encode_content(open, *content, nullptr), std::vector{sample("content_v1.json")});
}

TEST(Queues, what_was_not_written_is_noticed) {
  const auto with = [](std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
  };
  const auto queue = encode(nest());
  for (const auto& bad :
       {std::string(), std::string("[]"), with(queue, "\"v\":1", "\"v\":2"),
        with(queue, "\"delay\":0", "\"delay\":-1"), with(queue, "\"sealed\":true", "\"sealed\":1"),
        with(queue, "eu-west-1", "eu-west-2"), with(queue, "[\"team\",\"owls\"]", "[\"team\"]"),
        with(queue, "\"q-1\"", "\"\"")}) {
    const auto read = decode_queue({.key = kQueueKey, .value = bad, .version = 1});
    ASSERT_FALSE(read) << bad;
    EXPECT_EQ(read.error().code, Errc::corrupt);
  }
  const auto message = encode(letter());
  for (const auto& bad :
       {with(message, "\"v\":1", "\"v\":2"), with(message, kNumber, "0000019cae7a1b0"),
        with(message, "q-1", "q-2"), with(message, "\"parts\":1", "\"parts\":0"),
        with(message, "\"parts\":1", "\"parts\":9"), with(message, "\"receives\":2", "\"receives\":-2"),
        with(message, "\"receivesElsewhere\":1", "\"receivesElsewhere\":3"),
        with(message, "\"hidden\":4", "\"hidden\":43200001")}) {
    EXPECT_FALSE(decode_message({.key = message_key("q-1", kNumber), .value = bad, .version = 1})) << bad;
  }
}

TEST(Queues, content_is_sealed_for_its_place) {
  const crypto::Sealer sealer(crypto::MasterKey::generate());
  const Content content{.body = "a secret owl",
                        .attributes = {{"a", json::object{{"DataType", "String"}, {"StringValue", "b"}}}}};
  const auto parts = *encode_content(letter(), content, &sealer);
  ASSERT_EQ(parts.size(), 1U);
  EXPECT_EQ(parts[0].find("owl"), std::string::npos);
  EXPECT_EQ(*decode_content(letter(), parts[0], sealer), content);
  auto elsewhere = letter();
  elsewhere.queue = "q-2";
  EXPECT_EQ(decode_content(elsewhere, parts[0], sealer).error().code, Errc::corrupt);
  EXPECT_EQ(decode_content(letter(), parts[0], crypto::Sealer(crypto::MasterKey::generate())).error().code,
            Errc::denied);
}

TEST(Queues, the_largest_fits_into_documents) {
  const crypto::Sealer sealer(crypto::MasterKey::generate());
  // Each takes two bytes.
  const Content content{.body = std::string(Limits::message_bytes_max, '"'),
                        .trace = std::string(Limits::trace_bytes_max, '\\')};
  const auto parts = *encode_content(letter(), content, &sealer);
  EXPECT_EQ(parts.size(), 3U);
  std::string whole;
  for (const auto& part : parts) {
    EXPECT_LE(part.size(), catalog::Limits().value_bytes_max);
    whole += part;
  }
  EXPECT_EQ(*decode_content(letter(), whole, sealer), content);
  auto queue = nest();
  queue.settings.policy = std::string(Limits::policy_bytes_max, '"');
  for (std::size_t i = 0; i < Limits::tags_max; ++i) {
    queue.tags.emplace_back(std::string(512, 'k'), std::string(1024, 'v'));
  }
  EXPECT_LE(encode(queue).size(), catalog::Limits().value_bytes_max);
}

TEST(Queues, what_takes_too_many_documents_is_an_error) {
  const crypto::Sealer sealer(crypto::MasterKey::generate());
  const auto largest = kPartsMax * kPartBytes - encode_content(letter(), {}, nullptr)->at(0).size();
  EXPECT_EQ(encode_content(letter(), {.trace = std::string(largest, 't')}, nullptr)->size(), kPartsMax);
  EXPECT_EQ(encode_content(letter(), {.trace = std::string(largest, 't')}, &sealer).error().code,
            Errc::limit);
  EXPECT_EQ(encode_content(letter(), {.trace = std::string(largest + 1, 't')}, nullptr).error().code,
            Errc::limit);
}

TEST(Queues, numbers_rise_whatever_the_clock_does) {
  const auto first = number_after("", kNow);
  EXPECT_EQ(first.size(), 16U);
  const auto second = number_after(first, kNow);
  EXPECT_GT(second, first);
  EXPECT_GT(number_after(second, kNow - std::chrono::hours(1)), second);
  EXPECT_GT(number_after(second, kNow + Millis{1}), second);
  EXPECT_GT(number_after("", kNow + Millis{1}), number_after("", kNow));
}

TEST(Queues, receipts_are_read_back_and_nothing_else_is) {
  const Receipt receipt{.queue = "q-1", .number = kNumber, .receive = 12};
  EXPECT_EQ(*Receipt::parse(receipt.text()), receipt);
  for (const auto* bad : {"", "x", "MTo=", "MTpxOjE6MQ==", "MjpxLTE6MDAwMDAxOWNhZTdhMWIwYzox"}) {
    EXPECT_FALSE(Receipt::parse(bad)) << bad;
  }
}

// As hashlib.md5 of Python computes them of lengths, types and values, in the order of names.
TEST(Queues, md5_of_attributes_is_awss) {
  EXPECT_EQ(md5_of(std::string_view("Information about the largest city in Any Region.")),
            "51b0a3256d59467f973009b739163aa0");
  const json::object attributes{
      {"b", json::object{{"DataType", "Number"}, {"StringValue", "1"}}},
      {"a", json::object{{"DataType", "Binary"}, {"BinaryValue", "AAH/"}}},
  };
  EXPECT_EQ(md5_of(attributes), "187c4363e0620b5c1e824f8c3eabc830");
  EXPECT_EQ(bytes_of(attributes), 1U + 6 + 1 + 1 + 6 + 3);
}

}  // namespace
}  // namespace cairn::queues
