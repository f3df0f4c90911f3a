// A server's connection over TLS. REQUIRES: the process ignores SIGPIPE.
#pragma once

#include "http/tls.h"
#include "http/transport.h"

namespace cairn::http {

std::unique_ptr<Transport> tls_server_transport(Socket socket, const TlsIdentity& identity);

}  // namespace cairn::http
