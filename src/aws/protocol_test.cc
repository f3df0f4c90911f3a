// Rows of our own for the services that we have, with bytes as AWS's clients and servers send them.
// botocore_cases_test.cc has the breadth.
#include "aws/protocol.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "aws/recognise.h"
#include "json/json.h"

namespace cairn::aws {
namespace {

using boost::json::object;

const RequestIds kIds{"7d2c90aa-1f5e-4a36-9d1b-c04e5ab0f912", "host+id="};

object parsed(std::string_view text) {
  return boost::json::parse(boost::json::string_view(text.data(), text.size())).get_object();
}

const Operation& operation(std::string_view service, std::string_view name) {
  return *catalogue().by_name(service)->operation(name);
}

struct Read {
  std::string line;
  codec::Headers headers;
  std::string scope;
  std::string body;
};

// The decoded input as JSON, or the fault as "Code: message".
std::string read(const Read& row) {
  const auto space = row.line.find(' ');
  const codec::RequestHead head{row.line.substr(0, space), row.line.substr(space + 1), row.headers};
  const auto call = recognise(
      {.head = head, .scope_service = row.scope, .form = reads_form(head) ? row.body : "", .s3_domains = {}});
  if (!call) {
    return "not recognised: " + call.error().fault.code;
  }
  const auto input = decode_request(*call, head, row.body);
  return input ? json::serialize(*input) : input.error().code + ": " + input.error().message;
}

std::string read_json(const std::string& name, const std::string& body) {
  return read(
      {"POST /",
       {{"X-Amz-Target", "CloudTrail_20131101." + name}, {"Content-Type", "application/x-amz-json-1.1"}},
       "cloudtrail",
       body});
}

std::string read_form(const std::string& service, const std::string& body) {
  return read({"POST /", {{"Content-Type", "application/x-www-form-urlencoded"}}, service, body});
}

TEST(JsonRequest, is_read_by_the_models_names) {
  EXPECT_EQ(read_json("CreateTrail",
                      R"({"Name":"main","S3BucketName":"logs","IsMultiRegionTrail":true,"Unknown":[1]})"),
            R"({"Name":"main","S3BucketName":"logs","IsMultiRegionTrail":true})");
  EXPECT_EQ(read_json("DescribeTrails", R"({"trailNameList":["a","b"],"includeShadowTrails":false})"),
            R"({"trailNameList":["a","b"],"includeShadowTrails":false})");
  EXPECT_EQ(read_json("LookupEvents",
                      R"({"StartTime":1767323045.5,"EndTime":1767323046,"MaxResults":3.0,"NextToken":null})"),
            R"({"StartTime":1767323045.5,"EndTime":1767323046,"MaxResults":3})");
  EXPECT_EQ(read_json("LookupEvents", R"({"StartTime":"2026-01-02T03:04:05Z"})"),
            R"({"StartTime":1767323045})");
  EXPECT_EQ(read_json("DescribeTrails", ""), "{}");
  EXPECT_EQ(read_json("DescribeTrails", "null"), "{}");
}

TEST(JsonRequest, of_the_wrong_type_is_refused_in_aws_words) {
  const std::pair<const char*, const char*> rows[] = {
      {R"({"Name":1})", "SerializationException: NUMBER_VALUE can not be converted to a String"},
      {R"({"Name":true})", "SerializationException: TRUE_VALUE can not be converted to a String"},
      {R"({"Name":[]})", "SerializationException: Start of list found where not expected"},
      {R"({"Name":{}})", "SerializationException: Start of structure or map found where not expected."},
      {R"({"IsMultiRegionTrail":"true"})",
       "SerializationException: STRING_VALUE can not be converted to a Boolean"},
      {R"({"TagsList":"a"})", "SerializationException: Expected list or null"},
      {R"({"TagsList":{}})", "SerializationException: Start of structure or map found where not expected."},
      {R"({"TagsList":["a"]})", "SerializationException: Expected map or null"},
      {R"([])", "SerializationException: Start of list found where not expected"},
      {R"({"Name":)", "SerializationException: "},
      {"{\"Name\":\"\xFF\"}", "SerializationException: "},
      {R"({"Name":"a"} x)", "SerializationException: "},
  };
  for (const auto& [body, wanted] : rows) {
    EXPECT_EQ(read_json("CreateTrail", body), wanted) << body;
  }
  EXPECT_EQ(read_json("LookupEvents", R"({"MaxResults":"3"})"),
            "SerializationException: STRING_VALUE can not be converted to an Integer");
  EXPECT_EQ(read_json("LookupEvents", R"({"MaxResults":3000000000})"),
            "SerializationException: NUMBER_VALUE can not be converted to an Integer");
  EXPECT_EQ(read_json("CreateTrail", std::string(200, '[')), "SerializationException: ");
  EXPECT_EQ(read_json("CreateTrail", std::string(kDecodedBodyBytesMax + 1, ' ')),
            "RequestEntityTooLargeException: Request size exceeded the limit.");
}

TEST(FormRequest, is_read_with_lists_and_structures) {
  EXPECT_EQ(
      read_form(
          "iam",
          "Action=CreateUser&Version=2010-05-08&UserName=ann&Tags.member.1.Key=team&Tags.member.1.Value=a%20b"
          "&Tags.member.2.Value=&Tags.member.2.Key=x"),
      R"({"UserName":"ann","Tags":[{"Key":"team","Value":"a b"},{"Key":"x","Value":""}]})");
  EXPECT_EQ(
      read_form("sts",
                "Action=AssumeRole&Version=2011-06-15&RoleArn=arn&RoleSessionName=s&DurationSeconds=900"
                "&PolicyArns.member.10.arn=ten&PolicyArns.member.9.arn=nine"),
      R"({"RoleArn":"arn","RoleSessionName":"s","PolicyArns":[{"arn":"nine"},{"arn":"ten"}],"DurationSeconds":900})");
  EXPECT_EQ(read_form("iam", "Action=CreateUser&Version=2010-05-08&UserName=a%2Bb+c&Tags="),
            R"({"UserName":"a+b c","Tags":[]})");
  EXPECT_EQ(read({"GET /?Action=GetCallerIdentity&Version=2011-06-15", {}, "sts", ""}), "{}");
}

TEST(FormRequest, of_the_wrong_kind_is_refused) {
  EXPECT_EQ(read_form("iam", "Action=ListUsers&Version=2010-05-08&MaxItems=many"),
            "MalformedInput: Malformed value of MaxItems");
  EXPECT_EQ(read_form("iam", "Action=CreateUser&Version=2010-05-08&UserName.x=1"),
            "MalformedInput: Start of structure or map found where not expected.");
  EXPECT_EQ(read_form("iam", "Action=CreateUser&Version=2010-05-08&UserName=%FF"),
            "MalformedInput: Malformed value of UserName");
  std::string deep = "Action=CreateUser&Version=2010-05-08&Tags";
  for (std::size_t i = 0; i < 40; ++i) {
    deep += ".1";
  }
  EXPECT_EQ(read_form("iam", deep + "=x"), "MalformedInput: A parameter's name has too many parts");
  std::string many = "Action=CreateUser&Version=2010-05-08";
  for (int i = 0; i < 10'001; ++i) {
    many += "&a=b";
  }
  EXPECT_EQ(read_form("iam", many), "MalformedInput: More than 10000 parameters");
}

TEST(S3Request, is_read_from_path_query_headers_and_body) {
  EXPECT_EQ(
      read({"PUT /logs/a%20b.json.gz",
            {{"Content-Type", "application/json"},
             {"x-amz-meta-Signature", "ab"},
             {"X-Amz-Meta-two", "2"},
             {"x-amz-server-side-encryption", "aws:kms"},
             {"Content-Length", "7"}},
            "s3",
            "ignored"}),
      R"({"Bucket":"logs","ContentLength":7,"ContentType":"application/json","Key":"a b.json.gz","Metadata":{"signature":"ab","two":"2"},)"
      R"("ServerSideEncryption":"aws:kms"})");
  EXPECT_EQ(read({"GET /logs?list-type=2&prefix=a%2Fb&max-keys=5&fetch-owner=true", {}, "s3", ""}),
            R"({"Bucket":"logs","MaxKeys":5,"Prefix":"a/b","FetchOwner":true})");
  EXPECT_EQ(
      read(
          {"POST /logs?delete",
           {},
           "s3",
           R"(<?xml version="1.0"?><Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Object><Key>a&amp;b</Key></Object>)"
           R"(<Object><Key> </Key><VersionId>v</VersionId></Object><Quiet>true</Quiet></Delete>)"}),
      R"({"Bucket":"logs","Delete":{"Objects":[{"Key":"a&b"},{"Key":" ","VersionId":"v"}],"Quiet":true}})");
  EXPECT_EQ(read({"PUT /logs?policy", {}, "s3", R"({"Version":"2012-10-17"})"}),
            R"({"Bucket":"logs","Policy":"{\"Version\":\"2012-10-17\"}"})");
  EXPECT_EQ(read({"PUT /logs",
                  {},
                  "s3",
                  "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></"
                  "CreateBucketConfiguration>"}),
            R"({"Bucket":"logs","CreateBucketConfiguration":{"LocationConstraint":"eu-west-1"}})");
  EXPECT_EQ(read({"PUT /logs", {}, "s3", ""}), R"({"Bucket":"logs"})");
  EXPECT_EQ(
      read({"POST /logs/k?uploadId=u",
            {},
            "s3",
            "<CompleteMultipartUpload><Part><ETag>&quot;e&quot;</ETag><PartNumber>1</PartNumber></Part></"
            "CompleteMultipartUpload>"}),
      R"({"Bucket":"logs","Key":"k","UploadId":"u","MultipartUpload":{"Parts":[{"ETag":"\"e\"","PartNumber":1}]}})");
  EXPECT_EQ(
      read(
          {"PUT /logs?acl",
           {},
           "s3",
           R"(<AccessControlPolicy><AccessControlList><Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser">)"
           R"(<ID>1</ID></Grantee><Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>)"}),
      R"({"Bucket":"logs","AccessControlPolicy":{"Grants":[{"Grantee":{"ID":"1","Type":"CanonicalUser"},"Permission":"READ"}]}})");
  EXPECT_EQ(read({"GET /logs/k", {{"If-Modified-Since", "Mon, 02 Mar 2026 10:15:00 GMT"}}, "s3", ""}),
            R"({"Bucket":"logs","IfModifiedSince":1772446500,"Key":"k"})");
  EXPECT_EQ(read({"GET /logs/k", {{"If-Modified-Since", "yesterday"}}, "s3", ""}),
            R"({"Bucket":"logs","Key":"k"})");
}

