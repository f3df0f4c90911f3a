// IAM's faults, with its codes, statuses and words.
#pragma once

#include <string>
#include <string_view>

#include "aws/fault.h"
#include "base/error.h"

namespace cairn::services::iam::fault {

aws::Fault user_exists(std::string_view name);
aws::Fault no_such_user(std::string_view name);
aws::Fault no_such_key(std::string_view id);
aws::Fault no_such_policy(std::string_view name);
// "access keys", "policies"
aws::Fault delete_conflict(std::string_view what);
// "UsersPerAccount"
aws::Fault quota(std::string_view name, std::uint64_t limit);
aws::Fault policies_too_large(std::string_view user);
aws::Fault malformed_policy(std::string message);
aws::Fault invalid_input(std::string message);
aws::Fault declared_user(std::string_view name);
aws::Fault validation(std::string message);
// What an infrastructure's error becomes. Logs it.
aws::Fault failure(const Error& error);

}  // namespace cairn::services::iam::fault
