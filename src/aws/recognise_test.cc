#include "aws/recognise.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace cairn::aws {
namespace {

const std::vector<std::string> kDomains = {"s3.example.org", "localhost"};

struct Row {
  std::string line;  // "PUT /bucket/key"
  codec::Headers headers;
  std::string scope;
  std::string form;
  std::string wanted;  // "s3 PutObject Bucket=bucket Key=key", or "! Code status"
};

std::string describe(const Result<Recognised, Refusal>& result) {
  if (!result) {
    return fmt::format("! {} {}", result.error().fault.code, result.error().fault.status);
  }
  std::string out = result->service->name + " " + result->operation->name;
  for (const auto& [name, text] : result->labels) {
    out += fmt::format(" {}={}", name, text);
  }
  return out;
}

void check(const Row& row, bool leniently = false) {
  const auto space = row.line.find(' ');
  const codec::RequestHead head{row.line.substr(0, space), row.line.substr(space + 1), row.headers};
  const auto result = recognise({.head = head,
                                 .scope_service = row.scope,
                                 .form = row.form,
                                 .s3_domains = kDomains,
                                 .among = leniently ? everything() : catalogue(),
                                 .lenient = leniently});
  EXPECT_EQ(describe(result), row.wanted) << row.line << " scope " << row.scope << " form " << row.form;
}

codec::Headers json(const std::string& target, const std::string& type = "application/x-amz-json-1.1") {
  return {{"X-Amz-Target", target}, {"Content-Type", type}};
}

TEST(Recognise, json_targets) {
  const std::string ours = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.";
  const Row rows[] = {
      {"POST /", json(ours + "LookupEvents"), "cloudtrail", "", "cloudtrail LookupEvents"},
      {"POST /", json("CloudTrail_20131101.LookupEvents"), "cloudtrail", "", "cloudtrail LookupEvents"},
      {"POST /any/path", json("CloudTrail_20131101.CreateTrail", "application/x-amz-json-1.0"), "", "",
       "cloudtrail CreateTrail"},
      {"POST /", json("CloudTrail_20131101.CreateTrail", "application/x-amz-json-1.1; charset=utf-8"), "", "",
       "cloudtrail CreateTrail"},
      {"POST /", json("CloudTrail_20131101.Nothing"), "cloudtrail", "", "! UnknownOperationException 400"},
      {"POST /", json("DynamoDB_20120810.PutItem"), "dynamodb", "", "! UnknownOperationException 400"},
      {"POST /", json("LookupEvents"), "cloudtrail", "", "! UnknownOperationException 400"},
      {"POST /", json("."), "cloudtrail", "", "! UnknownOperationException 400"},
      {"GET /", json(ours + "LookupEvents"), "cloudtrail", "", "! AccessDeniedException 403"},
      {"POST /", json(ours + "LookupEvents", "application/json"), "cloudtrail", "",
       "! UnknownOperationException 200"},
      {"POST /", json(ours + "LookupEvents", "text/plain"), "cloudtrail", "",
       "! UnknownOperationException 404"},
      {"POST /",
       {{"Content-Type", "application/x-amz-json-1.1"}},
       "cloudtrail",
       "",
       "! UnknownOperationException 400"},
      {"GET /", {}, "cloudtrail", "", "! AccessDeniedException 403"},
      {"POST /service/Granite/operation/PutMetricData",
       {{"smithy-protocol", "rpc-v2-cbor"}},
       "monitoring",
       "",
       "! UnknownOperationException 400"},
  };
  for (const auto& row : rows) {
    check(row);
  }
}

// Over all services, as a gateway asks: what AWS would refuse for its form alone is recognised.
TEST(Recognise, leniently_among_all_services) {
  const codec::Headers form = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}};
  const codec::Headers cbor = {{"smithy-protocol", "rpc-v2-cbor"}, {"Content-Type", "application/cbor"}};
  const Row rows[] = {
      {"POST /", json("DynamoDB_20120810.PutItem", "application/x-amz-json-1.0"), "dynamodb", "",
       "dynamodb PutItem"},
      {"POST /", json("DynamoDB_20120810.PutItem", "text/plain"), "", "", "dynamodb PutItem"},
      {"POST /", json("DynamoDBStreams_20120810.GetRecords"), "dynamodb", "", "dynamodbstreams GetRecords"},
      {"POST /", json("Unheard_2030.PutItem"), "dynamodb", "", "dynamodb PutItem"},
      {"POST /", json("Unheard_2030.PutItem"), "unheard", "", "! UnknownOperationException 400"},
      {"POST /", form, "ec2", "Action=RunInstances&Version=2016-11-15", "ec2 RunInstances"},
      {"POST /", form, "ec2", "Action=RunInstances&Version=2011-01-01", "ec2 RunInstances"},
      {"GET /?Action=DescribeInstances&Version=2016-11-15", {}, "", "", "ec2 DescribeInstances"},
      {"POST /", form, "elasticloadbalancing", "Action=DescribeLoadBalancers&Version=2012-06-01",
       "elb DescribeLoadBalancers"},
      {"POST /", form, "elasticloadbalancing", "Action=DescribeLoadBalancers&Version=2015-12-01",
       "elbv2 DescribeLoadBalancers"},
      {"POST /", form, "monitoring", "Action=PutMetricData&Version=2010-08-01", "cloudwatch PutMetricData"},
      {"POST /service/GraniteServiceVersion20100801/operation/PutMetricData", cbor, "monitoring", "",
       "cloudwatch PutMetricData"},
      {"POST /a/prefix/service/GraniteServiceVersion20100801/operation/PutMetricData", cbor, "monitoring", "",
       "cloudwatch PutMetricData"},
      {"POST /service/GraniteServiceVersion20100801/operation/Nope", cbor, "monitoring", "",
       "! UnknownOperationException 400"},
      {"POST /operation/x/service/", cbor, "monitoring", "", "! UnknownOperationException 400"},
      {"POST /2015-03-31/functions", {}, "lambda", "", "lambda CreateFunction"},
      {"POST /2015-03-31/functions/", {}, "lambda", "", "lambda CreateFunction"},
      {"POST /2015-03-31/functions/arn%3Aaws%3Alambda%3A%3A%3Afunction%3Ax/invocations",
       {},
       "lambda",
       "",
       "lambda Invoke FunctionName=arn:aws:lambda:::function:x"},
      {"GET /restapis/abc/resources", {}, "apigateway", "", "apigateway GetResources restapi_id=abc"},
      {"GET /v2/apis/abc", {}, "apigateway", "", "apigatewayv2 GetApi apiId=abc"},
      {"GET /portals/arn:aws:x:::portal/1/identityProviders",
       {},
       "workspaces-web",
       "",
       "workspaces-web ListIdentityProviders portalArn=arn:aws:x:::portal/1"},
      {"GET /portals/arn:aws:x:::portal/1",
       {},
       "workspaces-web",
       "",
       "workspaces-web GetPortal portalArn=arn:aws:x:::portal/1"},
      {"GET /portals/identityProviders",
       {},
       "workspaces-web",
       "",
       "workspaces-web GetPortal portalArn=identityProviders"},
      {"GET /v20180820/x", {}, "s3", "", "s3 GetObject Bucket=v20180820 Key=x"},
      {"GET /logs/key", {}, "s3express", "", "s3 GetObject Bucket=logs Key=key"},
      {"PUT /x", {}, "unheard", "", "! UnknownOperationException 404"},
  };
  for (const auto& row : rows) {
    check(row, true);
  }
}

