// What `cairn tail` is told on the command line, as an event pattern.
#pragma once

#include <boost/json/object.hpp>
#include <span>
#include <string>

#include "base/result.h"

namespace cairn::node {

// Terms that must all hold:
//   eventName=PutObject,Get*     one of these, * for anything
//   errorCode=*    errorCode=    is there, is not there
//   userIdentity.userName!=ann   is none of these, or is not there
// Errc::invalid: no such term, or a field twice.
Result<boost::json::object> pattern_of_terms(std::span<const std::string> terms);

}  // namespace cairn::node
