// An aws::Client over the network: each call is encoded, signed with Signature Version 4 and sent to one endpoint.
// Thread-safe.
//
// A fault is what the service itself said of the call. A status that speaks of the far end's own state (5xx, 408, 429, a
// redirect), and an answer that cannot be read, are aws::kUnreachable.
#pragma once

#include <memory>
#include <string>

#include "aws/client.h"
#include "aws/sigv4.h"
#include "base/time.h"
#include "http/http.h"

namespace cairn::remote {

struct Endpoint {
  std::string url;     // "https://s3.eu-central-1.amazonaws.com": no path; buckets are named in the path
  std::string region;  // what calls are signed for; empty: the call's own
  aws::sigv4::Credentials credentials;
};

// A hanging far end must not hold up a stop for long.
struct Limits {
  std::size_t answer_bytes_max = 1U << 20;
  http::ClientLimits http{.stall = Millis{20'000}, .total = Millis{300'000}};
};

// Errc::invalid: the url. The clock outlives it, and the loops on which it is used outlive it.
Result<std::unique_ptr<aws::Client>> connect(Endpoint endpoint, const Clock& clock, Limits limits = {});

}  // namespace cairn::remote
