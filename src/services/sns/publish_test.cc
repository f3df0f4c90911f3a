// What may be published, and how it is refused.
#include "services/sns/testing.h"

namespace cairn::services::sns {
namespace {

using boost::json::array;
using boost::json::object;

class Publishing : public testing::SnsWorld {
 protected:
  void SetUp() override { make_topic(); }
};

object attribute(const char* name, object value) {
  return {{"MessageAttributes", object{{name, std::move(value)}}}};
}

TEST_F(Publishing, answers_with_an_id_though_nobody_listens) {
  EXPECT_TRUE(publish("m").starts_with(R"({"MessageId":")"));
  EXPECT_EQ(waiting(), 0U);
  EXPECT_TRUE(text("Publish", {{"TargetArn", arn()}, {"Message", "m"}}).starts_with(R"({"MessageId":")"));
}

TEST_F(Publishing, refuses_as_aws_does) {
  const std::string invalid = "InvalidParameter: Invalid parameter: ";
  EXPECT_EQ(publish(""), invalid + "Empty message");
  EXPECT_EQ(publish("m", {{"Subject", ""}}), invalid + "Subject");
  EXPECT_EQ(publish("m", {{"Subject", "a\nb"}}), invalid + "Subject");
  EXPECT_EQ(publish(std::string(256U << 10, 'm')).substr(0, 12), R"({"MessageId")");
  EXPECT_EQ(publish(std::string((256U << 10) + 1, 'm')), invalid + "Message too long");
  EXPECT_EQ(
      publish(std::string(256U << 10, 'm'), attribute("a", {{"DataType", "String"}, {"StringValue", "b"}})),
      invalid + "Message too long");
  EXPECT_EQ(publish("{", {{"MessageStructure", "json"}}),
            invalid + "Message Structure - JSON message body failed to parse");
  EXPECT_EQ(publish("{}", {{"MessageStructure", "json"}}),
            invalid + "Message Structure - No default entry in JSON message body");
  EXPECT_EQ(publish(R"({"default":7})", {{"MessageStructure", "json"}}),
            invalid + "Message Structure - No default entry in JSON message body");
  EXPECT_EQ(publish("m", {{"MessageDeduplicationId", "1"}}),
            invalid +
                "MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that "
                "is not valid "
                "for this topic type");
  EXPECT_EQ(text("Publish", {{"PhoneNumber", "+15551234567"}, {"Message", "m"}}),
            "UnsupportedOperation: PhoneNumber is not supported.");
  EXPECT_EQ(code("Publish", {{"Message", "m"}}), "InvalidParameter");
}

TEST_F(Publishing, refuses_attributes_as_aws_does) {
  const std::pair<object, const char*> rows[] = {
      {attribute("attr1", {{"DataType", "String"}, {"StringValue", ""}}),
       "The message attribute 'attr1' must contain non-empty message attribute value for message attribute "
       "type 'String'."},
      {attribute("attr1", {{"DataType", "Binary"}}),
       "The message attribute 'attr1' must contain non-empty message attribute value for message attribute "
       "type 'Binary'."},
      {attribute("attr1", {{"DataType", "String"}, {"BinaryValue", "YQ=="}}),
       "The message attribute 'attr1' with type 'String' must use field 'String'."},
      {attribute("attr1", {{"DataType", "Binary"}, {"StringValue", "a"}}),
       "The message attribute 'attr1' with type 'Binary' must use field 'Binary'."},
      {attribute("attr1", {{"DataType", "Invalid"}, {"StringValue", "a"}}),
       "The message attribute 'attr1' has an invalid message attribute type, the set of supported type "
       "prefixes is Binary, "
       "Number, and String."},
      {attribute("a^b", {{"DataType", "String"}, {"StringValue", "a"}}),
       "Invalid non-alphanumeric character '#x5E' was found in the message attribute name. Can only include "
       "alphanumeric "
       "characters, hyphens, underscores, or dots."},
      {attribute(".a", {{"DataType", "String"}, {"StringValue", "a"}}),
       "Invalid message attribute name starting with character '.' was found."},
      {attribute("a.", {{"DataType", "String"}, {"StringValue", "a"}}),
       "Invalid message attribute name ending with character '.' was found."},
      {attribute("a..b", {{"DataType", "String"}, {"StringValue", "a"}}),
       "Message attribute name can not have successive '.' character."},
      {attribute(std::string(257, 'a').c_str(), {{"DataType", "String"}, {"StringValue", "a"}}),
       "Length of message attribute name must be less than 256 bytes."},
  };
  for (const auto& [input, expected] : rows) {
    EXPECT_EQ(publish("m", input), std::string("ParameterValueInvalid: ") + expected);
  }
}

TEST_F(Publishing, of_a_batch_says_of_each_what_came_of_it) {
  const auto batch = [&](array entries) {
    return text("PublishBatch", {{"TopicArn", arn()}, {"PublishBatchRequestEntries", std::move(entries)}});
  };
  const auto entry = [](const std::string& id, const std::string& message) {
    return object{{"Id", id}, {"Message", message}};
  };
  const auto answered = json::parse_object(batch({entry("1", "a"), entry("2", "")})).value();
  EXPECT_EQ(answered.at("Successful").at(0).at("Id"), "1");
  EXPECT_EQ(
      json::serialize(answered.at("Failed")),
      R"([{"Id":"2","Code":"InvalidParameter","Message":"Invalid parameter: Empty message","SenderFault":true}])");
  EXPECT_EQ(batch({}).substr(0, 17), "EmptyBatchRequest");
  EXPECT_EQ(batch(array(11, entry("1", "a"))).substr(0, 28), "TooManyEntriesInBatchRequest");
  EXPECT_EQ(batch({entry("1", "a"), entry("1", "b")}).substr(0, 23), "BatchEntryIdsNotDistinc");
  EXPECT_EQ(batch({entry("message.id", "a")}),
            "InvalidBatchEntryId: The Id of a batch entry in the batch request contains an impermissible "
            "character: message.id");
  EXPECT_EQ(batch({entry(std::string(81, 'a'), "a")}).substr(0, 19), "InvalidBatchEntryId");
  EXPECT_EQ(batch({entry("1", std::string(200U << 10, 'a')), entry("2", std::string(60U << 10, 'a'))})
                .substr(0, 19),
            "BatchRequestTooLong");
  const auto without = [&](const std::string& action) {  // the topic's own policy allows it
    caller = testing::user_of(testing::kHere,
                              R"({"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":")" + action +
                                  R"(","Resource":"*"}})");
    return batch({entry("1", "a")}).substr(0, 18);
  };
  EXPECT_EQ(without("sns:PublishBatch"), R"({"Successful":[{"I)");
  EXPECT_EQ(without("sns:Publish"), "AuthorizationError");
}

}  // namespace
}  // namespace cairn::services::sns
