// Object lock: what keeps a version from being removed or overwritten, and who may loosen it. Retention in
// governance mode yields to who may bypass it and says so; in compliance mode to nobody until its date; a
// legal hold to nobody until it is taken off. Inside services/s3 only.
#pragma once

#include "services/s3/keeping.h"
#include "services/s3/operations.h"

namespace cairn::services::s3 {

// AccessDenied.
Result<void, aws::Fault> check_unlocked(const Object& version, const Removal& removal);

// The lock that a request gives what it brings (x-amz-object-lock-…). InvalidArgument.
Result<void, aws::Fault> read_lock(const Call& call, Object& object);

// What comes without a lock of its own gets the bucket's. InvalidRequest: a lock, and the bucket has no
// object lock.
Result<void, aws::Fault> lock_by_default(const Bucket& bucket, Time now, Object& object);

// What GET and HEAD say of it.
void show_lock(const Object& object, boost::json::object& output);

// A timestamp of the model's; nothing: it is not there.
std::optional<Time> time_member(const boost::json::object& input, std::string_view name);

}  // namespace cairn::services::s3
