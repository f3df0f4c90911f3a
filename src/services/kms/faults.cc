#include "services/kms/faults.h"

#include <fmt/format.h>

#include "base/log.h"

namespace cairn::services::kms::fault {
namespace {

aws::Fault bad_request(std::string code, std::string message) {
  return {.code = std::move(code), .status = 400, .message = std::move(message)};
}

}  // namespace

aws::Fault no_such_key(std::string_view arn) {
  return bad_request("NotFoundException", fmt::format("Key '{}' does not exist", arn));
}
aws::Fault no_such_alias(std::string_view arn) {
  return bad_request("NotFoundException", fmt::format("Alias {} is not found.", arn));
}
aws::Fault invalid_key_id(std::string_view id) {
  return bad_request("NotFoundException", fmt::format("Invalid keyId '{}'", id));
}
aws::Fault invalid_arn(std::string_view what) {
  return bad_request("NotFoundException", fmt::format("Invalid arn {}", what));
}
aws::Fault invalid_alias(std::string message) {
  return bad_request("InvalidAliasNameException", std::move(message));
}
aws::Fault alias_exists(std::string_view arn) {
  return bad_request("AlreadyExistsException", fmt::format("An alias with the name {} already exists", arn));
}
aws::Fault disabled(std::string_view arn) {
  return bad_request("DisabledException", fmt::format("{} is disabled.", arn));
}
aws::Fault pending_deletion(std::string_view arn) {
  return bad_request("KMSInvalidStateException", fmt::format("{} is pending deletion.", arn));
}
aws::Fault not_pending_deletion(std::string_view arn) {
  return bad_request("KMSInvalidStateException", fmt::format("{} is not pending deletion.", arn));
}
aws::Fault wrong_usage(std::string_view arn, std::string_view usage, std::string_view operation) {
  return bad_request("InvalidKeyUsageException",
                     fmt::format("{} key usage is {} which is not valid for {}.", arn, usage, operation));
}
aws::Fault wrong_algorithm(std::string_view algorithm, std::string_view spec) {
  return bad_request("InvalidKeyUsageException",
                     fmt::format("Algorithm {} and key spec {} are incompatible.", algorithm, spec));
}
aws::Fault wrong_mac(std::string_view algorithm, std::string_view spec) {
  return bad_request("InvalidKeyUsageException",
                     fmt::format("Algorithm {} is incompatible with key spec {}.", algorithm, spec));
}
aws::Fault invalid_signature() {
  return bad_request("KMSInvalidSignatureException", "");
}
aws::Fault invalid_mac() {
  return bad_request("KMSInvalidMacException", "");
}
aws::Fault throttled() {
  return bad_request("ThrottlingException", "Rate exceeded");
}
aws::Fault invalid_ciphertext() {
  return bad_request("InvalidCiphertextException", "");
}
aws::Fault incorrect_key() {
  return bad_request("IncorrectKeyException",
                     "The key ID in the request does not identify a CMK that can perform this operation.");
}
aws::Fault unreadable_key() {
  return bad_request(
      "AccessDeniedException",
      "The ciphertext refers to a customer master key that does not exist, does not exist in this "
      "region, or you are not allowed to access.");
}
aws::Fault malformed_policy(std::string message) {
  return bad_request("MalformedPolicyDocumentException", std::move(message));
}
aws::Fault limit(std::string message) {
  return bad_request("LimitExceededException", std::move(message));
}
aws::Fault tag(std::string message) {
  return bad_request("TagException", std::move(message));
}
aws::Fault invalid_marker() {
  return bad_request("InvalidMarkerException", "Could not deserialize marker");
}
aws::Fault unsupported(std::string message) {
  return bad_request("UnsupportedOperationException", std::move(message));
}
aws::Fault validation(std::string message) {
  return bad_request("ValidationException", std::move(message));
}
aws::Fault no_such_grant(std::string_view id) {
  return bad_request("NotFoundException", fmt::format("Grant ID {} not found", id));
}
aws::Fault dry_run() {
  return bad_request("DryRunOperationException",
                     "The request would have succeeded, but the DryRun option is set.");
}
aws::Fault failure(const Error& error) {
  log::error("kms could not do what it was asked for", {{"error", error.text()}});
  return aws::to_fault(aws::Family::json, error);
}

}  // namespace cairn::services::kms::fault
