// Records of relayed calls, from requests and answers as they are on the wire.
#include "capture/capture.h"

#include <gtest/gtest.h>

#include "json/json.h"

namespace cairn::capture {
namespace {

using boost::json::object;
using boost::json::value;

// A call as a gateway sees it, in the order in which a test says it.
struct Seen {
  codec::RequestHead request;
  std::string request_body;
  codec::ResponseHead response;
  std::string response_body;
  std::string scope;
  bool request_whole = true;
  bool response_whole = true;
  bool answered = true;
};

object recorded(const Seen& seen, const std::optional<Failure>& failure = {}) {
  const auto call = aws::recognise(
      {.head = seen.request,
       .scope_service = seen.scope,
       .form = aws::reads_form(seen.request) ? std::string_view(seen.request_body) : std::string_view{},
       .s3_domains = {},
       .among = aws::everything(),
       .lenient = true});
  const Subject subject{.call = call ? &*call : nullptr,
                        .refusal = call ? nullptr : &call.error(),
                        .scope_service = seen.scope};
  Circumstances facts;
  facts.identity.type = "Root";
  facts.account = "111122223333";
  facts.region = "eu-west-1";
  facts.event_id = "5b6f3c1e-0000-4000-8000-000000000000";
  facts.source_address = "198.51.100.24";
  facts.request_id = "ours";
  facts.failure = failure;
  const auto record = record_of(subject,
                                {.request = seen.request,
                                 .request_body = {seen.request_body, seen.request_whole},
                                 .response = seen.answered ? &seen.response : nullptr,
                                 .response_body = {seen.response_body, seen.response_whole},
                                 .bytes_in = seen.request_body.size(),
                                 .bytes_out = seen.response_body.size()},
                                facts);
  return *json::parse_object(event::to_json(record));
}

std::string text(const object& record, std::string_view key) {
  const auto* found = record.if_contains(key);
  return found == nullptr ? "(none)" : json::serialize(*found);
}

TEST(Capture, a_json_call) {
  const auto record =
      recorded({.request = {"POST",
                            "/",
                            {{"X-Amz-Target", "DynamoDB_20120810.CreateTable"},
                             {"Content-Type", "application/x-amz-json-1.0"},
                             {"User-Agent", "Boto3"}}},
                .request_body = R"({"TableName":"birds","SSESpecification":{"Enabled":true},"Unheard":1})",
                .response = {200, {{"x-amzn-RequestId", "THEIRS"}}},
                .response_body = R"({"TableDescription":{"TableName":"birds","TableStatus":"CREATING"}})",
                .scope = "dynamodb"});
  EXPECT_EQ(text(record, "eventSource"), R"("dynamodb.amazonaws.com")");
  EXPECT_EQ(text(record, "eventName"), R"("CreateTable")");
  EXPECT_EQ(text(record, "requestParameters"),
            R"({"tableName":"birds","sSESpecification":{"enabled":true}})");
  EXPECT_EQ(text(record, "responseElements"),
            R"({"tableDescription":{"tableName":"birds","tableStatus":"CREATING"}})");
  EXPECT_EQ(text(record, "requestID"), R"("THEIRS")");
  EXPECT_EQ(text(record, "readOnly"), "false");
  EXPECT_EQ(text(record, "errorCode"), "(none)");
}

TEST(Capture, a_refused_call_has_the_services_own_error) {
  const auto record =
      recorded({.request = {"POST", "/", {{"Content-Type", "application/x-www-form-urlencoded"}}},
                .request_body = "Action=DeleteUser&Version=2010-05-08&UserName=ann",
                .response = {404, {}},
                .response_body = "<ErrorResponse><Error><Type>Sender</Type><Code>NoSuchEntity</Code>"
                                 "<Message>no ann</Message></Error><RequestId>R1</RequestId></ErrorResponse>",
                .scope = "iam"});
  EXPECT_EQ(text(record, "errorCode"), R"("NoSuchEntityException")");
  EXPECT_EQ(text(record, "errorMessage"), R"("no ann")");
  EXPECT_EQ(text(record, "requestID"), R"("R1")");
  EXPECT_EQ(text(record, "responseElements"), "null");
  EXPECT_EQ(text(record, "requestParameters"), R"({"userName":"ann"})");
}

TEST(Capture, an_object_put_into_s3) {
  const auto record = recorded(
      {.request = {"PUT", "/logs/a%20b?x-id=PutObject", {{"Host", "rgw:7480"}, {"User-Agent", "aws-cli"}}},
       .request_body = "twelve bytes",
       .response = {200, {{"x-amz-request-id", "TX1"}, {"x-amz-id-2", "host"}}},
       .response_body = {},
       .scope = "s3"});
  EXPECT_EQ(text(record, "eventName"), R"("PutObject")");
  EXPECT_EQ(text(record, "userAgent"), R"("[aws-cli]")");
  EXPECT_EQ(text(record, "requestParameters"), R"({"bucketName":"logs","Host":"rgw:7480","key":"a b"})");
  EXPECT_EQ(text(record, "additionalEventData"),
            R"({"SignatureVersion":"SigV4","bytesTransferredIn":12,"AuthenticationMethod":"AuthHeader",)"
            R"("x-amz-id-2":"host","bytesTransferredOut":0})");
  EXPECT_EQ(text(record, "resources"),
            R"([{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::logs/a b"},)"
            R"({"accountId":"111122223333","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::logs"}])");
  EXPECT_EQ(text(record, "managementEvent"), "false");
}

