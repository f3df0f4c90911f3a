// Does a bucket's policy give something to everybody, as S3's Block Public Access understands it?
//
// It does when a statement allows, its principal is everybody (or all but some), and none of its conditions
// pins who or where from: a fixed value of one of the keys that S3 lists. Pure. Tested by
// public_policy_test.cc.
#pragma once

#include <string_view>

namespace cairn::services::s3 {

// REQUIRES: a policy that access::Policy::parse() took. What cannot be read is public.
bool is_public_policy(std::string_view policy);

}  // namespace cairn::services::s3
