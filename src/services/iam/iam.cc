#include "services/iam/iam.h"

#include <algorithm>
#include <array>

#include "services/iam/asks.h"
#include "services/iam/entities.h"

namespace cairn::services::iam {

namespace {

struct Entry {
  std::string_view name;
  Task<Answer> (*run)(const Dependencies&, Call&);
  Resource resource = Resource::user;
};

constexpr std::array kOperations = {
    Entry{"AddRoleToInstanceProfile", add_role_to_instance_profile, Resource::instance_profile},
    Entry{"AddUserToGroup", add_user_to_group, Resource::group},
    Entry{"AttachGroupPolicy", attach_policy<GroupDocument>, Resource::group},
    Entry{"AttachRolePolicy", attach_policy<RoleDocument>, Resource::role},
    Entry{"AttachUserPolicy", attach_policy<UserDocument>},
    Entry{"CreateAccessKey", create_access_key},
    Entry{"CreateAccountAlias", create_account_alias, Resource::everything},
    Entry{"CreateGroup", create_group, Resource::new_group},
    Entry{"CreateInstanceProfile", create_instance_profile, Resource::new_instance_profile},
    Entry{"CreatePolicy", create_policy, Resource::new_policy},
    Entry{"CreatePolicyVersion", create_policy_version, Resource::policy},
    Entry{"CreateRole", create_role, Resource::new_role},
    Entry{"CreateUser", create_user, Resource::new_user},
    Entry{"DeleteAccessKey", delete_access_key},
    Entry{"DeleteAccountAlias", delete_account_alias, Resource::everything},
    Entry{"DeleteAccountPasswordPolicy", delete_account_password_policy, Resource::everything},
    Entry{"DeleteGroup", delete_group, Resource::group},
    Entry{"DeleteGroupPolicy", delete_inline_policy<GroupDocument>, Resource::group},
    Entry{"DeleteInstanceProfile", delete_instance_profile, Resource::instance_profile},
    Entry{"DeleteLoginProfile", no_login_profile},
    Entry{"DeletePolicy", delete_policy, Resource::policy},
    Entry{"DeletePolicyVersion", delete_policy_version, Resource::policy},
    Entry{"DeleteRole", delete_role, Resource::role},
    Entry{"DeleteRolePermissionsBoundary", delete_boundary<RoleDocument>, Resource::role},
    Entry{"DeleteRolePolicy", delete_inline_policy<RoleDocument>, Resource::role},
    Entry{"DeleteUser", delete_user},
    Entry{"DeleteUserPermissionsBoundary", delete_boundary<UserDocument>},
    Entry{"DeleteUserPolicy", delete_inline_policy<UserDocument>},
    Entry{"DetachGroupPolicy", detach_policy<GroupDocument>, Resource::group},
    Entry{"DetachRolePolicy", detach_policy<RoleDocument>, Resource::role},
    Entry{"DetachUserPolicy", detach_policy<UserDocument>},
    Entry{"GetAccountAuthorizationDetails", get_account_authorization_details, Resource::everything},
    Entry{"GetAccountPasswordPolicy", get_account_password_policy, Resource::everything},
    Entry{"GetAccountSummary", get_account_summary, Resource::everything},
    Entry{"GetContextKeysForCustomPolicy", get_context_keys_for_custom_policy, Resource::everything},
    Entry{"GetContextKeysForPrincipalPolicy", get_context_keys_for_principal_policy, Resource::source},
    Entry{"GetGroup", get_group, Resource::group},
    Entry{"GetGroupPolicy", get_inline_policy<GroupDocument>, Resource::group},
    Entry{"GetInstanceProfile", get_instance_profile, Resource::instance_profile},
    Entry{"GetLoginProfile", no_login_profile},
    Entry{"GetPolicy", get_policy, Resource::policy},
    Entry{"GetPolicyVersion", get_policy_version, Resource::policy},
    Entry{"GetRole", get_role, Resource::role},
    Entry{"GetRolePolicy", get_inline_policy<RoleDocument>, Resource::role},
    Entry{"GetUser", get_user},
    Entry{"GetUserPolicy", get_inline_policy<UserDocument>},
    Entry{"ListAccessKeys", list_access_keys},
    Entry{"ListAccountAliases", list_account_aliases, Resource::everything},
    Entry{"ListAttachedGroupPolicies", list_attached_policies<GroupDocument>, Resource::group},
    Entry{"ListAttachedRolePolicies", list_attached_policies<RoleDocument>, Resource::role},
    Entry{"ListAttachedUserPolicies", list_attached_policies<UserDocument>},
    Entry{"ListEntitiesForPolicy", list_entities_for_policy, Resource::policy},
    Entry{"ListGroupPolicies", list_inline_policies<GroupDocument>, Resource::group},
    Entry{"ListGroups", list_groups, Resource::groups},
    Entry{"ListGroupsForUser", list_groups_for_user},
    Entry{"ListInstanceProfileTags", list_entity_tags<InstanceProfileDocument>, Resource::instance_profile},
    Entry{"ListInstanceProfiles", list_instance_profiles, Resource::instance_profiles},
    Entry{"ListInstanceProfilesForRole", list_instance_profiles_for_role, Resource::role},
    Entry{"ListMFADevices", list_mfa_devices},
    Entry{"ListPolicies", list_policies, Resource::policies},
    Entry{"ListPolicyTags", list_entity_tags<ManagedPolicyDocument>, Resource::policy},
    Entry{"ListPolicyVersions", list_policy_versions, Resource::policy},
    Entry{"ListRolePolicies", list_inline_policies<RoleDocument>, Resource::role},
    Entry{"ListRoleTags", list_entity_tags<RoleDocument>, Resource::role},
    Entry{"ListRoles", list_roles, Resource::roles},
    Entry{"ListSSHPublicKeys", list_ssh_public_keys},
    Entry{"ListServiceSpecificCredentials", list_service_specific_credentials},
    Entry{"ListSigningCertificates", list_signing_certificates},
    Entry{"ListUserPolicies", list_inline_policies<UserDocument>},
    Entry{"ListUserTags", list_entity_tags<UserDocument>},
    Entry{"ListUsers", list_users, Resource::users},
    Entry{"ListVirtualMFADevices", list_virtual_mfa_devices, Resource::everything},
    Entry{"PutGroupPolicy", put_inline_policy<GroupDocument>, Resource::group},
    Entry{"PutRolePermissionsBoundary", put_boundary<RoleDocument>, Resource::role},
    Entry{"PutRolePolicy", put_inline_policy<RoleDocument>, Resource::role},
    Entry{"PutUserPermissionsBoundary", put_boundary<UserDocument>},
    Entry{"PutUserPolicy", put_inline_policy<UserDocument>},
    Entry{"RemoveRoleFromInstanceProfile", remove_role_from_instance_profile, Resource::instance_profile},
    Entry{"RemoveUserFromGroup", remove_user_from_group, Resource::group},
    Entry{"SetDefaultPolicyVersion", set_default_policy_version, Resource::policy},
    Entry{"SimulateCustomPolicy", simulate_custom_policy, Resource::everything},
    Entry{"SimulatePrincipalPolicy", simulate_principal_policy, Resource::source},
    Entry{"TagInstanceProfile", tag_entity<InstanceProfileDocument>, Resource::instance_profile},
    Entry{"TagPolicy", tag_entity<ManagedPolicyDocument>, Resource::policy},
    Entry{"TagRole", tag_entity<RoleDocument>, Resource::role},
    Entry{"TagUser", tag_entity<UserDocument>},
    Entry{"UntagInstanceProfile", untag_entity<InstanceProfileDocument>, Resource::instance_profile},
    Entry{"UntagPolicy", untag_entity<ManagedPolicyDocument>, Resource::policy},
    Entry{"UntagRole", untag_entity<RoleDocument>, Resource::role},
    Entry{"UntagUser", untag_entity<UserDocument>},
    Entry{"UpdateAccessKey", update_access_key},
    Entry{"UpdateAccountPasswordPolicy", update_account_password_policy, Resource::everything},
    Entry{"UpdateAssumeRolePolicy", update_assume_role_policy, Resource::role},
    Entry{"UpdateGroup", update_group, Resource::group},
    Entry{"UpdateRole", update_role, Resource::role},
    Entry{"UpdateRoleDescription", update_role_description, Resource::role},
    Entry{"UpdateUser", update_user},
};

const Entry* find(std::string_view operation) {
  const auto* const found = std::ranges::find(kOperations, operation, &Entry::name);
  return found == kOperations.end() ? nullptr : found;
}

// Credentials of GetSessionToken and GetFederationToken do not reach IAM: no device has confirmed who holds
// them.
bool may_not_reach_iam(const access::Principal& caller) {
  return caller.session != nullptr && caller.kind != access::PrincipalKind::session;
}

class Iam final : public front::Service {
 public:
  explicit Iam(Dependencies on) : on_(on) {}

