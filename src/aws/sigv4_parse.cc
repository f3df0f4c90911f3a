// Reading what a caller says: the Authorization header, or the X-Amz-… parameters of a presigned query.
#include <algorithm>
#include <array>
#include <charconv>

#include "aws/regions.h"
#include "aws/sigv4.h"
#include "codec/base64.h"
#include "codec/uri.h"

namespace cairn::aws::sigv4 {
namespace {

constexpr std::string_view kTerminator = "aws4_request";
constexpr std::size_t kQuotedMax = 200;  // of a caller's text in an answer

using Optional = std::optional<std::string_view>;

// Views into the head, or into its decoded query.
struct Parts {
  Optional credential;
  Optional signed_headers;
  Optional signature;
  Optional timestamp;  // X-Amz-Date, or Date
  bool http_date = false;
  Optional expires;
  std::string_view security_token;
  bool presigned = false;
  bool repeated = false;  // one of them is there twice: whose word is it?
};

constexpr std::string_view kS3Credential =
    "the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".";
constexpr std::string_view kS3Parameters =
    "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, "
    "X-Amz-Date, "
    "X-Amz-SignedHeaders, and X-Amz-Expires parameters.";
constexpr std::string_view kS3Components =
    "The authorization header is malformed; the authorization header requires three components: Credential, "
    "SignedHeaders, and Signature.";
constexpr std::string_view kS3Date = "AWS authentication requires a valid Date or x-amz-date header";

Unexpected<Refusal> refuse(Reason reason, bool presigned, std::string detail, std::string s3_detail = {}) {
  return Unexpected<Refusal>{Refusal{reason, presigned, std::move(detail), std::move(s3_detail)}};
}

// S3 begins with which of the two it is that it could not read.
std::string s3_malformed(bool presigned, std::string_view parameter, std::string_view what) {
  return (presigned ? "Error parsing the " + std::string(parameter) + " parameter; "
                    : "The authorization header is malformed; ") +
         std::string(what);
}

std::string excerpt(std::string_view text) {
  return std::string(text.substr(0, kQuotedMax));
}

bool all_of(std::string_view text, std::string_view allowed) {
  return text.find_first_not_of(allowed) == std::string_view::npos;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  return first == std::string_view::npos ? std::string_view{}
                                         : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

void find_time(const codec::Headers& headers, Parts& parts) {
  auto found = headers.find("x-amz-date");
  if (!found.has_value()) {
    found = headers.find("date");
    parts.http_date = found.has_value();
  }
  if (found.has_value()) {
    parts.timestamp = trimmed(*found);
  }
}

// "Credential=…, SignedHeaders=…, Signature=…" in any order, with commas, spaces or both between.
Parts header_parts(std::string_view rest, const codec::Headers& headers) {
  Parts parts;
  while (!rest.empty()) {
    const auto end = std::min(rest.find_first_of(", "), rest.size());
    const auto part = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const auto mark = std::min(part.find('='), part.size());
    const auto name = part.substr(0, mark);
    Optional* const place = name == "Credential"      ? &parts.credential
                            : name == "SignedHeaders" ? &parts.signed_headers
                            : name == "Signature"     ? &parts.signature
                                                      : nullptr;
    if (place != nullptr && mark + 1 < part.size()) {
      parts.repeated |= place->has_value();
      *place = part.substr(mark + 1);
    }
  }
  find_time(headers, parts);
  parts.security_token = headers.get("x-amz-security-token");
  return parts;
}

Parts query_parts(const codec::QueryPairs& query) {
  Parts parts;
  parts.presigned = true;
  const auto find = [&](std::string_view name) -> Optional {
    const auto found = std::ranges::find(query, name, &codec::QueryPairs::value_type::first);
    parts.repeated |= std::ranges::count(query, name, &codec::QueryPairs::value_type::first) > 1;
    return found == query.end() || found->second.empty() ? Optional{} : Optional(found->second);
  };
  parts.credential = find("X-Amz-Credential");
  parts.signed_headers = find("X-Amz-SignedHeaders");
  parts.signature = find("X-Amz-Signature");
  parts.timestamp = find("X-Amz-Date");
  parts.expires = find("X-Amz-Expires");
  parts.security_token = find("X-Amz-Security-Token").value_or("");
  return parts;
}

// AWS tells what is missing sentence by sentence.
Result<void, Refusal> check_complete(const Parts& parts, std::string_view authorization) {
  std::string detail;
  const auto need = [&](const Optional& part, std::string_view name) {
    if (!part.has_value()) {
      detail += parts.presigned
                    ? "AWS query-string parameters must include 'X-Amz-" + std::string(name) + "'. "
                    : "Authorization header requires '" + std::string(name) + "' parameter. ";
    }
  };
  need(parts.credential, "Credential");
  need(parts.signature, "Signature");
  need(parts.signed_headers, "SignedHeaders");
  if (parts.presigned) {
    need(parts.timestamp, "Date");
  } else if (!parts.timestamp.has_value()) {
    detail += "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ";
  }
  if (detail.empty()) {
    return {};
  }
  if (parts.presigned) {
    return refuse(Reason::incomplete, true, detail + "Re-examine the query-string parameters.",
                  std::string(kS3Parameters));
  }
  // Hashed, as AWS does: an answer is no place for what a client took for its credentials.
  detail += "(Hashed with SHA-256 and encoded with Base64) Authorization=" +
            codec::base64_encode(crypto::sha256(authorization));
  const bool only_time =
      parts.credential.has_value() && parts.signature.has_value() && parts.signed_headers.has_value();
  return refuse(Reason::incomplete, false, std::move(detail),
                std::string(only_time ? kS3Date : kS3Components));
}

// "AKID/20260302/eu-west-1/s3/aws4_request"
Result<void, Refusal> read_credential(const Parts& parts, Authorization& out) {
  std::array<std::string_view, 6> elements;  // one more than there may be
  std::size_t count = 0;
  for (std::string_view rest = *parts.credential; count < elements.size();) {
    const auto end = std::min(rest.find('/'), rest.size());
    elements.at(count++) = rest.substr(0, end);
    if (end == rest.size()) {
      break;
    }
    rest.remove_prefix(end + 1);
  }
  const auto fits = [](std::string_view element) {
    return !element.empty() && element.size() <= kScopeElementMax;
  };
  const bool whole = count == 5 && std::all_of(elements.begin(), elements.begin() + 5, fits);
  if (!whole || elements[1].size() != 8 || !all_of(elements[1], "0123456789")) {
    return refuse(Reason::malformed, parts.presigned,
                  "Credential must have exactly 5 slash-delimited elements, e.g. "
                  "keyid/date/region/service/term, got '" +
                      excerpt(*parts.credential) + "'",
                  s3_malformed(parts.presigned, "X-Amz-Credential", kS3Credential));
  }
  if (elements[4] != kTerminator) {
    return refuse(Reason::wrong_scope, parts.presigned,
                  "Credential should be scoped with a valid terminator: 'aws4_request', not '" +
                      excerpt(elements[4]) + "'. ",
                  s3_malformed(parts.presigned, "X-Amz-Credential",
                               "incorrect terminal \"" + excerpt(elements[4]) +
                                   "\". This endpoint uses \"aws4_request\"."));
  }
  if (!is_region_word(elements[2])) {
    return refuse(Reason::wrong_scope, parts.presigned, "Credential should be scoped to a valid region. ",
                  s3_malformed(parts.presigned, "X-Amz-Credential",
                               "the region '" + excerpt(elements[2]) + "' is no region's name."));
  }
  out.access_key = elements[0];
  out.scope = {std::string(elements[1]), std::string(elements[2]), std::string(elements[3])};
  return {};
}

Result<void, Refusal> read_time(const Parts& parts, Authorization& out) {
  auto time = parse_basic(*parts.timestamp);
  if (!time.has_value() && parts.http_date) {
    time = parse_http_date(*parts.timestamp);
  }
  if (!time.has_value()) {
    return refuse(Reason::malformed, parts.presigned,
                  "Date must be in ISO-8601 'basic format'. Got '" + excerpt(*parts.timestamp) +
                      "'. See http://en.wikipedia.org/wiki/ISO_8601",
                  parts.presigned ? "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\""
                                  : std::string(kS3Date));
  }
  out.time = *time;
  out.timestamp = basic(*time);
  const auto date = std::string_view(out.timestamp).substr(0, 8);
  if (date != out.scope.date) {
    return refuse(
        Reason::wrong_scope, parts.presigned,
        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '" +
            out.scope.date + "' != '" + std::string(date) + "', from '" + out.timestamp + "'.",
        s3_malformed(parts.presigned, "X-Amz-Credential",
                     "Invalid credential date \"" + out.scope.date +
                         "\". This date is not the same as X-Amz-Date: \"" + std::string(date) + "\"."));
  }
  return {};
}

Result<void, Refusal> read_expires(const Parts& parts, Authorization& out) {
  if (!parts.expires.has_value()) {
    return {};
  }
  const std::string_view text = *parts.expires;
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc{} || end != text.data() + text.size()) {
    return refuse(Reason::malformed, true, "X-Amz-Expires should be a number");
  }
  if (seconds < 0) {
    return refuse(Reason::malformed, true, "X-Amz-Expires must be non-negative");
  }
  if (seconds > kExpiresMax.count()) {
    return refuse(Reason::malformed, true,
                  "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires "
                  "must be less than 604800 seconds");
  }
  out.expires = std::chrono::seconds(seconds);
  return {};
}

Result<void, Refusal> read_signed_headers(const Parts& parts, Authorization& out) {
  std::string_view rest = *parts.signed_headers;
  while (!rest.empty() && out.signed_headers.size() <= kSignedHeadersMax) {
    const auto end = std::min(rest.find(';'), rest.size());
    out.signed_headers.push_back(codec::lower(rest.substr(0, end)));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (out.signed_headers.size() > kSignedHeadersMax) {
    return refuse(Reason::malformed, parts.presigned, "SignedHeaders names too many headers");
  }
  return {};
}

Result<Authorization, Refusal> read(const Parts& parts, std::string_view header) {
  Authorization out;
  out.presigned = parts.presigned;
  out.security_token = parts.security_token;
  CAIRN_TRY_VOID(check_complete(parts, header));
  if (parts.repeated) {
    return refuse(Reason::malformed, parts.presigned,
                  "Credential, SignedHeaders, Signature and their kin must be there once.",
                  s3_malformed(parts.presigned, "X-Amz-Credential", "a parameter is there more than once."));
  }
  CAIRN_TRY_VOID(read_credential(parts, out));
  CAIRN_TRY_VOID(read_time(parts, out));
  CAIRN_TRY_VOID(read_expires(parts, out));
  CAIRN_TRY_VOID(read_signed_headers(parts, out));
  out.signature = codec::lower(*parts.signature);
  return out;
}

// As it is written, without decoding: most requests have none, and are not to pay for it.
bool has_parameter(std::string_view query, std::string_view name) {
  for (auto at = query.find(name); at != std::string_view::npos; at = query.find(name, at + 1)) {
    const auto behind = at + name.size();
    const bool begins = at == 0 || query[at - 1] == '&';
    if (begins && (behind == query.size() || query[behind] == '=' || query[behind] == '&')) {
      return true;
    }
  }
  return false;
}

}  // namespace

Refusal wrong_region(const Authorization& authorization, std::string_view expected) {
  const auto& region = authorization.scope.region;
  return Refusal{.reason = Reason::wrong_scope,
                 .presigned = authorization.presigned,
                 .detail = "Credential should be scoped to a valid region, not '" + region + "'. ",
                 .s3_detail = s3_malformed(
                     authorization.presigned, "X-Amz-Credential",
                     "the region '" + region + "' is wrong; expecting '" + std::string(expected) + "'"),
                 .extra = {{"Region", std::string(expected)}}};
}

Refusal wrong_service(const Authorization& authorization, std::string_view expected) {
  return Refusal{
      .reason = Reason::wrong_scope,
      .presigned = authorization.presigned,
      .detail = "Credential should be scoped to correct service: '" + std::string(expected) + "'. ",
      .s3_detail = s3_malformed(authorization.presigned, "X-Amz-Credential",
                                "incorrect service \"" + excerpt(authorization.scope.service) +
                                    "\". This endpoint belongs to \"" + std::string(expected) + "\".")};
}

Result<Authorization, Refusal> parse_authorization(const codec::RequestHead& head) {
  // Most requests are not presigned: their query need not be decoded to see that.
  const bool presigned = has_parameter(head.query(), "X-Amz-Algorithm");
  const auto header = head.headers.find("authorization");
  if (header.has_value()) {
    const auto text = trimmed(*header);
    if (presigned) {
      return refuse(
          Reason::ambiguous, false,
          "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.");
    }
    const auto end = std::min(text.find(' '), text.size());
    if (text.substr(0, end) != kAlgorithm) {
      return refuse(Reason::unsupported, false,
                    "Unsupported Authorization type: '" +
                        excerpt(text.substr(0, std::min<std::size_t>(end, 40))) + "'.");
    }
    return read(header_parts(text.substr(end), head.headers), text);
  }
  if (!presigned) {
    return refuse(Reason::missing, false, "Missing Authentication Token");
  }
  auto query = codec::parse_query(head.query());
  if (!query.has_value()) {
    return refuse(Reason::malformed, true, "The query string has a broken percent escape");
  }
  const auto algorithm = std::ranges::find(*query, "X-Amz-Algorithm", &codec::QueryPairs::value_type::first);
  if (algorithm == query->end() || algorithm->second != kAlgorithm) {
    return refuse(Reason::unsupported, true, "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"");
  }
  return read(query_parts(*query), {});
}

}  // namespace cairn::aws::sigv4
