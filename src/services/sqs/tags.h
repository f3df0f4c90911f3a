// Inside services/sqs only.
#pragma once

#include "services/sqs/operations.h"

namespace cairn::services::sqs {

// Tags of the input. InvalidParameterValue.
Found<queues::Tags> tags_in(const Call& call, std::string_view member);

}  // namespace cairn::services::sqs
