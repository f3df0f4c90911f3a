// Passwords, devices, certificates and keys of other services: users here cannot have any, so that who asks
// is told that there are none. Whoever deletes a user looks for them first.
#include <boost/json/array.hpp>

#include "json/json.h"
#include "services/iam/faults.h"
#include "services/iam/operations.h"

namespace cairn::services::iam {

namespace {

Found<Outcome> none(const Call& call, std::string_view member) {
  CAIRN_TRY_VOID(page_of(call));
  Outcome outcome;
  outcome.output[member] = boost::json::array();
  put_page_end(outcome.output, false, "");
  return outcome;
}

Task<Answer> none_of_user(const Dependencies& on, Call& call, std::string_view member) {
  CAIRN_CO_TRY(auto name, user_name_of(call));
  CAIRN_CO_TRY_VOID(co_await find_user(on, call, std::move(name)));
  CAIRN_CO_TRY(auto outcome, none(call, member));
  co_return outcome;
}

}  // namespace

Task<Answer> list_mfa_devices(const Dependencies& on, Call& call) {
  return none_of_user(on, call, "MFADevices");
}

Task<Answer> list_signing_certificates(const Dependencies& on, Call& call) {
  return none_of_user(on, call, "Certificates");
}

Task<Answer> list_ssh_public_keys(const Dependencies& on, Call& call) {
  return none_of_user(on, call, "SSHPublicKeys");
}

Task<Answer> list_service_specific_credentials(const Dependencies& on, Call& call) {
  if (json::find(call.input, "AllUsers") != nullptr) {
    co_return fault::invalid_input("This Cairn has no AllUsers: name a user.");
  }
  co_return co_await none_of_user(on, call, "ServiceSpecificCredentials");
}

Task<Answer> list_virtual_mfa_devices(const Dependencies& /*on*/, Call& call) {
  CAIRN_CO_TRY(auto outcome, none(call, "VirtualMFADevices"));
  co_return outcome;
}

// Of GetLoginProfile and of DeleteLoginProfile.
Task<Answer> no_login_profile(const Dependencies& on, Call& call) {
  CAIRN_CO_TRY(auto name, user_name_of(call));
  CAIRN_CO_TRY(const auto user, co_await find_user(on, call, std::move(name)));
  co_return fault::no_login_profile(user.value.name);
}

}  // namespace cairn::services::iam
