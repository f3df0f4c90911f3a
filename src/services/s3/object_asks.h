// What permissions a call on objects takes, beyond what its row in the table says. Inside services/s3 only.
#pragma once

#include <vector>

#include "access/access.h"
#include "services/s3/operations.h"

namespace cairn::services::s3 {

// `first` is the ask of the table's row: its action on the object's ARN or the bucket's, with the bucket's
// policy and account. A call that names a version asks for the version's action; tags and locks that come
// with an object are asked for by themselves. What a call may or may not do beside that is decided here and
// staged: whether it may bypass governance retention, and each object of DeleteObjects.
Result<std::vector<access::Ask>, aws::Fault> object_asks(Call& call, access::Ask first);

}  // namespace cairn::services::s3
