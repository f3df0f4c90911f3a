// The operations, and what they share. Inside services/organizations only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "access/documents.h"
#include "organization/organization.h"
#include "services/organizations/faults.h"
#include "services/organizations/organizations.h"

namespace cairn::services::organizations {

using front::Answer;
using front::Call;
using front::Outcome;
using organization::Organization;
using StoredAccount = access::Stored<access::AccountDocument>;

template <class T>
using Found = Result<T, aws::Fault>;

// Where the caller stands: his account, and the organization it is in. Version 0: in none.
struct Standing {
  StoredAccount account;
  organization::Stored organization;

  bool in_organization() const { return organization.version != 0; }
  bool manages() const { return in_organization() && organization.value.management == account.value.id; }
};
Task<Found<Standing>> standing_of(const Dependencies& on, const Call& call);

// REQUIRES: the caller stands where the table in organizations.cc says.
Task<Answer> accept_handshake(const Dependencies& on, Call& call, Standing at);
Task<Answer> cancel_handshake(const Dependencies& on, Call& call, Standing at);
Task<Answer> create_account(const Dependencies& on, Call& call, Standing at);
Task<Answer> create_organization(const Dependencies& on, Call& call, Standing at);
Task<Answer> create_organizational_unit(const Dependencies& on, Call& call, Standing at);
Task<Answer> decline_handshake(const Dependencies& on, Call& call, Standing at);
Task<Answer> delete_organization(const Dependencies& on, Call& call, Standing at);
Task<Answer> delete_organizational_unit(const Dependencies& on, Call& call, Standing at);
Task<Answer> deregister_delegated_administrator(const Dependencies& on, Call& call, Standing at);
Task<Answer> describe_account(const Dependencies& on, Call& call, Standing at);
Task<Answer> describe_create_account_status(const Dependencies& on, Call& call, Standing at);
Task<Answer> describe_handshake(const Dependencies& on, Call& call, Standing at);
Task<Answer> describe_organization(const Dependencies& on, Call& call, Standing at);
Task<Answer> describe_organizational_unit(const Dependencies& on, Call& call, Standing at);
Task<Answer> disable_service_access(const Dependencies& on, Call& call, Standing at);
Task<Answer> enable_service_access(const Dependencies& on, Call& call, Standing at);
Task<Answer> invite_account(const Dependencies& on, Call& call, Standing at);
Task<Answer> leave_organization(const Dependencies& on, Call& call, Standing at);
Task<Answer> list_accounts(const Dependencies& on, Call& call, Standing at);
Task<Answer> list_accounts_for_parent(const Dependencies& on, Call& call, Standing at);
Task<Answer> list_children(const Dependencies& on, Call& call, Standing at);
Task<Answer> list_create_account_status(const Dependencies& on, Call& call, Standing at);
Task<Answer> list_delegated_administrators(const Dependencies& on, Call& call, Standing at);
Task<Answer> list_delegated_services(const Dependencies& on, Call& call, Standing at);
Task<Answer> list_handshakes_for_account(const Dependencies& on, Call& call, Standing at);
Task<Answer> list_handshakes_for_organization(const Dependencies& on, Call& call, Standing at);
Task<Answer> list_organizational_units(const Dependencies& on, Call& call, Standing at);
Task<Answer> list_parents(const Dependencies& on, Call& call, Standing at);
Task<Answer> list_roots(const Dependencies& on, Call& call, Standing at);
Task<Answer> list_service_access(const Dependencies& on, Call& call, Standing at);
Task<Answer> list_tags(const Dependencies& on, Call& call, Standing at);
Task<Answer> move_account(const Dependencies& on, Call& call, Standing at);
Task<Answer> register_delegated_administrator(const Dependencies& on, Call& call, Standing at);
Task<Answer> remove_account(const Dependencies& on, Call& call, Standing at);
Task<Answer> tag_resource(const Dependencies& on, Call& call, Standing at);
Task<Answer> untag_resource(const Dependencies& on, Call& call, Standing at);
Task<Answer> update_organizational_unit(const Dependencies& on, Call& call, Standing at);

std::string text(const Call& call, std::string_view member);
// As answers have it: seconds with their fraction.
double seconds(Time time);
// A member's account. AccountNotFoundException: it is none of this organization.
Task<Found<StoredAccount>> find_member(const Dependencies& on, const Organization& organization,
                                       std::string id);
// The Account shape.
boost::json::object described(const Organization& organization, const access::AccountDocument& account);

// All documents below a prefix, of which there are as many as a limit says.
Task<Found<std::vector<catalog::Document>>> all_below(const Dependencies& on, std::string prefix);
// The organization's new state, if it is still as it was read.
void change(const Standing& at, Outcome& outcome);
// Invitations, and requests for accounts, go with their organization.
Task<Found<void>> remove_handshakes(const Dependencies& on, const Organization& organization,
                                    Outcome& outcome);
Task<Found<void>> remove_requests(const Dependencies& on, const Organization& organization, Outcome& outcome);
// An account comes into the organization, or leaves it: its own document, and the control entry that tells
// followers. `organization` null: it leaves.
void move_membership(StoredAccount account, const Organization* organization, Outcome& outcome);

// A page of a list, which is in the order of its ids. InvalidInputException: the token is none of ours.
struct Page {
  std::size_t begin = 0;
  std::size_t end = 0;
};
Found<Page> page_of(const Call& call, const std::vector<std::string>& ids, boost::json::object& output);

// Tags of an account, a unit or the root: their own document, which goes with what they are of.
catalog::Write put_new_tags(const Organization& organization, std::string_view resource,
                            const std::vector<access::Tag>& tags);
catalog::Write remove_tags(const Organization& organization, std::string_view resource);
// Tags of the input. InvalidInputException, ConstraintViolationException.
Found<std::vector<access::Tag>> tags_in(const Call& call);

// The organization's trails become trails of the management account alone: it trusts CloudTrail no longer.
Task<Found<void>> end_organization_trails(const Dependencies& on, const Organization& organization,
                                          Outcome& outcome);

}  // namespace cairn::services::organizations
