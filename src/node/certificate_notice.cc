#include "node/certificate_notice.h"

#include "base/log.h"

namespace cairn::node {

void say_how_long_it_holds(const http::TlsIdentity& tls, Time now) {
  const auto until = tls.valid_until();
  if (until <= now) {
    log::warn("the TLS certificate has expired", {{"valid_until", rfc3339(until)}});
  } else {
    log::info("TLS certificate in force", {{"valid_until", rfc3339(until)}});
  }
}

}  // namespace cairn::node
