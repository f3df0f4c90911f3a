// Jobs: at most one at a time. Sealing goes first, but for a group of very many segments; merging waits for a
// time in which no head is due.
//
// A job's end comes on the runner's thread. A task on the executor puts the files as blobs; what came of it
// lies in outcome_ until maintain() commits it.
//
// Tested by store_test.cc, store_crash_test.cc.
#include <fmt/format.h>

#include <filesystem>
#include <random>

#include "base/check.h"
#include "base/log.h"
#include "blob/name.h"
#include "crypto/random.h"
#include "crypto/sealed_file.h"
#include "store/segment_files.h"
#include "store/segmented_store.h"

namespace cairn::store {

namespace {

constexpr std::size_t kPutBytes = 1U << 20;
constexpr std::size_t kUnmergeableMax = 4096;  // segments that are remembered; beyond them all are tried anew

// 64 bits: it must only differ from the other few of the same store.
std::string new_job_id(journal::Position end) {
  std::random_device random;
  return fmt::format("{:020}-{:08x}{:08x}", end.raw(), random(), random());
}

// From an offset on, at most kPutBytes.
Result<std::string> read_piece(const Input& input, std::uint64_t offset) {
  std::string piece(std::min<std::uint64_t>(kPutBytes, input.bytes() - offset), '\0');
  CAIRN_TRY_VOID(input.read(offset, piece));
  return piece;
}

Task<Result<void>> put_file(async::Pool& pool, blob::Blob& blob, blob::LocalFile file, std::string name) {
  auto open = [file] { return blob::open_file(file); };
  CAIRN_CO_TRY(auto opened, co_await pool.run(std::move(open)));
  const std::shared_ptr<const Input> input = std::move(opened);
  CAIRN_CO_TRY(auto writer, co_await blob.writer(name));
  for (std::uint64_t offset = 0; offset < input->bytes();) {
    auto read = [input, offset] { return read_piece(*input, offset); };
    CAIRN_CO_TRY(const auto piece, co_await pool.run(std::move(read)));
    CAIRN_CO_TRY_VOID(co_await writer->write(std::as_bytes(std::span(piece))));
    offset += piece.size();
  }
  co_return co_await writer->commit();
}

}  // namespace

// What could not be started at all is tried again after a while, too.
Result<void> SegmentedStore::start_next(Time now) {
  auto started = running_ || unsettled_ ? Result<void>() : start_due(now);
  if (!started) {
    seal_retry_.failed(now);
    merge_retry_.failed(now);
  }
  return started;
}

// Without what cannot be read, and what made its merges fail.
Segments SegmentedStore::mergeable(const Segments& segments) const {
  if (unmergeable_.empty() && unreadable_ == 0) {
    return segments;
  }
  Segments left;
  std::ranges::copy_if(segments, std::back_inserter(left), [&](const auto& segment) {
    return segment->files->readable() && !unmergeable_.contains(segment->key);
  });
  return left;
}

// Asked after every batch, while there may be thousands of segments.
const SegmentedStore::Choice& SegmentedStore::choose_merge(const Segments& segments) {
  const auto most = merge_sources_.most();
  if (!choice_ || choice_->most != most) {
    const auto left = mergeable(segments);
    auto merge = due_merge(left, options_, most);
    const bool overdue = !merge.empty() && merge_overdue(left, options_);
    choice_ = {.most = most, .merge = std::move(merge), .overdue = overdue};
  }
  return *choice_;
}

Result<void> SegmentedStore::start_due(Time now) {
  const auto current = snapshot();
  const bool may_seal = seal_retry_.ready(now);
  if (current.heads.size() > 1 && may_seal) {
    return start_seal(now);
  }
  const auto* const choice = merge_retry_.ready(now) ? &choose_merge(*current.segments) : nullptr;
  if (choice != nullptr && choice->overdue) {
    return start_merge(choice->merge);
  }
  const auto& head = *current.heads.back();
  if (may_seal && head.end() > head.begin() && is_due(head, now)) {
    begin_head();
    return start_seal(now);
  }
  // A head that is filling fast is sealed first and late: large segments now save merges later.
  const bool busy = head.bytes() > options_.seal_bytes / 2;
  return choice == nullptr || choice->merge.empty() || busy ? Result<void>() : start_merge(choice->merge);
}

// The oldest head, which takes no more: all of it, or as much as a job is trusted with.
Result<void> SegmentedStore::start_seal(Time now) {
  const auto current = snapshot();
  CAIRN_CHECK(current.heads.size() > 1);
  const auto& head = *current.heads.front();
  const auto from = std::max(head.begin(), current.sealed);
  const auto to = head.after(from, seal_rows_.most());
  Running running{.kind = Kind::seal,
                  .size = std::min(head.rows_from(from), seal_rows_.most()),
                  .cursor = {.position = to, .seal = new_job_id(to)},
                  .absorbed = {},
                  .folder = {},
                  .key = nullptr,
                  .begun = std::chrono::steady_clock::now()};
  if (running.size == 0) {
    return commit({.running = std::move(running), .made = {}});
  }
  const SealJob job{
      .partition = options_.partition, .from = from, .to = to, .now = now, .oldest = oldest_kept()};
  return start(std::move(running), job);
}

Result<void> SegmentedStore::start_merge(Segments sources) {
  MergeJob job{.group = sources.front()->group, .sources = {}};
  for (const auto& source : sources) {
    job.sources.push_back({.file = source->files->parquet(), .rows = source->rows});
  }
  return start({.kind = Kind::merge,
                .size = sources.size(),
                .cursor = {.position = cursor(), .seal = new_job_id(cursor())},
                .absorbed = std::move(sources),
                .folder = {},
                .key = nullptr,
                .begun = std::chrono::steady_clock::now()},
               std::move(job));
}

Result<void> SegmentedStore::start(Running running, std::variant<SealJob, MergeJob> work) {
  Job job{.id = running.cursor.seal,
          .folder = fmt::format("{}/{}", scratch_, running.cursor.seal),
          .memory_bytes_max = options_.job_memory_bytes_max,
          .deadline = options_.job_deadline,
          .key = std::make_shared<const crypto::Secret>(crypto::random_secret(crypto::SealedFile::kKeyBytes)),
          .work = std::move(work)};
  std::error_code code;
  std::filesystem::create_directories(job.folder, code);
  if (code) {
    return system_error(code.value(), "make a job's folder", job.folder);
  }
  running.folder = job.folder;
  running.key = job.key;
  running_ = std::move(running);
  working_ = true;
  ports_.runner.start(std::move(job), [this](Result<JobResult> result) {
    gate_.spawn(ports_.executor, carry_on(std::move(result)));
  });
  return {};
}

Task<void> SegmentedStore::carry_on(Result<JobResult> result) {
  if (!result) {
    set_outcome({.made = std::move(result).error(), .by_job = true});
    co_return;
  }
  auto segments = co_await put(*std::move(result));
  set_outcome({.made = std::move(segments), .by_job = false});
}

// After an error what was put is removed, as far as the blob store answers.
Task<Result<Segments>> SegmentedStore::put(JobResult result) {
  measures_.dropped_repeats.add(static_cast<double>(result.repeats));
  Segments segments;
  std::optional<Error> failed;
  for (auto& made : result.made) {
    auto segment = co_await put_one(std::move(made));
    if (!segment) {
      failed = std::move(segment).error();
      break;
    }
    segments.push_back(std::make_shared<const Segment>(*std::move(segment)));
  }
  if (!failed) {
    co_return segments;
  }
  for (const auto& segment : segments) {
    for (const auto& name : {segment->blob, segment->postings}) {
      if (const auto removed = co_await ports_.blob.remove(name); !removed) {
        log::warn("segment's file was not removed", {{"blob", name}, {"reason", removed.error().text()}});
      }
    }
  }
  co_return *std::move(failed);
}

Task<Result<Segment>> SegmentedStore::put_one(Made made) {
  const auto prefix = blob_prefix(options_.name);
  const auto stem = made.parquet.substr(0, made.parquet.rfind('.'));
  Segment segment{.key = segment_prefix(options_.name) + stem,
                  .blob = fmt::format("{}{}{}", prefix, made.parquet, blob::kSealedSuffix),
                  .postings = fmt::format("{}{}{}", prefix, made.postings, blob::kSealedSuffix),
                  .group = std::move(made.group),
                  .first = made.first,
                  .last = made.last,
                  .min_time = made.min_time,
                  .max_time = made.max_time,
                  .sealed = ports_.clock.now(),
                  .rows = made.rows,
                  .bytes = made.parquet_bytes,
                  .postings_bytes = made.postings_bytes,
                  .json_bytes = made.json_bytes,
                  .accounts = std::move(made.accounts),
                  .regions = std::move(made.regions),
                  .files = nullptr};
  blob::LocalFile file{.path = running_->folder + "/" + made.parquet, .key = running_->key};
  CAIRN_CO_TRY_VOID(co_await put_file(ports_.pool, ports_.blob, file, segment.blob));
  file.path = running_->folder + "/" + made.postings;
  auto postings = co_await put_file(ports_.pool, ports_.blob, file, segment.postings);
  if (!postings) {
    static_cast<void>(co_await ports_.blob.remove(segment.blob));  // an orphan at worst
    co_return std::move(postings).error();
  }
  if (auto found = co_await find_files(ports_.blob, segment); !found) {
    for (const auto& name : {segment.blob, segment.postings}) {
      static_cast<void>(co_await ports_.blob.remove(name));
    }
    co_return std::move(found).error();
  }
  co_return segment;
}

void SegmentedStore::set_outcome(Outcome outcome) {
  {
    const std::lock_guard lock(outcome_mutex_);
    outcome_.emplace(std::move(outcome));
  }
  outcome_there_.notify_one();
}

bool SegmentedStore::wait_for_outcome(Millis patience) {
  if (!running_) {
    return false;
  }
  std::unique_lock lock(outcome_mutex_);
  return outcome_there_.wait_for(lock, patience, [this] { return outcome_.has_value(); });
}

Result<void> SegmentedStore::wait_and_adopt() {
  if (running_) {
    std::unique_lock lock(outcome_mutex_);
    outcome_there_.wait(lock, [this] { return outcome_.has_value(); });
  }
  return adopt_outcome(ports_.clock.now());
}

Result<void> SegmentedStore::adopt_outcome(Time now) {
  std::optional<Outcome> outcome;
  {
    const std::lock_guard lock(outcome_mutex_);
    outcome = std::exchange(outcome_, std::nullopt);
  }
  if (!outcome) {
    return {};
  }
  auto running = *std::exchange(running_, std::nullopt);
  working_ = false;
  std::error_code ignored;  // open() empties the scratch folder
  std::filesystem::remove_all(running.folder, ignored);
  const bool sealing = running.kind == Kind::seal;
  auto& failures = sealing ? measures_.seal_failures : measures_.merge_failures;
  if (!outcome->made && outcome->by_job) {
    failures.add();
    return job_failed(std::move(running), outcome->made.error(), now);
  }
  auto& retry = sealing ? seal_retry_ : merge_retry_;
  auto done = outcome->made ? commit({.running = std::move(running), .made = *std::move(outcome->made)})
                            : Result<void>(outcome->made.error());
  if (!done) {
    failures.add();
    retry.failed(now);
    return done;
  }
  retry.succeeded();
  (sealing ? seal_rows_ : merge_sources_).succeeded();
  return {};
}

// What it had to do may have been too much for it.
Result<void> SegmentedStore::job_failed(Running running, const Error& error, Time now) {
  const bool sealing = running.kind == Kind::seal;
  auto& narrowing = sealing ? seal_rows_ : merge_sources_;
  const auto advice = narrowing.failed(running.size, error.code);
  if (advice == Narrowing::Advice::narrower) {
    log::warn(sealing ? "a seal failed and is tried again with half of its rows"
                      : "a merge failed and is tried again with half of its segments",
              {{"store", options_.name}, {"had", running.size}, {"reason", error.text()}});
    return {};
  }
  if (advice == Narrowing::Advice::hopeless && !sealing) {
    leave_out(running.absorbed, error);
    return {};
  }
  if (advice == Narrowing::Advice::hopeless && aside_.size() < kAsideMax) {
    return set_aside(std::move(running), error);
  }
  (sealing ? seal_retry_ : merge_retry_).failed(now);
  return error;
}

// They stay as they are; the others go on being merged.
void SegmentedStore::leave_out(const Segments& segments, const Error& error) {
  choice_.reset();
  if (unmergeable_.size() >= kUnmergeableMax) {
    unmergeable_.clear();
  }
  for (const auto& segment : segments) {
    log::error("a segment is not merged any more until the next start: it may be damaged",
               {{"segment", segment->key}, {"reason", error.text()}});
    unmergeable_.insert(segment->key);
  }
}

}  // namespace cairn::store
