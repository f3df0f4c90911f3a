// The gateway as this node runs it: its file of intents, its upstreams' secrets, and what it is given of the
// rest.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "crypto/master_key.h"
#include "gateway/gateway.h"
#include "http/behind_proxies.h"
#include "intents/intents.h"
#include "node/config.h"

namespace cairn::node {

struct RelayingParts {
  const crypto::MasterKey& key;
  const access::Directory& directory;
  front::Recorder& recorder;
  dedupe::Index& dedupe;
  const reserve::Room* room;
  async::Pool& pool;
  std::function<bool()> dedupe_ready;
  std::function<bool(const std::string&)> is_account;
  std::string first_account;
  async::Executor executor;  // where records are seen to that had to wait
  const Clock& clock;
  Metrics& metrics;
};

// Who `proxy_protocol` names. REQUIRES: it was read as settings are.
http::IsProxy proxies_of(const Config& config);

class Relaying {
 public:
  // Nothing is claimed where no upstream is named; what an earlier run with upstreams left is recorded all
  // the same. Null: there is neither. Errors name the setting.
  static Result<std::unique_ptr<Relaying>> open(const Config& config, const RelayingParts& parts);

  std::optional<gateway::Claim> claim(const codec::RequestHead& head) const { return gateway_.claim(head); }
  Task<http::Response> handle(http::Request& request, gateway::Claim claim) {
    return gateway_.handle(request, std::move(claim));
  }
  void stop() { gateway_.stop(); }
  bool caught_up() const { return gateway_.caught_up(); }

 private:
  Relaying(std::unique_ptr<intents::Intents> intents, gateway::Settings settings, const Config& config,
           const RelayingParts& parts);

  const std::unique_ptr<intents::Intents> intents_;
  gateway::Gateway gateway_;
};

}  // namespace cairn::node
