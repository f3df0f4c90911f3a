// The log's line of how long a certificate holds.
#pragma once

#include "base/time.h"
#include "http/tls.h"

namespace cairn::node {

// Who shows an expired certificate is refused by its clients, not by us.
void say_how_long_it_holds(const http::TlsIdentity& tls, Time now);

}  // namespace cairn::node