TEST(Recognise, query_actions) {
  const codec::Headers form = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}};
  const Row rows[] = {
      {"POST /", form, "sts", "Action=GetCallerIdentity&Version=2011-06-15", "sts GetCallerIdentity"},
      {"POST /", form, "iam", "Version=2010-05-08&Action=CreateUser&UserName=ann", "iam CreateUser"},
      {"GET /?Action=GetCallerIdentity&Version=2011-06-15", {}, "sts", "", "sts GetCallerIdentity"},
      {"POST /", form, "", "Action=AssumeRoleWithWebIdentity&Version=2011-06-15",
       "sts AssumeRoleWithWebIdentity"},
      {"POST /", form, "sts", "Action=Nothing&Version=2011-06-15", "! InvalidAction 400"},
      {"POST /", form, "sts", "Action=GetCallerIdentity&Version=2010-05-08", "! InvalidAction 400"},
      {"POST /", form, "sts", "Action=GetCallerIdentity", "! InvalidAction 400"},
      {"POST /", form, "sts", "Version=2011-06-15", "! MissingAction 400"},
      {"POST /", form, "sts", "", "! MissingAction 400"},
      {"POST /", form, "sts", "Action=%zz", "! MalformedQueryString 400"},
      {"POST /", form, "ec2", "Action=RunInstances&Version=2016-11-15", "! InvalidAction 400"},
      {"POST /",
       {{"Host", "sts.eu-west-1.amazonaws.com"}},
       "",
       "Action=Nope&Version=2011-06-15",
       "! InvalidAction 400"},
  };
  for (const auto& row : rows) {
    check(row);
  }
}

