// Common faults' names from one protocol family to another. Inside aws/ only; pure. Tested by
// sqs_wire_test.cc.
#pragma once

#include <string>
#include <string_view>

namespace cairn::aws {

// A common fault's name in JSON as the query protocol spells it: what a service that spoke that one first
// says beside it. Any other name stays as it is.
std::string query_spelling(std::string_view code);

}  // namespace cairn::aws