TEST(S3Request, of_the_wrong_kind_is_refused) {
  const std::string malformed =
      "MalformedXML: The XML you provided was not well-formed or did not validate against our published "
      "schema";
  EXPECT_EQ(read({"POST /logs?delete", {}, "s3", "<Delete><Object>"}), malformed);
  EXPECT_EQ(read({"POST /logs?delete",
                  {},
                  "s3",
                  R"(<!DOCTYPE d [<!ENTITY a "b">]><Delete><Object><Key>&a;</Key></Object></Delete>)"}),
            malformed);
  EXPECT_EQ(read({"POST /logs?delete", {}, "s3", "<Delete><Quiet>perhaps</Quiet></Delete>"}), malformed);
  EXPECT_EQ(read({"GET /logs?max-keys=many", {}, "s3", ""}),
            "InvalidArgument: Provided max-keys not an integer or within integer range");
}

TEST(RestJsonRequest, is_read) {
  EXPECT_EQ(read({"POST /PutAuditEvents?channelArn=arn%3Aaws&externalId=x",
                  {{"Content-Type", "application/json"}},
                  "cloudtrail-data",
                  R"({"auditEvents":[{"id":"1","eventData":"{}"}]})"}),
            R"({"channelArn":"arn:aws","externalId":"x","auditEvents":[{"eventData":"{}","id":"1"}]})");
  EXPECT_EQ(read({"POST /PutAuditEvents", {}, "cloudtrail-data", R"({"auditEvents":{}})"}),
            "SerializationException: Start of structure or map found where not expected.");
}