TEST(Recognise, s3_routes) {
  const Row rows[] = {
      {"GET /", {}, "s3", "", "s3 ListBuckets"},
      {"GET /?x-id=ListBuckets", {}, "s3", "", "s3 ListBuckets"},
      {"PUT /logs", {}, "s3", "", "s3 CreateBucket Bucket=logs"},
      {"PUT /logs/", {}, "s3", "", "s3 CreateBucket Bucket=logs"},
      {"HEAD /logs", {}, "s3", "", "s3 HeadBucket Bucket=logs"},
      {"DELETE /logs", {}, "s3", "", "s3 DeleteBucket Bucket=logs"},
      {"GET /logs", {}, "s3", "", "s3 ListObjects Bucket=logs"},
      {"GET /logs?prefix=a&marker=b", {}, "s3", "", "s3 ListObjects Bucket=logs"},
      {"GET /logs?list-type=2&prefix=a", {}, "s3", "", "s3 ListObjectsV2 Bucket=logs"},
      {"GET /logs?versions", {}, "s3", "", "s3 ListObjectVersions Bucket=logs"},
      {"GET /logs?uploads", {}, "s3", "", "s3 ListMultipartUploads Bucket=logs"},
      {"GET /logs?location", {}, "s3", "", "s3 GetBucketLocation Bucket=logs"},
      {"GET /logs?acl", {}, "s3", "", "s3 GetBucketAcl Bucket=logs"},
      {"GET /logs?acl=", {}, "s3", "", "s3 GetBucketAcl Bucket=logs"},
      {"PUT /logs?policy", {}, "s3", "", "s3 PutBucketPolicy Bucket=logs"},
      {"GET /logs?policyStatus", {}, "s3", "", "s3 GetBucketPolicyStatus Bucket=logs"},
      {"PUT /logs?lifecycle", {}, "s3", "", "s3 PutBucketLifecycleConfiguration Bucket=logs"},
      {"GET /logs?notification", {}, "s3", "", "s3 GetBucketNotificationConfiguration Bucket=logs"},
      {"PUT /logs?publicAccessBlock", {}, "s3", "", "s3 PutPublicAccessBlock Bucket=logs"},
      {"GET /logs?object-lock", {}, "s3", "", "s3 GetObjectLockConfiguration Bucket=logs"},
      {"GET /logs?analytics", {}, "s3", "", "s3 ListBucketAnalyticsConfigurations Bucket=logs"},
      {"GET /logs?analytics&id=a", {}, "s3", "", "s3 GetBucketAnalyticsConfiguration Bucket=logs"},
      {"POST /logs?delete", {}, "s3", "", "s3 DeleteObjects Bucket=logs"},
      {"GET /logs/k", {}, "s3", "", "s3 GetObject Bucket=logs Key=k"},
      {"HEAD /logs/k?partNumber=1", {}, "s3", "", "s3 HeadObject Bucket=logs Key=k"},
      {"GET /logs/a%20b/c%2Fd", {}, "s3", "", "s3 GetObject Bucket=logs Key=a b/c/d"},
      {"GET /logs//k", {}, "s3", "", "s3 GetObject Bucket=logs Key=/k"},
      {"GET /logs/a/", {}, "s3", "", "s3 GetObject Bucket=logs Key=a/"},
      {"GET /logs/a+b", {}, "s3", "", "s3 GetObject Bucket=logs Key=a+b"},
      {"GET /logs/k?versionId=v&response-content-type=t", {}, "s3", "", "s3 GetObject Bucket=logs Key=k"},
      {"GET /logs/k?tagging", {}, "s3", "", "s3 GetObjectTagging Bucket=logs Key=k"},
      {"GET /logs/k?attributes",
       {{"x-amz-object-attributes", "ETag"}},
       "s3",
       "",
       "s3 GetObjectAttributes Bucket=logs Key=k"},
      {"PUT /logs/k", {}, "s3", "", "s3 PutObject Bucket=logs Key=k"},
      {"PUT /logs/k", {{"x-amz-copy-source", "/a/b"}}, "s3", "", "s3 CopyObject Bucket=logs Key=k"},
      {"PUT /logs/k?partNumber=1&uploadId=u", {}, "s3", "", "s3 UploadPart Bucket=logs Key=k"},
      {"PUT /logs/k?partNumber=1&uploadId=u",
       {{"X-Amz-Copy-Source", "/a/b"}},
       "s3",
       "",
       "s3 UploadPartCopy Bucket=logs Key=k"},
      {"GET /logs/k?uploadId=u", {}, "s3", "", "s3 ListParts Bucket=logs Key=k"},
      {"DELETE /logs/k?uploadId=u", {}, "s3", "", "s3 AbortMultipartUpload Bucket=logs Key=k"},
      {"DELETE /logs/k", {}, "s3", "", "s3 DeleteObject Bucket=logs Key=k"},
      {"POST /logs/k?uploads", {}, "s3", "", "s3 CreateMultipartUpload Bucket=logs Key=k"},
      {"POST /logs/k?uploadId=u", {}, "s3", "", "s3 CompleteMultipartUpload Bucket=logs Key=k"},
      {"POST /logs/k?restore", {}, "s3", "", "s3 RestoreObject Bucket=logs Key=k"},
      {"POST /logs/k?select&select-type=2", {}, "s3", "", "s3 SelectObjectContent Bucket=logs Key=k"},
      {"GET /logs/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=0",
       {},
       "s3",
       "",
       "s3 GetObject Bucket=logs Key=k"},
      {"GET /logs/k", {}, "", "", "s3 GetObject Bucket=logs Key=k"},
      {"POST /logs/k", {}, "s3", "", "! MethodNotAllowed 405"},
      {"POST /logs", {}, "s3", "", "! MethodNotAllowed 405"},
      {"PATCH /logs/k", {}, "s3", "", "! MethodNotAllowed 405"},
      {"GET /logs/%zz", {}, "s3", "", "! InvalidURI 400"},
      {"GET /logs/%ff", {}, "s3", "", "! InvalidURI 400"},
      {"GET /logs?a=%zz", {}, "s3", "", "! InvalidURI 400"},
  };
  for (const auto& row : rows) {
    check(row);
  }
}

