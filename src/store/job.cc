// Tested by job_test.cc.
#include "store/job.h"

#include "store/merge.h"
#include "store/seal.h"

namespace cairn::store {

Result<JobResult> run_job(const Job& job, const JobPorts& ports) {
  const auto deadline = std::chrono::steady_clock::now() + job.deadline;
  SegmentWriter writer(job, deadline);
  JobResult result;
  if (const auto* const sealing = std::get_if<SealJob>(&job.work)) {
    CAIRN_TRY(result.made, seal(*sealing, ports, writer, deadline));
  } else {
    CAIRN_TRY(auto merged, merge(std::get<MergeJob>(job.work), writer));
    result.made.push_back(std::move(merged));
  }
  result.repeats = writer.repeats();
  return result;
}

}  // namespace cairn::store
