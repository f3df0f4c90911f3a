// Signatures: the reference's vectors in both directions, then everything that must be refused.
#include "aws/sigv4.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "codec/base64.h"

namespace cairn::aws::sigv4 {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;

std::string sha256_hex(std::string_view text) {
  return codec::hex_encode(crypto::sha256(text));
}

Time at(std::string_view basic_text) {
  return parse_basic(basic_text).value();
}

// The vectors of cloudtrail-reference 15.5.
const Credentials& kestrel() {
  static const Credentials credentials{
      "AKIAKESTREL0EXAMPLE1", crypto::Secret("kestrelSecret/0123456789+abcdefEXAMPLEKEY"), {}};
  return credentials;
}
const Time kNow = at("20260302T101500Z");

codec::RequestHead lookup_events() {
  return {"POST",
          "/",
          {{"Host", "cloudtrail.eu-west-1.amazonaws.com"},
           {"Content-Type", "application/x-amz-json-1.1"},
           {"X-Amz-Target", "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents"},
           {"User-Agent", "aws-cli/2"}}};
}
constexpr std::string_view kLookupBody = R"({"MaxResults":1})";

codec::RequestHead signed_lookup() {
  auto head = lookup_events();
  const auto hash = sha256_hex(kLookupBody);
  sign_headers(head, {kestrel(), "eu-west-1", "cloudtrail", kNow, hash});
  return head;
}

TEST(Sigv4, reference_vector_1_header) {
  const auto head = signed_lookup();
  EXPECT_EQ(sha256_hex(kLookupBody), "5d327dabe3dd761d0a1fd5ac1ad275322fd6e1d88a5d361c1750ac453ec177b9");
  EXPECT_EQ(head.headers.get("authorization"),
            "AWS4-HMAC-SHA256 Credential=AKIAKESTREL0EXAMPLE1/20260302/eu-west-1/cloudtrail/aws4_request, "
            "SignedHeaders=content-type;host;x-amz-date;x-amz-target, "
            "Signature=8939fc458d60a05be4c44f02f94a341a0961e85906b78a22d3cbbe02d4221168");
  const auto hash = sha256_hex(kLookupBody);
  const auto authorization = parse_authorization(head).value();
  EXPECT_EQ(sha256_hex(canonical_request({head, authorization.signed_headers, hash, Style::standard})),
            "1c20db46b40cc20632ccb33e30c94a8c773445891bb5ddddfe8cb3ebd9267a64");
}

codec::RequestHead presigned_get() {
  codec::RequestHead head{
      "GET", "/logs/a%20b.json.gz", {{"Host", "kestrel-audit.s3.eu-west-1.amazonaws.com"}}};
  head.target = presigned_target(head, {kestrel(), "eu-west-1", "s3", kNow, kUnsignedPayload}, seconds(900));
  return head;
}

TEST(Sigv4, reference_vector_2_presigned) {
  const auto head = presigned_get();
  EXPECT_THAT(head.target,
              HasSubstr("X-Amz-Credential=AKIAKESTREL0EXAMPLE1%2F20260302%2Feu-west-1%2Fs3%2Faws4_request"));
  EXPECT_THAT(
      head.target,
      testing::EndsWith("&X-Amz-Signature=dfbaa5ad93c548440641c9ae09d233a7ec19ee66a45f0521a3aa880de8b7f3cc"));
  const auto authorization = parse_authorization(head).value();
  EXPECT_TRUE(authorization.presigned);
  EXPECT_EQ(authorization.expires, seconds(900));
  EXPECT_EQ(sha256_hex(canonical_request({head, authorization.signed_headers, kUnsignedPayload, Style::s3})),
            "7b0a912a1c0c0e3c576d033d7d563a4b631028734514feaf7110f2a96f63f5fe");
}

// What verify() says of a head, its body and a time; empty when it is right.
std::optional<Refusal> refusal_of(const codec::RequestHead& head, std::string_view body, Time now = kNow,
                                  const crypto::Secret& secret = kestrel().secret) {
  auto authorization = parse_authorization(head);
  if (!authorization.has_value()) {
    return authorization.error();
  }
  KeyCache cache;
  auto hash = sha256_hex(body);
  const bool s3 = style_of(authorization->scope.service) == Style::s3;
  if (s3) {
    auto promised = s3_payload_hash(head, *authorization);
    if (!promised.has_value()) {
      return promised.error();
    }
    hash = *promised;
  }
  const auto verified =
      verify({head, *authorization, secret, hash, now, s3 ? Millis(minutes(15)) : Millis(minutes(5))}, cache);
  return verified.has_value() ? std::nullopt : std::optional(verified.error());
}

struct ChangeCase {
  std::string_view what;
  std::function<void(codec::RequestHead&)> change;
  std::optional<Reason> refused;
  std::string_view says;
};

void set_authorization(codec::RequestHead& head, std::string_view from, std::string_view to) {
  auto value = std::string(head.headers.get("authorization"));
  const auto place = value.find(from);
  ASSERT_NE(place, std::string::npos) << from;
  head.headers.set("Authorization", value.replace(place, from.size(), to));
}

ChangeCase replaced(std::string_view from, std::string_view to, std::optional<Reason> refused,
                    std::string_view says = {}) {
  return {from, [=](codec::RequestHead& head) { set_authorization(head, from, to); }, refused, says};
}
ChangeCase with_header(std::string_view name, std::string_view value, std::optional<Reason> refused,
                       std::string_view says = {}) {
  return {name, [=](codec::RequestHead& head) { head.headers.set(std::string(name), std::string(value)); },
          refused, says};
}
ChangeCase without_header(std::string_view name, std::optional<Reason> refused, std::string_view says = {}) {
  return {name, [=](codec::RequestHead& head) { head.headers.erase(name); }, refused, says};
}

TEST(Sigv4, header_form_is_refused_where_it_is_wrong) {
  const ChangeCase cases[] = {
      with_header("User-Agent", "other", {}),
      with_header("X-Unknown", "1", {}),
      replaced(", ", ",", {}),
      replaced(", SignedHeaders", " SignedHeaders", {}),
      with_header("X-Amz-Security-Token", "added on the way", {}),
      without_header("Authorization", Reason::missing, "Missing Authentication Token"),
      with_header("Authorization", "AWS AKIA:abc=", Reason::unsupported, "'AWS'"),
      with_header("Authorization", "Basic abc", Reason::unsupported),
      with_header("Authorization", "AWS4-ECDSA-P256-SHA256 Credential=a", Reason::unsupported),
      with_header("Authorization", "AWS4-HMAC-SHA256", Reason::incomplete,
                  "Authorization header requires 'Credential' parameter. Authorization header requires "
                  "'Signature' parameter. "
                  "Authorization header requires 'SignedHeaders' parameter. (Hashed with SHA-256"),
      replaced("Signature=", "Sign=", Reason::incomplete, "requires 'Signature' parameter"),
      replaced("Credential=", "Credential=a, Credential=", Reason::malformed, "must be there once"),
      replaced("SignedHeaders=", "SignedHeaders=,", Reason::incomplete, "requires 'SignedHeaders' parameter"),
      without_header("X-Amz-Date", Reason::incomplete,
                     "requires existence of either a 'X-Amz-Date' or a 'Date' header. "),
      with_header("X-Amz-Date", "2026-03-02T10:15:00Z", Reason::malformed,
                  "ISO-8601 'basic format'. Got '2026-03-02T10:15:00Z'"),
      with_header("X-Amz-Date", "20260303T101500Z", Reason::wrong_scope,
                  "'20260302' != '20260303', from '20260303T101500Z'."),
      replaced("20260302", "2026032", Reason::malformed, "exactly 5 slash-delimited elements"),
      replaced("/eu-west-1", "", Reason::malformed, "exactly 5 slash-delimited elements"),
      replaced("eu-west-1", "eu/west", Reason::malformed),
      replaced("eu-west-1", "", Reason::malformed),
      replaced("eu-west-1",
               std::string_view("rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr"
                                "rrrrrrrrrrrrrrrrrrrrrrrrr"
                                "rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr"),
               Reason::malformed),
      replaced("aws4_request", "aws5_request", Reason::wrong_scope,
               "valid terminator: 'aws4_request', not 'aws5_request'"),
      replaced("eu-west-1", "eu-west-2", Reason::mismatch),
      replaced("cloudtrail/", "cloudtrai/", Reason::mismatch),
      replaced("Signature=8939", "Signature=8938", Reason::mismatch),
      replaced("4221168", "422116", Reason::mismatch),
      replaced("4221168", "42211688", Reason::mismatch),
      replaced("host;", "", Reason::header_not_signed, "'Host' or ':authority' must be a 'SignedHeader'"),
      replaced(";x-amz-target", "", Reason::header_not_signed, "x-amz-target"),
      replaced("content-type;", "", Reason::mismatch),
      with_header("Host", "localhost", Reason::mismatch),
      with_header("Content-Type", "text/plain", Reason::mismatch),
      with_header("X-Amz-Target", "x", Reason::mismatch),
      with_header("X-Amz-Added", "x", Reason::header_not_signed, "x-amz-added"),
      {"method", [](codec::RequestHead& head) { head.method = "GET"; }, Reason::mismatch, {}},
      {"path", [](codec::RequestHead& head) { head.target = "/a"; }, Reason::mismatch, {}},
      {"same path", [](codec::RequestHead& head) { head.target = "//./a/../"; }, {}, {}},
      {"query", [](codec::RequestHead& head) { head.target = "/?a"; }, Reason::mismatch, {}},
      {"both", [](codec::RequestHead& head) { head.target = "/?X-Amz-Algorithm=AWS4-HMAC-SHA256"; },
       Reason::ambiguous, "Found both"},
  };
  for (const auto& c : cases) {
    auto head = signed_lookup();
    c.change(head);
    const auto refusal = refusal_of(head, kLookupBody);
    ASSERT_EQ(refusal.has_value(), c.refused.has_value())
        << c.what << (refusal.has_value() ? refusal->detail : "");
    if (refusal.has_value()) {
      EXPECT_EQ(refusal->reason, *c.refused) << c.what << ": " << refusal->detail;
      EXPECT_THAT(refusal->detail, HasSubstr(std::string(c.says))) << c.what;
      EXPECT_FALSE(refusal->presigned);
    }
  }
  EXPECT_EQ(refusal_of(signed_lookup(), "{}")->reason, Reason::mismatch);
  EXPECT_EQ(refusal_of(signed_lookup(), kLookupBody, kNow, crypto::Secret("another"))->reason,
            Reason::mismatch);
}

TEST(Sigv4, the_name_of_its_parameter_elsewhere_is_no_second_signature) {
  for (const auto* target :
       {"/?prefix=X-Amz-Algorithm=", "/?a&X-Amz-Algorithms=&bX-Amz-Algorithm", "/X-Amz-Algorithm"}) {
    auto head = signed_lookup();
    head.target = target;
    EXPECT_EQ(refusal_of(head, kLookupBody)->reason, Reason::mismatch) << target;
  }
}

TEST(Sigv4, a_region_that_no_record_could_have_is_refused) {
  for (const std::string_view region :
       {"eu-west-1.", "eu-west-1%2e", "\xc3\xa9u-west-1", "*",
        "rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr"}) {
    auto head = signed_lookup();
    replaced("eu-west-1", region, Reason::wrong_scope).change(head);
    const auto refusal = refusal_of(head, kLookupBody);
    ASSERT_TRUE(refusal.has_value()) << region;
    EXPECT_EQ(refusal->reason, Reason::wrong_scope) << region;
    EXPECT_THAT(refusal->detail, HasSubstr("scoped to a valid region")) << region;
  }
}

struct TimeCase {
  std::string_view now;
  std::optional<Reason> refused;
  std::string_view says;
};

TEST(Sigv4, header_form_holds_for_the_skew) {
  const TimeCase cases[] = {
      {"20260302T102000Z", {}, ""},
      {"20260302T101000Z", {}, ""},
      {"20260302T102001Z", Reason::expired,
       "Signature expired: 20260302T101500Z is now earlier than 20260302T101501Z (20260302T102001Z - 5 "
       "min.)"},
      {"20260302T100959Z", Reason::not_yet,
       "Signature not yet current: 20260302T101500Z is still later than 20260302T101459Z (20260302T100959Z + "
       "5 min.)"},
  };
  for (const auto& c : cases) {
    const auto refusal = refusal_of(signed_lookup(), kLookupBody, at(c.now));
    ASSERT_EQ(refusal.has_value(), c.refused.has_value()) << c.now;
    EXPECT_TRUE(!refusal.has_value() || (refusal->reason == *c.refused && refusal->detail == c.says))
        << refusal->detail;
  }
}

TEST(Sigv4, the_date_header_will_do) {
  auto head = lookup_events();
  head.headers.set("Date", "Mon, 02 Mar 2026 10:15:00 GMT");
  const std::vector<std::string> names = {"date", "host", "x-amz-target"};
  const Scope scope{"20260302", "eu-west-1", "cloudtrail"};
  const auto canonical = canonical_request({head, names, sha256_hex(kLookupBody), Style::standard});
  const auto key = signing_key(kestrel().secret, scope);
  const auto signature = codec::hex_encode(
      crypto::hmac_sha256(key.bytes(), string_to_sign("20260302T101500Z", scope, canonical)));
  head.headers.set("Authorization", "AWS4-HMAC-SHA256 Credential=" + kestrel().access_key + "/" +
                                        scope.text() +
                                        ",SignedHeaders=date;host;x-amz-target,Signature=" + signature);
  EXPECT_FALSE(refusal_of(head, kLookupBody).has_value());
}

ChangeCase in_target(std::string_view from, std::string_view to, std::optional<Reason> refused,
                     std::string_view says = {}) {
  return {to,
          [=](codec::RequestHead& head) {
            const auto place = head.target.find(from);
            ASSERT_NE(place, std::string::npos) << from;
            head.target.replace(place, from.size(), to);
          },
          refused, says};
}

TEST(Sigv4, presigned_form_is_refused_where_it_is_wrong) {
  const ChangeCase cases[] = {
      in_target("X-Amz-Algorithm", "X-Amz-Algorithm", {}),
      in_target("/a%20b", "/%61%20b", {}),  // the same key, encoded otherwise
      in_target("%2F", "/", {}),
      with_header("Range", "bytes=0-1", {}),
      in_target("/logs", "/log", Reason::mismatch),
      in_target("/logs", "//logs", Reason::mismatch),  // another key: S3's paths are not normalised
      in_target("Expires=900", "Expires=901", Reason::mismatch),
      in_target("&X-Amz-Signature", "&x=1&X-Amz-Signature", Reason::mismatch),
      in_target("?", "?response-content-type=text%2Fhtml&", Reason::mismatch),
      in_target("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1", Reason::unsupported),
      in_target("X-Amz-Credential", "X-Amz-Cred", Reason::incomplete,
                "AWS query-string parameters must include 'X-Amz-Credential'. Re-examine the query-string "
                "parameters."),
      in_target("X-Amz-Date", "X-Amz-D", Reason::incomplete, "'X-Amz-Date'"),
      in_target("X-Amz-SignedHeaders", "S", Reason::incomplete),
      in_target("X-Amz-Signature", "S", Reason::incomplete),
      in_target("X-Amz-Expires", "X", Reason::incomplete),
      in_target("Expires=900", "Expires=x", Reason::malformed, "should be a number"),
      in_target("X-Amz-Expires=900", "X-Amz-Expires=900&X-Amz-Expires=9", Reason::malformed, "there once"),
      in_target("Expires=900", "Expires=-1", Reason::malformed, "non-negative"),
      in_target("Expires=900", "Expires=604801", Reason::malformed, "604800"),
      in_target("Expires=900", "Expires=99999999999999999999", Reason::malformed),
      in_target("X-Amz-Credential=", "X-Amz-Credential=%zz", Reason::malformed),
      in_target("%2Faws4_request", "", Reason::malformed),
      in_target("SignedHeaders=host", "SignedHeaders=range", Reason::header_not_signed),
      with_header("X-Amz-Acl", "public-read", Reason::header_not_signed, "x-amz-acl"),
      with_header("Host", "other", Reason::mismatch),
  };
  for (const auto& c : cases) {
    auto head = presigned_get();
    c.change(head);
    const auto refusal = refusal_of(head, "");
    ASSERT_EQ(refusal.has_value(), c.refused.has_value())
        << c.what << (refusal.has_value() ? refusal->detail : "");
    if (refusal.has_value()) {
      EXPECT_EQ(refusal->reason, *c.refused) << c.what << ": " << refusal->detail;
      EXPECT_THAT(refusal->detail, HasSubstr(std::string(c.says))) << c.what;
      EXPECT_TRUE(refusal->presigned);
    }
  }
}

TEST(Sigv4, presigned_form_holds_until_it_expires) {
  const TimeCase cases[] = {
      {"20260302T102959Z", {}, ""},
      {"20260302T103000Z", {}, ""},
      {"20260302T103001Z", Reason::expired, "Signature expired"},
      {"20260302T100000Z", {}, ""},
      {"20260302T095959Z", Reason::not_yet, "Signature not yet current"},
  };
  for (const auto& c : cases) {
    const auto refusal = refusal_of(presigned_get(), "", at(c.now));
    ASSERT_EQ(refusal.has_value(), c.refused.has_value()) << c.now;
    EXPECT_TRUE(!refusal.has_value() || refusal->reason == *c.refused) << c.now;
  }
}

// Whatever it says of itself: see check_time().
TEST(Sigv4, what_is_presigned_for_sts_holds_fifteen_minutes) {
  codec::RequestHead head{
      "GET", "/?Action=GetCallerIdentity&Version=2011-06-15", {{"Host", "localhost:4586"}}};
  head.target = presigned_target(head, {kestrel(), "us-east-1", "sts", kNow, sha256_hex("")}, seconds(60));
  EXPECT_FALSE(refusal_of(head, "", kNow + std::chrono::minutes(15)).has_value());
  EXPECT_EQ(refusal_of(head, "", kNow + seconds(901))->reason, Reason::expired);
}

TEST(Sigv4, presigned_headers_and_tokens_count) {
  codec::RequestHead head{"PUT", "/k?x=%2B&a", {{"Host", "b.localhost:4586"}, {"x-amz-acl", "private"}}};
  const Credentials credentials{"ASIA1", crypto::Secret("s"), "token/+="};
  head.target = presigned_target(head, {credentials, "us-east-1", "s3", kNow, kUnsignedPayload}, seconds(60));
  EXPECT_EQ(parse_authorization(head)->security_token, "token/+=");
  EXPECT_FALSE(refusal_of(head, "", kNow, credentials.secret).has_value());
  head.headers.set("x-amz-acl", "public-read");
  EXPECT_EQ(refusal_of(head, "", kNow, credentials.secret)->reason, Reason::mismatch);
}

TEST(Sigv4, s3_signs_the_key_and_what_the_header_says_of_the_body) {
  codec::RequestHead head{"PUT", "/b/a//../c%2Bd e?uploads", {{"Host", "localhost:4586"}}};
  sign_headers(head, {kestrel(), "eu-west-1", "s3", kNow, kUnsignedPayload});
  EXPECT_EQ(head.headers.get("x-amz-content-sha256"), kUnsignedPayload);
  EXPECT_FALSE(refusal_of(head, "any body").has_value());
  EXPECT_THAT(canonical_request({head, {"host"}, "", Style::s3}),
              testing::StartsWith("PUT\n/b/a//../c%2Bd%20e\nuploads=\n"));
  head.headers.set("x-amz-content-sha256", sha256_hex(""));
  EXPECT_EQ(refusal_of(head, "")->reason, Reason::mismatch);
  head.headers.erase("x-amz-content-sha256");
  EXPECT_EQ(refusal_of(head, "")->reason, Reason::no_payload_hash);
}

TEST(Sigv4, session_tokens_are_signed_when_we_sign) {
  auto head = lookup_events();
  const Credentials credentials{"ASIA1", crypto::Secret("s"), "token"};
  sign_headers(head, {credentials, "eu-west-1", "cloudtrail", kNow, sha256_hex(kLookupBody)});
  EXPECT_EQ(parse_authorization(head)->security_token, "token");
  EXPECT_FALSE(refusal_of(head, kLookupBody, kNow, credentials.secret).has_value());
  head.headers.set("X-Amz-Security-Token", "other");
  EXPECT_EQ(refusal_of(head, kLookupBody, kNow, credentials.secret)->reason, Reason::mismatch);
}

struct FaultCase {
  Reason reason;
  bool presigned;
  std::string_view json, query, s3;
};

TEST(Sigv4, faults_are_spelt_as_the_family_does) {
  const FaultCase cases[] = {
      {Reason::missing, false, "MissingAuthenticationTokenException", "MissingAuthenticationToken",
       "AccessDenied"},
      {Reason::ambiguous, false, "InvalidSignatureException", "SignatureDoesNotMatch", "InvalidArgument"},
      {Reason::unsupported, false, "MissingAuthenticationTokenException", "MissingAuthenticationToken",
       "InvalidArgument"},
      {Reason::incomplete, false, "IncompleteSignatureException", "IncompleteSignature",
       "AuthorizationHeaderMalformed"},
      {Reason::incomplete, true, "IncompleteSignatureException", "IncompleteSignature",
       "AuthorizationQueryParametersError"},
      {Reason::malformed, true, "IncompleteSignatureException", "IncompleteSignature",
       "AuthorizationQueryParametersError"},
      {Reason::wrong_scope, false, "InvalidSignatureException", "SignatureDoesNotMatch",
       "AuthorizationHeaderMalformed"},
      {Reason::header_not_signed, true, "InvalidSignatureException", "SignatureDoesNotMatch", "AccessDenied"},
      {Reason::expired, false, "InvalidSignatureException", "SignatureDoesNotMatch", "RequestTimeTooSkewed"},
      {Reason::expired, true, "InvalidSignatureException", "SignatureDoesNotMatch", "AccessDenied"},
      {Reason::not_yet, false, "InvalidSignatureException", "SignatureDoesNotMatch", "RequestTimeTooSkewed"},
      {Reason::mismatch, false, "InvalidSignatureException", "SignatureDoesNotMatch",
       "SignatureDoesNotMatch"},
  };
  for (const auto& c : cases) {
    const Refusal refusal{c.reason, c.presigned, "detail", "s3 detail", {{"X", "y"}}};
    EXPECT_EQ(to_fault(Family::json, refusal).code, c.json);
    EXPECT_EQ(to_fault(Family::query, refusal).code, c.query);
    EXPECT_EQ(to_fault(Family::s3, refusal).code, c.s3);
    EXPECT_EQ(to_fault(Family::s3, refusal).status,
              c.s3.starts_with("A") && c.s3 != "AccessDenied" ? 400 : to_fault(Family::s3, refusal).status);
    EXPECT_TRUE(to_fault(Family::json, refusal).extra.empty());
  }
  EXPECT_EQ(to_fault(Family::s3, *refusal_of(presigned_get(), "", at("20260302T103001Z"))).message,
            "Request has expired");
  auto head = presigned_get();
  head.headers.set("x-amz-decoded-content-length", "5");
  head.headers.set("x-amz-date", "1");
  const auto fault = to_fault(Family::s3, *refusal_of(head, ""));
  EXPECT_EQ(fault.message, "There were headers present in the request which were not signed");
  EXPECT_EQ(fault.extra.front().second, "x-amz-decoded-content-length, x-amz-date");
}

// A session token is nobody's business who reads an answer.
TEST(Sigv4, a_mismatch_shows_what_was_computed_but_no_token) {
  auto head = presigned_get();
  head.headers.set("Host", "other");
  const auto shown = refusal_of(head, "").value();
  EXPECT_EQ(shown.extra.size(), 4U);
  auto with_token = lookup_events();
  const Credentials credentials{"ASIA1", crypto::Secret("s"), "hushhush"};
  sign_headers(with_token, {credentials, "eu-west-1", "cloudtrail", kNow, sha256_hex("")});
  const auto refused = refusal_of(with_token, "x").value();
  for (const auto& [name, value] : refused.extra) {
    EXPECT_THAT(value, testing::Not(HasSubstr("hushhush"))) << name;
  }
}

}  // namespace
}  // namespace cairn::aws::sigv4
