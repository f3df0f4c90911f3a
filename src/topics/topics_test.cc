#include "topics/topic.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "async/loops.h"
#include "catalog/memory/memory_catalog.h"
#include "topics/message.h"

namespace cairn::topics {
namespace {

const TopicName kName{.account = "111122223333", .region = "eu-west-1", .name = "nests"};
constexpr const char* kId = "0f8fad5b-d9cb-469f-a165-70867728950e";

Topic topic() {
  return {.name = kName,
          .created = Time{Millis{1'772'446'500'000}},
          .display_name = "Nests",
          .policy = R"({"Statement":[]})",
          .signature_version = "2",
          .tags = {{"team", "owls"}, {"empty", ""}},
          .confirmed = 3,
          .pending = 1,
          .deleted = 7};
}

Subscription subscription() {
  return {.topic = kName,
          .id = kId,
          .owner = "444455556666",
          .protocol = "https",
          .endpoint = "https://hooks.example.org/in?a=1",
          .principal = "arn:aws:iam::444455556666:user/ann",
          .created = Time{Millis{1'772'446'500'001}},
          .pending = true,
          .token_hash = "00ff",
          .token = std::string("s\0\xFF", 3),
          .asking = "sns/message/01772446500002-1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed",
          .asked = Time{Millis{1'772'446'500'003}},
          .authenticated = false,
          .raw = true,
          .filter = R"({"kind":["owl"]})",
          .scope = FilterScope::body,
          .redrive = R"({"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:111122223333:dead"})"};
}

Message message() {
  return {
      .id = "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed",
      .confirms = false,
      .topic = kName,
      .subject = "An egg",
      .text = std::string("t\x01wo\n") + "\xC3\xA9",
      .structured = false,
      .attributes = {{"kind", {.type = "String", .value = "owl"}}, {"n", {.type = "Number", .value = "7"}}},
      .time = Time{Millis{1'772'446'500'002}},
      .since = Time{Millis{1'772'446'500'004}},
      .token = "",
      .signature_version = "1",
      .deliveries = {
          {.subscription = kId, .attempts = 2, .due = Time{Millis{1'772'446'520'002}}, .dead = true}}};
}

const crypto::Sealer kSealer(crypto::MasterKey::generate());

catalog::Document document_of(std::string value) {
  return {.key = "k", .value = std::move(value), .version = 1};
}

std::string sample(const std::string& name) {
  std::ifstream in(std::filesystem::path(CAIRN_SOURCE_DIR) / "src/topics/compat" / name);
  std::stringstream text;
  text << in.rdbuf();
  auto read = text.str();
  while (read.ends_with('\n')) {
    read.pop_back();
  }
  return read;
}

TEST(Documents, read_back_what_was_written) {
  EXPECT_EQ(*decode_topic(document_of(encode(topic()))), topic());
  EXPECT_EQ(*decode_subscription(document_of(encode(subscription()))), subscription());
  auto plain = message();
  plain.subject.reset();
  plain.attributes["raw"] = {.type = "String", .value = std::string("\0\x01", 2)};
  plain.token = "t";
  for (const auto& one : {message(), plain}) {
    const auto written = encode(one, kSealer);
    EXPECT_EQ(*decode_message(document_of(written), kSealer), one);
    for (const auto* const secret : {"An egg", "owl"}) {
      EXPECT_EQ(written.find(secret), std::string::npos);
    }
    EXPECT_EQ(
        decode_message(document_of(written), crypto::Sealer(crypto::MasterKey::generate())).error().code,
        Errc::denied);
    auto moved = written;
    moved.replace(moved.find(one.id), 1, "2");
    EXPECT_EQ(decode_message(document_of(moved), kSealer).error().code, Errc::corrupt);
  }
  const Progress progress{.delivery = message().deliveries.front(), .over = true};
  const auto key = progress_key(message().key(), kId);
  EXPECT_EQ(key, std::string("sns/delivery/01772446500002-1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed/") + kId);
  EXPECT_EQ(*decode_progress({.key = key, .value = encode(progress), .version = 1}), progress);
  EXPECT_EQ(encode(progress), sample("progress_v1.json"));
}

TEST(Documents, the_largest_message_fits_into_one) {
  auto one = message();
  one.text = std::string(MessageLimits::bytes_max, '\x01');
  one.subject = std::string(400, '"');
  one.deliveries.assign(Limits::subscriptions_max, one.deliveries.front());
  EXPECT_LE(encode(one, kSealer).size(), catalog::Limits().value_bytes_max);
  one.text.clear();
  one.attributes["a"].value = std::string(MessageLimits::bytes_max, '\x01');
  EXPECT_LE(encode(one, kSealer).size(), catalog::Limits().value_bytes_max);
}

TEST(Documents, are_written_as_ever) {
  EXPECT_EQ(encode(topic()), sample("topic_v1.json"));
  EXPECT_EQ(encode(subscription()), sample("subscription_v1.json"));
}

TEST(Documents, have_the_password_of_an_endpoint_under_seal) {
  auto one = subscription();
  one.endpoint = "https://ann:****@hooks.example.org/in?a=1";
  one.password = one.token;
  EXPECT_EQ(encode(one), sample("subscription_v1_password.json"));
  EXPECT_EQ(*decode_subscription(document_of(encode(one))), one);
  one.password = seal_password(one, "s3cr3t", kSealer);
  one.token = seal_token(one, "t0k3n", kSealer);
  EXPECT_EQ(encode(one).find("s3cr3t"), std::string::npos);
  EXPECT_EQ(*open_password(one, kSealer), "s3cr3t");
  std::swap(one.password, one.token);
  EXPECT_FALSE(open_password(one, kSealer));
  EXPECT_FALSE(open_token(one, kSealer));
}

TEST(Documents, that_were_written_before_are_read) {
  auto first = subscription();
  first.token.clear();
  first.asking.clear();
  first.asked = {};
  EXPECT_EQ(*decode_subscription(document_of(sample("subscription_v1_first.json"))), first);
  auto unsealed = message();
  unsealed.since = unsealed.time;
  EXPECT_EQ(*decode_message(document_of(sample("message_v1.json")), kSealer), unsealed);
}

// The master key of the sample that is sealed: 32 times 7.
Result<crypto::MasterKey> sample_key() {
  std::string name = (std::filesystem::temp_directory_path() / "cairn-topics-XXXXXX").string();
  const std::filesystem::path folder = ::mkdtemp(name.data());
  const auto file = folder / "master.key";
  std::string digits;
  for (int i = 0; i < 32; ++i) {
    digits += "07";
  }
  std::ofstream(file) << digits;
  ::chmod(file.c_str(), 0600);
  auto key = crypto::MasterKey::load(file);
  std::filesystem::remove_all(folder);
  return key;
}

TEST(Documents, a_sealed_message_that_was_written_before_is_read) {
  auto key = sample_key();
  ASSERT_TRUE(key) << key.error().text();
  const crypto::Sealer sealer(*std::move(key));
  EXPECT_EQ(
      *decode_message({.key = message().key(), .value = sample("message_v2.json"), .version = 1}, sealer),
      message());
}

TEST(Documents, that_are_something_else_are_refused) {
  for (const auto& good : {encode(topic()), encode(subscription()), encode(message(), kSealer)}) {
    auto newer = good;
    newer.replace(newer.find("\"v\":"), 5, "\"v\":3");
    for (const auto& bad : {newer, good.substr(0, good.size() - 1), std::string("{}"), std::string("[]")}) {
      EXPECT_FALSE(decode_topic(document_of(bad)));
      EXPECT_FALSE(decode_subscription(document_of(bad)));
      EXPECT_FALSE(decode_message(document_of(bad), kSealer));
      EXPECT_FALSE(decode_progress(document_of(bad)));
    }
  }
}

TEST(Names, of_topics_and_subscriptions_are_read_from_arns) {
  const std::string arn = "arn:aws:sns:eu-west-1:111122223333:nests";
  EXPECT_EQ(kName.arn(), arn);
  EXPECT_EQ(topic_of(arn), kName);
  for (const auto* const bad :
       {"", "nests", "arn:aws:sqs:eu-west-1:111122223333:nests", "arn:aws:sns:eu-west-1::nests",
        "arn:aws:sns:eu-west-1:111122223333:a.b", "arn:aws:sns:e/1:111122223333:nests",
        "arn:aws:sns:eu-west-1:111122223333:nests:0f8f"}) {
    EXPECT_FALSE(topic_of(bad)) << bad;
  }
  const auto one = subscription_of(arn + ":" + kId);
  ASSERT_TRUE(one);
  EXPECT_EQ(one->topic, kName);
  EXPECT_EQ(one->id, kId);
  EXPECT_EQ(subscription().arn(), arn + ":" + kId);
  for (const auto& bad : {arn, arn + ":", arn + ":x", arn + ":0F8FAD5B-D9CB-469F-A165-70867728950E"}) {
    EXPECT_FALSE(subscription_of(bad)) << bad;
  }
  EXPECT_TRUE(is_topic_name(std::string(256, 'a')));
  EXPECT_FALSE(is_topic_name(std::string(257, 'a')));
  EXPECT_FALSE(is_topic_name("a b"));
}

TEST(Subscriptions, that_nobody_confirms_are_gone_after_two_days) {
  auto one = subscription();
  one.asked = one.created + std::chrono::hours(10);  // once more
  EXPECT_FALSE(one.is_due(one.asked + std::chrono::hours(47)));
  EXPECT_TRUE(one.is_due(one.asked + std::chrono::hours(48)));
  one.asked = {};  // before that was written down
  EXPECT_FALSE(one.is_due(one.created + std::chrono::hours(47)));
  EXPECT_TRUE(one.is_due(one.created + std::chrono::hours(48)));
  one.pending = false;
  EXPECT_FALSE(one.is_due(one.created + std::chrono::hours(480)));
}

TEST(Subscriptions, are_found_by_their_topic_alone) {
  async::Loops loops(1);
  const auto run = [&](auto task) {
    return async::run(async::Executor(loops.at(0).get_executor()), std::move(task));
  };
  catalog::memory::MemoryCatalog catalog{system_clock()};
  catalog::Transaction change;
  add(subscription(), change);
  auto other = subscription();
  other.topic.name = "nests-too";
  other.id = "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed";
  add(other, change);
  ASSERT_TRUE(run(catalog.commit(std::move(change))));
  const auto found = run(subscriptions_of(catalog, kName));
  ASSERT_EQ(found->size(), 1U);
  EXPECT_EQ(found->front().value, subscription());
  catalog::Transaction gone;
  remove(found->front(), gone);
  ASSERT_TRUE(run(catalog.commit(std::move(gone))));
  EXPECT_EQ(run(catalog.scan("sns/", "", 100))->size(), 2U);
}

TEST(Messages, have_a_text_for_each_protocol) {
  auto one = message();
  one.structured = true;
  one.text = R"({"default":"d","sqs":"q","http":7})";
  EXPECT_EQ(one.text_for("sqs"), "q");
  EXPECT_EQ(one.text_for("http"), "d");
  EXPECT_EQ(one.text_for("https"), "d");
  EXPECT_EQ(one.key(), "sns/message/01772446500002-1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed");
}

}  // namespace
}  // namespace cairn::topics
