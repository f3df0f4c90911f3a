#include "event/record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "codec/utf8.h"
#include "event/real_records.h"
#include "json/json.h"

namespace cairn::event {
namespace {

Record create_queue() {
  return Record{
      .identity = {.type = "IAMUser",
                   .principal_id = "AIDAKESTREL00EXAMPLE",
                   .arn = "arn:aws:iam::210987654321:user/mira",
                   .account_id = "210987654321",
                   .access_key_id = "AKIAKESTREL0EXAMPLE1",
                   .user_name = "mira"},
      .time = *parse_rfc3339("2026-03-02T10:15:00.789Z"),
      .source = "sqs.amazonaws.com",
      .name = "CreateQueue",
      .region = "eu-west-1",
      .source_address = "198.51.100.24",
      .user_agent = "aws-cli/2.31.0",
      .request_parameters = json::object{{"queueName", "nest"}},
      .response_elements =
          json::object{{"queueUrl", "https://sqs.eu-west-1.amazonaws.com/210987654321/nest"}},
      .request_id = "c4b9c0a4",
      .event_id = "5b6f3c1e",
      .resources = {{.arn = "arn:aws:sqs:eu-west-1:210987654321:nest",
                     .account_id = "210987654321",
                     .type = "AWS::SQS::Queue"}},
      .recipient_account = "210987654321",
  };
}

TEST(Record, writes_the_minimal_management_event) {
  EXPECT_EQ(
      to_json(create_queue()),
      R"({"eventVersion":"1.11","userIdentity":{"type":"IAMUser","principalId":"AIDAKESTREL00EXAMPLE",)"
      R"("arn":"arn:aws:iam::210987654321:user/mira","accountId":"210987654321","accessKeyId":"AKIAKESTREL0EXAMPLE1",)"
      R"("userName":"mira"},"eventTime":"2026-03-02T10:15:00Z","eventSource":"sqs.amazonaws.com","eventName":"CreateQueue",)"
      R"("awsRegion":"eu-west-1","sourceIPAddress":"198.51.100.24","userAgent":"aws-cli/2.31.0",)"
      R"("requestParameters":{"queueName":"nest"},)"
      R"("responseElements":{"queueUrl":"https://sqs.eu-west-1.amazonaws.com/210987654321/nest"},)"
      R"("requestID":"c4b9c0a4","eventID":"5b6f3c1e","readOnly":false,)"
      R"("resources":[{"accountId":"210987654321","type":"AWS::SQS::Queue","ARN":"arn:aws:sqs:eu-west-1:210987654321:nest"}],)"
      R"("eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"210987654321","eventCategory":"Management"})");
}

TEST(Record, writes_null_for_no_parameters_and_nothing_for_no_error) {
  auto record = create_queue();
  record.request_parameters = nullptr;
  record.response_elements = nullptr;
  const auto text = to_json(record);
  EXPECT_THAT(text, ::testing::HasSubstr(R"("requestParameters":null,"responseElements":null,)"));
  EXPECT_THAT(text, ::testing::Not(::testing::HasSubstr("error")));
  record.error_code = "AccessDenied";
  record.error_message = "no";
  EXPECT_THAT(to_json(record),
              ::testing::HasSubstr(R"("errorCode":"AccessDenied","errorMessage":"no","requestParameters")"));
}

TEST(Record, cuts_long_texts_between_characters) {
  auto record = create_queue();
  record.error_code = "Client.UnauthorizedOperation";
  record.error_message = std::string(1020, 'x') + "ééé";  // é starts at 1020, the cut falls into it
  record.user_agent = std::string(5000, 'u');
  const auto parsed = *json::parse_object(to_json(record));
  EXPECT_EQ(parsed.at("errorMessage").as_string(), std::string(1020, 'x') + "...");
  EXPECT_EQ(parsed.at("userAgent").as_string(), std::string(1021, 'u') + "...");
}

TEST(Record, replaces_parameters_above_their_limit) {
  auto record = create_queue();
  record.request_parameters = json::object{{"policy", std::string(Limits::parameters_bytes_max, 'p')}};
  record.additional =
      json::object{{"a", std::string(Limits::additional_bytes_max - 8, 'a')}};  // just fits: {"a":"…"}
  auto parsed = *json::parse_object(to_json(record));
  EXPECT_EQ(json::serialize(parsed.at("requestParameters")),
            R"({"omitted":true,"originalSize":102413,"reason":"requestParameters too large"})");
  EXPECT_TRUE(parsed.at("additionalEventData").as_object().contains("a"));
  record.additional["a"] = std::string(Limits::additional_bytes_max - 7, 'a');
  parsed = *json::parse_object(to_json(record));
  EXPECT_TRUE(parsed.at("additionalEventData").as_object().contains("omitted"));
}

// 3.3's order: request id, additional data, agent, code, response, parameters, message; then ours: resources,
// TLS, session.
TEST(Record, loses_members_until_the_whole_fits) {
  auto record = create_queue();
  record.error_message = "because";
  for (int i = 0; i < 2000; ++i) {
    record.resources.push_back(
        {.arn = "arn:aws:s3:::a-bucket/" + std::to_string(i), .account_id = {}, .type = "AWS::S3::Object"});
  }
  record.request_parameters = json::object{{"a", std::string(90'000, 'p')}};
  record.response_elements = json::object{{"b", std::string(90'000, 'r')}};
  record.additional = json::object{{"c", std::string(20'000, 'c')}};
  auto text = to_json(record);
  auto parsed = *json::parse_object(text);
  EXPECT_LE(text.size(), Limits::record_bytes_max);
  EXPECT_FALSE(parsed.contains("requestID"));
  EXPECT_FALSE(parsed.contains("additionalEventData"));
  EXPECT_TRUE(parsed.at("responseElements").as_object().contains("omitted"));
  EXPECT_TRUE(parsed.at("requestParameters").as_object().contains("a"));
  EXPECT_EQ(parsed.at("resources").as_array().size(), 2001U);

  record.resources.resize(1, Resource{});
  record.resources.resize(9000, record.resources[0]);
  record.identity.session_context = json::object{{"attributes", std::string(300'000, 's')}};
  text = to_json(record);
  parsed = *json::parse_object(text);
  EXPECT_LE(text.size(), Limits::record_bytes_max);
  EXPECT_FALSE(parsed.contains("resources"));
  EXPECT_FALSE(parsed.at("userIdentity").as_object().contains("sessionContext"));
  EXPECT_EQ(parsed.at("userIdentity").at("userName").as_string(), "mira");
}

// Clients send any bytes as agent or key; a record stays valid UTF-8, or nobody could read it again.
TEST(Record, repairs_bytes_that_are_no_characters) {
  auto record = create_queue();
  record.user_agent = "a\xFFgent\n\x01";
  record.request_parameters = json::object{{"k\xC3", "v\xED\xA0\x80"}};
  const auto text = to_json(record);
  EXPECT_TRUE(codec::valid_utf8(text));
  const auto parsed = *json::parse_object(text);
  EXPECT_EQ(parsed.at("userAgent").as_string(), "a\xEF\xBF\xBDgent\n\x01");
  EXPECT_TRUE(parsed.at("requestParameters").as_object().contains("k\xEF\xBF\xBD"));
}

// ---- against real records ----

std::string text_of(const json::object& object, std::string_view key) {
  const auto* const value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

json::object object_of(const json::object& object, std::string_view key) {
  const auto* const value = object.if_contains(key);
  return value != nullptr && value->is_object() ? value->as_object() : json::object();
}

bool only_has(const json::object& object, const std::set<std::string_view>& known) {
  return std::ranges::all_of(object, [&](const auto& member) {
    return known.contains(std::string_view(member.key())) &&
           (!member.value().is_string() || !member.value().as_string().empty());
  });
}

const std::set<std::string_view> kKnown = {
    "eventVersion",       "userIdentity",     "eventTime",           "eventSource", "eventName",
    "awsRegion",          "sourceIPAddress",  "userAgent",           "errorCode",   "errorMessage",
    "requestParameters",  "responseElements", "additionalEventData", "requestID",   "eventID",
    "readOnly",           "resources",        "eventType",           "apiVersion",  "managementEvent",
    "recipientAccountId", "sharedEventID",    "eventCategory",       "tlsDetails"};
const std::set<std::string_view> kAlways = {
    "eventVersion", "userIdentity",    "eventTime",         "eventSource",        "eventName",
    "awsRegion",    "sourceIPAddress", "requestParameters", "responseElements",   "eventID",
    "readOnly",     "eventType",       "managementEvent",   "recipientAccountId", "eventCategory"};
const std::set<std::string_view> kKnownIdentity = {
    "type", "principalId", "arn", "accountId", "accessKeyId", "userName", "sessionContext", "invokedBy"};

bool is_managements(const json::object& record) {
  return (text_of(record, "eventCategory") == "Management") == record.at("managementEvent").as_bool();
}

// A kind of record that Cairn would write itself.
bool is_ours(const json::object& record) {
  if (!only_has(record, kKnown) ||
      !std::ranges::all_of(kAlways, [&](auto key) { return record.contains(key); })) {
    return false;
  }
  const auto empty_list = record.contains("resources") && record.at("resources").is_array() &&
                          record.at("resources").as_array().empty();
  if (!is_managements(record) || text_of(record, "errorMessage").size() > Limits::text_bytes_max) {
    return false;
  }
  return !empty_list && only_has(object_of(record, "userIdentity"), kKnownIdentity) &&
         record.at("readOnly").is_bool() && parse_rfc3339(text_of(record, "eventTime"));
}

Identity identity_of(const json::object& json) {
  Identity identity{.type = text_of(json, "type"),
                    .principal_id = text_of(json, "principalId"),
                    .arn = text_of(json, "arn"),
                    .account_id = text_of(json, "accountId"),
                    .access_key_id = text_of(json, "accessKeyId"),
                    .user_name = text_of(json, "userName")};
  if (json.contains("sessionContext")) {
    identity.session_context = object_of(json, "sessionContext");
  }
  identity.invoked_by = text_of(json, "invokedBy");
  return identity;
}

std::vector<Resource> resources_of(const json::object& json) {
  std::vector<Resource> resources;
  if (json.contains("resources")) {
    for (const auto& element : json.at("resources").as_array()) {
      const auto& o = element.as_object();
      resources.push_back({.arn = text_of(o, "ARN"),
                           .account_id = text_of(o, "accountId"),
                           .type = text_of(o, "type"),
                           .arn_prefix = text_of(o, "ARNPrefix")});
    }
  }
  return resources;
}

Record record_of(const json::object& json) {
  Record record{.identity = identity_of(object_of(json, "userIdentity")),
                .time = *parse_rfc3339(text_of(json, "eventTime")),
                .source = text_of(json, "eventSource"),
                .name = text_of(json, "eventName"),
                .region = text_of(json, "awsRegion"),
                .source_address = text_of(json, "sourceIPAddress"),
                .user_agent = text_of(json, "userAgent"),
                .error_code = text_of(json, "errorCode"),
                .error_message = text_of(json, "errorMessage"),
                .request_parameters = json.at("requestParameters"),
                .response_elements = json.at("responseElements"),
                .additional = object_of(json, "additionalEventData"),
                .request_id = text_of(json, "requestID"),
                .event_id = text_of(json, "eventID"),
                .read_only = json.at("readOnly").as_bool(),
                .resources = resources_of(json),
                .type = text_of(json, "eventType"),
                .api_version = text_of(json, "apiVersion"),
                .recipient_account = text_of(json, "recipientAccountId"),
                .shared_event_id = text_of(json, "sharedEventID"),
                .tls_details = object_of(json, "tlsDetails")};
  record.category = text_of(json, "eventCategory") == "Data" ? Category::data : Category::management;
  return record;
}

// Delivered files have one order of keys; people's examples have been reordered by tools: alphabetically, or
// by column.
bool is_delivered(const testing::RealRecord& real) {
  return real.file.ends_with(".json.gz");
}

// In 2021 some services put eventCategory before recipientAccountId; most put it after, as we do.
json::object usual_order(json::object record) {
  const auto category = record.at("eventCategory");
  const auto account = record.at("recipientAccountId");
  const auto place = [&](std::string_view key) { return record.find(key) - record.begin(); };
  if (place("recipientAccountId") < place("eventCategory")) {
    return record;
  }
  json::object moved;
  for (const auto& member : record) {
    if (member.key() == "eventCategory") {
      moved.emplace("recipientAccountId", account);
      if (record.contains("sharedEventID")) {
        moved.emplace("sharedEventID", record.at("sharedEventID"));
      }
    }
    moved.emplace(member.key(), member.value());
  }
  return moved;
}

TEST(Record, reproduces_delivered_records_to_the_byte) {
  std::map<std::string, int> compared;
  for (auto real : testing::real_records()) {
    if (!is_delivered(real) || !is_ours(real.json)) {
      continue;
    }
    const auto ours = to_json(record_of(real.json));
    real.json["eventVersion"] = kEventVersion;
    EXPECT_EQ(ours, json::serialize(usual_order(real.json))) << real.file;
    ++compared[text_of(object_of(real.json, "userIdentity"), "type")];
  }
  if (compared.empty()) {
    GTEST_SKIP() << "no records in " << testing::data_folder();
  }
  for (const auto* const type : {"IAMUser", "Root", "AWSService"}) {
    EXPECT_GT(compared[type], 10) << type;
  }
}

TEST(Record, keeps_the_content_of_examples) {
  int compared = 0;
  for (auto real : testing::real_records()) {
    if (is_delivered(real) || !is_ours(real.json)) {
      continue;
    }
    if (real.json.contains("resources") &&
        !std::ranges::all_of(real.json.at("resources").as_array(),
                             [](const auto& r) { return !r.as_object().contains("arn"); })) {
      continue;  // an example whose keys a tool has renamed
    }
    const auto ours = *json::parse(to_json(record_of(real.json)));
    real.json["eventVersion"] = kEventVersion;
    EXPECT_EQ(ours, json::value(real.json)) << real.file;
    ++compared;
  }
  if (compared == 0) {
    GTEST_SKIP() << "no records in " << testing::data_folder();
  }
  EXPECT_GT(compared, 50);
}

}  // namespace
}  // namespace cairn::event
