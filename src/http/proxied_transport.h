// A connection from a proxy: its first bytes are a header of the PROXY protocol (proxy_header.h), which
// opening takes off. Then it is the transport below.
#pragma once

#include "http/transport.h"

namespace cairn::http {

std::unique_ptr<Transport> proxied_transport(std::unique_ptr<Transport> below);

}  // namespace cairn::http
