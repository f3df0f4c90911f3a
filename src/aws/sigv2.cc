// Tested by sigv2_test.cc.
#include "aws/sigv2.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>
#include <vector>

#include "codec/base64.h"
#include "codec/uri.h"
#include "crypto/hash.h"

namespace cairn::aws::sigv2 {
namespace {

constexpr std::string_view kScheme = "AWS ";
constexpr std::string_view kAmz = "x-amz-";
constexpr std::string_view kToken = "x-amz-security-token";
constexpr std::string_view kUtc = " +0000";  // instead of GMT
constexpr std::int64_t kExpiresLast = 253'402'300'799;  // the year 9999's last second

// Query parameters that say what is called, and are therefore signed.
constexpr auto kSubresources = std::to_array<std::string_view>({
    "abac",
    "accelerate",
    "acl",
    "analytics",
    "attributes",
    "cors",
    "defaultObjectAcl",
    "delete",
    "encryption",
    "intelligent-tiering",
    "inventory",
    "legal-hold",
    "lifecycle",
    "location",
    "logging",
    "metadataConfiguration",
    "metadataInventoryTable",
    "metadataJournalTable",
    "metadataTable",
    "metrics",
    "notification",
    "object-lock",
    "ownershipControls",
    "partNumber",
    "policy",
    "policyStatus",
    "publicAccessBlock",
    "renameObject",
    "replication",
    "requestPayment",
    "response-cache-control",
    "response-content-disposition",
    "response-content-encoding",
    "response-content-language",
    "response-content-type",
    "response-expires",
    "restore",
    "retention",
    "select",
    "select-type",
    "session",
    "storageClass",
    "tagging",
    "torrent",
    "uploadId",
    "uploads",
    "versionId",
    "versioning",
    "versions",
    "website",
});
static_assert(std::ranges::is_sorted(kSubresources));

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  return first == std::string_view::npos ? std::string_view{}
                                         : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// The pairs of a query as they stand there.
struct Parameter {
  std::string_view name;
  std::string_view value;
  bool has_value = false;
};
std::vector<Parameter> parameters_in(std::string_view query) {
  std::vector<Parameter> all;
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const auto one = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    const auto mark = std::min(one.find('='), one.size());
    if (!one.empty()) {
      all.push_back(
          {one.substr(0, mark), one.substr(std::min(mark + 1, one.size())), mark < one.size()});
    }
  }
  return all;
}

// What is signed is chosen by the names as they stand there, and what is done by what they decode to: they must not
// differ. Nobody who signs encodes a name.
bool is_plainly_named(const Parameter& one) {
  return one.name.find_first_of("%+") == std::string_view::npos;
}

// Its value, decoded. Nothing: it is not there, there twice, or cannot be decoded.
std::optional<std::string> parameter(const codec::RequestHead& head, std::string_view name) {
  std::optional<std::string> found;
  for (const auto& one : parameters_in(head.query())) {
    if (one.name != name) {
      continue;
    }
    auto value = codec::percent_decode(one.value);
    if (found || !value || value->empty()) {
      return std::nullopt;
    }
    found = *std::move(value);
  }
  return found;
}

constexpr std::size_t kHmacBlock = 64;  // SHA-1's block

// RFC 2104.
crypto::Sha1Digest hmac_sha1(ByteView key, ByteView data) {
  std::array<std::byte, kHmacBlock> block{};
  if (key.size() > block.size()) {
    std::ranges::copy(crypto::sha1(key), block.begin());
  } else {
    std::ranges::copy(key.bytes(), block.begin());
  }
  std::ranges::for_each(block, [](std::byte& b) { b ^= std::byte{0x36}; });
  const auto inner = crypto::Sha1().add(block).add(data).finish();
  std::ranges::for_each(block, [](std::byte& b) { b ^= std::byte{0x36 ^ 0x5c}; });
  const auto outer = crypto::Sha1().add(block).add(inner).finish();
  crypto::wipe(block);
  return outer;
}

Fault denied(std::string message) {
  return Fault{"AccessDenied", 403, std::move(message)};
}

Result<Authorization, Fault> read_query(const codec::RequestHead& head) {
  auto key = parameter(head, "AWSAccessKeyId");
  auto signature = parameter(head, "Signature");
  const auto expires = parameter(head, "Expires");
  if (!key || !signature || !expires || key->size() > kAccessKeyMax) {
    return denied(
        "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters");
  }
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(expires->data(), expires->data() + expires->size(), seconds);
  if (error != std::errc{} || end != expires->data() + expires->size() || seconds < 0 ||
      seconds > kExpiresLast) {
    return denied("Invalid date (should be seconds since epoch): " + expires->substr(0, 40));
  }
  return Authorization{.access_key = *std::move(key),
                       .signature = *std::move(signature),
                       .security_token = parameter(head, kToken).value_or(""),
                       .presigned = true,
                       .time = Time{std::chrono::seconds(seconds)}};
}

Result<Authorization, Fault> read_header(const codec::RequestHead& head, std::string_view text) {
  text.remove_prefix(kScheme.size());
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon > kAccessKeyMax) {
    return Fault{"InvalidArgument", 400,
                 "AWS authorization header is invalid.  Expected AwsAccessKeyId:signature"};
  }
  const auto date = head.headers.find("x-amz-date");
  std::string given(trimmed(date ? *date : head.headers.get("date")));
  if (given.ends_with(kUtc)) {
    given.replace(given.size() - kUtc.size(), kUtc.size(), " GMT");
  }
  auto time = parse_http_date(given);
  if (!time) {
    time = parse_basic(given);
  }
  if (!time) {
    return denied("AWS authentication requires a valid Date or x-amz-date header");
  }
  return Authorization{.access_key = std::string(text.substr(0, colon)),
                       .signature = std::string(trimmed(text.substr(colon + 1))),
                       .security_token = std::string(head.headers.get(kToken)),
                       .presigned = false,
                       .time = *time};
}

