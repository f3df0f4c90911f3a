#include "aws/presigned_headers.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>

#include "codec/uri.h"

namespace cairn::aws {
namespace {

constexpr std::string_view kAmz = "x-amz-";
constexpr std::array<std::string_view, 10> kOfSignature = {
    "x-amz-algorithm",      "x-amz-credential",
    "x-amz-date",           "x-amz-expires",
    "x-amz-signedheaders",  "x-amz-signature",
    "x-amz-security-token", "x-amz-content-sha256",
    "x-amz-trailer",        "x-amz-sdk-checksum-algorithm"};
constexpr std::array<std::string_view, 3> kPrefixesElsewhere = {
    "x-amz-server-side-encryption", "x-amz-copy-source-server-side-encryption", "x-amz-decoded-"};
constexpr std::string_view kNameMarks = "-_.";
// Of the headers that begin so, those that are no checksum.
constexpr std::string_view kChecksum = "x-amz-checksum-";
constexpr std::array<std::string_view, 3> kAboutChecksums = {"x-amz-checksum-mode", "x-amz-checksum-type",
                                                             "x-amz-checksum-algorithm"};

bool is_in(std::string_view name, std::span<const std::string_view> names) {
  return std::ranges::find(names, name) != names.end();
}

bool is_header_value(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) >= ' ' && c != 0x7F; });
}

bool is_header_name(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || kNameMarks.find(c) != std::string_view::npos;
  });
}

bool is_signed_for_s3(const codec::QueryPairs& query) {
  const auto credential = std::ranges::find(query, "X-Amz-Credential", &codec::QueryPairs::value_type::first);
  return credential != query.end() && credential->second.ends_with("/s3/aws4_request");
}

}  // namespace

bool is_header_of_query(std::string_view name) {
  const auto lower = codec::lower(name);
  const auto begins = [&](std::string_view prefix) { return lower.starts_with(prefix); };
  return begins(kAmz) && !is_in(lower, kOfSignature) && std::ranges::none_of(kPrefixesElsewhere, begins) &&
         (!begins(kChecksum) || is_in(lower, kAboutChecksums));
}

std::optional<codec::RequestHead> with_headers_of_query(const codec::RequestHead& head) {
  if (head.query().find("X-Amz-Algorithm") == std::string_view::npos) {
    return std::nullopt;
  }
  const auto query = codec::parse_query(head.query());
  if (!query || !is_signed_for_s3(*query)) {
    return std::nullopt;
  }
  std::optional<codec::RequestHead> whole;
  for (const auto& [name, value] : *query) {
    const auto lower = codec::lower(name);
    if (!is_header_of_query(lower) || !is_header_name(lower) || !is_header_value(value)) {
      continue;
    }
    if (!whole) {
      whole = head;
    }
    if (!whole->headers.contains(lower)) {
      whole->headers.add(lower, value);
    }
  }
  return whole;
}

}  // namespace cairn::aws
