// Tested by ambiguity_test.cc.
#include "gateway/ambiguity.h"

#include <algorithm>
#include <array>
#include <set>

#include "codec/uri.h"

namespace cairn::gateway {
namespace {

// Who and what is called; servers differ in which of two they believe. (Host and the framing's own fields are
// http/'s to refuse.)
constexpr std::array<std::string_view, 11> kOnce = {"authorization",
                                                    "content-encoding",
                                                    "content-type",
                                                    "smithy-protocol",
                                                    "x-amz-content-sha256",
                                                    "x-amz-copy-source",
                                                    "x-amz-date",
                                                    "x-amz-decoded-content-length",
                                                    "x-amz-security-token",
                                                    "x-amz-target",
                                                    "x-http-method-override"};
constexpr std::array<std::string_view, 4> kFraming = {"connection", "content-length", "host",
                                                      "transfer-encoding"};
// What a Connection field may take out of a head on its way (RFC 9110, 7.6.1).
constexpr std::array<std::string_view, 8> kOfTheConnection = {
    "close", "http2-settings", "keep-alive",        "proxy-connection",
    "te",    "trailer",        "transfer-encoding", "upgrade"};

std::size_t count_of(const codec::Headers& headers, std::string_view wanted) {
  return static_cast<std::size_t>(std::ranges::count_if(
      headers, [&](const auto& field) { return codec::equals_ignore_case(field.first, wanted); }));
}

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  return begin == text.npos ? std::string_view()
                            : text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

bool names_only_its_own(std::string_view connection) {
  while (!connection.empty()) {
    const auto end = std::min(connection.find(','), connection.size());
    const auto name = trimmed(connection.substr(0, end));
    connection.remove_prefix(std::min(end + 1, connection.size()));
    if (!name.empty() && std::ranges::none_of(kOfTheConnection, [&](auto own) {
          return codec::equals_ignore_case(name, own);
        })) {
      return false;
    }
  }
  return true;
}

// CGI and its kin do not tell "X_Amz_Target" from "X-Amz-Target"; nobody signs the one for the other. (What
// comes behind x-amz-meta- is its caller's.)
bool stands_for_another(std::string_view name) {
  if (name.find('_') == name.npos) {
    return false;
  }
  const auto lower = codec::lower(name);
  auto dashed = lower;
  std::ranges::replace(dashed, '_', '-');
  const bool hides_prefix = dashed.starts_with("x-amz-") && !lower.starts_with("x-amz-");
  return hides_prefix || std::ranges::find(kOnce, dashed) != kOnce.end() ||
         std::ranges::find(kFraming, dashed) != kFraming.end();
}

bool is_form(const codec::RequestHead& head) {
  constexpr std::string_view kForm = "application/x-www-form-urlencoded";
  const auto type = head.headers.get("Content-Type");
  return codec::equals_ignore_case(trimmed(type.substr(0, type.find(';'))), kForm);
}

std::size_t count_in(std::string_view pairs, bool is_form, std::string_view name) {
  const auto parsed = codec::parse_query(pairs, is_form);
  return !parsed ? 0
                 : static_cast<std::size_t>(
                       std::ranges::count(*parsed, name, &std::pair<std::string, std::string>::first));
}

// One server looks at the header first, another at the query.
bool is_signed_twice(const codec::RequestHead& head) {
  constexpr std::array<std::string_view, 5> kSignatures = {"AWSAccessKeyId", "Signature", "X-Amz-Algorithm",
                                                           "X-Amz-Credential", "X-Amz-Signature"};
  return head.headers.contains("authorization") && !head.query().empty() &&
         std::ranges::any_of(kSignatures, [&](auto name) { return count_in(head.query(), false, name) > 0; });
}

// The keys by which S3's operations are told from each other.
std::set<std::string, std::less<>> telling_keys(const aws::Service& s3) {
  std::set<std::string, std::less<>> keys = {"partNumber", "uploadId"};
  for (const auto& [name, operation] : s3.operations) {
    for (const auto& [key, text] : operation.query) {
      keys.insert(key);
    }
  }
  keys.erase("x-id");
  return keys;
}

// "?acl&tagging", "?select&select-type=2&uploadId=…": this server takes the one, that server the other.
bool asks_two_of_s3(const aws::Recognised& call) {
  static const auto telling = telling_keys(*aws::everything().by_name("s3"));
  const auto is_its_own = [&](const std::string& key) {
    const auto* const input = call.operation->input.shape;
    return std::ranges::find(call.operation->query, key, &std::pair<std::string, std::string>::first) !=
               call.operation->query.end() ||
           (input != nullptr && std::ranges::any_of(input->members, [&](const auto& member) {
              return member.location == aws::Location::querystring && member.wire_name == key;
            }));
  };
  return std::ranges::any_of(call.query, [&](const auto& pair) {
    const auto& key = pair.first;
    return telling.contains(key) &&
           (!is_its_own(key) ||
            std::ranges::count(call.query, key, &std::pair<std::string, std::string>::first) > 1);
  });
}

}  // namespace

bool belongs_into_head(std::string_view field) {
  auto name = codec::lower(field);
  std::ranges::replace(name, '_', '-');
  const bool is_amazons = name.starts_with("x-amz-") && !name.starts_with("x-amz-checksum-");
  return is_amazons || std::ranges::find(kOnce, name) != kOnce.end() ||
         std::ranges::find(kFraming, name) != kFraming.end();
}

std::string_view ambiguity_of(const codec::RequestHead& head) {
  for (const auto name : kOnce) {
    if (count_of(head.headers, name) > 1) {
      return "A header field that tells who or what is called is there more than once.";
    }
  }
  for (const auto& [name, value] : head.headers) {
    if (codec::equals_ignore_case(name, "connection") && !names_only_its_own(value)) {
      return "Connection names a field that is not the connection's.";
    }
    if (stands_for_another(name)) {
      return "A header field has '_' where the one that it may be taken for has '-'.";
    }
  }
  if (is_signed_twice(head)) {
    return "There is a signature in the Authorization header, and another in the query.";
  }
  if (!head.headers.contains("X-Amz-Target")) {
    return {};
  }
  // JSON is posted to the root. What has a target and is something else besides is two calls in one.
  const bool is_other = head.method != "POST" || head.path() != "/" || is_form(head) ||
                        head.headers.contains("smithy-protocol") ||
                        count_in(head.query(), false, "Action") > 0;
  return is_other ? "X-Amz-Target is there, and the request is not a POST of JSON to the root." : "";
}

std::string_view ambiguity_of_form(const codec::RequestHead& head, std::string_view form) {
  for (const auto* name : {"Action", "Version"}) {
    if (count_in(head.query(), false, name) + count_in(form, true, name) > 1) {
      return "Action or Version is there more than once.";
    }
  }
  return {};
}

std::string_view ambiguity_of_call(const codec::RequestHead& head, const aws::Recognised& call) {
  if (call.service->name == "s3" && asks_two_of_s3(call)) {
    return "Conflicting query string parameters: they ask for more than one operation.";
  }
  if (call.protocol != aws::Protocol::query && call.protocol != aws::Protocol::ec2) {
    return {};
  }
  const bool at_its_place = head.path() == "/" || call.service->name == "sqs";
  const bool is_asked = head.method == "GET" || head.method == "POST";
  return at_its_place && is_asked ? "" : "An Action is asked for by GET or POST at the root.";
}

bool is_preflight(const codec::RequestHead& head, std::string_view service, bool has_body) {
  const auto& headers = head.headers;
  return head.method == "OPTIONS" && service == "s3" && !has_body && headers.contains("Origin") &&
         headers.contains("Access-Control-Request-Method") && !headers.contains("Authorization") &&
         !headers.contains("X-Amz-Target") && count_in(head.query(), false, "Action") == 0 &&
         count_in(head.query(), false, "X-Amz-Credential") == 0;
}

}  // namespace cairn::gateway
