// SegmentWriter: rows in a segment's order become its two files. Internal to store/. One thread; blocks.
#pragma once

#include <chrono>

#include "store/columns.h"
#include "store/job.h"

namespace cairn::store {

// When a job has to be done.
using JobDeadline = std::chrono::steady_clock::time_point;

// A row's place in a segment: account, region, category, time, position. Rows of one scope are together, so a
// lookup reads few row groups.
bool segment_order(const Row& a, const Row& b);

class SegmentWriter {
 public:
  SegmentWriter(const Job& job, JobDeadline deadline) : job_(job), deadline_(deadline) {}

  // Repeats are left out, and counted. REQUIRES: the rows come in segment_order, and there is one at least.
  Result<Made> write(const std::string& group, RowStream& rows);

  std::uint64_t repeats() const { return repeats_; }

 private:
  const Job& job_;
  const JobDeadline deadline_;
  std::uint64_t repeats_ = 0;
};

}  // namespace cairn::store
