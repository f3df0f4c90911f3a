#include "services/iam/faults.h"

#include <fmt/format.h>

#include "base/log.h"

namespace cairn::services::iam::fault {

namespace {

aws::Fault already_there(std::string message) {
  return {.code = "EntityAlreadyExists", .status = 409, .message = std::move(message)};
}
aws::Fault not_there(std::string message) {
  return {.code = "NoSuchEntity", .status = 404, .message = std::move(message)};
}

}  // namespace

aws::Fault exists(std::string_view title, std::string_view name) {
  return already_there(fmt::format("{} with name {} already exists.", title, name));
}
aws::Fault policy_exists(std::string_view name) {
  return already_there(
      fmt::format("A policy called {} already exists. Duplicate names are not allowed.", name));
}
aws::Fault instance_profile_exists(std::string_view name) {
  return already_there(fmt::format("Instance Profile {} already exists.", name));
}
aws::Fault alias_exists(std::string_view alias) {
  return already_there(fmt::format("The account alias {} already exists.", alias));
}
aws::Fault no_such(std::string_view noun, std::string_view name) {
  return not_there(noun == "instance profile"
                       ? fmt::format("Instance Profile {} cannot be found.", name)
                       : fmt::format("The {} with name {} cannot be found.", noun, name));
}
aws::Fault no_such_key(std::string_view id) {
  return not_there(fmt::format("The Access Key with id {} cannot be found.", id));
}
aws::Fault no_login_profile(std::string_view user) {
  return not_there(fmt::format("Login Profile for User {} cannot be found.", user));
}
aws::Fault no_such_policy(std::string_view noun, std::string_view name) {
  return not_there(fmt::format("The {} policy with name {} cannot be found.", noun, name));
}
aws::Fault no_such_managed_policy(std::string_view arn) {
  return not_there(fmt::format("Policy {} was not found.", arn));
}
aws::Fault not_attachable(std::string_view arn) {
  return not_there(fmt::format("Policy {} does not exist or is not attachable.", arn));
}
aws::Fault no_such_version(std::string_view arn, std::string_view version) {
  return not_there(fmt::format("Policy {} version {} does not exist or is not attachable.", arn, version));
}
aws::Fault no_boundary(std::string_view noun, std::string_view name) {
  return not_there(fmt::format("The {} {} has no permissions boundary.", noun, name));
}
aws::Fault not_a_member(std::string_view user, std::string_view group) {
  return not_there(fmt::format("The user {} is not a member of group {}.", user, group));
}
aws::Fault no_such_alias(std::string_view alias) {
  return not_there(fmt::format("The account alias {} cannot be found.", alias));
}
aws::Fault no_password_policy(std::string_view account) {
  return not_there(fmt::format("The Password Policy with domain name {} cannot be found.", account));
}
aws::Fault delete_conflict(std::string_view what) {
  return conflict(fmt::format("Cannot delete entity, must delete {} first.", what));
}
aws::Fault conflict(std::string message) {
  return {.code = "DeleteConflict", .status = 409, .message = std::move(message)};
}
aws::Fault quota(std::string_view name, std::uint64_t limit_value) {
  return limit(fmt::format("Cannot exceed quota for {}: {}", name, limit_value));
}
aws::Fault limit(std::string message) {
  return {.code = "LimitExceeded", .status = 409, .message = std::move(message)};
}
aws::Fault policies_too_large(std::size_t limit_value, std::string_view noun, std::string_view name) {
  return limit(fmt::format("Maximum policy size of {} bytes exceeded for {} {}", limit_value, noun, name));
}
aws::Fault malformed_policy(std::string message) {
  return {.code = "MalformedPolicyDocument", .status = 400, .message = std::move(message)};
}
aws::Fault invalid_input(std::string message) {
  return {.code = "InvalidInput", .status = 400, .message = std::move(message)};
}
aws::Fault service_role(std::string_view name) {
  return {.code = "UnmodifiableEntity",
          .status = 400,
          .message = fmt::format("Cannot perform the operation on the protected role '{}' - this role is only "
                                 "modifiable by AWS",
                                 name)};
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
