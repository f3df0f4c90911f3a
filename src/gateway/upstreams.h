// Which service a request is for, as far as its head tells, and where it goes. Pure, thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "codec/headers.h"
#include "crypto/secret.h"

namespace cairn::gateway {

// What calls are signed with anew, for an upstream that knows other keys than the callers have.
struct Resign {
  std::string access_key;
  std::shared_ptr<const crypto::Secret> secret;
  std::string region;  // empty: that of the call
};

struct Upstream {
  std::string service;  // a signing name: "s3", "dynamodb"; "*": whatever is nobody else's
  std::string url;      // "http://rgw:7480"
  std::optional<Resign> resign{};
};

// The signing name of the service that is asked: of the credential scope, else by X-Amz-Target, else by the
// host's name ("sqs.eu-west-1.amazonaws.com"). Without all that: a link with an Action is SNS's (to
// confirm, to unsubscribe), a form is STS's, whose calls alone may come unsigned; what is left is S3's.
std::string asked_service(const codec::RequestHead& head);

class Upstreams {
 public:
  // `own`: the signing names that are answered here unless an upstream has that very name.
  Upstreams(std::vector<Upstream> all, std::vector<std::string> own);

  // Null: answered here.
  const Upstream* find(std::string_view service) const;
  const std::vector<Upstream>& all() const { return all_; }

 private:
  std::vector<Upstream> all_;
  std::vector<std::string> own_;
};

}  // namespace cairn::gateway
