// Does a decoded input keep the model's constraints? Required members, lengths, values, patterns, enums.
//
// The fault's text is AWS's: "1 validation error detected: Value 'x' at 'name' failed to satisfy constraint:
// Member must have length greater than or equal to 3", several joined by "; ". Pure, thread-safe; a pattern
// is compiled at its first use.
#pragma once

#include <boost/json/object.hpp>
#include <functional>
#include <string_view>

#include "aws/fault.h"
#include "aws/model.h"

namespace cairn::aws {

struct ValidationLimits {
  static constexpr std::size_t kErrorsMax = 20;        // more are not looked for
  static constexpr std::size_t kShownBytesMax = 2048;  // of a value in the text
};

// Top-level members (by the model's names) whose constraints the service checks itself, with exceptions of
// its own. A null function: none.
using Exempt = std::function<bool(std::string_view member)>;

// Faults: ValidationException, ValidationError or InvalidRequest by family; SerializationException for a
// value that is not of the member's kind.
Result<void, Fault> validate(Family family, const Operation& operation, const boost::json::object& input,
                             const Exempt& exempt = {});

}  // namespace cairn::aws
