// What policies see of a call: the condition keys kms:…, and the tags that it brings. Inside services/kms
// only. Tested by kms_test.cc and signing_test.cc.
#pragma once

#include <string_view>

#include "services/kms/operations.h"

namespace cairn::services::kms {

// What the call says by itself, whatever key it is about.
access::Context context_of(const Call& call);
// A member of the input, if it is there.
void add_named(const Call& call, std::string_view member, std::string_view key, access::Context& context);
// The encryption context that the member has.
void add_context_keys(const Call& call, std::string_view member, access::Context& context);
// Of one side of ReEncrypt.
void set_algorithm(const Call& call, std::string_view member, access::Ask& ask);

}  // namespace cairn::services::kms
