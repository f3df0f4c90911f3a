// What does not work although the node is ready: a full disk, a history that cannot all be read, a delivery
// that stands. For readyz.
#pragma once

#include <string>

#include "delivery/delivery.h"
#include "reserve/reserve.h"
#include "store/store.h"
#include "stream/stream.h"

namespace cairn::node {

// Empty: nothing.
std::string complaint_of(const reserve::Reserve& reserve, const store::Store& history,
                         const stream::Stream& stream, const delivery::Delivery& delivery);

}  // namespace cairn::node
