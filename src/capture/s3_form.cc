// Tested by capture_test.cc and by services/s3.
#include "capture/s3_form.h"

#include <algorithm>
#include <array>

#include "aws/sigv2.h"
#include "aws/xml_form.h"
#include "codec/uri.h"
#include "json/json.h"

namespace cairn::capture {
namespace {

using boost::json::object;
using boost::json::value;

constexpr std::string_view kEncryption = "x-amz-server-side-encryption";
constexpr std::string_view kCustomerAlgorithm = "x-amz-server-side-encryption-customer-algorithm";

// Headers that CloudTrail shows among the request's parameters.
constexpr std::array<std::string_view, 20> kShownHeaders = {"x-amz-acl",
                                                            "x-amz-grant-full-control",
                                                            "x-amz-grant-read",
                                                            "x-amz-grant-read-acp",
                                                            "x-amz-grant-write",
                                                            "x-amz-grant-write-acp",
                                                            "x-amz-storage-class",
                                                            kEncryption,
                                                            "x-amz-server-side-encryption-aws-kms-key-id",
                                                            "x-amz-server-side-encryption-context",
                                                            kCustomerAlgorithm,
                                                            "x-amz-tagging",
                                                            "x-amz-copy-source",
                                                            "x-amz-metadata-directive",
                                                            "x-amz-object-ownership",
                                                            "x-amz-bucket-object-lock-enabled",
                                                            "x-amz-object-lock-mode",
                                                            "x-amz-object-lock-retain-until-date",
                                                            "x-amz-object-lock-legal-hold",
                                                            "x-amz-bypass-governance-retention"};
// Headers of answers that it shows among the elements.
constexpr std::array<std::string_view, 8> kShownOfAnswers = {kEncryption,
                                                             "x-amz-server-side-encryption-aws-kms-key-id",
                                                             "x-amz-server-side-encryption-context",
                                                             kCustomerAlgorithm,
                                                             "x-amz-version-id",
                                                             "x-amz-copy-source-version-id",
                                                             "x-amz-delete-marker",
                                                             "x-amz-expiration"};

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

// Under its own name; those of objects' data are not shown.
void add_document(const S3Call& call, object& parameters) {
  const bool shown = call.category == event::Category::management || call.operation.ends_with("Acl");
  if (!shown || call.document.empty()) {
    return;
  }
  if (call.operation == "PutBucketPolicy") {
    if (auto policy = json::parse(call.document)) {
      parameters["bucketPolicy"] = *std::move(policy);
    }
    return;
  }
  for (auto& [name, element] : aws::xml_form(call.document)) {
    parameters.emplace(name, std::move(element));
  }
}

}  // namespace

object s3_parameters(const S3Call& call) {
  const auto& names = call.names;
  const auto& head = call.head;
  object parameters;
  if (!names.bucket.empty()) {
    parameters["bucketName"] = names.bucket;
  }
  parameters["Host"] = head.headers.get("Host");
  for (const auto& [name, value] : head.headers) {
    const auto is_it = [&](std::string_view shown) { return codec::equals_ignore_case(name, shown); };
    if (const auto* const shown = std::ranges::find_if(kShownHeaders, is_it); shown != kShownHeaders.end()) {
      parameters.emplace(*shown, value);
    }
  }
  if (const auto query = codec::parse_query(head.query())) {
    for (const auto& [name, value] : *query) {
      if (is_shown_of_query(name)) {
        parameters.emplace(name, value);  // of what is known already nobody says otherwise
      }
    }
  }
  if (!names.key.empty()) {
    parameters["key"] = names.key;
  }
  add_document(call, parameters);
  return parameters;
}

object s3_additional(const codec::RequestHead& head, const S3Transfer& transfer) {
  const auto place = aws::sigv2::signature_in(head);
  object additional;
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

void note_s3_encryption(const codec::Headers& asked, const codec::Headers& answered, object& additional) {
  if (answered.contains(kCustomerAlgorithm)) {
    additional["SSEApplied"] = "SSE_C";
    return;
  }
  if (const auto applied = answered.get(kEncryption); !applied.empty()) {
    additional["SSEApplied"] = std::string(asked.contains(kEncryption) ? "" : "Default_") +
                               (applied == "AES256" ? "SSE_S3" : "SSE_KMS");
  }
}

value s3_elements(const codec::Headers& answered) {
  object out;
  for (const auto name : kShownOfAnswers) {
    if (const auto found = answered.find(name)) {
      out.emplace(name, *found);
    }
  }
  return out.empty() ? value(nullptr) : value(std::move(out));
}

std::vector<event::Resource> s3_resources(const S3Names& names, event::Category category,
                                          std::string_view bucket_arn, std::string_view account) {
  const auto below = std::string(bucket_arn).append("/");
  std::vector<event::Resource> resources;
  if (!names.key.empty()) {
    resources.push_back({.arn = below + std::string(names.key),
                         .account_id = "",
                         .type = "AWS::S3::Object",
                         .arn_prefix = ""});
  } else if (category == event::Category::data) {
    resources.push_back({.arn = "", .account_id = "", .type = "AWS::S3::Object", .arn_prefix = below});
  }
  resources.push_back({.arn = std::string(bucket_arn),
                       .account_id = std::string(account),
                       .type = "AWS::S3::Bucket",
                       .arn_prefix = ""});
  return resources;
}

}  // namespace cairn::capture