TEST(Recognise, buckets_in_hosts) {
  const Row rows[] = {
      {"GET /k", {{"Host", "logs.s3.example.org:4586"}}, "s3", "", "s3 GetObject Bucket=logs Key=k"},
      {"GET /", {{"Host", "logs.s3.example.org"}}, "s3", "", "s3 ListObjects Bucket=logs"},
      {"GET /", {{"Host", "s3.example.org"}}, "s3", "", "s3 ListBuckets"},
      {"PUT /k", {{"Host", "my.logs.localhost:4586"}}, "s3", "", "s3 PutObject Bucket=my.logs Key=k"},
      {"GET /logs/k", {{"Host", "s3.localhost"}}, "s3", "", "s3 GetObject Bucket=logs Key=k"},
      {"GET /logs/k", {{"Host", "localhost:4586"}}, "s3", "", "s3 GetObject Bucket=logs Key=k"},
      {"GET /k", {{"Host", "logs.s3.amazonaws.com"}}, "s3", "", "s3 GetObject Bucket=logs Key=k"},
      {"GET /k",
       {{"Host", "my.logs.s3.eu-west-1.amazonaws.com"}},
       "s3",
       "",
       "s3 GetObject Bucket=my.logs Key=k"},
      {"GET /k", {{"Host", "logs.s3-eu-west-1.amazonaws.com"}}, "s3", "", "s3 GetObject Bucket=logs Key=k"},
      {"GET /k",
       {{"Host", "logs.s3.cn-north-1.amazonaws.com.cn"}},
       "s3",
       "",
       "s3 GetObject Bucket=logs Key=k"},
      {"GET /k/l", {{"Host", "s3.eu-west-1.amazonaws.com"}}, "s3", "", "s3 GetObject Bucket=k Key=l"},
      {"GET /k/l", {{"Host", "127.0.0.1:4586"}}, "s3", "", "s3 GetObject Bucket=k Key=l"},
      {"GET /k/l", {{"Host", "[::1]:4586"}}, "s3", "", "s3 GetObject Bucket=k Key=l"},
  };
  for (const auto& row : rows) {
    check(row);
  }
}

