#include "services/sqs/faults.h"

#include <fmt/format.h>

#include "base/log.h"

namespace cairn::services::sqs::fault {
namespace {

aws::Fault bad_request(std::string code, std::string message) {
  return {.code = std::move(code), .status = 400, .message = std::move(message)};
}

}  // namespace

aws::Fault no_such_queue() {
  return bad_request("QueueDoesNotExist", "The specified queue does not exist.");
}
aws::Fault no_such_queue_or_no_access() {
  return bad_request("QueueDoesNotExist",
                     "The specified queue does not exist or you do not have access to it.");
}
aws::Fault queue_exists(std::string_view attribute) {
  return bad_request(
      "QueueNameExists",
      fmt::format("A queue already exists with the same name and a different value for attribute {}",
                  attribute));
}
aws::Fault invalid_address(std::string_view url) {
  return bad_request("InvalidAddress",
                     fmt::format("The address {} is not valid for this endpoint.", url.substr(0, 256)));
}
aws::Fault unknown_attribute(std::string_view name) {
  return bad_request("InvalidAttributeName", fmt::format("Unknown Attribute {}.", name));
}
aws::Fault invalid_attribute(std::string_view name, std::string_view why) {
  return bad_request("InvalidAttributeValue", fmt::format("Invalid value for the parameter {}.{}{}", name,
                                                          why.empty() ? "" : " Reason: ", why));
}
aws::Fault invalid_parameter(std::string_view name, std::string_view value, std::string_view why) {
  return bad_request("InvalidParameterValue", fmt::format("Value {} for parameter {} is invalid. Reason: {}",
                                                          value.substr(0, 256), name, why));
}
aws::Fault missing_parameter(std::string_view name) {
  return bad_request("MissingParameter", fmt::format("The request must contain the parameter {}.", name));
}
aws::Fault unsupported(std::string_view what) {
  return bad_request("UnsupportedOperation", fmt::format("{} is not supported.", what));
}
aws::Fault invalid_contents() {
  return bad_request("InvalidMessageContents",
                     "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | "
                     "#x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF");
}
aws::Fault too_long(std::int64_t bytes) {
  return bad_request(
      "InvalidParameterValue",
      fmt::format("One or more parameters are invalid. Reason: Message must be shorter than {} bytes.",
                  bytes));
}
aws::Fault invalid_receipt(std::string_view handle) {
  return bad_request(
      "ReceiptHandleIsInvalid",
      fmt::format("The input receipt handle \"{}\" is not a valid receipt handle.", handle.substr(0, 256)));
}
aws::Fault not_in_flight() {
  return bad_request("MessageNotInflight", "The message referred to isn't in flight.");
}
aws::Fault purge_in_progress(std::string_view name) {
  return {.code = "PurgeQueueInProgress",
          .status = 403,
          .message = fmt::format("Only one PurgeQueue operation on {} is allowed every 60 seconds.", name)};
}
aws::Fault in_flight_limit() {
  return {
      .code = "OverLimit", .status = 403, .message = "Too many messages are in flight: delete some of them."};
}
aws::Fault limit(std::string message) {
  return {.code = "OverLimit", .status = 403, .message = std::move(message)};
}
aws::Fault full(std::string_view what) {
  return {.code = "ServiceUnavailable",
          .status = 503,
          .message = fmt::format("{}: receive and delete some of them.", what),
          .sender = false};
}
aws::Fault empty_batch() {
  return bad_request("EmptyBatchRequest", "There should be at least one entry in the request.");
}
aws::Fault too_many_entries(std::size_t count) {
  return bad_request("TooManyEntriesInBatchRequest",
                     fmt::format("Maximum number of entries per request are 10. You have sent {}.", count));
}
aws::Fault invalid_entry_id() {
  return bad_request("InvalidBatchEntryId",
                     "A batch entry id can only contain alphanumeric characters, hyphens and "
                     "underscores. It can be at most 80 letters long.");
}
aws::Fault repeated_entry_id(std::string_view id) {
  return bad_request("BatchEntryIdsNotDistinct", fmt::format("Id {} repeated.", id));
}
aws::Fault batch_too_long(std::size_t bytes) {
  return bad_request(
      "BatchRequestTooLong",
      fmt::format("Batch requests cannot be longer than 1048576 bytes. You have sent {} bytes.", bytes));
}
aws::Fault failure(const Error& error) {
  log::error("sqs could not do what it was asked for", {{"error", error.text()}});
  return aws::to_fault(aws::Family::json, error);
}

}  // namespace cairn::services::sqs::fault
