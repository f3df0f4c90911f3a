// What CloudTrail accepts as event selectors (cloudtrail-reference 9.1, 9.2). Inside trail/ only.
#pragma once

#include <span>

#include "trail/selectors.h"

namespace cairn::trail {

aws::Fault bad_selectors(std::string message);  // InvalidEventSelectorsException
Result<void, aws::Fault> check(std::span<const BasicSelector> selectors);
Result<void, aws::Fault> check(std::span<const AdvancedSelector> selectors);

}  // namespace cairn::trail
