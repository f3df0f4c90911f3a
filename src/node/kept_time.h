// What time it has been at least, kept in the catalog: "node/time". A start does not believe a clock that says
// much more until it has stood (base/patient_clock.h). The journal's last entry would not do: it was written
// by the same clock, stepped or not.
#pragma once

#include "base/time.h"
#include "catalog/catalog.h"

namespace cairn::node {

inline constexpr Millis kKeepTimeEvery{30'000};

// The time that was kept last; `now`, if there is none yet or it is later than that.
Task<Result<Time>> kept_time(catalog::Catalog& catalog, Time now);
Task<Result<void>> keep_time(catalog::Catalog& catalog, Time time);

}  // namespace cairn::node