// "x-amz-meta-a:1,2\n…": names in lower case and in order, values of one name behind each other.
std::string amz_headers(const codec::RequestHead& head, const Authorization& authorization) {
  std::map<std::string, std::string> all;
  for (const auto& [name, value] : head.headers) {
    auto lower = codec::lower(name);
    if (lower.starts_with(kAmz)) {
      const auto [it, is_new] = all.try_emplace(std::move(lower), trimmed(value));
      it->second += is_new ? std::string() : "," + std::string(trimmed(value));
    }
  }
  if (authorization.presigned && !authorization.security_token.empty()) {
    all.try_emplace(std::string(kToken), authorization.security_token);
  }
  std::string text;
  for (const auto& [name, value] : all) {
    text += name + ":" + value + "\n";
  }
  return text;
}

// "/bucket" and "/bucket/" are the same bucket: botocore sends the one and signs the other.
bool is_bare_bucket(const codec::RequestHead& head, std::string_view host_bucket) {
  return host_bucket.empty() && head.path().size() > 1 && head.path().find('/', 1) == std::string_view::npos;
}

std::string resource(const codec::RequestHead& head, std::string_view host_bucket, std::string_view path_end) {
  auto text = (host_bucket.empty() ? std::string() : "/" + std::string(host_bucket)) + std::string(head.path()) +
              std::string(path_end);
  auto signed_ones = parameters_in(head.query());
  std::erase_if(signed_ones,
                [](const Parameter& one) { return !std::ranges::binary_search(kSubresources, one.name); });
  std::ranges::stable_sort(signed_ones, {}, &Parameter::name);
  char before = '?';
  for (const auto& [name, value, has_value] : signed_ones) {
    text += before + std::string(name);
    if (has_value) {
      const auto decoded = codec::percent_decode(value);
      text += "=" + (decoded ? *decoded : std::string(value));
    }
    before = '&';
  }
  return text;
}

