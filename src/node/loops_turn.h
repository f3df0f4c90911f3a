// Whether loops still run.
#pragma once

#include "async/loops.h"

namespace cairn::node {

// Every loop takes another turn within so long. REQUIRES: not called on one of them.
bool all_turn(async::Loops& loops, Millis patience);

}  // namespace cairn::node
