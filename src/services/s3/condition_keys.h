// The condition keys of S3 (s3:…) that policies on calls may name, and what they are of a call. Pure. Inside
// services/s3 only.
#pragma once

#include <string_view>

#include "access/access.h"
#include "services/s3/operations.h"

namespace cairn::services::s3 {

// What is so of every ask of the call: how it is signed, over which connection it came, whose the resource
// is.
void add_keys_of_call(const Call& call, access::Ask& ask);
// What the call asks for: its arguments, and whether it makes an object. InvalidArgument: of the copy's
// source, and of tags.
Result<void, aws::Fault> add_keys_of_request(const Call& call, access::Ask& ask);

// Is it one of S3's? Those are among them that no call here ever has, because it has no such thing
// (access points).
bool is_condition_key(std::string_view key);

}  // namespace cairn::services::s3
