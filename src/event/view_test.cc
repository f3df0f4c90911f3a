#include "event/view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "event/names.h"
#include "event/real_records.h"
#include "json/json.h"

namespace cairn::event {
namespace {

constexpr std::string_view kPlain =
    R"({"eventVersion":"1.11","userIdentity":{"type":"IAMUser","principalId":"AIDAKESTREL00EXAMPLE","arn":"arn:aws:iam::210987654321:user/mira",)"
    R"("accountId":"210987654321","accessKeyId":"AKIAKESTREL0EXAMPLE1","userName":"mira"},"eventTime":"2026-03-02T10:15:00Z",)"
    R"("eventSource":"sqs.amazonaws.com","eventName":"CreateQueue","awsRegion":"eu-west-1","sourceIPAddress":"198.51.100.24",)"
    R"("errorCode":"AccessDenied","requestParameters":{"queueName":"nest","attribute":{"VisibilityTimeout":"60"}},)"
    R"("responseElements":null,"requestID":"c4b9","eventID":"5b6f3c1e","readOnly":false,"eventType":"AwsApiCall",)"
    R"("managementEvent":true,"recipientAccountId":"345678901234","eventCategory":"Management"})";

TEST(View, takes_what_followers_read) {
  const auto v = view(kPlain);
  ASSERT_TRUE(v) << v.error().text();
  EXPECT_EQ(v->event_id, "5b6f3c1e");
  EXPECT_EQ(rfc3339(v->time), "2026-03-02T10:15:00Z");
  EXPECT_EQ(v->source, "sqs.amazonaws.com");
  EXPECT_EQ(v->name, "CreateQueue");
  EXPECT_EQ(v->region, "eu-west-1");
  EXPECT_EQ(v->recipient_account, "345678901234");
  EXPECT_EQ(v->access_key_id, "AKIAKESTREL0EXAMPLE1");
  EXPECT_EQ(v->username, "mira");
  EXPECT_EQ(v->invoked_by, "");
  EXPECT_EQ(v->error_code, "AccessDenied");
  EXPECT_EQ(v->type, "AwsApiCall");
  EXPECT_EQ(v->category, Category::management);
  EXPECT_FALSE(v->read_only);
  ASSERT_EQ(v->resources.size(), 1U);
  EXPECT_EQ(v->resources[0].type, "AWS::SQS::Queue");
  EXPECT_EQ(v->resources[0].name, "nest");
  EXPECT_GT(v->bytes(), sizeof(View));
}

// A record of four required members, and what the row says.
std::string record_with(std::string_view members) {
  return R"({"eventID":"e","eventTime":"2026-03-02T10:15:00Z","eventSource":"s3.amazonaws.com","eventName":"PutObject","awsRegion":"us-east-1")" +
         (members.empty() ? "" : "," + std::string(members)) + "}";
}

// What has escapes cannot be borrowed; the scanner's next record must not change it.
TEST(View, borrows_from_the_record_what_stands_there_as_it_is) {
  const auto record = record_with(
      R"("userIdentity":{"type":"IAMUser","userName":"m\u00efra the second"},"requestParameters":{"bucketName":"kestrel's nest","key":"a\"b"})");
  const auto whole = std::string_view(record);
  const auto lies_in_record = [&](const Text& text) {
    return text.view().data() >= whole.data() && text.view().data() < whole.data() + whole.size();
  };
  auto v = borrowed_view(record);
  ASSERT_TRUE(v) << v.error().text();
  for (const auto* text : {&v->event_id, &v->source, &v->name, &v->region}) {
    EXPECT_TRUE(lies_in_record(*text)) << text->view();
    EXPECT_EQ(text->own_bytes(), 0U);
  }
  ASSERT_FALSE(v->resources.empty());
  EXPECT_EQ(v->resources[0].name, "kestrel's nest");
  EXPECT_TRUE(lies_in_record(v->resources[0].name));
  ASSERT_TRUE(borrowed_view(record_with(R"("userIdentity":{"type":"IAMUser","userName":"\u00e4nother, and longer"})")));
  EXPECT_EQ(v->username, "mïra the second");
  EXPECT_EQ(v->username.own_bytes(), v->username.size());

  v->own();
  for (const auto* text : {&v->event_id, &v->source, &v->name, &v->region, &v->resources[0].name}) {
    EXPECT_FALSE(lies_in_record(*text)) << text->view();
  }
}

struct UserCase {
  const char* identity;
  const char* username;
};

TEST(View, derives_the_user_name) {
  const UserCase cases[] = {
      {R"({"type":"Root","arn":"arn:aws:iam::1:root","userName":"alias"})", "root"},
      {R"({"type":"IAMUser","userName":"mira"})", "mira"},
      {R"({"type":"AssumedRole","principalId":"AROA:nightly","arn":"arn:aws:sts::1:assumed-role/F/nightly"})",
       "nightly"},
      {R"({"type":"AssumedRole","arn":"arn:aws:sts::1:assumed-role/F/nightly"})", "nightly"},
      {R"({"type":"AssumedRole","principalId":"AROA"})", ""},
      {R"({"type":"FederatedUser","principalId":"1:bob"})", "bob"},
      {R"({"type":"SAMLUser","userName":"saml@x"})", "saml@x"},
      {R"({"type":"WebIdentityUser","userName":"u-1"})", "u-1"},
      {R"({"type":"AWSService","invokedBy":"ec2.amazonaws.com"})", ""},
      {R"({"type":"AWSAccount","principalId":"AIDA","accountId":"1"})", ""},
      {R"({"type":"Role","arn":"arn:aws:iam::1:role/path/F"})", "F"},
      {R"({"type":"IdentityCenterUser","accountId":"1"})", ""},
      {R"({"accountId":"1","invokedBy":"AWS Internal"})", ""},
      {"null", ""},
      {R"({"type":"IAMUser","userName":"m\u00eer\u0061"})", "mîra"},
  };
  for (const auto& c : cases) {
    const auto v = view(record_with(std::string(R"("userIdentity":)") + c.identity));
    ASSERT_TRUE(v) << c.identity << v.error().text();
    EXPECT_EQ(v->username, c.username) << c.identity;
  }
}

struct KindCase {
  const char* members;
  Category category;
  bool read_only;
};

// Old records have no category, older ones no managementEvent, some readOnly as a string.
TEST(View, knows_the_kind_of_old_records) {
  const KindCase cases[] = {
      {"", Category::data, false},  // PutObject, by classify()
      {R"("eventCategory":"Management","readOnly":true)", Category::management, true},
      {R"("eventCategory":"Data","managementEvent":true)", Category::data, false},
      {R"("eventCategory":"Insight")", Category::insight, false},
      {R"("eventCategory":"NetworkActivity")", Category::network_activity, false},
      {R"("managementEvent":true)", Category::management, false},
      {R"("managementEvent":false,"readOnly":"true")", Category::data, true},
      {R"("eventCategory":null,"managementEvent":null,"readOnly":null)", Category::data, false},
      {R"("readOnly":"False")", Category::data, false},
      {R"("eventType":"AwsCloudTrailInsight")", Category::insight, false},
      {R"("eventType":"AwsVpceEvent")", Category::network_activity, false},
  };
  for (const auto& c : cases) {
    const auto v = view(record_with(c.members));
    ASSERT_TRUE(v) << c.members << v.error().text();
    EXPECT_EQ(v->category, c.category) << c.members;
    EXPECT_EQ(v->read_only, c.read_only) << c.members;
  }
}

TEST(View, takes_an_insights_events_call_from_its_details) {
  const auto v = view(
      R"({"eventVersion":"1.07","eventTime":"2019-10-15T21:13:00Z","awsRegion":"us-east-1","eventID":"x","eventType":"AwsCloudTrailInsight",)"
      R"("recipientAccountId":"1","insightDetails":{"state":"Start","eventSource":"autoscaling.amazonaws.com","eventName":"Complete"}})");
  ASSERT_TRUE(v) << v.error().text();
  EXPECT_EQ(v->source, "autoscaling.amazonaws.com");
  EXPECT_EQ(v->name, "Complete");
  EXPECT_EQ(v->category, Category::insight);
}

TEST(View, account_is_the_callers_when_there_is_no_recipient) {
  EXPECT_EQ(view(record_with(R"("userIdentity":{"accountId":"42"})"))->recipient_account, "42");
  EXPECT_EQ(
      view(record_with(R"("userIdentity":{"accountId":"42"},"recipientAccountId":"43")"))->recipient_account,
      "43");
}

struct RefusedCase {
  std::string record;
  const char* says;
};

TEST(View, says_what_is_wrong) {
  const auto without = [](std::string_view key) {
    auto object = *json::parse_object(record_with(""));
    object.stable_erase(object.find(key));
    return json::serialize(object);
  };
  const auto with = [](std::string_view key, json::value value) {
    auto object = *json::parse_object(record_with(""));
    object[key] = std::move(value);
    return json::serialize(object);
  };
  const RefusedCase cases[] = {
      {without("eventID"), "eventID is missing"},
      {without("eventTime"), "eventTime is missing"},
      {without("eventSource"), "eventSource is missing"},
      {without("eventName"), "eventName is missing"},
      {without("awsRegion"), "awsRegion is missing"},
      {with("eventID", ""), "eventID is empty"},
      {with("eventID", nullptr), "eventID is missing"},
      {with("eventID", 7), "eventID is not a string"},
      {with("eventID", json::string(129, 'i')), "eventID is longer than 128 bytes"},
      {with("eventName", json::string(257, 'n')), "eventName is longer than 256 bytes"},
      {with("eventTime", "yesterday"), "eventTime is not a time like"},
      {with("awsRegion", "../us-east-1"), "awsRegion has other characters"},
      {with("readOnly", "maybe"), "readOnly is neither true nor false"},
      {with("readOnly", 1), "readOnly is neither true nor false"},
      {with("managementEvent", "x"), "managementEvent is neither true nor false"},
      {with("eventCategory", "Aggregated"), "eventCategory is none of Management"},
      {with("eventCategory", true), "eventCategory is not a string"},
      {with("recipientAccountId", 123456789012), "recipientAccountId is not a string"},
      {with("userIdentity", json::object{{"accountId", 12}}), "userIdentity.accountId is not a string"},
      {record_with(R"("eventID":"f")"), "has a member twice"},
      {"[]", "record is not a JSON object"},
      {"", "record is not a JSON object"},
      {"{", "record is not a JSON object"},
      {"\"text\"", "record is not a JSON object"},
  };
  for (const auto& c : cases) {
    const auto v = view(c.record);
    ASSERT_FALSE(v) << c.record;
    EXPECT_EQ(v.error().code, Errc::invalid) << c.record;
    EXPECT_THAT(v.error().what, ::testing::HasSubstr(c.says)) << c.record;
  }
}

// ---- against the obvious way: a tree ----

std::string text_at(const json::object& object, std::string_view key) {
  return std::string(json::find_string(object, key).value_or(""));
}

TEST(View, agrees_with_a_tree_on_real_records) {
  std::map<std::string, int> refused;
  int agreed = 0;
  for (const auto& [file, json] : testing::real_records()) {
    const auto v = view(json::serialize(json));
    if (!v) {
      EXPECT_FALSE(file.ends_with(".json.gz")) << v.error().text();
      ++refused[v.error().what];
      continue;
    }
    const auto* const found = json::find_object(json, "userIdentity");
    const auto identity = found == nullptr ? json::object() : *found;
    EXPECT_EQ(v->event_id, text_at(json, "eventID"));
    EXPECT_EQ(v->source, text_at(json, "eventSource"));
    EXPECT_EQ(v->name, text_at(json, "eventName"));
    EXPECT_EQ(v->region, text_at(json, "awsRegion"));
    EXPECT_EQ(v->error_code, text_at(json, "errorCode"));
    EXPECT_EQ(v->access_key_id, text_at(identity, "accessKeyId"));
    EXPECT_EQ(v->invoked_by, text_at(identity, "invokedBy"));
    EXPECT_EQ(v->type, text_at(json, "eventType"));
    if (const auto category = text_at(json, "eventCategory"); !category.empty()) {
      EXPECT_EQ(to_string(v->category), category);
    }
    if (const auto read_only = json::find_bool(json, "readOnly")) {
      EXPECT_EQ(v->read_only, *read_only);
    }
    if (text_at(identity, "type") == "IAMUser") {
      EXPECT_EQ(v->username, text_at(identity, "userName"));
    }
    ++agreed;
  }
  if (agreed == 0) {
    GTEST_SKIP() << "no records in " << testing::data_folder();
  }
  EXPECT_GT(agreed, 12'000);
  // People's examples have lost members, or "2022-01-01 00:00:00" for a time; every delivered record is read.
  int sum = 0;
  for (const auto& [why, count] : refused) {
    sum += count;
  }
  EXPECT_LT(sum, 100) << ::testing::PrintToString(refused);
}

// Version 1.0 had no eventID; without one an event cannot be told from its repeats.
TEST(View, reads_every_version_of_records_but_the_first) {
  const auto folder = testing::data_folder() / "cloudtrail/umccr-flaws/test_input/examples";
  if (!std::filesystem::exists(folder)) {
    GTEST_SKIP() << "no records in " << folder;
  }
  for (const auto* const name :
       {"1_0", "1_01", "1_02", "1_03", "1_04", "1_05", "1_06", "1_07", "1_08", "1_09", "1_10", "1_11"}) {
    std::vector<testing::RealRecord> records;
    testing::collect(*json::parse(testing::read_file(folder / (std::string(name) + ".json"))), name, records);
    ASSERT_FALSE(records.empty()) << name;
    for (const auto& record : records) {
      const auto v = view(json::serialize(record.json));
      EXPECT_EQ(v ? "" : v.error().what, std::string_view(name) == "1_0" ? "eventID is missing" : "") << name;
    }
  }
}

}  // namespace
}  // namespace cairn::event
