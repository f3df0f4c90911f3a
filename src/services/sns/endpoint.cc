// Tested by endpoint_test.cc.
#include "services/sns/endpoint.h"

#include <fmt/format.h>

#include <algorithm>

#include "aws/ids.h"
#include "codec/base64.h"
#include "codec/headers.h"
#include "codec/uri.h"
#include "http/reach.h"

namespace cairn::services::sns {
namespace {

constexpr std::string_view kSchemeEnd = "://";

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7F'; });
}

// "host" of "host:port" and "[::1]:port", in lower case.
std::string host_of(std::string_view authority) {
  const auto from = authority.find(']') == std::string_view::npos ? 0 : authority.find(']');
  return codec::lower(authority.substr(0, authority.find(':', from)));
}

// As it can stand in the header: no control characters, and in a name no colon.
std::optional<std::string> credential(std::string_view written, bool is_user) {
  auto decoded = codec::percent_decode(written);
  const bool sound = decoded && std::ranges::none_of(*decoded, [is_user](char c) {
                       return (c >= '\0' && c < ' ') || c == '\x7F' || (is_user && c == ':');
                     });
  return sound ? std::optional(*std::move(decoded)) : std::nullopt;
}

// False: it is none.
bool read_userinfo(std::string_view userinfo, HttpEndpoint& endpoint) {
  const auto colon = userinfo.find(':');
  endpoint.user = credential(userinfo.substr(0, colon), true);
  if (colon != std::string_view::npos) {
    endpoint.password = credential(userinfo.substr(colon + 1), false);
  }
  return !userinfo.empty() && userinfo.find('@') == std::string_view::npos && endpoint.user &&
         (colon == std::string_view::npos || endpoint.password);
}

}  // namespace

std::optional<HttpEndpoint> http_endpoint(std::string_view url) {
  const auto scheme_end = url.find(kSchemeEnd);
  if (scheme_end == std::string_view::npos || !is_printable(url) || url.find('#') != std::string_view::npos) {
    return std::nullopt;
  }
  const auto scheme = codec::lower(url.substr(0, scheme_end));
  const auto rest = url.substr(scheme_end + kSchemeEnd.size());
  const auto path = std::min(rest.find_first_of("/?"), rest.size());
  const auto at = rest.substr(0, path).rfind('@');
  const bool has_user = at != std::string_view::npos;
  const auto authority = has_user ? rest.substr(at + 1, path - at - 1) : rest.substr(0, path);
  if ((scheme != "http" && scheme != "https") || rest.substr(0, path).find('\\') != std::string_view::npos) {
    return std::nullopt;
  }
  HttpEndpoint endpoint{.origin = scheme + "://" + std::string(authority),
                        .host = host_of(authority),
                        .target = std::string(rest.substr(path))};
  if (endpoint.host.empty() || (has_user && !read_userinfo(rest.substr(0, at), endpoint))) {
    return std::nullopt;
  }
  if (!endpoint.target.starts_with('/')) {
    endpoint.target.insert(0, "/");
  }
  return endpoint;
}

bool is_host_allowed(std::string_view host, std::span<const std::string> patterns) {
  if (patterns.empty()) {
    return !http::is_plainly_local(host);
  }
  return std::ranges::any_of(patterns, [&](const std::string& pattern) {
    return pattern.starts_with("*.") ? host.ends_with(std::string_view(pattern).substr(1)) : host == pattern;
  });
}

std::string basic_authorization(std::string_view user, std::string_view password) {
  return "Basic " + codec::base64_encode(fmt::format("{}:{}", user, password));
}

std::string QueueName::url() const {
  return fmt::format("https://sqs.{}.amazonaws.com/{}/{}", region, account, name);
}

std::optional<QueueName> queue_of(std::string_view arn) {
  const auto parsed = aws::Arn::parse(arn);
  if (!parsed || parsed->service() != "sqs" || !aws::Region::parse(parsed->region()) ||
      !aws::AccountId::parse(parsed->account()) ||
      parsed->resource().find_first_of(":/?# ") != std::string_view::npos) {
    return std::nullopt;
  }
  return QueueName{.region = std::string(parsed->region()),
                   .account = std::string(parsed->account()),
                   .name = std::string(parsed->resource())};
}

}  // namespace cairn::services::sns
