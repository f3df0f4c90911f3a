// What permission and the operations share of grants. Inside services/kms only.
#pragma once

#include "keys/grant.h"
#include "services/kms/operations.h"

namespace cairn::services::kms {

// What CreateGrant is asked for; no id yet, and no key.
keys::Grant grant_in(const Call& call);
// A grant that allows CreateGrant allows no more than it allows itself.
bool is_within(const keys::Grant& child, const keys::Grant& parent);
// A statement of a key policy that says what a grant says.
boost::json::object statement_for(std::string_view who, std::string_view action);
// The key of the grant's document. InvalidGrantTokenException.
Found<std::string> open_token(const Dependencies& on, std::string_view token);

}  // namespace cairn::services::kms