std::string time_signed(const codec::RequestHead& head, const Authorization& authorization) {
  if (authorization.presigned) {
    return std::to_string(
        std::chrono::duration_cast<std::chrono::seconds>(authorization.time.time_since_epoch()).count());
  }
  return head.headers.find("x-amz-date") ? std::string() : std::string(head.headers.get("date"));
}

Result<void, Fault> check_time(const Request& request) {
  const auto& a = request.authorization;
  if (a.presigned) {
    return request.now <= a.time ? Result<void, Fault>{}
                                 : Fault{"AccessDenied",
                                         403,
                                         "Request has expired",
                                         true,
                                         {{"Expires", rfc3339(a.time)}, {"ServerTime", rfc3339(request.now)}}};
  }
  if (a.time < request.now - request.skew || a.time > request.now + request.skew) {
    return Fault{"RequestTimeTooSkewed", 403,
                 "The difference between the request time and the current time is too large."};
  }
  return {};
}

std::string text_of(const codec::RequestHead& head, const Authorization& authorization,
                    std::string_view host_bucket, std::string_view path_end) {
  return head.method + "\n" + std::string(head.headers.get("content-md5")) + "\n" +
         std::string(head.headers.get("content-type")) + "\n" + time_signed(head, authorization) + "\n" +
         amz_headers(head, authorization) + resource(head, host_bucket, path_end);
}

bool has_signed(const Request& request, std::string_view text) {
  return crypto::constant_time_equal(signature_of(request.secret, text), request.authorization.signature);
}

}  // namespace

Place signature_in(const codec::RequestHead& head) {
  if (const auto header = head.headers.find("authorization")) {
    return header->starts_with(kScheme) ? Place::header : Place::none;
  }
  bool signs = false;
  for (const auto& one : parameters_in(head.query())) {
    if (one.name == "SignatureVersion" || one.name == "X-Amz-Algorithm") {
      return Place::none;
    }
    signs = signs || one.name == "AWSAccessKeyId" || one.name == "Signature";
  }
  return signs ? Place::query : Place::none;
}

Result<Authorization, Fault> parse_authorization(const codec::RequestHead& head) {
  const auto header = head.headers.find("authorization");
  const bool in_query = parameter(head, "Signature").has_value() ||
                        parameter(head, "X-Amz-Algorithm").has_value();
  if (header && in_query) {
    return Fault{"InvalidArgument", 400,
                 "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query "
                 "string parameter or the Authorization header should be specified"};
  }
  if (!std::ranges::all_of(parameters_in(head.query()), is_plainly_named)) {
    return Fault{"InvalidURI", 400, "Couldn't parse the specified URI."};
  }
  return header && header->starts_with(kScheme) ? read_header(head, *header) : read_query(head);
}

std::string string_to_sign(const codec::RequestHead& head, const Authorization& authorization,
                           std::string_view host_bucket) {
  return text_of(head, authorization, host_bucket, "");
}

std::string signature_of(const crypto::Secret& secret, std::string_view text) {
  return codec::base64_encode(hmac_sha1(secret.bytes(), text));
}

Result<void, Fault> verify(const Request& request) {
  const auto& a = request.authorization;
  CAIRN_TRY_VOID(check_time(request));
  const auto text = string_to_sign(request.head, a, request.host_bucket);
  if (has_signed(request, text)) {
    return {};
  }
  if (is_bare_bucket(request.head, request.host_bucket) &&
      has_signed(request, text_of(request.head, a, request.host_bucket, "/"))) {
    return {};
  }
  auto fault = fault::invalid_signature(Family::s3);
  fault.extra = {{"AWSAccessKeyId", a.access_key}, {"SignatureProvided", a.signature}};
  if (a.security_token.empty()) {
    fault.extra.emplace_back("StringToSign", text);
  }
  return fault;
}

}  // namespace cairn::aws::sigv2
