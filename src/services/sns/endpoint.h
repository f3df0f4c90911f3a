// Where a subscription's messages go: an endpoint of HTTP, or a queue. Inside services/sns only; pure. Fuzzed
// by endpoint_fuzz.cc.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace cairn::services::sns {

struct HttpEndpoint {
  std::string origin{};  // "https://host:port"
  std::string host{};    // in lower case
  std::string target{};  // "/path?query"
  // "user:password@" in front of the host, decoded.
  std::optional<std::string> user{};
  std::optional<std::string> password{};
};

// "http://…" or "https://…", of printable ASCII, without a fragment; none: something else.
std::optional<HttpEndpoint> http_endpoint(std::string_view url);
// By "host" or "*.domain"; no patterns: any host that is not plainly a local one. Names are looked at again
// when they are dialled.
bool is_host_allowed(std::string_view host, std::span<const std::string> patterns);

// Authorization, of Basic authentication (RFC 7617).
std::string basic_authorization(std::string_view user, std::string_view password);

struct QueueName {
  std::string region{};
  std::string account{};
  std::string name{};

  std::string url() const;  // "https://sqs.eu-west-1.amazonaws.com/111122223333/nest"
};
std::optional<QueueName> queue_of(std::string_view arn);

}  // namespace cairn::services::sns
