// The journal as files in a folder: group commit, one sync for all who wait. One partition.
//
// docs/formats/journal.md says what is in the files, README.md how an entry gets there.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "base/metrics.h"
#include "base/time.h"
#include "journal/journal.h"

namespace cairn::journal {

class Disk;

struct Options {
  std::filesystem::path folder;  // made when it is not there; the caller sees to it that one process has it
  std::uint64_t file_bytes = 64ULL << 20;     // a new file begins before this size is passed
  Millis min_age{0};                          // retired entries stay so long all the same
  std::uint64_t aged_bytes_max = 4ULL << 30;  // beyond it they do not: whole files
  std::function<bool()> hurry{};              // the disk is nearly full: they do not. Any thread
  Limits limits{};
};

// Cuts off what a crash left unfinished at the end, with a line in the log. Errc::corrupt: the newest file is
// damaged before its end, or a file's head is. Errc::invalid: a newer Cairn wrote it.
//
// REQUIRES: clock and metrics outlive the journal; the journal outlives its readers, and goes before the
// loops its callers run on.
Result<std::unique_ptr<Journal>> open(Options options, const Clock& clock, Metrics& metrics);

// The same on a disk that a test makes fail.
Result<std::unique_ptr<Journal>> open(Options options, const Clock& clock, Metrics& metrics, Disk& disk);

}  // namespace cairn::journal
