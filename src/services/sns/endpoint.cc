// Tested by endpoint_test.cc.
#include "services/sns/endpoint.h"

#include <fmt/format.h>

#include <algorithm>

#include "aws/ids.h"
#include "codec/headers.h"
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

}  // namespace

std::optional<HttpEndpoint> http_endpoint(std::string_view url) {
  const auto scheme_end = url.find(kSchemeEnd);
  if (scheme_end == std::string_view::npos || !is_printable(url) || url.find('#') != std::string_view::npos) {
    return std::nullopt;
  }
  const auto scheme = codec::lower(url.substr(0, scheme_end));
  const auto rest = url.substr(scheme_end + kSchemeEnd.size());
  const auto path = std::min(rest.find_first_of("/?"), rest.size());
  const auto authority = rest.substr(0, path);
  if ((scheme != "http" && scheme != "https") || authority.find_first_of("@\\") != std::string_view::npos) {
    return std::nullopt;
  }
  HttpEndpoint endpoint{.origin = scheme + "://" + std::string(authority),
                        .host = host_of(authority),
                        .target = std::string(rest.substr(path))};
  if (endpoint.host.empty()) {
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
