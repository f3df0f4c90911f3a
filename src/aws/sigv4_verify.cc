// Right or wrong. An answer says no more about the secret than that.
#include <fmt/format.h>

#include <algorithm>

#include "aws/sigv4.h"
#include "codec/base64.h"
#include "codec/uri.h"

namespace cairn::aws::sigv4 {
namespace {

constexpr std::string_view kContentHash = "x-amz-content-sha256";
constexpr std::string_view kAmz = "x-amz-";
constexpr std::string_view kToken = "x-amz-security-token";
constexpr std::chrono::seconds kStsExpires{900};

Unexpected<Refusal> refuse(const Request& request, Reason reason, std::string detail) {
  return Unexpected<Refusal>{Refusal{reason, request.authorization.presigned, std::move(detail)}};
}

bool is_signed(const Authorization& authorization, std::string_view name) {
  return std::ranges::any_of(authorization.signed_headers,
                             [&](const std::string& s) { return codec::equals_ignore_case(s, name); });
}

// Everything that starts with x-amz- says what is to be done, and nobody on the way may add to it. A session
// token may come after the signature: it is checked as a credential of its own.
bool must_be_signed(std::string_view name) {
  return codec::equals_ignore_case(name.substr(0, kAmz.size()), kAmz) &&
         !codec::equals_ignore_case(name, kToken);
}

Result<void, Refusal> check_signed_headers(const Request& request) {
  const bool host = is_signed(request.authorization, "host");
  std::string names = host ? "" : "host";
  for (const auto& [name, value] : request.head.headers) {
    if (must_be_signed(name) && !is_signed(request.authorization, name)) {
      names += (names.empty() ? "" : ", ") + codec::lower(name);
    }
  }
  if (names.empty()) {
    return {};
  }
  auto refusal = refuse(request, Reason::header_not_signed,
                        host ? "There were headers present in the request which were not signed: " + names
                             : "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
  refusal.error.s3_detail = "There were headers present in the request which were not signed";
  refusal.error.extra.emplace_back("HeadersNotSigned", names);
  return refusal;
}

std::string minutes(Millis skew) {
  return fmt::format("{} min.", std::chrono::duration_cast<std::chrono::minutes>(skew).count());
}

Result<void, Refusal> check_skew(const Request& request) {
  const auto& a = request.authorization;
  if (a.time < request.now - request.skew) {
    return refuse(request, Reason::expired,
                  fmt::format("Signature expired: {} is now earlier than {} ({} - {})", a.timestamp,
                              basic(request.now - request.skew), basic(request.now), minutes(request.skew)));
  }
  if (a.time > request.now + request.skew) {
    return refuse(request, Reason::not_yet,
                  fmt::format("Signature not yet current: {} is still later than {} ({} + {})", a.timestamp,
                              basic(request.now + request.skew), basic(request.now), minutes(request.skew)));
  }
  return {};
}

// STS does not heed X-Amz-Expires: what is signed for it is good for fifteen minutes. Tokens of EKS name one
// minute and are used for fourteen (kubernetes-sigs/aws-iam-authenticator, issue 160).
Result<void, Refusal> check_time(const Request& request) {
  const auto& a = request.authorization;
  if (!a.expires.has_value()) {
    return check_skew(request);
  }
  const auto expires = a.scope.service == "sts" ? kStsExpires : *a.expires;
  if (request.now > a.time + expires) {
    auto refusal = refuse(request, Reason::expired,
                          fmt::format("Signature expired: {} is now earlier than {}",
                                      basic(a.time + expires), basic(request.now)));
    refusal.error.extra = {{"X-Amz-Expires", std::to_string(expires.count())},
                           {"Expires", rfc3339(a.time + expires)},
                           {"ServerTime", rfc3339(request.now)}};
    return refusal;
  }
  // Signed by a clock ahead of ours, within reason.
  return a.time > request.now + request.skew ? check_skew(request) : Result<void, Refusal>{};
}

// S3 shows what it computed, so that a client's author can compare. A session token is not shown to whoever
// reads the answer.
Refusal mismatch(const Request& request, const std::string& canonical, const std::string& to_sign) {
  Refusal refusal{Reason::mismatch, request.authorization.presigned};
  refusal.extra = {{"AWSAccessKeyId", request.authorization.access_key},
                   {"StringToSign", to_sign},
                   {"SignatureProvided", request.authorization.signature}};
  if (request.authorization.security_token.empty()) {
    refusal.extra.emplace_back("CanonicalRequest", canonical);
  }
  return refusal;
}

}  // namespace

Result<ChunkSeed, Refusal> verify(const Request& request, KeyCache& cache) {
  const auto& a = request.authorization;
  const Style style = style_of(a.scope.service);
  if (a.presigned && style == Style::s3 && !a.expires.has_value()) {
    return refuse(request, Reason::incomplete,
                  "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, "
                  "X-Amz-Signature, X-Amz-Date, "
                  "X-Amz-SignedHeaders, and X-Amz-Expires parameters.");
  }
  CAIRN_TRY_VOID(check_signed_headers(request));
  CAIRN_TRY_VOID(check_time(request));
  const auto canonical = canonical_request({request.head, a.signed_headers, request.payload_hash, style});
  const auto to_sign = string_to_sign(a.timestamp, a.scope, canonical);
  auto key = cache.find(a.access_key, a.scope, request.secret);
  const bool known = key != nullptr;
  if (!known) {
    key = std::make_shared<const crypto::Secret>(signing_key(request.secret, a.scope));
  }
  auto expected = codec::hex_encode(crypto::hmac_sha256(key->bytes(), to_sign));
  if (!crypto::constant_time_equal(expected, a.signature)) {
    return mismatch(request, canonical, to_sign);
  }
  if (!known) {
    cache.keep(a.access_key, a.scope, request.secret, key);
  }
  return ChunkSeed{std::move(key), std::move(expected), a.timestamp, a.scope};
}

Result<std::string, Refusal> s3_payload_hash(const codec::RequestHead& head,
                                             const Authorization& authorization) {
  if (const auto header = head.headers.find(kContentHash); header.has_value()) {
    return std::string(*header);
  }
  if (!authorization.presigned) {
    return Refusal{Reason::no_payload_hash, false,
                   "Missing required header for this request: x-amz-content-sha256"};
  }
  auto query = codec::parse_query(head.query());
  for (auto& [name, value] : query.has_value() ? *query : codec::QueryPairs{}) {
    if (codec::equals_ignore_case(name, kContentHash)) {
      return std::move(value);
    }
  }
  return std::string(kUnsignedPayload);
}

}  // namespace cairn::aws::sigv4
