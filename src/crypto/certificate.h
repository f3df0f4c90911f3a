// An X.509 certificate that says which key signs, by that key itself: for who must fetch a public key in this
// form (SNS's subscribers). Nobody else vouches for it. Any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/time.h"
#include "crypto/rsa.h"

namespace cairn::crypto {

struct CertificateFacts {
  std::string_view common_name{};
  Time from{};
  Time until{};
};

// In PEM, of version 3, with a random serial number, for signatures only. Errc::invalid: a name or a time
// that certificates cannot have.
Result<std::string> self_signed_certificate(const RsaPrivateKey& key, const CertificateFacts& facts);

}  // namespace cairn::crypto
