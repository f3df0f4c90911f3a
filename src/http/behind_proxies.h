// A server's port behind proxies that speak the PROXY protocol (versions 1 and 2): they say whose connection
// it is, before anything else, TLS included; Request::peer is then who they name.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "http/http.h"

namespace cairn::http {

// By a peer's address: is it such a proxy? Then each of its connections must begin with a header, which is
// believed; one that does not is closed. Of all others no such header is read. Any loop; null: nobody is.
using IsProxy = std::function<bool(const std::string& address)>;

// As Server::listen().
Result<std::unique_ptr<Server>> listen_behind_proxies(async::Loops& loops, const std::string& host_port,
                                                      ServerLimits limits, Handler handler, Metrics& metrics,
                                                      std::shared_ptr<const TlsIdentity> tls,
                                                      IsProxy is_proxy);

}  // namespace cairn::http