TEST(Answer, in_json) {
  const auto answer = encode_response(
      Protocol::json, operation("cloudtrail", "LookupEvents"),
      parsed(
          R"({"NextToken":"t","Events":[{"EventTime":1772446500,"EventId":"1","Nonsense":1},{"EventTime":1772446500.5}],"No":1})"),
      kIds);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(
      answer.body,
      R"({"Events":[{"EventId":"1","EventTime":1772446500},{"EventTime":1772446500.5}],"NextToken":"t"})");
  EXPECT_EQ(answer.headers.get("Content-Type"), "application/x-amz-json-1.1");
  EXPECT_EQ(answer.headers.get("x-amzn-RequestId"), kIds.request_id);
  EXPECT_EQ(encode_response(Protocol::json, operation("cloudtrail", "StartLogging"), {}, kIds).body, "{}");
}

TEST(Answer, in_the_query_protocols_xml) {
  const auto answer = encode_response(
      Protocol::query, operation("sts", "GetCallerIdentity"),
      parsed(R"({"UserId":"AIDA","Account":"111122223333","Arn":"arn:aws:iam::111122223333:user/a&b"})"),
      kIds);
  EXPECT_EQ(
      answer.body,
      "<GetCallerIdentityResponse "
      "xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>"
      "<UserId>AIDA</UserId><Account>111122223333</Account><Arn>arn:aws:iam::111122223333:user/a&amp;b</Arn>"
      "</GetCallerIdentityResult><ResponseMetadata><RequestId>7d2c90aa-1f5e-4a36-9d1b-c04e5ab0f912</"
      "RequestId>"
      "</ResponseMetadata></GetCallerIdentityResponse>");
  EXPECT_EQ(answer.headers.get("Content-Type"), "text/xml");
  const auto nothing = encode_response(Protocol::query, operation("iam", "DeleteUser"), {}, kIds);
  EXPECT_EQ(nothing.body.find("Result"), std::string::npos);
  const auto users = encode_response(
      Protocol::query, operation("iam", "ListUsers"),
      parsed(R"({"Users":[{"UserName":"ann","CreateDate":1772446500}],"IsTruncated":false})"), kIds);
  EXPECT_NE(users.body.find("<Users><member><UserName>ann</UserName><CreateDate>2026-03-02T10:15:00Z</"
                            "CreateDate></member></Users>"
                            "<IsTruncated>false</IsTruncated>"),
            std::string::npos)
      << users.body;
}