  std::string_view name() const override { return "iam"; }
  bool answers(std::string_view operation) const override { return find(operation) != nullptr; }

  bool checks_itself(std::string_view /*operation*/, std::string_view member) const override {
    return member == "UserName" || member == "PolicyName";
  }

  Task<Result<std::vector<access::Ask>, aws::Fault>> asks(Call& call) override {
    if (may_not_reach_iam(call.caller.principal)) {
      co_return aws::fault::unrecognized_client(aws::Family::query);
    }
    co_return co_await asks_of(on_, call, find(call.operation.name)->resource);
  }

  // Records of refused calls carry the exception's name in the model: NoSuchEntityException for NoSuchEntity.
  Task<Answer> run(Call& call) override {
    auto answer = co_await find(call.operation.name)->run(on_, call);
    if (!answer) {
      const auto modelled = call.service.errors.find(answer.error().code);
      if (modelled != call.service.errors.end()) {
        call.record.error_code = modelled->second->name;
      }
    } else {
      bind_to_asked(call, answer->effects);
    }
    co_return answer;
  }

 private:
  const Dependencies on_;
};

}  // namespace

std::unique_ptr<front::Service> make_iam(catalog::Catalog& catalog, const crypto::Sealer& sealer) {
  return std::make_unique<Iam>(Dependencies{.catalog = catalog, .sealer = sealer});
}

}  // namespace cairn::services::iam
