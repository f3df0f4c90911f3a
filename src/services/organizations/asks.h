// What permission a call takes: the action is its name, the resource what it names. Inside services/organizations only.
#pragma once

#include <vector>

#include "services/organizations/operations.h"

namespace cairn::services::organizations {

enum class Resource {
  everything,  // "*": the operation knows no narrower resource
  account,     // AccountId
  unit,        // OrganizationalUnitId
  parent,      // ParentId: the root or a unit
  child,       // ChildId: an account or a unit
  moved,       // the account, and where it is moved from and to
  tagged,      // ResourceId: an account, a unit or the root
};

// Of an account that is in no organization: everything, for there are no such resources.
std::vector<access::Ask> asks_of(const Call& call, const Standing& at, Resource resource);

}  // namespace cairn::services::organizations
