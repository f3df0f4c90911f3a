// An AWS client: one call to a service by operation and members. How followers reach S3, SNS, KMS, … without
// knowing whether that is Cairn's own companion (front/in_process_client.h: no socket, no signature) or the
// real thing over HTTPS.
#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "async/task.h"
#include "aws/fault.h"

namespace cairn::aws {

// The service principal that calls, and on whose behalf: policies see aws:SourceArn and aws:SourceAccount.
struct OnBehalf {
  std::string service_principal;  // "cloudtrail.amazonaws.com"
  std::string source_arn;
  std::string source_account;
};

struct ClientCall {
  std::string service;    // the model's name: "s3"
  std::string operation;  // "PutObject"
  std::string region;
  boost::json::object input;  // members by the model's names
  std::string body;           // a streaming payload
  OnBehalf on_behalf;
};

struct ClientAnswer {
  boost::json::object output;
  std::string body;
};

// Thread-safe. A fault is the service's answer; a service that cannot be reached is status 503 and code
// kUnreachable.
inline constexpr const char* kUnreachable = "ServiceUnreachable";

class Client {
 public:
  virtual ~Client() = default;
  virtual Task<Result<ClientAnswer, Fault>> call(ClientCall call) = 0;
};

}  // namespace cairn::aws