TEST(Answer, of_s3) {
  const auto list = encode_response(
      Protocol::rest_xml, operation("s3", "ListObjectsV2"),
      parsed(
          R"({"Name":"logs","KeyCount":1,"IsTruncated":false,"Contents":[{"Key":"a","LastModified":1772446500,"ETag":"\"e\"","Size":7}],)"
          R"("CommonPrefixes":[{"Prefix":"b/"},{"Prefix":"c/"}]})"),
      kIds);
  EXPECT_TRUE(
      list.body.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult "
                            "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"))
      << list.body;
  EXPECT_NE(list.body.find("<Contents><Key>a</Key><LastModified>2026-03-02T10:15:00.000Z</"
                           "LastModified><ETag>\"e\"</ETag><Size>7</Size></Contents>"),
            std::string::npos)
      << list.body;
  EXPECT_NE(list.body.find("<CommonPrefixes><Prefix>b/</Prefix></CommonPrefixes><CommonPrefixes><Prefix>c/</"
                           "Prefix></CommonPrefixes>"),
            std::string::npos)
      << list.body;
  EXPECT_EQ(list.headers.get("x-amz-request-id"), kIds.request_id);
  EXPECT_EQ(list.headers.get("x-amz-id-2"), kIds.host_id);
  EXPECT_EQ(list.headers.get("Content-Type"), "application/xml");

  const auto location = encode_response(Protocol::rest_xml, operation("s3", "GetBucketLocation"),
                                        parsed(R"({"LocationConstraint":"eu-west-1"})"), kIds);
  EXPECT_NE(
      location.body.find("<LocationConstraint "
                         "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">eu-west-1</LocationConstraint>"),
      std::string::npos);
  const auto nowhere = encode_response(Protocol::rest_xml, operation("s3", "GetBucketLocation"), {}, kIds);
  EXPECT_NE(nowhere.body.find("<LocationConstraint xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"/>"),
            std::string::npos);

  const auto put = encode_response(Protocol::rest_xml, operation("s3", "PutObject"),
                                   parsed(R"({"ETag":"\"e\"","VersionId":"v","ChecksumCRC32":"x"})"), kIds);
  EXPECT_EQ(put.body, "");
  EXPECT_EQ(put.headers.get("etag"), "\"e\"");
  EXPECT_EQ(put.headers.get("x-amz-version-id"), "v");
  EXPECT_FALSE(put.headers.contains("Content-Type"));

  const auto get = encode_response(
      Protocol::rest_xml, operation("s3", "GetObject"),
      parsed(
          R"({"LastModified":1772446500,"ContentType":"text/csv","Metadata":{"signature":"ab"},"ContentLength":7})"),
      kIds);
  EXPECT_EQ(get.headers.get("Last-Modified"), "Mon, 02 Mar 2026 10:15:00 GMT");
  EXPECT_EQ(get.headers.get("Content-Type"), "text/csv");
  EXPECT_EQ(get.headers.get("x-amz-meta-signature"), "ab");
  EXPECT_EQ(encode_response(Protocol::rest_xml, operation("s3", "DeleteObject"), {}, kIds).status, 204);
  EXPECT_EQ(encode_response(Protocol::rest_xml, operation("s3", "GetBucketPolicy"),
                            parsed(R"({"Policy":"{}"})"), kIds)
                .body,
            "{}");

  const auto acl = encode_response(
      Protocol::rest_xml, operation("s3", "GetBucketAcl"),
      parsed(
          R"({"Owner":{"ID":"1"},"Grants":[{"Grantee":{"Type":"CanonicalUser","ID":"1"},"Permission":"FULL_CONTROL"}]})"),
      kIds);
  EXPECT_NE(acl.body.find(
                "<AccessControlList><Grant><Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
                "xsi:type=\"CanonicalUser\"><ID>1</ID></Grantee>"
                "<Permission>FULL_CONTROL</Permission></Grant></AccessControlList>"),
            std::string::npos)
      << acl.body;
}

TEST(FaultOnTheWire, in_json_follows_the_service) {
  const auto* cloudtrail = catalogue().by_name("cloudtrail");
  const Fault unknown{"TrailNotFoundException", 400, "Unknown trail: main"};
  const auto answer = encode_fault({.protocol = Protocol::json, .service = cloudtrail}, unknown, kIds);
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.body, R"({"__type":"TrailNotFoundException","Message":"Unknown trail: main"})");
  EXPECT_EQ(answer.headers.get("x-amzn-ErrorType"), "TrailNotFoundException");
  EXPECT_EQ(answer.headers.get("x-amzn-RequestId"), kIds.request_id);
  EXPECT_EQ(answer.headers.get("Content-Type"), "application/x-amz-json-1.1");
  EXPECT_EQ(encode_fault({.protocol = Protocol::json}, fault::serialization(Family::json), kIds).body,
            R"({"__type":"SerializationException"})");
  const auto* data = catalogue().by_name("cloudtrail-data");
  EXPECT_EQ(
      encode_fault({.protocol = Protocol::rest_json, .service = data}, {"ChannelNotFound", 400, "gone"}, kIds)
          .body,
      R"({"message":"gone"})");
}

