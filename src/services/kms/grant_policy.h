// What a key's grants say, as part of its policy. Inside services/kms only. Tested by grants_test.cc.
#pragma once

#include <string>
#include <string_view>

#include "services/kms/operations.h"

namespace cairn::services::kms {

// The key's policy with what its grants add, statement by statement: so they hold for whom a policy would hold.
// `retired`: the id of the grant that RetireGrant is about; empty: none.
Task<Found<std::string>> policy_text(const Dependencies& on, const Call& call, std::string_view action, keys::Key key,
                                     const keys::EncryptionContext& context, std::string retired);

}  // namespace cairn::services::kms
