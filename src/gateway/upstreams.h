// Which service a request is for, as far as its head tells, and where it goes. Pure, thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/sigv2.h"
#include "aws/sigv4.h"
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

// What a request's head says of where it is to go and who signed it; read once a call.
struct Asked {
  // A signing name: the credential scope's, else by X-Amz-Target, else by the host's name
  // ("sqs.eu-west-1.amazonaws.com"). Without all that: a link with an Action is SNS's (to confirm, to
  // unsubscribe), a form is STS's, whose calls alone may come unsigned; what is left is S3's.
  std::string service;
  aws::sigv2::Place version_2 = aws::sigv2::Place::none;
  // Of version 4; refused as missing where version 2 is there.
  Result<aws::sigv4::Authorization, aws::sigv4::Refusal> authorization;
};
Asked asked_by(const codec::RequestHead& head);

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
