// Tested by conformance/test_sns.py.
#include "node/notifications.h"

#include "base/log.h"
#include "http/reach.h"

namespace cairn::node {
namespace {

// As long as AWS waits for an endpoint.
constexpr http::ClientLimits kPatience{
    .connect = Millis{5'000}, .stall = Millis{15'000}, .total = Millis{15'000}, .link_local = false};

// Hosts that are named may lie anywhere but on the link alone; any others must be public.
std::unique_ptr<http::Client> client_for(const std::vector<std::string>& hosts) {
  return hosts.empty() ? http::make_public_client(kPatience) : http::Client::make(kPatience);
}

services::sns::DelivererOptions options_of(const Config& config, const Notifications::Parts& parts) {
  services::sns::DelivererOptions options;
  options.http_hosts = config.sns.http_hosts;
  options.base_url = config.sns.url.empty() ? parts.endpoint : [url = config.sns.url] { return url; };
  return options;
}

}  // namespace

Notifications::Notifications(const Config& config, Parts parts)
    : catalog_(parts.catalog),
      sealer_(parts.sealer),
      outlets_(parts.outlets),
      http_hosts_(config.sns.http_hosts),
      http_(client_for(config.sns.http_hosts)),
      signer_(parts.catalog, parts.sealer, parts.pool, parts.clock),
      deliverer_({.catalog = parts.catalog,
                  .client = parts.client,
                  .http = *http_,
                  .signer = signer_,
                  .sealer = parts.sealer,
                  .clock = parts.ages,
                  .metrics = parts.metrics,
                  .outlets = &outlets_},
                 options_of(config, parts)) {}

std::unique_ptr<front::Service> Notifications::service() {
  return services::sns::make_sns({.catalog = catalog_,
                                  .sealer = sealer_,
                                  .deliverer = deliverer_,
                                  .options = {.http_hosts = http_hosts_},
                                  .outlets = &outlets_});
}

void Notifications::stop() {
  outlets_.stop();  // what blocks ends, and the deliverer need not wait for it
  deliverer_.stop();
}

Task<http::Response> Notifications::serve(http::Request& request, front::Front& front) {
  const bool reads = request.head.method == "GET" || request.head.method == "HEAD";
  auto found = co_await signer_.certificate(std::string(request.head.path()));
  if (!found) {
    log::error("cannot read the certificate of messages", {{"error", found.error().text()}});
    co_return http::Response{.status = 503, .headers = {}, .body = std::string()};
  }
  if (!reads || !*found) {
    co_return co_await front.handle(request);
  }
  http::Response response{.status = 200, .headers = {}, .body = **std::move(found)};
  response.headers.add("Content-Type", "application/x-pem-file");
  co_return response;
}

}  // namespace cairn::node
