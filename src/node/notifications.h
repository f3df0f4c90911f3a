// SNS in a node: its parts, wired together, and the certificate that it serves.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "async/pool.h"
#include "crypto/sealer.h"
#include "front/front.h"
#include "http/http.h"
#include "node/config.h"
#include "node/outlets.h"
#include "services/sns/deliverer.h"
#include "services/sns/sns.h"
#include "topics/signer.h"

namespace cairn::node {

class Notifications {
 public:
  // All outlive it.
  struct Parts {
    catalog::Catalog& catalog;
    const crypto::Sealer& sealer;
    async::Pool& pool;
    aws::Client& client;
    const Clock& clock;  // of followers
    const Clock& ages;
    Metrics& metrics;
    std::function<std::string()> endpoint;  // where this node listens
    Outlets& outlets;
  };
  Notifications(const Config& config, Parts parts);

  std::unique_ptr<front::Service> service();
  // REQUIRES: the node listens; goes before the loops.
  void start(async::Executor executor) { deliverer_.start(std::move(executor)); }
  void stop();

  // Of a request for a path that a certificate may have: it, for anybody, if it has that very path; else what
  // the front says.
  Task<http::Response> serve(http::Request& request, front::Front& front);

 private:
  catalog::Catalog& catalog_;
  const crypto::Sealer& sealer_;
  Outlets& outlets_;
  const std::vector<std::string> http_hosts_;
  std::unique_ptr<http::Client> http_;
  topics::Signer signer_;
  services::sns::Deliverer deliverer_;
};

}  // namespace cairn::node
