// Tested by capture_test.cc and by services/s3.
#include "capture/s3_form.h"

#include <algorithm>
#include <array>

#include "aws/sigv2.h"
#include "codec/uri.h"

namespace cairn::capture {
namespace {

// Headers that CloudTrail shows among the request's parameters.
constexpr std::array<std::string_view, 8> kShownHeaders = {"x-amz-acl",
                                                           "x-amz-storage-class",
                                                           "x-amz-server-side-encryption",
                                                           "x-amz-server-side-encryption-aws-kms-key-id",
                                                           "x-amz-server-side-encryption-context",
                                                           "x-amz-tagging",
                                                           "x-amz-copy-source",
                                                           "x-amz-object-ownership"};

// Keys of the query that say who calls, not what for.
constexpr std::array<std::string_view, 5> kHiddenKeys = {"x-id", "AWSAccessKeyId", "Signature", "Expires",
                                                         "x-amz-security-token"};

// A key that a caller brings, in whatever case it is spelt, is in no record; nor what tells it from others.
// (Not only S3's own: radosgw's admin calls have a user's secret in the query.)
bool is_shown_of_query(std::string_view name) {
  constexpr std::string_view kSecret[] = {"customer-key", "secret", "password", "token"};
  const auto lower = codec::lower(name);
  const auto is_in_it = [&](std::string_view word) { return lower.find(word) != std::string::npos; };
  return !name.starts_with("X-Amz-") && std::ranges::find(kHiddenKeys, name) == kHiddenKeys.end() &&
         (lower == "continuation-token" || std::ranges::none_of(kSecret, is_in_it));
}

}  // namespace

boost::json::object s3_parameters(const S3Names& names, const codec::RequestHead& head) {
  boost::json::object parameters;
  if (!names.bucket.empty()) {
    parameters["bucketName"] = names.bucket;
  }
  parameters["Host"] = head.headers.get("Host");
  for (const auto header : kShownHeaders) {
    if (const auto value = head.headers.find(header)) {
      parameters[header] = *value;
    }
  }
  if (const auto query = codec::parse_query(head.query())) {
    for (const auto& [name, value] : *query) {
      if (is_shown_of_query(name)) {
        parameters[name] = value;
      }
    }
  }
  if (!names.key.empty()) {
    parameters["key"] = names.key;
  }
  return parameters;
}

boost::json::object s3_additional(const codec::RequestHead& head, const S3Transfer& transfer) {
  const auto place = aws::sigv2::signature_in(head);
  boost::json::object additional;
  additional["SignatureVersion"] = place != aws::sigv2::Place::none ? "SigV2" : "SigV4";
  if (!transfer.tls_cipher.empty()) {
    additional["CipherSuite"] = transfer.tls_cipher;
  }
  additional["bytesTransferredIn"] = transfer.bytes_in;
  const bool in_query =
      place == aws::sigv2::Place::query || head.query().find("X-Amz-Signature=") != std::string_view::npos;
  additional["AuthenticationMethod"] = in_query ? "QueryString" : "AuthHeader";
  additional["x-amz-id-2"] = transfer.host_id;
  additional["bytesTransferredOut"] = transfer.bytes_out;
  return additional;
}

std::vector<event::Resource> s3_resources(const S3Names& names, std::string_view bucket_arn,
                                          std::string_view account) {
  std::vector<event::Resource> resources;
  if (!names.key.empty()) {
    resources.push_back({.arn = std::string(bucket_arn).append("/").append(names.key),
                         .account_id = "",
                         .type = "AWS::S3::Object",
                         .arn_prefix = ""});
  }
  resources.push_back({.arn = std::string(bucket_arn),
                       .account_id = std::string(account),
                       .type = "AWS::S3::Bucket",
                       .arn_prefix = ""});
  return resources;
}

}  // namespace cairn::capture
