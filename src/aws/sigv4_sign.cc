// Signing what we send.
#include <algorithm>
#include <array>

#include "aws/sigv4.h"
#include "base/check.h"
#include "codec/base64.h"
#include "codec/uri.h"

namespace cairn::aws::sigv4 {
namespace {

// Proxies and HTTP libraries change these on the way.
constexpr std::array<std::string_view, 8> kNotSigned = {
    "authorization",   "user-agent",        "expect",          "connection",
    "accept-encoding", "transfer-encoding", "x-amzn-trace-id", "content-length"};

std::vector<std::string> names_to_sign(const codec::Headers& headers) {
  std::vector<std::string> names;
  for (const auto& [name, value] : headers) {
    auto lower = codec::lower(name);
    if (std::ranges::find(kNotSigned, lower) == kNotSigned.end()) {
      names.push_back(std::move(lower));
    }
  }
  std::ranges::sort(names);
  const auto repeats = std::ranges::unique(names);
  names.erase(repeats.begin(), repeats.end());
  return names;
}

std::string join(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& name : names) {
    out += out.empty() ? "" : ";";
    out += name;
  }
  return out;
}

Scope scope_of(const Signing& signing) {
  return {basic(signing.time).substr(0, 8), std::string(signing.region), std::string(signing.service)};
}

std::string signature(const codec::RequestHead& head, const Signing& signing,
                      const std::vector<std::string>& names) {
  const auto scope = scope_of(signing);
  const auto canonical = canonical_request({head, names, signing.payload_hash, style_of(signing.service)});
  const auto key = signing_key(signing.credentials.secret, scope);
  return codec::hex_encode(
      crypto::hmac_sha256(key.bytes(), string_to_sign(basic(signing.time), scope, canonical)));
}

}  // namespace

void sign_headers(codec::RequestHead& head, const Signing& signing) {
  CAIRN_CHECK(head.headers.contains("host"));
  head.headers.set("X-Amz-Date", basic(signing.time));
  if (style_of(signing.service) == Style::s3) {
    head.headers.set("X-Amz-Content-Sha256", std::string(signing.payload_hash));
  }
  if (!signing.credentials.session_token.empty()) {
    head.headers.set("X-Amz-Security-Token", signing.credentials.session_token);
  }
  const auto names = names_to_sign(head.headers);
  std::string value(kAlgorithm);
  value += " Credential=" + signing.credentials.access_key + '/' + scope_of(signing).text();
  value += ", SignedHeaders=" + join(names);
  value += ", Signature=" + signature(head, signing, names);
  head.headers.set("Authorization", std::move(value));
}

std::string presigned_target(const codec::RequestHead& head, const Signing& signing,
                             std::chrono::seconds expires) {
  CAIRN_CHECK(head.headers.contains("host"));
  CAIRN_CHECK(expires.count() > 0 && expires <= kExpiresMax);
  auto signed_head = head;
  const auto names = names_to_sign(head.headers);
  std::string& target = signed_head.target;
  target += head.target.find('?') == std::string::npos ? '?' : '&';
  target += "X-Amz-Algorithm=" + std::string(kAlgorithm);
  target += "&X-Amz-Credential=" +
            codec::percent_encode(signing.credentials.access_key + '/' + scope_of(signing).text());
  target += "&X-Amz-Date=" + basic(signing.time);
  target += "&X-Amz-Expires=" + std::to_string(expires.count());
  if (!signing.credentials.session_token.empty()) {
    target += "&X-Amz-Security-Token=" + codec::percent_encode(signing.credentials.session_token);
  }
  target += "&X-Amz-SignedHeaders=" + codec::percent_encode(join(names));
  return target + "&X-Amz-Signature=" + signature(signed_head, signing, names);
}

}  // namespace cairn::aws::sigv4
