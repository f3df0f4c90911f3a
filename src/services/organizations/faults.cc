#include "services/organizations/faults.h"

#include "base/log.h"

namespace cairn::services::organizations::fault {
namespace {

aws::Fault bad_request(std::string code, std::string message) {
  return {.code = std::move(code), .status = 400, .message = std::move(message)};
}

}  // namespace

aws::Fault not_in_use() {
  return bad_request("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.");
}
aws::Fault not_for_this_account() {
  return bad_request("AccessDeniedException", "You don't have permissions to access this resource.");
}
aws::Fault already_in_organization() {
  return bad_request("AlreadyInOrganizationException", "The AWS account is already a member of an organization.");
}
aws::Fault not_empty() {
  return bad_request("OrganizationNotEmptyException",
                     "To delete an organization you must first remove all member accounts (except the master).");
}
aws::Fault no_such_account() {
  return bad_request("AccountNotFoundException", "You specified an account that doesn't exist.");
}
aws::Fault no_such_request() {
  return bad_request("CreateAccountStatusNotFoundException",
                     "You specified a create account request that doesn't exist.");
}
aws::Fault no_such_parent() {
  return bad_request("ParentNotFoundException", "You specified parent that doesn't exist.");
}
aws::Fault no_such_source() {
  return bad_request("SourceParentNotFoundException", "You specified a source parent that doesn't exist.");
}
aws::Fault no_such_destination() {
  return bad_request("DestinationParentNotFoundException", "You specified a destination parent that doesn't exist.");
}
aws::Fault no_such_child() {
  return bad_request("ChildNotFoundException", "You specified child that doesn't exist.");
}
aws::Fault no_such_unit() {
  return bad_request("OrganizationalUnitNotFoundException", "You specified an organizational unit that doesn't exist.");
}
aws::Fault no_such_target() {
  return bad_request("TargetNotFoundException", "You specified a target that doesn't exist.");
}
aws::Fault unit_exists() {
  return bad_request("DuplicateOrganizationalUnitException", "An OU with the same name already exists.");
}
aws::Fault unit_not_empty() {
  return bad_request("OrganizationalUnitNotEmptyException",
                     "You specified an organizational unit that is not empty. Remove its accounts and child OUs first.");
}
aws::Fault already_there() {
  return bad_request("DuplicateAccountException", "You specified an account that is already in the destination.");
}
aws::Fault already_registered() {
  return bad_request("AccountAlreadyRegisteredException",
                     "The provided account is already a delegated administrator for your organization.");
}
aws::Fault not_registered() {
  return bad_request("AccountNotRegisteredException",
                     "The provided account is not a registered delegated administrator for your organization.");
}
aws::Fault master_cannot_leave() {
  return bad_request("MasterCannotLeaveOrganizationException",
                     "You can't remove a management account from an organization.");
}
aws::Fault no_such_handshake() {
  return bad_request("HandshakeNotFoundException", "You specified a handshake that doesn't exist.");
}
aws::Fault duplicate_handshake() {
  return bad_request("DuplicateHandshakeException",
                     "A handshake with the same action and target exists already, and is open.");
}
aws::Fault handshake_already_in_state() {
  return bad_request("HandshakeAlreadyInStateException", "The handshake is already in the requested state.");
}
aws::Fault invalid_handshake_transition() {
  return bad_request("InvalidHandshakeTransitionException",
                     "The handshake cannot be moved to the requested state from the state that it is in.");
}
aws::Fault handshake_constraint(std::string_view reason, std::string message) {
  return bad_request("HandshakeConstraintViolationException", std::move(message)).with("Reason", std::string(reason));
}
aws::Fault constraint(std::string_view reason, std::string message) {
  return bad_request("ConstraintViolationException", std::move(message)).with("Reason", std::string(reason));
}
aws::Fault invalid_input(std::string_view reason, std::string message) {
  return bad_request("InvalidInputException", std::move(message)).with("Reason", std::string(reason));
}
aws::Fault failure(const Error& error) {
  log::error("organizations could not use the catalog", {{"error", error.text()}});
  return aws::to_fault(aws::Family::json, error);
}

}  // namespace cairn::services::organizations::fault