TEST(Recognise, rest_json_routes) {
  const Row rows[] = {
      {"POST /PutAuditEvents?channelArn=arn", {}, "cloudtrail-data", "", "cloudtrail-data PutAuditEvents"},
      {"POST /PutAuditEvents", {}, "cloudtrail-data", "", "cloudtrail-data PutAuditEvents"},
      {"GET /PutAuditEvents", {}, "cloudtrail-data", "", "! UnknownOperationException 404"},
      {"POST /Other", {}, "cloudtrail-data", "", "! UnknownOperationException 404"},
      {"POST /x", {}, "lambda", "", "! UnknownOperationException 404"},
  };
  for (const auto& row : rows) {
    check(row);
  }
}

TEST(Recognise, answers_json_oddities_as_aws_does) {
  const codec::RequestHead head{"GET", "/", json("CloudTrail_20131101.LookupEvents")};
  const auto refusal =
      recognise({.head = head, .scope_service = "cloudtrail", .form = {}, .s3_domains = {}}).error();
  const auto answer = encode_refusal(refusal, head, {"id-1", ""});
  EXPECT_EQ(answer.status, 403);
  EXPECT_TRUE(answer.body.starts_with("<AccessDeniedException>"));
  EXPECT_EQ(answer.headers.get("x-amzn-requestid"), "id-1");

  const codec::RequestHead plain{"POST", "/", json("CloudTrail_20131101.LookupEvents", "application/json")};
  const auto odd =
      recognise({.head = plain, .scope_service = "cloudtrail", .form = {}, .s3_domains = {}}).error();
  EXPECT_EQ(
      encode_refusal(odd, plain, {"id-1", ""}).body,
      R"({"Output":{"__type":"com.amazon.coral.service#UnknownOperationException","message":null},"Version":"1.0"})");
}

TEST(Recognise, names_the_version_it_looked_for) {
  const codec::RequestHead head{"GET", "/?Action=GetCallerIdentity", {}};
  EXPECT_EQ(
      recognise({.head = head, .scope_service = "sts", .form = {}, .s3_domains = {}}).error().fault.message,
      "Could not find operation GetCallerIdentity for version NO_VERSION_SPECIFIED");
}

TEST(Recognise, reads_forms_only_where_it_must) {
  const codec::Headers form = {{"Content-Type", "application/x-www-form-urlencoded"}};
  EXPECT_TRUE(reads_form({"POST", "/", form}));
  EXPECT_FALSE(reads_form({"GET", "/", form}));
  EXPECT_FALSE(reads_form({"POST", "/", {{"Content-Type", "application/xml"}}}));
  EXPECT_FALSE(reads_form(
      {"POST", "/", {{"Content-Type", "application/x-www-form-urlencoded"}, {"X-Amz-Target", "A.B"}}}));
}

}  // namespace
}  // namespace cairn::aws
