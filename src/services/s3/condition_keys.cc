// Tested by condition_keys_test.cc and object_asks_test.cc.
#include "services/s3/condition_keys.h"

#include <algorithm>
#include <array>

#include "codec/headers.h"
#include "codec/uri.h"
#include "json/json.h"
#include "services/s3/copy_object.h"
#include "services/s3/locks.h"
#include "services/s3/tags.h"

namespace cairn::services::s3 {
namespace {

using Where = front::Signed::Where;

struct MemberKey {
  std::string_view member;
  std::string_view key;
};
// Members of the input, each with its key.
constexpr std::array<MemberKey, 18> kOfMembers = {{
    {"VersionId", "s3:VersionId"},
    {"ObjectLockMode", "s3:object-lock-mode"},
    {"ObjectLockLegalHoldStatus", "s3:object-lock-legal-hold"},
    {"MetadataDirective", "s3:x-amz-metadata-directive"},
    {"StorageClass", "s3:x-amz-storage-class"},
    {"ServerSideEncryption", "s3:x-amz-server-side-encryption"},
    {"SSEKMSKeyId", "s3:x-amz-server-side-encryption-aws-kms-key-id"},
    {"SSECustomerAlgorithm", "s3:x-amz-server-side-encryption-customer-algorithm"},
    {"ACL", "s3:x-amz-acl"},
    {"GrantFullControl", "s3:x-amz-grant-full-control"},
    {"GrantRead", "s3:x-amz-grant-read"},
    {"GrantReadACP", "s3:x-amz-grant-read-acp"},
    {"GrantWrite", "s3:x-amz-grant-write"},
    {"GrantWriteACP", "s3:x-amz-grant-write-acp"},
    {"ObjectOwnership", "s3:x-amz-object-ownership"},
    {"WebsiteRedirectLocation", "s3:x-amz-website-redirect-location"},
    {"IfMatch", "s3:if-match"},
    {"IfNoneMatch", "s3:if-none-match"},
}};

// Members whose empty text says something too: the top of the bucket.
constexpr std::array<MemberKey, 2> kOfTexts = {{{"Prefix", "s3:prefix"}, {"Delimiter", "s3:delimiter"}}};

// Keys that are no member of the input, and those that no call here has.
constexpr std::array<std::string_view, 20> kOthers = {"s3:authType",
                                                      "s3:signatureversion",
                                                      "s3:signatureAge",
                                                      "s3:x-amz-content-sha256",
                                                      "s3:TlsVersion",
                                                      "s3:ResourceAccount",
                                                      "s3:x-amz-copy-source",
                                                      "s3:max-keys",
                                                      "s3:locationconstraint",
                                                      "s3:ObjectCreationOperation",
                                                      "s3:object-lock-retain-until-date",
                                                      "s3:object-lock-remaining-retention-days",
                                                      "s3:RequestObjectTagKeys",
                                                      "s3:DataAccessPointAccount",
                                                      "s3:DataAccessPointArn",
                                                      "s3:AccessPointNetworkOrigin",
                                                      "s3:AccessGrantsInstanceArn",
                                                      "s3:destinationRegion",
                                                      "s3:InventoryAccessibleOptionalFields",
                                                      "s3:isReplicationPauseRequest"};
constexpr std::array<std::string_view, 4> kPrefixes = {"s3:existingobjecttag/", "s3:requestobjecttag/",
                                                       "s3:accesspointtag/", "s3:buckettag/"};

// What a request would set tags to: in a header, or in the body.
Result<Tags, aws::Fault> requested_tags(const Call& call) {
  const auto* tagging = json::find_object(call.input, "Tagging");
  if (tagging != nullptr && call.operation.name == "PutObjectTagging") {
    return tags_of_set(*tagging);
  }
  return tags_of_header(text_member(call, "Tagging"));
}

// What a request would lock an object with: in headers, or in the body.
void add_lock(const Call& call, access::Ask& ask) {
  auto until = time_member(call.input, "ObjectLockRetainUntilDate");
  if (const auto* retention = json::find_object(call.input, "Retention")) {
    until = time_member(*retention, "RetainUntilDate");
    if (const auto mode = json::find_string(*retention, "Mode")) {
      ask.context.add("s3:object-lock-mode", *mode);
    }
  }
  if (const auto* hold = json::find_object(call.input, "LegalHold")) {
    ask.context.add("s3:object-lock-legal-hold", json::find_string(*hold, "Status").value_or(""));
  }
  if (until) {
    const auto days = std::chrono::ceil<std::chrono::days>(*until - call.time).count();
    ask.context.add("s3:object-lock-retain-until-date", rfc3339(*until));
    ask.context.add("s3:object-lock-remaining-retention-days", std::to_string(days));
  }
}

std::string_view name_of(Where where) {
  switch (where) {
    case Where::nowhere:
      break;
    case Where::header:
      return "REST-HEADER";
    case Where::query:
      return "REST-QUERY-STRING";
    case Where::form:
      return "POST";
  }
  return {};
}

// As it was signed: who presigns says it in the query, or leaves it out.
std::string content_hash(const Call& call) {
  constexpr std::string_view kContentHash = "x-amz-content-sha256";
  if (const auto sent = call.head.headers.find(kContentHash)) {
    return std::string(*sent);
  }
  if (call.signature.where != Where::query || call.signature.is_v2) {
    return {};
  }
  const auto query = codec::parse_query(call.head.query());
  for (const auto& [name, value] : query ? *query : codec::QueryPairs()) {
    if (codec::equals_ignore_case(name, kContentHash)) {
      return value;
    }
  }
  return "UNSIGNED-PAYLOAD";
}

// "1.3". Calls in process go over no connection that could be worse.
std::string_view tls_version(const Call& call) {
  constexpr std::string_view kName = "TLSv";
  const bool in_process = call.caller.principal.kind == access::PrincipalKind::service || !call.via.empty();
  if (in_process) {
    return "1.3";
  }
  std::string_view version = call.tls ? std::string_view(call.tls->version) : std::string_view();
  version.remove_prefix(version.starts_with(kName) ? kName.size() : 0);
  return version;
}

// Of what writes objects: does this call make one, or is it but a part of one?
std::string_view creation(const Call& call) {
  constexpr std::string_view kMaking[] = {"PutObject", "CopyObject", "CompleteMultipartUpload"};
  constexpr std::string_view kParts[] = {"CreateMultipartUpload", "UploadPart", "UploadPartCopy"};
  const std::string_view name = call.operation.name;
  const bool makes = std::ranges::find(kMaking, name) != std::end(kMaking);
  const bool is_part = std::ranges::find(kParts, name) != std::end(kParts);
  return makes ? "true" : is_part ? "false" : std::string_view();
}

void add_known(access::Ask& ask, std::string_view key, std::string_view value) {
  if (!value.empty()) {
    ask.context.add(key, value);
  }
}

}  // namespace

void add_keys_of_call(const Call& call, access::Ask& ask) {
  if (call.signature.where != Where::nowhere) {
    ask.context.add("s3:authType", name_of(call.signature.where));
    ask.context.add("s3:signatureversion", call.signature.is_v2 ? "AWS" : "AWS4-HMAC-SHA256");
  }
  if (call.signature.time) {
    ask.context.add("s3:signatureAge", std::to_string((call.time - *call.signature.time).count()));
  }
  add_known(ask, "s3:x-amz-content-sha256", content_hash(call));
  add_known(ask, "s3:TlsVersion", tls_version(call));
  add_known(ask, "s3:ResourceAccount", ask.resource_account);
}

Result<void, aws::Fault> add_keys_of_request(const Call& call, access::Ask& ask) {
  for (const auto& [member, key] : kOfMembers) {
    add_known(ask, key, text_member(call, member));
  }
  for (const auto& [member, key] : kOfTexts) {
    if (const auto text = json::find_string(call.input, member)) {
      ask.context.add(key, *text);
    }
  }
  if (const auto source = text_member(call, "CopySource"); !source.empty()) {
    CAIRN_TRY(const auto parsed, parse_copy_source(source));  // however it was spelt
    ask.context.add("s3:x-amz-copy-source", parsed.bucket + "/" + parsed.key);
  }
  if (const auto keys = json::find_int(call.input, "MaxKeys")) {
    ask.context.add("s3:max-keys", std::to_string(*keys));
  }
  if (const auto* configuration = json::find_object(call.input, "CreateBucketConfiguration")) {
    add_known(ask, "s3:locationconstraint",
              json::find_string(*configuration, "LocationConstraint").value_or(""));
  }
  add_known(ask, "s3:ObjectCreationOperation", creation(call));
  add_lock(call, ask);
  CAIRN_TRY(const auto tags, requested_tags(call));
  for (const auto& [key, value] : tags) {
    ask.context.add("s3:RequestObjectTag/" + key, value);
    ask.context.add("s3:RequestObjectTagKeys", key);
  }
  return {};
}

bool is_condition_key(std::string_view key) {
  const auto is = [&](std::string_view known) { return codec::equals_ignore_case(key, known); };
  const auto begins = [&](std::string_view prefix) {
    return key.size() > prefix.size() && codec::equals_ignore_case(key.substr(0, prefix.size()), prefix);
  };
  return std::ranges::any_of(kOfMembers, is, &MemberKey::key) ||
         std::ranges::any_of(kOfTexts, is, &MemberKey::key) || std::ranges::any_of(kOthers, is) ||
         std::ranges::any_of(kPrefixes, begins);
}

}  // namespace cairn::services::s3
