// What permission a call takes: the action is its name, the resource what it names, with the path that it
// has. Inside services/iam only. Tested by iam_test.cc and roles_test.cc.
#pragma once

#include <vector>

#include "services/iam/operations.h"

namespace cairn::services::iam {

enum class Resource {
  user,      // the one that is named; the caller, if none is
  new_user,  // one that is not there yet: by its name and path
  users,     // all below a path
  group,
  new_group,
  groups,
  role,
  new_role,
  roles,
  instance_profile,
  new_instance_profile,
  instance_profiles,
  policy,  // by its ARN
  new_policy,
  policies,
  source,      // the entity that PolicySourceArn names
  everything,  // "*": the operation knows no narrower resource
};

// What the asks were made from stays in call.staged.
Task<Found<std::vector<access::Ask>>> asks_of(const Dependencies& on, Call& call, Resource resource);
// A change is committed only while what its asks were made from is unchanged; else permission is asked anew.
void bind_to_asked(const Call& call, catalog::Transaction& effects);

}  // namespace cairn::services::iam
