// Claims: which calls may still take room when the disk is nearly full, and how a body stops that would fill
// it. Pure but for the room's own state.
#pragma once

#include <memory>

#include "front/payload.h"
#include "front/service.h"
#include "reserve/room.h"

namespace cairn::front {

// Administrators' removals are Claim::removal here, too: whether the caller is one is a question of its own.
reserve::Claim claim_of(const Call& call);
// May this caller draw on the very last of the reserve (cairn:UseReserve)? Usually nobody is given the action
// by name: an administrator may do everything, as far as his policies' conditions let him.
bool is_administrator(const Call& call);

// What a call is told that must not take room now.
aws::Fault no_room(aws::Family family);

// The payload, until there is no room for its claim: the read after that fails, and fault() says why.
// REQUIRES: the room outlives it.
std::unique_ptr<Payload> rationed(std::unique_ptr<Payload> payload, const reserve::Room& room,
                                  reserve::Claim claim);

}  // namespace cairn::front
