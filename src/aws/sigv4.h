// Signature Version 4, both sides: reads and verifies what callers signed, and signs what we send. Pure but
// for KeyCache (thread-safe). Knows heads (codec/headers.h), not sockets; the rules are in
// cloudtrail-reference 15.
//
// Verifying takes three steps, because what is between them is the caller's:
//   parse_authorization(head)      who says he calls, with which scope
//   … the secret of that access key is looked up, the body hashed …
//   verify(request, cache)         right or wrong, and why
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/fault.h"
#include "base/result.h"
#include "base/time.h"
#include "codec/headers.h"
#include "crypto/hash.h"
#include "crypto/secret.h"

namespace cairn::aws::sigv4 {

inline constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
inline constexpr std::string_view kUnsignedPayload = "UNSIGNED-PAYLOAD";
inline constexpr std::chrono::seconds kExpiresMax{604'800};
inline constexpr std::size_t kSignedHeadersMax = 200;
inline constexpr std::size_t kScopeElementMax = 128;  // characters of an access key, a region, a service

// What a signing key is good for.
struct Scope {
  std::string date;  // "20260302"
  std::string region;
  std::string service;

  std::string text() const;  // "20260302/eu-west-1/s3/aws4_request"
  friend bool operator==(const Scope&, const Scope&) = default;
};

// What a caller says with a signature, in the Authorization header or in a presigned query.
struct Authorization {
  std::string access_key;
  Scope scope;
  std::vector<std::string> signed_headers;  // lower case, in the caller's order
  std::string signature;                    // 64 lower-case hexadecimal digits
  std::string timestamp;                    // "20260302T101500Z"
  Time time;
  bool presigned = false;
  std::optional<std::chrono::seconds> expires;  // of a presigned query
  std::string security_token;                   // empty: long-term credentials
};

enum class Reason {
  missing,            // no signature at all
  ambiguous,          // in the header and in the query
  unsupported,        // of another kind: SigV2, SigV4A, Basic
  incomplete,         // a part is not there
  malformed,          // a part cannot be read
  wrong_scope,        // the credential's date or terminator is not the request's, or its region is none
  header_not_signed,  // host, or an x-amz-* header
  no_payload_hash,    // S3 alone: x-amz-content-sha256 is not there
  expired,
  not_yet,
  mismatch,
};

// Why a signature was refused, in AWS's words. to_fault() gives it the form of the protocol family.
struct Refusal {
  Reason reason;
  bool presigned = false;
  std::string detail{};     // as the services other than S3 say it
  std::string s3_detail{};  // as S3 says it; empty: alike
  std::vector<std::pair<std::string, std::string>>
      extra{};  // what S3 adds to its answer: HeadersNotSigned, StringToSign, …
};
Fault to_fault(Family family, const Refusal& refusal);

Result<Authorization, Refusal> parse_authorization(const codec::RequestHead& head);

// Of a signature for a Region that is not answered for; `expected` is one that is. S3 names it so that SDKs
// sign again for it.
Refusal wrong_region(const Authorization& authorization, std::string_view expected);
// Of a signature for another service than the one that is called.
Refusal wrong_service(const Authorization& authorization, std::string_view expected);

// Keys derived from secrets cost four HMACs, and each is good for a day. The least recently used of
// `keys_max` goes first. A key that was derived from another secret is never handed out: the secret is
// compared each time. verify() keeps a key only once a signature was right with it, so that strangers cannot
// fill the cache. Thread-safe.
class KeyCache {
 public:
  static constexpr std::size_t kKeysMax = 4096;
  using Key = std::shared_ptr<const crypto::Secret>;

  explicit KeyCache(std::size_t keys_max = kKeysMax);
  ~KeyCache();
  KeyCache(const KeyCache&) = delete;
  KeyCache& operator=(const KeyCache&) = delete;

  // Null if it is not there.
  Key find(std::string_view access_key, const Scope& scope, const crypto::Secret& secret);
  void keep(std::string_view access_key, const Scope& scope, const crypto::Secret& secret, Key key);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The key itself, uncached.
crypto::Secret signing_key(const crypto::Secret& secret, const Scope& scope);

// How a service's requests are canonicalised: S3 takes paths as they are, all others normalise them and
// encode them twice.
enum class Style { standard, s3 };
inline Style style_of(std::string_view service) {
  return service == "s3" ? Style::s3 : Style::standard;
}

struct CanonicalInput {
  const codec::RequestHead& head;
  const std::vector<std::string>& signed_headers;
  std::string_view payload_hash;
  Style style;
};
std::string canonical_request(const CanonicalInput& input);
std::string string_to_sign(std::string_view timestamp, const Scope& scope,
                           std::string_view canonical_request);

struct Request {
  const codec::RequestHead& head;
  const Authorization& authorization;
  const crypto::Secret& secret;
  // What the caller signed as the body's hash: for S3 what s3_payload_hash() says, for all others the
  // hexadecimal SHA-256 of the body as it came.
  std::string_view payload_hash;
  Time now;
  Millis skew{std::chrono::minutes(5)};  // S3 allows 15
};

// For a body in signed chunks: what the first one's signature is chained to (aws/aws_chunked.h).
struct ChunkSeed {
  KeyCache::Key key;
  std::string signature;  // the request's
  std::string timestamp;
  Scope scope;
};

// Checks, in this order: what must be signed is, the time, the signature (in constant time).
Result<ChunkSeed, Refusal> verify(const Request& request, KeyCache& cache);

// What S3 takes for the payload's hash: the header x-amz-content-sha256 literally (or the query parameter of
// that name), without it UNSIGNED-PAYLOAD when presigned; no_payload_hash otherwise.
Result<std::string, Refusal> s3_payload_hash(const codec::RequestHead& head,
                                             const Authorization& authorization);

struct Credentials {
  std::string access_key;
  crypto::Secret secret;
  std::string session_token;  // empty: none
};

struct Signing {
  const Credentials& credentials;
  std::string_view region;
  std::string_view service;
  Time time;
  std::string_view payload_hash;  // hexadecimal SHA-256 or, to S3, UNSIGNED-PAYLOAD
};

// Sets X-Amz-Date, for S3 X-Amz-Content-Sha256, with a session token X-Amz-Security-Token, and Authorization.
// Every header that is already there is signed, except those that are changed on the way. Host must be there.
void sign_headers(codec::RequestHead& head, const Signing& signing);
// The head's target with the signature in its query. Signs the head's headers too: they must be sent alike.
// Host must be there.
std::string presigned_target(const codec::RequestHead& head, const Signing& signing,
                             std::chrono::seconds expires);

}  // namespace cairn::aws::sigv4
