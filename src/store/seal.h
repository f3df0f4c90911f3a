// A seal's work: a range of the journal as segments. Internal to store/. One thread; blocks.
#pragma once

#include "store/segment_writer.h"

namespace cairn::store {

Result<std::vector<Made>> seal(const SealJob& job, const JobPorts& ports, SegmentWriter& writer,
                               JobDeadline deadline);

}  // namespace cairn::store
