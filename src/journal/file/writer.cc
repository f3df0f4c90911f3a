// The life of a group: take all that waits, make sure of a file, write, sync, publish to readers, answer the
// callers.
//
// What a failure leaves behind decides the answer:
//   the write failed, the file was cut back     nothing is there: the error as it is (Errc::limit when the
//   disk is full) cutting back failed, or the sync failed     nobody knows what a crash would leave:
//   Errc::unknown, and the file is never written
//                                               to again; the next group begins a new file at the same
//                                               position, which makes void whatever lies beyond in the old
//                                               one
//   no new file could be made                   nothing is there; the next group tries again. The old file
//   stays closed: a new
//                                               one may have got its name all the same, and would make void
//                                               what follows
#include "journal/file/writer.h"

#include <algorithm>
#include <chrono>

#include "base/log.h"
#include "crypto/random.h"

namespace cairn::journal {
namespace {

constexpr std::uint64_t kGroupBytesMax =
    8ULL << 20;  // beyond it the next group begins, unless one batch alone is larger

Error cancelled() {
  return Error{Errc::cancelled, "append to journal: it is being closed"};
}

}  // namespace

Writer::Writer(Options options, Parts parts, ActiveFile active)
    : options_(std::move(options)),
      parts_(parts),
      active_(std::move(active)),
      last_(active_->end()),
      thread_([this] { run(); }) {}

Writer::~Writer() {
  std::deque<Waiter> waiters;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    waiters.swap(waiters_);
  }
  work_.notify_one();
  for (auto& waiter : waiters) {
    waiter.room->set(cancelled());
  }
  thread_.join();
}

Writer::Room Writer::reserve(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  if (waiters_.empty() && pending_bytes_ + bytes <= options_.pending_bytes_max) {
    pending_bytes_ += bytes;
    return nullptr;
  }
  auto room = std::make_shared<async::Promise<Result<void>>>();
  waiters_.push_back({bytes, room});
  return room;
}

Writer::Answer Writer::write(Entries entries) {
  auto answer = std::make_shared<async::Promise<Result<Position>>>();
  {
    const std::lock_guard lock(mutex_);
    if (!stopping_) {
      queue_.push_back({std::move(entries), answer});
      work_.notify_one();
      return answer;
    }
  }
  answer->set(cancelled());
  return answer;
}

void Writer::run() {
  while (auto group = take()) {
    commit(*std::move(group));
  }
}

std::optional<Writer::Group> Writer::take() {
  std::unique_lock lock(mutex_);
  work_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
  if (queue_.empty()) {
    return std::nullopt;
  }
  Group group;
  while (!queue_.empty() &&
         (group.batches.empty() || group.bytes + queue_.front().entries.bytes.size() <= kGroupBytesMax)) {
    auto& batch = group.batches.emplace_back(std::move(queue_.front()));
    queue_.pop_front();
    group.bytes += batch.entries.bytes.size();
    group.count += batch.entries.count;
    group.sum += batch.entries.sum;
  }
  return group;
}

void Writer::commit(Group group) {
  const auto first = last_.position;
  const auto started = std::chrono::steady_clock::now();
  auto written = put(group);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
  Result<Position> result = first;
  if (written.outcome == Written::Outcome::durable) {
    last_ = active_->end();
    parts_.files.publish(last_);
    count(group, took.count());
  } else {
    parts_.measures.failures.add();
    result = std::move(written.error);
  }
  tell(result);
  release(group.bytes);
  answer(group, result);
}

Written Writer::put(Group& group) {
  if (auto ready = make_ready(kGroupHeadBytes + group.bytes); !ready) {
    return {Written::Outcome::nothing, std::move(ready).error()};
  }
  iovecs_.resize(1);
  for (auto& batch : group.batches) {
    iovecs_.push_back({.iov_base = batch.entries.bytes.data(), .iov_len = batch.entries.bytes.size()});
  }
  const GroupHead head{.first = last_.position,
                       .time = std::max(parts_.clock.now(), last_.time),
                       .bytes = static_cast<std::uint32_t>(group.bytes),
                       .count = group.count,
                       .sum = group.sum};
  auto written = active_->append(head, iovecs_);
  if (written.outcome == Written::Outcome::suspect) {
    active_->finish();
    active_.reset();
    written.error.code = Errc::unknown;
    if (auto opened = open_next(); !opened) {
      log::error("journal file not made", {{"what", opened.error().text()}});
    }
  }
  return written;
}

Result<void> Writer::make_ready(std::uint64_t bytes) {
  if (active_ && active_->end().offset > kFileHeadBytes &&
      active_->end().offset + bytes > options_.file_bytes) {
    active_->finish();
    active_.reset();
  }
  if (active_) {
    return {};
  }
  CAIRN_TRY_VOID(open_next());
  if (auto swept = parts_.retirement.sweep(); !swept) {
    log::warn("retired journal file not deleted", {{"what", swept.error().text()}});
  }
  return {};
}

Result<void> Writer::open_next() {
  last_.time = std::max(parts_.clock.now(), last_.time);
  const FileHead head{.first = last_.position, .base_time = last_.time, .salt = crypto::random_number()};
  CAIRN_TRY(auto next, ActiveFile::create(parts_.disk, options_.folder, head, options_.file_bytes));
  parts_.files.add(std::make_shared<File>(head.first, head.base_time, next.path(), next.end().offset));
  active_.emplace(std::move(next));
  return {};
}

void Writer::count(const Group& group, double seconds) {
  auto& measures = parts_.measures;
  measures.appended_entries.add(group.count);
  measures.appended_bytes.add(static_cast<double>(group.bytes));
  measures.syncs.add();
  measures.group_entries.observe(group.count);
  measures.sync_seconds.observe(seconds);
  measures.end_position.set(static_cast<double>(last_.position.raw()));
}

// Once when it begins and once when it is over: a full disk fails every group.
void Writer::tell(const Result<Position>& result) {
  if (!result && !failing_) {
    log::error("journal cannot be written",
               {{"what", result.error().text()}, {"position", last_.position.raw()}});
  }
  if (result && failing_) {
    log::info("journal is written again", {{"position", result->raw()}});
  }
  failing_ = !result.has_value();
}

void Writer::release(std::uint64_t bytes) {
  std::vector<Room> rooms;
  {
    const std::lock_guard lock(mutex_);
    pending_bytes_ -= bytes;
    while (!waiters_.empty() && pending_bytes_ + waiters_.front().bytes <= options_.pending_bytes_max) {
      pending_bytes_ += waiters_.front().bytes;
      rooms.push_back(std::move(waiters_.front().room));
      waiters_.pop_front();
    }
    parts_.measures.pending_bytes.set(static_cast<double>(pending_bytes_));
  }
  async::PromiseBatch<Result<void>> answers;
  for (auto& room : rooms) {
    answers.set(*room, {});
  }
}

void Writer::answer(Group& group, const Result<Position>& first) {
  async::PromiseBatch<Result<Position>> answers;
  std::uint64_t before = 0;
  for (auto& batch : group.batches) {
    answers.set(*batch.answer, first ? Result<Position>(*first + before) : first);
    before += batch.entries.count;
  }
}

}  // namespace cairn::journal
