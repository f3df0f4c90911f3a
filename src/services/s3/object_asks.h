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

// Does a policy's condition on the tags that an object has (s3:ExistingObjectTag/KEY) hold for this action?
bool asks_existing_tags(std::string_view action);

// Does a put compare the object that it replaces (If-Match)? Then it takes s3:GetObject as well.
bool compares_before_put(const Call& call, std::string_view action);

// The same ask with another action.
access::Ask with_action(const access::Ask& ask, std::string action);
// The decision, as the front makes it.
access::Decision decision_of(const Call& call, access::Ask ask);

// What the caller hears who may not list the bucket (Staged::listing): of a key or a version that is not
// there, that he may not. Every other fault as it is.
aws::Fault discreet(Call& call, aws::Fault fault);

}  // namespace cairn::services::s3
