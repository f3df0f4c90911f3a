#include "services/iam/faults.h"

#include <fmt/format.h>

#include "base/log.h"

namespace cairn::services::iam::fault {

aws::Fault user_exists(std::string_view name) {
  return {.code = "EntityAlreadyExists",
          .status = 409,
          .message = fmt::format("User with name {} already exists.", name)};
}
aws::Fault no_such_user(std::string_view name) {
  return {.code = "NoSuchEntity",
          .status = 404,
          .message = fmt::format("The user with name {} cannot be found.", name)};
}
aws::Fault no_such_key(std::string_view id) {
  return {.code = "NoSuchEntity",
          .status = 404,
          .message = fmt::format("The Access Key with id {} cannot be found.", id)};
}
aws::Fault no_such_policy(std::string_view name) {
  return {.code = "NoSuchEntity",
          .status = 404,
          .message = fmt::format("The user policy with name {} cannot be found.", name)};
}
aws::Fault delete_conflict(std::string_view what) {
  return {.code = "DeleteConflict",
          .status = 409,
          .message = fmt::format("Cannot delete entity, must delete {} first.", what)};
}
aws::Fault quota(std::string_view name, std::uint64_t limit) {
  return {.code = "LimitExceeded",
          .status = 409,
          .message = fmt::format("Cannot exceed quota for {}: {}", name, limit)};
}
aws::Fault policies_too_large(std::string_view user) {
  return {.code = "LimitExceeded",
          .status = 409,
          .message = fmt::format("Maximum policy size of 2048 bytes exceeded for user {}", user)};
}
aws::Fault malformed_policy(std::string message) {
  return {.code = "MalformedPolicyDocument", .status = 400, .message = std::move(message)};
}
aws::Fault invalid_input(std::string message) {
  return {.code = "InvalidInput", .status = 400, .message = std::move(message)};
}
aws::Fault declared_user(std::string_view name) {
  return {.code = "UnmodifiableEntity",
          .status = 400,
          .message = fmt::format("Cannot perform the operation on the protected user '{}' - this user is "
                                 "only modifiable by the configuration",
                                 name)};
}
aws::Fault validation(std::string message) {
  return aws::fault::validation(aws::Family::query, std::move(message));
}

aws::Fault failure(const Error& error) {
  log::error("iam could not use the catalog", {{"error", error.text()}});
  return aws::to_fault(aws::Family::query, error);
}

}  // namespace cairn::services::iam::fault
