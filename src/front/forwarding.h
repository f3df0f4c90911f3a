// Calls that a service makes for its own caller, with his permissions: S3 asks KMS for the key of an object
// that a user puts or gets. Policies see the user, aws:ViaAWSService and kms:ViaService
// ("s3.eu-west-1.amazonaws.com"), and no address; the record has him, invoked by "AWS Internal".
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "aws/client.h"
#include "front/service.h"

namespace cairn::front {

// What the record of such a call has for its source and its user agent.
inline constexpr std::string_view kInternal = "AWS Internal";

struct ForwardedCall {
  std::string service;    // the model's name: "kms"
  std::string operation;  // "GenerateDataKey"
  std::string region;
  boost::json::object input;  // members by the model's names
};

// Thread-safe.
class Forwarding {
 public:
  virtual ~Forwarding() = default;
  // As aws::Client's. `from` is the call that the service answers; it outlives the task.
  virtual Task<Result<aws::ClientAnswer, aws::Fault>> forward(const Call& from, ForwardedCall call) = 0;
};

}  // namespace cairn::front
