// A job: work on the store's files that may be done in another process. A job is a value, its result is a
// value, and nothing is changed but files in a folder of its own: what it made counts once the store has put
// the files as blobs and committed their names. So a job may die, come late or be done twice, and nothing is
// lost.
//
//   seal   a range of the journal becomes segments, one a group (a day, a month of late rows)
//   merge  the segments of one group become one
//
// A seal reads the journal, never the memory of the process that wants it. Pure but for run_job().
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "blob/local_file.h"
#include "crypto/secret.h"
#include "journal/journal.h"

namespace cairn::store {

// The records of [from, to) that belong to the history (store/membership.h) and are not older than `oldest`.
struct SealJob {
  journal::Partition partition;
  journal::Position from;
  journal::Position to;  // exclusive; durable
  Time now;              // by which days are told apart and rows count as late
  Time oldest;
};

// A segment's Parquet file, as it is on this machine.
struct MergeSource {
  blob::LocalFile file;
  std::uint64_t rows = 0;  // that it must have
};

struct MergeJob {
  std::string group;
  std::vector<MergeSource> sources;  // at least one
};

struct Job {
  std::string id;      // new for each try; the made files' names are "<group>-<id>.parquet" and ".postings"
  std::string folder;  // there, and nobody else's: who has the job done removes what is left in it
  std::uint64_t memory_bytes_max = 0;  // of the process that does nothing else
  Millis deadline{0};                  // from the start; beyond it the job is given up
  // What it makes is sealed under this key (crypto/sealed_file.h), which is made for this job and lies
  // nowhere.
  std::shared_ptr<const crypto::Secret> key;
  std::variant<SealJob, MergeJob> work;
};

// One segment's files, and what the catalog's document says of them (store/segment.h).
struct Made {
  std::string group;
  std::string parquet;  // names within the folder
  std::string postings;
  journal::Position first;
  journal::Position last;
  Time min_time;
  Time max_time;
  std::uint64_t rows = 0;
  std::uint64_t parquet_bytes = 0;  // before they are sealed, as those of the next
  std::uint64_t postings_bytes = 0;
  std::uint64_t json_bytes = 0;
  std::vector<std::string> accounts;  // empty: more than Segment::kListedMax
  std::vector<std::string> regions;
};

struct JobResult {
  std::vector<Made> made;     // none: no row of the range belongs
  std::uint64_t repeats = 0;  // rows left out because an earlier one has the same event id
};

// Format 1; keys are in it: it is for no log and no file. Reading: Errc::invalid when it is no such text, or
// of a newer format.
std::string to_json(const Job& job);
std::string to_json(const JobResult& result);
Result<Job> parse_job(std::string_view text);
Result<JobResult> parse_job_result(std::string_view text);

// What a job may use of where it runs.
struct JobPorts {
  // A reader from this position on (as Journal::reader).
  std::function<Result<std::unique_ptr<journal::Reader>>(journal::Partition, journal::Position)> journal;
};

// Blocks until it is done. Errc::limit: memory or deadline; Errc::corrupt: what is stored cannot be read;
// others as the ports have them. After an error files may be left in the folder.
Result<JobResult> run_job(const Job& job, const JobPorts& ports);

}  // namespace cairn::store
