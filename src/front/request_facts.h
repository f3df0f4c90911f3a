// What a call says of itself, to the conditions of policies and to its record. Whoever asks about a call asks
// with these.
#pragma once

#include <string_view>

#include "access/access.h"
#include "front/service.h"

namespace cairn::front {

// Views into the call.
access::RequestFacts facts_of(const Call& call);

// Where it is done, and recorded: IAM and Organizations are in us-east-1, wherever the request was signed
// for.
std::string_view region_of(const Call& call);

}  // namespace cairn::front
