// A merge's work: segments of one group as one. Internal to store/. One thread; blocks; a row group of each
// source is in memory at a time.
#pragma once

#include "store/segment_writer.h"

namespace cairn::store {

// Errc::corrupt: a source cannot be read or has another number of rows.
Result<Made> merge(const MergeJob& job, SegmentWriter& writer);

}  // namespace cairn::store
