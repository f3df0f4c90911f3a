#include "services/organizations/organizations.h"

#include <algorithm>
#include <array>

#include "json/json.h"
#include "services/organizations/asks.h"
#include "services/organizations/operations.h"

namespace cairn::services::organizations {
namespace {

// Whose calls are answered.
enum class Who {
  anyone,
  member,      // of an organization, whichever
  reader,      // the management account, and whoever administers for a service
  management,  // the management account
};

struct Entry {
  std::string_view name;
  Task<Answer> (*run)(const Dependencies&, Call&, Standing);
  Who who;
  Resource resource = Resource::everything;
};

constexpr std::array kOperations = {
    Entry{"AcceptHandshake", accept_handshake, Who::anyone},
    Entry{"CancelHandshake", cancel_handshake, Who::management},
    Entry{"CreateAccount", create_account, Who::management},
    Entry{"CreateOrganization", create_organization, Who::anyone},
    Entry{"CreateOrganizationalUnit", create_organizational_unit, Who::management, Resource::parent},
    Entry{"DeclineHandshake", decline_handshake, Who::anyone},
    Entry{"DeleteOrganization", delete_organization, Who::management},
    Entry{"DeleteOrganizationalUnit", delete_organizational_unit, Who::management, Resource::unit},
    Entry{"DeregisterDelegatedAdministrator", deregister_delegated_administrator, Who::management, Resource::account},
    Entry{"DescribeAccount", describe_account, Who::reader, Resource::account},
    Entry{"DescribeCreateAccountStatus", describe_create_account_status, Who::reader},
    Entry{"DescribeHandshake", describe_handshake, Who::anyone},
    Entry{"DescribeOrganization", describe_organization, Who::member},
    Entry{"DescribeOrganizationalUnit", describe_organizational_unit, Who::reader, Resource::unit},
    Entry{"DisableAWSServiceAccess", disable_service_access, Who::management},
    Entry{"EnableAWSServiceAccess", enable_service_access, Who::management},
    Entry{"InviteAccountToOrganization", invite_account, Who::management},
    Entry{"LeaveOrganization", leave_organization, Who::member},
    Entry{"ListAWSServiceAccessForOrganization", list_service_access, Who::reader},
    Entry{"ListAccounts", list_accounts, Who::reader},
    Entry{"ListAccountsForParent", list_accounts_for_parent, Who::reader, Resource::parent},
    Entry{"ListChildren", list_children, Who::reader, Resource::parent},
    Entry{"ListCreateAccountStatus", list_create_account_status, Who::reader},
    Entry{"ListDelegatedAdministrators", list_delegated_administrators, Who::reader},
    Entry{"ListDelegatedServicesForAccount", list_delegated_services, Who::reader, Resource::account},
    Entry{"ListHandshakesForAccount", list_handshakes_for_account, Who::anyone},
    Entry{"ListHandshakesForOrganization", list_handshakes_for_organization, Who::reader},
    Entry{"ListOrganizationalUnitsForParent", list_organizational_units, Who::reader, Resource::parent},
    Entry{"ListParents", list_parents, Who::reader, Resource::child},
    Entry{"ListRoots", list_roots, Who::reader},
    Entry{"ListTagsForResource", list_tags, Who::reader, Resource::tagged},
    Entry{"MoveAccount", move_account, Who::management, Resource::moved},
    Entry{"RegisterDelegatedAdministrator", register_delegated_administrator, Who::management, Resource::account},
    Entry{"RemoveAccountFromOrganization", remove_account, Who::management, Resource::account},
    Entry{"TagResource", tag_resource, Who::management, Resource::tagged},
    Entry{"UntagResource", untag_resource, Who::management, Resource::tagged},
    Entry{"UpdateOrganizationalUnit", update_organizational_unit, Who::management, Resource::unit},
};

const Entry* find(std::string_view operation) {
  const auto* const found = std::ranges::find(kOperations, operation, &Entry::name);
  return found == kOperations.end() ? nullptr : found;
}

Found<void> check_standing(const Standing& at, Who who) {
  if (who == Who::anyone) {
    return {};
  }
  if (!at.in_organization()) {
    return fault::not_in_use();
  }
  const bool reads = at.manages() || at.organization.value.is_delegate(at.account.value.id);
  const bool may = who == Who::member || (who == Who::reader ? reads : at.manages());
  return may ? Found<void>() : fault::not_for_this_account();
}

class Organizations final : public front::Service {
 public:
  explicit Organizations(Dependencies on) : on_(std::move(on)) {}

  std::string_view name() const override { return "organizations"; }
  bool answers(std::string_view operation) const override { return find(operation) != nullptr; }
  bool checks_itself(std::string_view /*operation*/, std::string_view /*member*/) const override { return false; }

  Task<Result<std::vector<access::Ask>, aws::Fault>> asks(Call& call) override {
    CAIRN_CO_TRY(const auto at, co_await standing_of(on_, call));
    co_return asks_of(call, at, find(call.operation.name)->resource);
  }

  Task<Answer> run(Call& call) override {
    const auto& entry = *find(call.operation.name);
    CAIRN_CO_TRY(auto at, co_await standing_of(on_, call));
    CAIRN_CO_TRY_VOID(check_standing(at, entry.who));
    co_return co_await entry.run(on_, call, std::move(at));
  }

 private:
  const Dependencies on_;
};

}  // namespace

std::unique_ptr<front::Service> make_organizations(Dependencies dependencies) {
  return std::make_unique<Organizations>(std::move(dependencies));
}

}  // namespace cairn::services::organizations
