#include "services/sns/faults.h"

#include <fmt/format.h>

#include "base/log.h"

namespace cairn::services::sns::fault {
namespace {

aws::Fault refused(std::string code, int status, std::string message) {
  return {.code = std::move(code), .status = status, .message = std::move(message)};
}

constexpr int kBadRequest = 400;
constexpr int kForbidden = 403;
constexpr int kNotFound = 404;
constexpr int kTooMany = 429;

}  // namespace

aws::Fault invalid(std::string_view what) {
  return refused("InvalidParameter", kBadRequest, fmt::format("Invalid parameter: {}", what));
}
aws::Fault invalid_token() {
  return refused("InvalidParameter", kBadRequest, "Invalid token");
}
aws::Fault invalid_attribute(std::string message) {
  return refused("ParameterValueInvalid", kBadRequest, std::move(message));
}
aws::Fault no_such_topic() {
  return refused("NotFound", kNotFound, "Topic does not exist");
}
aws::Fault no_such_subscription() {
  return refused("NotFound", kNotFound, "Subscription does not exist");
}
aws::Fault no_such_resource() {
  return refused("ResourceNotFound", kNotFound, "Resource does not exist");
}
aws::Fault too_many_topics() {
  return refused("TopicLimitExceeded", kForbidden, "The account has as many topics as it can have.");
}
aws::Fault too_many_subscriptions() {
  return refused("SubscriptionLimitExceeded", kForbidden,
                 "The topic has as many subscriptions as it can have.");
}
aws::Fault too_many_tags() {
  return refused("TagLimitExceeded", kBadRequest,
                 "Could not complete request: tag quota of per resource exceeded");
}
aws::Fault too_many_filters() {
  return refused("FilterPolicyLimitExceeded", kForbidden, "The filter policy is too long.");
}
aws::Fault unsupported(std::string_view argument) {
  return refused("UnsupportedOperation", kBadRequest, fmt::format("{} is not supported.", argument));
}
aws::Fault throttled() {
  return refused("Throttled", kTooMany, "Too many messages wait to be delivered. Try again later.");
}
aws::Fault empty_batch() {
  return refused("EmptyBatchRequest", kBadRequest, "The batch request doesn't contain any entries.");
}
aws::Fault too_many_entries() {
  return refused("TooManyEntriesInBatchRequest", kBadRequest,
                 "The batch request contains more entries than permissible.");
}
aws::Fault entries_not_distinct() {
  return refused("BatchEntryIdsNotDistinct", kBadRequest,
                 "Two or more batch entries in the request have the same Id.");
}
aws::Fault invalid_entry(std::string message) {
  return refused("InvalidBatchEntryId", kBadRequest, std::move(message));
}
aws::Fault batch_too_long() {
  return refused("BatchRequestTooLong", kBadRequest,
                 "The length of all the messages put together is more than the limit.");
}
aws::Fault failure(const Error& error) {
  log::error("a call about topics failed", {{"error", error.text()}});
  return aws::to_fault(aws::Family::query, error);
}

}  // namespace cairn::services::sns::fault
