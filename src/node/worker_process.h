// The node's two ends of worker/: the runner that has the store's jobs done by a child process, and what the
// child does, which is this program started as `cairn worker`.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "base/log.h"
#include "base/metrics.h"
#include "crypto/secret.h"
#include "store/job_runner.h"

namespace cairn::node {

struct WorkerSetup {
  std::filesystem::path data;
  std::uint64_t memory_bytes_max;  // of the process
  log::Level log_level;
  log::Format log_format;
};

// What a job is told it may take: the rest is the program itself, and what it did not foresee.
std::uint64_t job_memory(std::uint64_t memory_bytes_max);

// `journal_key` opens the journal's entries; the child hears it with a job that reads them. REQUIRES: the
// metrics outlive it.
std::unique_ptr<store::JobRunner> child_runner(const WorkerSetup& setup, crypto::Secret journal_key,
                                               Metrics& metrics);

}  // namespace cairn::node
