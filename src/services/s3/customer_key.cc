#include "services/s3/customer_key.h"

#include "codec/base64.h"
#include "crypto/hash.h"
#include "json/json.h"
#include "services/s3/at_rest.h"
#include "services/s3/faults.h"

namespace cairn::services::s3 {
namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr std::string_view kAlgorithm = "AES256";

aws::Fault wrong(std::string message, std::string_view header) {
  return fault::invalid_argument(std::move(message))
      .with("ArgumentName", "x-amz-server-side-encryption-customer-" + std::string(header));
}

}  // namespace

Result<std::optional<CustomerKey>, aws::Fault> customer_key_in(const Call& call, std::string_view prefix) {
  const auto member = [&](std::string_view name) {
    return text_member(call, std::string(prefix) + std::string(name));
  };
  const auto algorithm = member("SSECustomerAlgorithm");
  const auto key = member("SSECustomerKey");
  const auto md5 = member("SSECustomerKeyMD5");
  if (algorithm.empty() && key.empty() && md5.empty()) {
    return std::optional<CustomerKey>();
  }
  if (!call.tls) {
    return fault::invalid_request(
        "Requests specifying Server Side Encryption with Customer provided keys must be made over a secure "
        "connection.");
  }
  if (algorithm != kAlgorithm) {
    return wrong(
        "Requests specifying Server Side Encryption with Customer provided keys must provide a valid "
        "encryption "
        "algorithm.",
        "algorithm");
  }
  const auto bytes = codec::base64_decode(key);
  if (!bytes || bytes->size() != kKeyBytes) {
    return wrong("The secret key was invalid for the specified algorithm.", "key");
  }
  crypto::Secret secret(std::as_bytes(std::span(*bytes)));
  if (codec::base64_encode(ByteView(crypto::md5(*bytes))) != md5) {
    return wrong("The calculated MD5 hash of the key did not match the hash that was provided.", "key-MD5");
  }
  return std::optional(CustomerKey{.key = std::move(secret), .md5 = std::string(md5)});
}

Result<void, aws::Fault> check_customer_key(const Dependencies& on, const std::optional<CustomerKey>& key,
                                            const Seal& seal) {
  if (seal.customer.empty()) {
    return key ? Result<void, aws::Fault>(
                     fault::invalid_request("The encryption parameters are not applicable to this object."))
               : Result<void, aws::Fault>();
  }
  if (!key) {
    return fault::invalid_request(
        "The object was stored using a form of Server Side Encryption. The correct parameters must be "
        "provided to "
        "retrieve the object.");
  }
  if (!crypto::constant_time_equal(on.at_rest.mark_of(key->key), seal.customer)) {
    return aws::Fault{"AccessDenied", 403, "Access Denied"};
  }
  return {};
}

void show_customer_key(const Call& call, json::object& output) {
  if (const auto md5 = text_member(call, "SSECustomerKeyMD5"); !md5.empty()) {
    output["SSECustomerAlgorithm"] = kAlgorithm;
    output["SSECustomerKeyMD5"] = md5;
  }
}

}  // namespace cairn::services::s3
