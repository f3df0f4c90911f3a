// Organizations' exceptions, each spelt once. All of them are answered with 400.
#pragma once

#include <string>
#include <string_view>

#include "aws/fault.h"

namespace cairn::services::organizations::fault {

aws::Fault not_in_use();
aws::Fault not_for_this_account();  // only the management account, or a delegated administrator, may
aws::Fault already_in_organization();
aws::Fault not_empty();
aws::Fault no_such_account();
aws::Fault no_such_request();
aws::Fault no_such_parent();
aws::Fault no_such_source();
aws::Fault no_such_destination();
aws::Fault no_such_child();
aws::Fault no_such_unit();
aws::Fault no_such_target();
aws::Fault unit_exists();
aws::Fault unit_not_empty();
aws::Fault already_there();  // the account is below its destination already
aws::Fault already_registered();
aws::Fault not_registered();
aws::Fault master_cannot_leave();
aws::Fault no_such_handshake();
aws::Fault duplicate_handshake();
aws::Fault handshake_already_in_state();
aws::Fault invalid_handshake_transition();
// HandshakeConstraintViolationException, ConstraintViolationException, InvalidInputException: the reason is one of the
// model's.
aws::Fault handshake_constraint(std::string_view reason, std::string message);
aws::Fault constraint(std::string_view reason, std::string message);
aws::Fault invalid_input(std::string_view reason, std::string message);
aws::Fault failure(const Error& error);

}  // namespace cairn::services::organizations::fault
