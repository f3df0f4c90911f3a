// What the operations share.
#include <algorithm>
#include <array>

#include "access/principals.h"
#include "aws/sigv2.h"
#include "base/log.h"
#include "codec/base64.h"
#include "codec/headers.h"
#include "codec/uri.h"
#include "crypto/hash.h"
#include "front/claims.h"
#include "json/json.h"
#include "services/s3/faults.h"
#include "services/s3/operations.h"
#include "services/s3/staged.h"

namespace cairn::services::s3 {
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
bool is_shown_of_query(std::string_view name) {
  return !name.starts_with("X-Amz-") && std::ranges::find(kHiddenKeys, name) == kHiddenKeys.end() &&
         codec::lower(name).find("customer-key") == std::string::npos;
}

json::object parameters_of(const Call& call) {
  json::object parameters;
  if (const auto bucket = text_member(call, "Bucket"); !bucket.empty()) {
    parameters["bucketName"] = bucket;
  }
  parameters["Host"] = call.head.headers.get("Host");
  for (const auto header : kShownHeaders) {
    if (const auto value = call.head.headers.find(header)) {
      parameters[header] = *value;
    }
  }
  if (const auto query = codec::parse_query(call.head.query())) {
    for (const auto& [name, value] : *query) {
      if (is_shown_of_query(name)) {
        parameters[name] = value;
      }
    }
  }
  if (const auto key = text_member(call, "Key"); !key.empty()) {
    parameters["key"] = key;
  }
  if (const auto* configuration = json::find_object(call.input, "CreateBucketConfiguration")) {
    parameters["CreateBucketConfiguration"] = *configuration;
  }
  if (const auto policy = json::find_string(call.input, "Policy")) {
    if (auto parsed = json::parse(*policy)) {
      parameters["bucketPolicy"] = *std::move(parsed);
    }
  }
  return parameters;
}

}  // namespace

bool etag_listed(std::string_view condition, std::string_view etag) {
  while (!condition.empty()) {
    const auto comma = std::min(condition.find(','), condition.size());
    auto one = condition.substr(0, comma);
    condition.remove_prefix(std::min(comma + 1, condition.size()));
    one.remove_prefix(std::min(one.find_first_not_of(" \t\""), one.size()));
    one = one.substr(0, one.find_last_not_of(" \t\"") + 1);
    if (one == "*" || one == etag) {
      return true;
    }
  }
  return false;
}

aws::Fault internal(const Error& error) {
  log::error("s3 cannot answer", {{"error", error.text()}});
  return aws::to_fault(aws::Family::s3, error);
}

Result<void, aws::Fault> check_room(const Dependencies& on, std::uint64_t bytes) {
  if (on.room != nullptr && !on.room->admits(reserve::Claim::growth, bytes)) {
    return front::no_room(aws::Family::s3);
  }
  return {};
}

std::string_view text_member(const Call& call, std::string_view name) {
  return json::find_string(call.input, name).value_or("");
}

std::string canonical_id(std::string_view account) {
  return access::canonical_user_id(account);
}

Task<Result<Kept<Bucket>, aws::Fault>> find_bucket(const Dependencies& on, std::string name) {
  const auto document = co_await on.catalog.get(bucket_key(name));
  if (!document) {
    co_return internal(document.error());
  }
  if (!*document) {
    co_return fault::no_such_bucket(name);
  }
  auto bucket = bucket_from((*document)->value);
  if (!bucket) {
    co_return internal(bucket.error());
  }
  co_return Kept<Bucket>{*std::move(bucket), (*document)->version};
}

Task<Result<Kept<Bucket>, aws::Fault>> bucket_of(const Dependencies& on, Call& call) {
  const std::string name(text_member(call, "Bucket"));
  CAIRN_CO_TRY(auto bucket, co_await find_bucket(on, name));
  const auto& authorised = staged_of(call).bucket_id;
  if (!authorised.empty() && authorised != bucket.value.id) {
    co_return fault::no_such_bucket(name);
  }
  describe(call, &bucket.value);
  co_return bucket;
}

Staged& staged_of(Call& call) {
  if (call.staged == nullptr) {
    call.staged = std::make_unique<Staged>();
  }
  return static_cast<Staged&>(*call.staged);
}

void change_bucket(const Kept<Bucket>& bucket, Outcome& outcome) {
  outcome.effects.writes.push_back(
      {bucket_key(bucket.value.name), to_document(bucket.value), bucket.version});
  outcome.effects.expectations.push_back({life_key(bucket.value), kAlive});
}

void describe(Call& call, const Bucket* bucket) {
  call.record.request_parameters = parameters_of(call);
  const bool signed_v2 = aws::sigv2::signature_in(call.head) != aws::sigv2::Place::none;
  call.record.additional = {{"SignatureVersion", signed_v2 ? "SigV2" : "SigV4"}};
  if (call.tls) {
    call.record.additional["CipherSuite"] = call.tls->cipher;
  }
  call.record.additional["bytesTransferredIn"] = 0;
  const bool in_query = aws::sigv2::signature_in(call.head) == aws::sigv2::Place::query ||
                        call.head.query().find("X-Amz-Signature=") != std::string_view::npos;
  call.record.additional["AuthenticationMethod"] = in_query ? "QueryString" : "AuthHeader";
  call.record.additional["x-amz-id-2"] = call.host_id;
  call.record.additional["bytesTransferredOut"] = 0;
  if (bucket == nullptr) {
    return;
  }
  call.record.resources.clear();
  if (const auto key = text_member(call, "Key"); !key.empty()) {
    call.record.resources.push_back(
        {.arn = bucket->arn() + "/" + std::string(key), .account_id = "", .type = "AWS::S3::Object"});
  }
  call.record.resources.push_back(
      {.arn = bucket->arn(), .account_id = bucket->account, .type = "AWS::S3::Bucket"});
}

void note_bytes(Call& call, std::uint64_t in, std::uint64_t out) {
  call.record.additional["bytesTransferredIn"] = in;
  call.record.additional["bytesTransferredOut"] = out;
}

}  // namespace cairn::services::s3
