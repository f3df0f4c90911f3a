// SQS on the wire: a JSON service that clients still speak the query protocol with.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "aws/protocol.h"
#include "aws/recognise.h"
#include "json/json.h"

namespace cairn::aws {
namespace {

const RequestIds kIds{"7d2c90aa-1f5e-4a36-9d1b-c04e5ab0f912", ""};

boost::json::object parsed(std::string_view text) {
  return boost::json::parse(boost::json::string_view(text.data(), text.size())).get_object();
}

const Operation& operation(std::string_view service, std::string_view name) {
  return *catalogue().by_name(service)->operation(name);
}

std::string read_form(const std::string& service, const std::string& body) {
  const codec::RequestHead head{
      "POST", "/111122223333/nest", {{"Content-Type", "application/x-www-form-urlencoded"}}};
  const auto call = recognise({.head = head, .scope_service = service, .form = body, .s3_domains = {}});
  if (!call) {
    return call.error().fault.code;
  }
  const auto input = decode_request(*call, head, body);
  return input ? json::serialize(*input) : input.error().code;
}

// SQS's model has JSON alone; clients speak the query protocol, too, whose names are others.
TEST(SqsWire, forms_have_the_old_names) {
  EXPECT_EQ(read_form("sqs",
                      "Action=CreateQueue&Version=2012-11-05&QueueName=nest&Attribute.1.Name=DelaySeconds&"
                      "Attribute.1.Value=5"
                      "&Tag.1.Key=team&Tag.1.Value=owls"),
            R"({"QueueName":"nest","Attributes":{"DelaySeconds":"5"},"tags":{"team":"owls"}})");
  EXPECT_EQ(
      read_form("sqs",
                "Action=SendMessageBatch&Version=2012-11-05&QueueUrl=u&SendMessageBatchRequestEntry.1.Id=1"
                "&SendMessageBatchRequestEntry.1.MessageBody=b&SendMessageBatchRequestEntry.1."
                "MessageAttribute.1.Name=a"
                "&SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.DataType=String"
                "&SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.StringValue=v"),
      R"({"QueueUrl":"u","Entries":[{"Id":"1","MessageBody":"b","MessageAttributes":{"a":{"StringValue":"v","DataType":"String"}}}]})");
  EXPECT_EQ(
      read_form(
          "sqs",
          "Action=ReceiveMessage&Version=2012-11-05&QueueUrl=u&AttributeName.1=All&MessageAttributeName.1=a"),
      R"({"QueueUrl":"u","AttributeNames":["All"],"MessageAttributeNames":["a"]})");
}

TEST(SqsWire, answers_have_their_names_in_each_protocol) {
  const auto output = parsed(
      R"({"Messages":[{"MessageId":"1","Body":"a<b","Attributes":{"SenderId":"AIDA"},)"
      R"("MessageAttributes":{"team":{"StringValue":"owls","DataType":"String"}}},{"MessageId":"2"}]})");
  const auto& receive = operation("sqs", "ReceiveMessage");
  const auto json_answer = encode_response(Protocol::json, receive, output, kIds);
  EXPECT_EQ(parsed(json_answer.body), output);
  EXPECT_EQ(json_answer.headers.get("Content-Type"), "application/x-amz-json-1.0");
  const auto xml = encode_response(Protocol::query, receive, output, kIds).body;
  EXPECT_NE(
      xml.find(
          "<ReceiveMessageResponse "
          "xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\"><ReceiveMessageResult><Message>"
          "<MessageId>1</MessageId><Body>a&lt;b</Body><Attribute><Name>SenderId</Name><Value>AIDA</Value></"
          "Attribute>"
          "<MessageAttribute><Name>team</Name><Value><StringValue>owls</StringValue><DataType>String</"
          "DataType></Value>"
          "</MessageAttribute></Message><Message><MessageId>2</MessageId></Message></ReceiveMessageResult>"),
      std::string::npos)
      << xml;
  EXPECT_NE(encode_response(Protocol::query, operation("sqs", "ListQueues"),
                            parsed(R"({"QueueUrls":["u","v"]})"), kIds)
                .body.find("<QueueUrl>u</QueueUrl><QueueUrl>v</QueueUrl>"),
            std::string::npos);
}

TEST(SqsWire, faults_have_their_old_name_beside_the_new) {
  const auto* sqs = catalogue().by_name("sqs");
  const Fault unknown{"QueueDoesNotExist", 400, "gone"};
  const auto in_json = encode_fault({.protocol = Protocol::json, .service = sqs}, unknown, kIds);
  EXPECT_EQ(in_json.body, R"({"__type":"QueueDoesNotExist","message":"gone"})");
  EXPECT_EQ(in_json.headers.get("x-amzn-query-error"), "AWS.SimpleQueueService.NonExistentQueue;Sender");
  const auto in_xml = encode_fault({.protocol = Protocol::query, .service = sqs}, unknown, kIds);
  EXPECT_NE(in_xml.body.find("<Code>AWS.SimpleQueueService.NonExistentQueue</Code>"), std::string::npos)
      << in_xml.body;
  const Fault plain{"InvalidParameterValue", 400, "no"};
  EXPECT_EQ(encode_fault({.protocol = Protocol::json, .service = sqs}, plain, kIds)
                .headers.get("x-amzn-query-error"),
            "InvalidParameterValue;Sender");
  for (const auto& [code, old] :
       {std::pair("AccessDeniedException", "AccessDenied;Sender"),
        std::pair("UnrecognizedClientException", "InvalidClientTokenId;Sender"),
        std::pair("ThrottlingException", "Throttling;Sender"),
        std::pair("MissingAuthenticationTokenException", "MissingAuthenticationToken;Sender")}) {
    const Fault common{code, 400, "no"};
    const auto denied = encode_fault({.protocol = Protocol::json, .service = sqs}, common, kIds);
    EXPECT_EQ(denied.headers.get("x-amzn-query-error"), old);
    EXPECT_NE(denied.body.find(code), std::string::npos) << denied.body;
  }
}

}  // namespace
}  // namespace cairn::aws
