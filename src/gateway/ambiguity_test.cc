// Requests that could be read in two ways.
#include "gateway/ambiguity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cairn::gateway {
namespace {

codec::RequestHead head_of(std::string method, std::string target, codec::Headers headers) {
  return {.method = std::move(method), .target = std::move(target), .headers = std::move(headers)};
}

struct Row {
  std::string method;
  std::string target;
  codec::Headers headers;
};

const std::string kForm = "application/x-www-form-urlencoded; charset=utf-8";

TEST(Ambiguity, what_sdks_send_has_none) {
  const std::vector<Row> rows = {
      {"POST",
       "/",
       {{"X-Amz-Target", "DynamoDB_20120810.ListTables"}, {"Content-Type", "application/x-amz-json-1.0"}}},
      {"POST", "/", {{"Content-Type", kForm}}},
      {"GET", "/?Action=ListUsers&Version=2010-05-08", {}},
      {"PUT",
       "/bucket/key",
       {{"Connection", "keep-alive, TE"}, {"x-amz-meta-a", "1"}, {"x-amz-meta-a", "2"}}},
      {"POST", "/service/S/operation/O", {{"smithy-protocol", "rpc-v2-cbor"}}},
      {"GET", "/", {{"Connection", "Upgrade, HTTP2-Settings"}, {"Accept", "a"}, {"Accept", "b"}}},
      {"GET", "/b/k?Expires=never", {{"Authorization", "AWS4-HMAC-SHA256 c"}}},
      {"GET", "/b/k?AWSAccessKeyId=a&Signature=b&Expires=1", {}},
      {"PUT", "/b/k", {{"x-amz-meta-my_key", "1"}, {"x_request_id", "2"}}},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(ambiguity_of(head_of(row.method, row.target, row.headers)), "") << row.target;
  }
}

TEST(Ambiguity, two_calls_in_one_are_told) {
  const std::pair<std::string, std::string> target{"X-Amz-Target", "DynamoDB_20120810.ListTables"};
  const std::vector<Row> rows = {
      {"POST", "/", {target, {"x-amz-target", "DynamoDB_20120810.DeleteTable"}}},
      {"GET", "/", {{"Authorization", "a"}, {"authorization", "b"}}},
      {"PUT", "/b/k", {{"X-Amz-Copy-Source", "a/b"}, {"x-amz-copy-source", "c/d"}}},
      {"POST", "/", {{"Content-Type", kForm}, {"Content-Type", "application/json"}}},
      {"PUT", "/bucket/key", {target}},
      {"POST", "/bucket?delete", {target}},
      {"POST", "/", {target, {"Content-Type", kForm}}},
      {"POST", "/", {target, {"Content-Type", "Application/X-WWW-Form-Urlencoded"}}},
      {"POST", "/?Action=DeleteQueue", {target}},
      {"POST", "/?%41ction=DeleteQueue", {target}},
      {"POST", "/", {target, {"smithy-protocol", "rpc-v2-cbor"}}},
      {"OPTIONS", "/", {target}},
      {"POST", "/", {{"Connection", "close, x-amz-target"}}},
      {"GET", "/", {{"Connection", "close"}, {"Connection", "Authorization"}}},
      {"GET", "/b/k?AWSAccessKeyId=a&Signature=b&Expires=1", {{"Authorization", "AWS4-HMAC-SHA256 c"}}},
      {"GET", "/b/k?x&X-Amz-Si%67nature=b", {{"Authorization", "AWS4-HMAC-SHA256 c"}}},
      {"POST", "/", {{"X_Amz_Target", "Logs_20140328.DeleteLogGroup"}}},
      {"PUT", "/b/k", {{"x-amz-copy_source", "b/other"}}},
      {"PUT", "/b/k", {{"x_amz_acl", "public-read"}}},
      {"POST", "/", {{"content_type", "application/json"}}},
      {"POST", "/", {{"Content_Length", "3"}}},
  };
  for (const auto& row : rows) {
    EXPECT_NE(ambiguity_of(head_of(row.method, row.target, row.headers)), "") << row.target;
  }
}

TEST(Ambiguity, what_frames_and_names_a_call_stands_in_front_of_its_body) {
  for (const auto* name :
       {"Authorization", "Host", "X-Amz-Target", "x-amz-acl", "Content-Length", "x_amz_date"}) {
    EXPECT_TRUE(belongs_into_head(name)) << name;
  }
  for (const auto* name : {"x-amz-checksum-crc32", "Server-Timing", "x-signature"}) {
    EXPECT_FALSE(belongs_into_head(name)) << name;
  }
}

TEST(Ambiguity, a_query_of_s3_asks_for_one_operation) {
  const auto ask = [](std::string method, std::string target) {
    const auto head = head_of(std::move(method), std::move(target), {{"Host", "localhost"}});
    const auto call = aws::recognise({.head = head,
                                      .scope_service = "s3",
                                      .form = {},
                                      .s3_domains = {},
                                      .among = aws::everything(),
                                      .lenient = true});
    return call ? std::string(ambiguity_of_call(head, *call)) : "not recognised";
  };
  const std::pair<std::string, std::string> plain[] = {{"GET", "/b?list-type=2&prefix=a&x-id=ListObjectsV2"},
                                                       {"GET", "/b/k?versionId=v&partNumber=2"},
                                                       {"PUT", "/b/k?partNumber=1&uploadId=u"},
                                                       {"POST", "/b/k?uploadId=u"},
                                                       {"GET", "/b/k?uploadId=u&max-parts=3"},
                                                       {"POST", "/b/k?select&select-type=2"},
                                                       {"DELETE", "/b/k?tagging&versionId=v"},
                                                       {"GET", "/b?metrics&id=a"},
                                                       {"POST", "/b?delete"},
                                                       {"GET", "/b/k?attributes"},
                                                       {"GET", "/b?uploads&upload-id-marker=u"},
                                                       {"GET", "/b/k?response-content-type=a&unknown=b"}};
  for (const auto& [method, target] : plain) {
    EXPECT_EQ(ask(method, target), "") << method << " " << target;
  }
  const std::pair<std::string, std::string> two[] = {{"POST", "/b/k?select&select-type=2&uploadId=u"},
                                                     {"POST", "/b/k?select&select-type=2&restore"},
                                                     {"DELETE", "/b?policy&lifecycle"},
                                                     {"PUT", "/b/k?acl&tagging"},
                                                     {"DELETE", "/b/k?tagging&uploadId=u"},
                                                     {"PUT", "/b/k?partNumber=1&uploadId=u&uploadId=w"},
                                                     {"PUT", "/b/k?partNumber=1&uploadId=u&%61cl"},
                                                     {"DELETE", "/b/k?partNumber=1"}};
  for (const auto& [method, target] : two) {
    EXPECT_THAT(ask(method, target), ::testing::StartsWith("Conflicting")) << method << " " << target;
  }
}

TEST(Ambiguity, a_form_has_one_action_and_one_version) {
  const auto ask = [](const std::string& query, std::string_view form) {
    return ambiguity_of_form(head_of("POST", "/" + query, {}), form).empty();
  };
  EXPECT_TRUE(ask("", "Action=ListUsers&Version=2010-05-08"));
  EXPECT_TRUE(ask("?Version=2010-05-08", "Action=ListUsers"));
  EXPECT_FALSE(ask("?Action=DescribeInstances", "Action=TerminateInstances&Version=2016-11-15"));
  EXPECT_FALSE(ask("", "Action=DescribeInstances&A%63tion=TerminateInstances"));
  EXPECT_FALSE(ask("?Version=1", "Action=A&Version=2"));
}

TEST(Ambiguity, a_preflight_is_a_browsers_and_does_nothing) {
  const codec::Headers asked{{"Origin", "https://example.org"}, {"Access-Control-Request-Method", "PUT"}};
  const auto with = [&](std::string name, std::string value) {
    auto headers = asked;
    headers.add(std::move(name), std::move(value));
    return headers;
  };
  EXPECT_TRUE(is_preflight(head_of("OPTIONS", "/bucket/key", asked), "s3", false));
  EXPECT_FALSE(is_preflight(head_of("GET", "/bucket/key", asked), "s3", false));
  EXPECT_FALSE(is_preflight(head_of("OPTIONS", "/bucket/key", asked), "ec2", false));
  EXPECT_FALSE(is_preflight(head_of("OPTIONS", "/bucket/key", asked), "s3", true));
  EXPECT_FALSE(is_preflight(head_of("OPTIONS", "/bucket/key", {{"Origin", "x"}}), "s3", false));
  EXPECT_FALSE(is_preflight(head_of("OPTIONS", "/", with("X-Amz-Target", "A.B")), "s3", false));
  EXPECT_FALSE(is_preflight(head_of("OPTIONS", "/", with("Authorization", "x")), "s3", false));
  EXPECT_FALSE(is_preflight(head_of("OPTIONS", "/?Action=TerminateInstances", asked), "s3", false));
}

}  // namespace
}  // namespace cairn::gateway
