// Trails of an organization: who may have one, who sees it, who may change it, who administers for CloudTrail.
// Inside services/cloudtrail only. Tested by organization_trails_test.cc.
#pragma once

#include <optional>
#include <string>

#include "organization/organization.h"
#include "services/cloudtrail/operations.h"

namespace cairn::services::cloudtrail {

// Where an account stands. No organization: it is in none.
struct Affiliation {
  std::string account;
  std::optional<organization::Stored> organization;

  bool manages() const { return organization && organization->value.management == account; }
  bool administers() const {
    return organization && organization->value.is_delegate(account, organization::kCloudTrail);
  }
  // Is the trail the organization's that the account is in? Both sides must say so: they are read one after the other.
  bool sees(const trail::Trail& trail) const {
    return organization && trail.organization == organization->value.id &&
           organization->value.members.contains(account);
  }
};
Task<Result<Affiliation, aws::Fault>> affiliation_of(const Dependencies& on, std::string account);

// May the caller have a trail for his organization? The first that does not hold of: it is in one, with all features; he
// manages it or administers for CloudTrail; it trusts CloudTrail; he may ask Organizations; the management account has
// CloudTrail's role. Gives his affiliation. OrganizationsNotInUseException, OrganizationNotInAllFeaturesModeException,
// NotOrganizationMasterAccountException, CloudTrailAccessNotEnabledException,
// InsufficientDependencyServiceAccessPermissionException, NoManagementAccountSLRExistsException.
Task<Result<Affiliation, aws::Fault>> check_organization(const Dependencies& on, const Call& call);

// What a change rests on: that the organization is as it was read. CloudTrail's role in the management account is made
// with it, if it is not there.
Task<Result<void, aws::Fault>> rest_on(const Dependencies& on, const Call& call, const Affiliation& at,
                                       catalog::Transaction& effects);

}  // namespace cairn::services::cloudtrail
