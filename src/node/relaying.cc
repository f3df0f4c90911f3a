// Tested by conformance/test_gateway.py.
#include "node/relaying.h"

#include "node/endpoints.h"

namespace cairn::node {
namespace {

// The signing names of what is answered here.
std::vector<std::string> own_services() {
  return {"cairn", "cloudtrail", "iam", "kms", "organizations", "s3", "sns", "sqs", "sts"};
}

Result<gateway::Upstream> upstream_of(const Config::Upstream& from) {
  gateway::Upstream upstream{.service = from.service, .url = from.endpoint.url};
  if (from.endpoint.access_key.empty()) {
    return upstream;
  }
  auto secret = read_secret(from.endpoint.secret_file);
  if (!secret) {
    return Error{secret.error().code, "gateway.upstreams." + from.service + ".resign: " + secret.error().what,
                 secret.error().subject};
  }
  upstream.resign = gateway::Resign{.access_key = from.endpoint.access_key,
                                    .secret = std::make_shared<const crypto::Secret>(*std::move(secret)),
                                    .region = from.endpoint.region};
  return upstream;
}

gateway::Dependencies dependencies(intents::Intents& intents, const Config& config,
                                   const RelayingParts& parts) {
  return {.directory = parts.directory,
          .ledger = {.intents = intents,
                     .recorder = parts.recorder,
                     .dedupe = parts.dedupe,
                     .room = parts.room,
                     .dedupe_ready = parts.dedupe_ready,
                     .account = parts.first_account,
                     .region = std::string(aws::Regions(config.regions).first()),
                     .clock = parts.clock},
          .own_services = own_services(),
          .s3_domains = config.s3.domains,
          .is_account = parts.is_account,
          .first_account = parts.first_account,
          .clock = parts.clock,
          .metrics = parts.metrics};
}

}  // namespace

http::IsProxy proxies_of(const Config& config) {
  std::vector<gateway::Network> proxies;
  for (const auto& network : config.proxy_protocol) {
    auto parsed = gateway::Network::parse(network);
    CAIRN_CHECK(parsed);
    proxies.push_back(*std::move(parsed));
  }
  if (proxies.empty()) {
    return nullptr;
  }
  return [proxies = std::move(proxies)](const std::string& text) {
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(text, error);
    return !error && std::ranges::any_of(proxies, [&](const auto& one) { return one.contains(address); });
  };
}

Result<std::unique_ptr<Relaying>> Relaying::open(const Config& config, const RelayingParts& parts) {
  const auto file = config.data / "intents";
  if (config.gateway.upstreams.empty() && !std::filesystem::exists(file)) {
    return std::unique_ptr<Relaying>();
  }
  gateway::Settings settings{.relay_unverified = config.gateway.relay_unverified,
                             .closed = config.capture.closed};
  for (const auto& upstream : config.gateway.upstreams) {
    CAIRN_TRY(auto made, upstream_of(upstream));
    settings.upstreams.push_back(std::move(made));
  }
  for (const auto& network : config.gateway.trusted_proxies) {
    CAIRN_TRY(const auto parsed, gateway::Network::parse(network));
    settings.trusted_proxies.push_back(parsed);
  }
  auto* const sync = config.capture.synced ? &parts.pool : nullptr;
  CAIRN_TRY(auto intents,
            intents::Intents::open({.file = file, .sync = sync},
                                   parts.key.derive(intents::Intents::kKeyPurpose), parts.metrics));
  auto relaying =
      std::unique_ptr<Relaying>(new Relaying(std::move(intents), std::move(settings), config, parts));
  relaying->gateway_.start(parts.executor);
  return relaying;
}

Relaying::Relaying(std::unique_ptr<intents::Intents> intents, gateway::Settings settings,
                   const Config& config, const RelayingParts& parts)
    : intents_(std::move(intents)), gateway_(std::move(settings), dependencies(*intents_, config, parts)) {}

}  // namespace cairn::node