TEST(FaultOnTheWire, in_xml) {
  const auto* iam = catalogue().by_name("iam");
  EXPECT_EQ(
      encode_fault({.protocol = Protocol::query, .service = iam}, {"NoSuchEntity", 404, "no <ann>"}, kIds)
          .body,
      "<ErrorResponse "
      "xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><Error><Type>Sender</Type><Code>NoSuchEntity</"
      "Code>"
      "<Message>no "
      "&lt;ann&gt;</Message></Error><RequestId>7d2c90aa-1f5e-4a36-9d1b-c04e5ab0f912</RequestId></"
      "ErrorResponse>");
  const auto* s3 = catalogue().by_name("s3");
  const auto missing = Fault{"NoSuchKey", 404, "The specified key does not exist."}.with("Key", "a&b");
  EXPECT_EQ(encode_fault({.protocol = Protocol::rest_xml, .service = s3}, missing, kIds).body,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>NoSuchKey</Code><Message>The specified "
            "key does not exist.</Message>"
            "<Key>a&amp;b</Key><RequestId>7d2c90aa-1f5e-4a36-9d1b-c04e5ab0f912</RequestId><HostId>host+id=</"
            "HostId></Error>");
  const auto head =
      encode_fault({.protocol = Protocol::rest_xml, .service = s3, .head_request = true}, missing, kIds);
  EXPECT_EQ(head.status, 404);
  EXPECT_EQ(head.body, "");
  EXPECT_FALSE(head.headers.contains("Content-Type"));
}

TEST(FaultOnTheWire, of_infrastructure_says_nothing_of_it) {
  const Error error{Errc::corrupt, "read segment: checksum", "/var/lib/cairn/journal/7"};
  for (const auto family : {Family::json, Family::rest_json, Family::query, Family::s3}) {
    const auto fault = to_fault(family, error);
    EXPECT_EQ(fault.status, 500);
    EXPECT_FALSE(fault.sender);
    EXPECT_EQ(fault.message.find("cairn"), std::string::npos);
    EXPECT_EQ(to_fault(family, {Errc::unavailable, "x"}).status, 503);
  }
}

