// Keys that callers bring along with each request (SSE-C): an object that was put with one is read with the
// same one alone. The key is not kept; what is, tells it from others (Seal::customer). As at AWS, such a
// request must come over TLS. Inside services/s3 only. Tested by customer_key_test.cc.
#pragma once

#include <optional>
#include <string>

#include "crypto/secret.h"
#include "services/s3/operations.h"

namespace cairn::services::s3 {

struct CustomerKey {
  crypto::Secret key;
  std::string md5;  // base64, as it came
};

// The one that the call brings; of a copy's source, behind `prefix`: "CopySource". InvalidRequest: not over
// TLS. InvalidArgument: algorithm, key and MD5 do not belong together.
Result<std::optional<CustomerKey>, aws::Fault> customer_key_in(const Call& call,
                                                               std::string_view prefix = "");

// Is it the object's? InvalidRequest: one is there that is not needed, or none that is. AccessDenied:
// another.
Result<void, aws::Fault> check_customer_key(const Dependencies& on, const std::optional<CustomerKey>& key,
                                            const Seal& seal);

// SSECustomerAlgorithm and SSECustomerKeyMD5, of a call that brought a key.
void show_customer_key(const Call& call, boost::json::object& output);

}  // namespace cairn::services::s3