struct Shown {
  codec::RequestHead request;
  std::string body;
  std::string scope;
  std::string parameters;
};

const codec::Headers kForm = {{"Content-Type", "application/x-www-form-urlencoded"}};

TEST(Capture, parameters_are_in_the_form_of_their_service) {
  const Shown rows[] = {
      {{"PUT", "/logs?versioning", {{"Host", "h"}}},
       R"(<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Status>Enabled</Status></VersioningConfiguration>)",
       "s3",
       R"({"bucketName":"logs","Host":"h","versioning":"","VersioningConfiguration":{"Status":"Enabled","xmlns":"http://s3.amazonaws.com/doc/2006-03-01/"}})"},
      {{"PUT", "/logs?lifecycle", {{"Host", "h"}}},
       R"(<LifecycleConfiguration><Rule><ID>1a</ID><Expiration><Days>1</Days></Expiration></Rule><Rule><ID>007</ID></Rule></LifecycleConfiguration>)",
       "s3",
       R"({"bucketName":"logs","Host":"h","lifecycle":"","LifecycleConfiguration":{"Rule":[{"ID":"1a","Expiration":{"Days":1}},{"ID":"007"}]}})"},
      {{"PUT", "/logs?policy", {{"Host", "h"}}},
       R"({"Statement":[]})",
       "s3",
       R"({"bucketName":"logs","Host":"h","policy":"","bucketPolicy":{"Statement":[]}})"},
      {{"POST", "/logs?delete", {{"Host", "h"}}},
       "<Delete><Object><Key>a</Key></Object></Delete>",
       "s3",
       R"({"bucketName":"logs","Host":"h","delete":""})"},
      {{"POST", "/", kForm},
       "Action=StopInstances&Version=2016-11-15&InstanceId.1=i-1",
       "ec2",
       R"({"instancesSet":{"items":[{"instanceId":"i-1"}]}})"},
      {{"POST", "/", {{"X-Amz-Target", "DynamoDB_20120810.PutItem"}}},
       R"({"TableName":"t","Item":{"Artist":{"S":"secret"}},"ExpressionAttributeValues":{":a":{"S":"secret"}}})",
       "dynamodb",
       R"({"tableName":"t","item":["Artist"]})"},
      {{"POST", "/", {{"X-Amz-Target", "DynamoDB_20120810.GetItem"}}},
       R"({"TableName":"t","Key":{"Artist":{"S":"No One"}}})",
       "dynamodb",
       R"({"tableName":"t","key":{"Artist":"No One"}})"},
      {{"POST", "/", {{"X-Amz-Target", "DynamoDB_20120810.ExecuteStatement"}}},
       R"({"Statement":"SELECT secret","Parameters":[{"S":"secret"}]})",
       "dynamodb",
       R"({"statement":"HIDDEN_DUE_TO_SECURITY_REASONS","parameters":"HIDDEN_DUE_TO_SECURITY_REASONS"})"},
      {{"POST", "/", {{"X-Amz-Target", "secretsmanager.PutSecretValue"}}},
       R"({"SecretId":"s","SecretString":"secret","SecretBinary":"c2VjcmV0"})",
       "secretsmanager",
       R"({"secretId":"s"})"},
      {{"POST", "/2015-03-31/functions", {}},
       R"({"FunctionName":"f","Environment":{"Variables":{"A":"secret"}},"Code":{"ZipFile":"c2VjcmV0"}})",
       "lambda",
       R"({"functionName":"f","code":{},"environment":{}})"},
      {{"POST", "/2015-03-31/functions/f/invocations", {{"X-Amz-Invocation-Type", "Event"}}},
       "any bytes at all",
       "lambda",
       R"({"functionName":"f","invocationType":"Event"})"},
  };
  for (const auto& row : rows) {
    const auto record = recorded({.request = row.request,
                                  .request_body = row.body,
                                  .response = {200, {}},
                                  .response_body = {},
                                  .scope = row.scope});
    EXPECT_EQ(text(record, "requestParameters"), row.parameters) << row.request.target;
  }
}

TEST(Capture, resources_have_arn_and_account) {
  const Shown rows[] = {
      {{"POST", "/", {{"X-Amz-Target", "TrentService.Encrypt"}}},
       R"({"KeyId":"1234abcd","Plaintext":"c2VjcmV0"})",
       "kms",
       R"([{"accountId":"111122223333","type":"AWS::KMS::Key","ARN":"arn:aws:kms:eu-west-1:111122223333:key/1234abcd"}])"},
      {{"POST", "/", {{"X-Amz-Target", "TrentService.Encrypt"}}},
       R"({"KeyId":"alias/a","Plaintext":"c2VjcmV0"})",
       "kms",
       "(none)"},
      {{"POST", "/", kForm},
       "Action=AssumeRole&Version=2011-06-15&RoleSessionName=s&RoleArn=arn:aws:iam::444455556666:role/Falcon",
       "sts",
       R"([{"accountId":"444455556666","type":"AWS::IAM::Role","ARN":"arn:aws:iam::444455556666:role/Falcon"}])"},
      {{"POST", "/", {{"X-Amz-Target", "DynamoDB_20120810.DescribeTable"}}},
       R"({"TableName":"t"})",
       "dynamodb",
       R"([{"accountId":"111122223333","type":"AWS::DynamoDB::Table","ARN":"arn:aws:dynamodb:eu-west-1:111122223333:table/t"}])"},
      {{"POST", "/", {{"X-Amz-Target", "AmazonSQS.SendMessage"}}},
       R"({"QueueUrl":"http://h/111122223333/nest","MessageBody":"b"})",
       "sqs",
       R"([{"accountId":"111122223333","type":"AWS::SQS::Queue","ARN":"arn:aws:sqs:eu-west-1:111122223333:nest"}])"},
      {{"HEAD", "/logs", {}},
       "",
       "s3",
       R"([{"type":"AWS::S3::Object","ARNPrefix":"arn:aws:s3:::logs/"},{"accountId":"111122223333","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::logs"}])"},
      {{"POST", "/logs?delete", {}},
       "<Delete/>",
       "s3",
       R"([{"type":"AWS::S3::Object","ARNPrefix":"arn:aws:s3:::logs/"},{"accountId":"111122223333","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::logs"}])"},
      {{"GET", "/logs?acl", {}},
       "",
       "s3",
       R"([{"accountId":"111122223333","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::logs"}])"},
  };
  for (const auto& row : rows) {
    const auto record = recorded({.request = row.request,
                                  .request_body = row.body,
                                  .response = {200, {}},
                                  .response_body = {},
                                  .scope = row.scope});
    EXPECT_EQ(text(record, "resources"), row.parameters) << row.request.target << row.body;
  }
}

TEST(Capture, errors_of_ec2_say_whose_they_are) {
  const auto record =
      recorded({.request = {"POST", "/", kForm},
                .request_body = "Action=DeleteVpc&Version=2016-11-15&VpcId=vpc-1",
                .response = {403, {}},
                .response_body =
                    "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error>"
                    "</Errors><RequestID>R2</RequestID></Response>",
                .scope = "ec2"});
  EXPECT_EQ(text(record, "errorCode"), R"("Client.UnauthorizedOperation")");
  EXPECT_EQ(text(record, "requestID"), R"("R2")");
  EXPECT_EQ(text(record, "requestParameters"), R"({"vpcId":"vpc-1"})");
}

struct Ended {
  codec::RequestHead request;
  int status;
  std::string body;
  std::string code;
};

TEST(Capture, s3_says_by_its_status_what_it_cannot_say_otherwise) {
  const Ended rows[] = {
      {{"HEAD", "/logs/a", {}}, 404, "", R"("NoSuchKey")"},
      {{"HEAD", "/logs", {}}, 404, "", R"("NoSuchBucket")"},
      {{"HEAD", "/logs", {}}, 403, "", R"("AccessDenied")"},
      {{"HEAD", "/logs/a", {}}, 412, "", R"("PreconditionFailed")"},
      {{"HEAD", "/logs/a", {}}, 503, "", R"("503")"},
      {{"GET", "/logs/a", {}}, 304, "", "(none)"},
      {{"GET", "/logs/a", {}}, 404, "<Error><Code>NoSuchVersion</Code></Error>", R"("NoSuchVersion")"},
      {{"PUT", "/logs/a", {{"x-amz-copy-source", "b/c"}}},
       200,
       "<?xml version=\"1.0\"?>\n<Error><Code>SlowDown</Code></Error>",
       R"("SlowDown")"},
      {{"PUT", "/logs/a", {{"x-amz-copy-source", "b/c"}}}, 200, "<CopyObjectResult/>", "(none)"},
      {{"PUT", "/logs/a", {{"x-amz-copy-source", "b/c"}}},
       200,
       std::string(300, ' ') + "\n<Error><Code>SlowDown</Code></Error>",
       R"("SlowDown")"},
      {{"POST", "/logs?delete", {}},
       200,
       "<?xml "
       "version=\"1.0\"?>\n<DeleteResult><Error><Key>a</Key><Code>AccessDenied</Code></Error></DeleteResult>",
       "(none)"},
      {{"POST", "/logs?delete", {}}, 200, "<?xml", "(none)"},
      {{"GET", "/logs/a", {}}, 200, "<Error>is what this object holds</Error>", "(none)"},
  };
  for (const auto& row : rows) {
    const auto record = recorded({.request = row.request,
                                  .request_body = {},
                                  .response = {row.status, {}},
                                  .response_body = row.body,
                                  .scope = "s3"});
    EXPECT_EQ(text(record, "errorCode"), row.code) << row.request.method << " " << row.status << row.body;
  }
}

TEST(Capture, a_secret_in_a_query_is_not_shown) {
  const auto record =
      recorded({.request = {"PUT",
                            "/admin/user?key&uid=foo&access-key=AK&secret-key=S&continuation-token=c"
                            "&X-Secret-Token=t&password=p",
                            {{"Host", "h"}}},
                .request_body = {},
                .response = {200, {}},
                .response_body = {},
                .scope = "s3"});
  EXPECT_EQ(
      text(record, "requestParameters"),
      R"({"bucketName":"admin","Host":"h","key":"user","uid":"foo","access-key":"AK","continuation-token":"c"})");
}

TEST(Capture, a_query_and_a_document_say_nothing_else_of_what_is_known) {
  const auto record = recorded({.request = {"PUT",
                                            "/logs?versioning&bucketName=other&Host=other&x-amz-acl=a",
                                            {{"Host", "h"}, {"X-Amz-Acl", "b"}}},
                                .request_body = "<bucketName>other</bucketName>",
                                .response = {200, {}},
                                .response_body = {},
                                .scope = "s3"});
  EXPECT_EQ(text(record, "requestParameters"),
            R"({"bucketName":"logs","Host":"h","x-amz-acl":"b","versioning":""})");
}

TEST(Capture, what_is_read_says_no_encryption) {
  const auto record = recorded({.request = {"GET", "/logs/a", {}},
                                .request_body = {},
                                .response = {200, {{"x-amz-server-side-encryption", "AES256"}}},
                                .response_body = "b",
                                .scope = "s3"});
  EXPECT_EQ(text(record, "responseElements"), "null");
  EXPECT_EQ(text(record, "additionalEventData").find("SSEApplied"), std::string::npos);
}

TEST(Capture, an_answer_of_s3_shows_its_headers) {
  const auto record =
      recorded({.request = {"PUT", "/logs/a", {}},
                .request_body = "b",
                .response = {200, {{"x-amz-server-side-encryption", "AES256"}, {"x-amz-version-id", "v1"}}},
                .response_body = {},
                .scope = "s3"});
  EXPECT_EQ(text(record, "responseElements"),
            R"({"x-amz-server-side-encryption":"AES256","x-amz-version-id":"v1"})");
  EXPECT_NE(text(record, "additionalEventData").find(R"("SSEApplied":"Default_SSE_S3")"), std::string::npos);
}

TEST(Capture, a_call_that_nobody_knows_is_recorded_as_what_it_is) {
  const auto record = recorded({.request = {"POST", "/", {{"X-Amz-Target", "Unheard_2030.MakeNest"}}},
                                .request_body = "{}",
                                .response = {500, {}},
                                .response_body = "oh",
                                .scope = "nests"});
  EXPECT_EQ(text(record, "eventSource"), R"("nests.amazonaws.com")");
  EXPECT_EQ(text(record, "eventName"), R"("MakeNest")");
  EXPECT_EQ(text(record, "readOnly"), "false");
  EXPECT_EQ(text(record, "requestParameters"), R"({"method":"POST","path":"/"})");
  EXPECT_EQ(text(record, "errorCode"), R"("500")");
  EXPECT_NE(text(record, "additionalEventData").find("unrecognised"), std::string::npos);
}

TEST(Capture, an_unknown_call_has_the_name_that_it_says) {
  const struct {
    codec::RequestHead request;
    std::string body;
    std::string name;
    std::string read_only;
  } rows[] = {
      {{"POST", "/", kForm}, "Action=ListNests&Version=2030-01-01", "ListNests", "false"},
      {{"POST", "/", kForm}, "Action=%zz", "POST", "false"},
      {{"GET", "/?Action=MakeNest", {}}, "", "MakeNest", "false"},
      {{"POST", "/service/Nests/operation/GetNest", {{"smithy-protocol", "rpc-v2-cbor"}}},
       "",
       "GetNest",
       "false"},
      {{"GET", "/?Action=ListNests", {}}, "", "ListNests", "true"},
      {{"OPTIONS", "/nests/1", {}}, "", "OPTIONS", "false"},
      {{"PUT", "/nests/1", {}}, "", "PUT", "false"},
      {{"GET", "/nests/1", {}}, "", "GET", "true"},
      {{"a b", "/nests/1", {}}, "", "Unknown", "false"},
  };
  for (const auto& row : rows) {
    const auto record = recorded({.request = row.request,
                                  .request_body = row.body,
                                  .response = {200, {}},
                                  .response_body = {},
                                  .scope = "nests"});
    EXPECT_EQ(text(record, "eventName"), '"' + row.name + '"');
    EXPECT_EQ(text(record, "readOnly"), row.read_only) << row.name;
    EXPECT_EQ(text(record, "eventSource"), R"("nests.amazonaws.com")");
  }
}

TEST(Capture, without_an_answer_there_is_what_the_gateway_says) {
  const Seen seen{.request = {"POST", "/", {{"X-Amz-Target", "AmazonSQS.CreateQueue"}}},
                  .request_body = R"({"QueueName":"nest"})",
                  .response = {},
                  .response_body = {},
                  .scope = "sqs",
                  .answered = false};
  const auto intent = recorded(seen, Failure{"OutcomeUnknown", "The call was relayed."});
  EXPECT_EQ(text(intent, "errorCode"), R"("OutcomeUnknown")");
  EXPECT_EQ(text(intent, "requestParameters"), R"({"queueName":"nest"})");
  EXPECT_EQ(text(intent, "requestID"), R"("ours")");
}

TEST(Capture, a_body_that_is_not_whole_leaves_its_parameters_out) {
  Seen seen{.request = {"POST", "/", {{"X-Amz-Target", "AmazonSQS.CreateQueue"}}},
            .request_body = R"({"QueueName":)",
            .response = {200, {}},
            .response_body = "{",
            .scope = "sqs",
            .request_whole = false,
            .response_whole = false};
  const auto cut = recorded(seen);
  EXPECT_EQ(text(cut, "requestParameters"),
            R"({"omitted":true,"originalSize":13,"reason":"requestParameters too large"})");
  EXPECT_EQ(text(cut, "responseElements"),
            R"({"omitted":true,"originalSize":1,"reason":"responseElements too large"})");
  seen.request_whole = seen.response_whole = true;
  const auto broken = recorded(seen);
  EXPECT_EQ(text(broken, "requestParameters"), "null");
  EXPECT_EQ(text(broken, "responseElements"), "null");
  EXPECT_EQ(text(broken, "errorCode"), "(none)");
}

}  // namespace
}  // namespace cairn::capture