TEST(ClientRequest, is_written) {
  auto put = encode_request(
      Protocol::rest_xml, operation("s3", "PutObject"),
      parsed(
          R"({"Bucket":"logs","Key":"AWSLogs/1 2/a.json.gz","ContentType":"application/json","ServerSideEncryption":"AES256","Metadata":{"signature":"ab"}})"));
  ASSERT_TRUE(put.has_value());
  EXPECT_EQ(put->method, "PUT");
  EXPECT_EQ(put->target, "/logs/AWSLogs/1%202/a.json.gz");
  EXPECT_EQ(put->headers.get("x-amz-meta-signature"), "ab");
  EXPECT_EQ(put->headers.get("x-amz-server-side-encryption"), "AES256");
  EXPECT_EQ(
      encode_request(Protocol::rest_xml, operation("s3", "GetBucketAcl"), parsed(R"({"Bucket":"logs"})"))
          ->target,
      "/logs?acl");
  EXPECT_FALSE(encode_request(Protocol::rest_xml, operation("s3", "GetBucketAcl"), {}).has_value());
  const auto lookup =
      encode_request(Protocol::json, operation("cloudtrail", "LookupEvents"), parsed(R"({"MaxResults":3})"));
  EXPECT_EQ(lookup->headers.get("X-Amz-Target"),
            "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents");
  EXPECT_EQ(lookup->body, R"({"MaxResults":3})");
}

TEST(ClientAnswer, is_read) {
  const auto acl = decode_response(
      Protocol::rest_xml, operation("s3", "GetBucketAcl"), {200, {}},
      R"(<?xml version="1.0"?><AccessControlPolicy xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Owner><ID>7</ID></Owner></AccessControlPolicy>)");
  EXPECT_EQ(json::serialize(*acl), R"({"Owner":{"ID":"7"}})");
  const auto location = decode_response(Protocol::rest_xml, operation("s3", "GetBucketLocation"), {200, {}},
                                        "<LocationConstraint>eu-west-1</LocationConstraint>");
  EXPECT_EQ(json::serialize(*location), R"({"LocationConstraint":"eu-west-1"})");
  const auto put =
      decode_response(Protocol::rest_xml, operation("s3", "PutObject"), {200, {{"ETag", "\"e\""}}}, "");
  EXPECT_EQ(json::serialize(*put), R"({"ETag":"\"e\""})");
}

TEST(ClientAnswer, of_the_wrong_type_is_a_fault_or_stays_as_it_is) {
  constexpr std::string_view kBody =
      R"({"KeyMetadata":{"KeyId":7,"Enabled":"yes","CreationDate":"soon","EncryptionAlgorithms":"none","Arn":{"a":1},"Origin":null}})";
  const auto& create = operation("kms", "CreateKey");
  EXPECT_EQ(decode_response(Protocol::json, create, {200, {}}, kBody).error().code, "SerializationException");
  const auto lenient = decode_response(Protocol::json, create, {200, {}}, kBody, Reading::lenient);
  ASSERT_TRUE(lenient);
  EXPECT_EQ(json::serialize(*lenient),
            R"({"KeyMetadata":{"KeyId":7,"CreationDate":"soon","Enabled":"yes"}})");
  EXPECT_EQ(decode_response(Protocol::json, create, {200, {}}, "[]", Reading::lenient).error().code,
            "SerializationException");
}

TEST(ClientAnswer, may_be_a_fault) {
  const auto s3 = decode_response(
      Protocol::rest_xml, operation("s3", "PutObject"), {403, {}},
      "<Error><Code>AccessDenied</Code><Message>Access Denied</Message><HostId>h</HostId></Error>");
  ASSERT_FALSE(s3.has_value());
  EXPECT_EQ(s3.error().code, "AccessDenied");
  EXPECT_EQ(s3.error().status, 403);
  EXPECT_EQ(s3.error().extra, (std::vector<std::pair<std::string, std::string>>{{"HostId", "h"}}));
  EXPECT_EQ(decode_response(Protocol::rest_xml, operation("s3", "HeadObject"), {404, {}}, "").error().code,
            "404");
  const auto json = decode_response(Protocol::json, operation("cloudtrail", "GetTrail"), {400, {}},
                                    R"({"__type":"com.amazon#TrailNotFoundException","Message":"gone"})");
  EXPECT_EQ(json.error().code, "TrailNotFoundException");
  EXPECT_EQ(json.error().message, "gone");
  const auto html =
      decode_response(Protocol::json, operation("cloudtrail", "GetTrail"), {503, {}}, "<html>down</html>");
  EXPECT_EQ(html.error().code, "503");
  EXPECT_FALSE(html.error().sender);
  const auto broken =
      decode_response(Protocol::json, operation("cloudtrail", "GetTrail"), {200, {}}, "<html>");
  EXPECT_EQ(broken.error().status, 502);
}

}  // namespace
}  // namespace cairn::aws
