// IAM's faults, with its codes, statuses and words.
#pragma once

#include <string>
#include <string_view>

#include "aws/fault.h"
#include "base/error.h"

namespace cairn::services::iam::fault {

// "User", "Role", "Group"
aws::Fault exists(std::string_view title, std::string_view name);
aws::Fault policy_exists(std::string_view name);
aws::Fault instance_profile_exists(std::string_view name);
aws::Fault alias_exists(std::string_view alias);
// "user", "group", "role", "instance profile"
aws::Fault no_such(std::string_view noun, std::string_view name);
aws::Fault no_such_key(std::string_view id);
// An inline policy of a "user".
aws::Fault no_login_profile(std::string_view user);
aws::Fault no_such_policy(std::string_view noun, std::string_view name);
aws::Fault no_such_managed_policy(std::string_view arn);
aws::Fault not_attachable(std::string_view arn);
aws::Fault no_such_version(std::string_view arn, std::string_view version);
aws::Fault no_boundary(std::string_view noun, std::string_view name);
aws::Fault not_a_member(std::string_view user, std::string_view group);
aws::Fault no_such_alias(std::string_view alias);
aws::Fault no_password_policy(std::string_view account);
// "access keys", "policies"
aws::Fault delete_conflict(std::string_view what);
aws::Fault conflict(std::string message);
// "UsersPerAccount"
aws::Fault quota(std::string_view name, std::uint64_t limit);
aws::Fault limit(std::string message);
// Inline policies of a "user".
aws::Fault policies_too_large(std::size_t limit, std::string_view noun, std::string_view name);
aws::Fault malformed_policy(std::string message);
aws::Fault invalid_input(std::string message);
aws::Fault service_role(std::string_view name);
aws::Fault declared_user(std::string_view name);
aws::Fault validation(std::string message);
// What an infrastructure's error becomes. Logs it.
aws::Fault failure(const Error& error);

}  // namespace cairn::services::iam::fault
