// A policy that is not stored yet.
#pragma once

#include <memory>
#include <string_view>

#include "access/policy.h"

namespace cairn::access {

// Policy::parse(), and also Errc::invalid where an object has two members of one name: one of them, a
// condition or a Deny perhaps, would be there to see and count for nothing. What is stored is read without.
Result<std::shared_ptr<const Policy>> parse_new_policy(std::string_view text, PolicyKind kind);

}  // namespace cairn::access
