// What a call says of itself to the conditions of policies. Whoever asks about a call asks with these.
#pragma once

#include "access/access.h"
#include "front/service.h"

namespace cairn::front {

// Views into the call.
access::RequestFacts facts_of(const Call& call);

}  // namespace cairn::front
