// x-amz-expiration: when a lifecycle rule of its bucket removes an object, and which. Inside services/s3 only.
#pragma once

#include <boost/json/object.hpp>

#include "services/s3/operations.h"

namespace cairn::services::s3 {

// Expiration, if an enabled rule expires the object: the soonest, as the lifecycle job counts.
// REQUIRES: the object is its key's current version, and no delete marker.
Task<Result<void, aws::Fault>> show_expiration(const Dependencies& on, const Bucket& bucket,
                                               const Object& object, boost::json::object& output);

}  // namespace cairn::services::s3
