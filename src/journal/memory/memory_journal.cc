#include "journal/memory/memory_journal.h"

#include <algorithm>
#include <functional>

namespace cairn::journal {
namespace {

constexpr Millis kPatienceMax{24LL * 3600 * 1000};

}  // namespace

class MemoryJournal::MemoryReader final : public Reader {
 public:
  MemoryReader(MemoryJournal& journal, Partition partition, Position from)
      : journal_(journal), log_(journal.logs_[partition.raw()]), position_(from) {
    ++journal_.readers_;
  }
  ~MemoryReader() override {
    const std::lock_guard lock(journal_.mutex_);
    --journal_.readers_;
  }

  Result<std::span<const Entry>> read(Millis patience) override;
  Position position() const override { return position_; }
  void interrupt() override {
    const std::lock_guard lock(journal_.mutex_);
    interrupted_ = true;
    journal_.moved_.notify_all();
  }

 private:
  void fetch();

  MemoryJournal& journal_;
  const Log& log_;
  Position position_;
  bool interrupted_ = false;  // guarded by the journal's mutex
  std::vector<std::string> payloads_;
  std::vector<Entry> entries_;
};

Result<std::span<const Entry>> MemoryJournal::MemoryReader::read(Millis patience) {
  // New vectors, not cleared ones: who keeps a payload too long then touches freed memory, which a sanitizer
  // sees.
  payloads_ = {};
  entries_ = {};
  std::unique_lock lock(journal_.mutex_);
  const auto crashes = journal_.crashes_;
  journal_.moved_.wait_for(lock, std::min(patience, kPatienceMax), [&] {
    return log_.end() > position_ || interrupted_ || journal_.crashes_ != crashes;
  });
  if (std::exchange(interrupted_, false) || log_.end() <= position_) {
    return std::span<const Entry>{};
  }
  if (position_ < log_.begin) {
    return Error{Errc::not_found, "read journal: the position was retired", std::to_string(position_.raw())};
  }
  fetch();
  position_ = position_ + entries_.size();
  return std::span<const Entry>(entries_);
}

void MemoryJournal::MemoryReader::fetch() {
  std::uint64_t bytes = 0;
  auto at = position_;
  for (; at < log_.end(); at = at + 1) {
    const auto& kept = log_.entries[at - log_.begin];
    bytes += kept.payload.size();
    if (!payloads_.empty() && bytes > journal_.options_.limits.read_bytes_max) {
      break;
    }
    payloads_.push_back(kept.payload);
  }
  for (std::size_t i = 0; i < payloads_.size(); ++i) {
    entries_.push_back({.position = position_ + i,
                        .time = log_.entries[position_ + i - log_.begin].time,
                        .payload = payloads_[i]});
  }
}

MemoryJournal::MemoryJournal(Options options) : options_(options), logs_(options.partitions) {
  CAIRN_CHECK(options.partitions > 0);
}

MemoryJournal::~MemoryJournal() {
  CAIRN_CHECK(readers_ == 0);
  crash();
}

void MemoryJournal::fail(std::uint64_t nth, Errc code, Applied applied) {
  const std::lock_guard lock(mutex_);
  failures_[appends_ + nth] = {code, applied};
}

void MemoryJournal::hold() {
  const std::lock_guard lock(mutex_);
  holding_ = true;
}

void MemoryJournal::release() {
  std::vector<std::pair<Answer, Result<Position>>> answers;
  std::vector<Room> rooms;
  {
    const std::lock_guard lock(mutex_);
    holding_ = false;
    std::uint64_t bytes = 0;
    for (const auto& held : held_) {
      answers.emplace_back(held.answer, apply_or_fail(held));
      bytes += held.bytes;
    }
    held_.clear();
    rooms = give_back(bytes);
  }
  for (auto& [answer, position] : answers) {
    answer->set(std::move(position));
  }
  for (auto& room : rooms) {
    room->set({});
  }
}

void MemoryJournal::crash() {
  std::deque<Held> held;
  std::deque<Waiter> waiters;
  {
    const std::lock_guard lock(mutex_);
    holding_ = false;
    held.swap(held_);
    waiters.swap(waiters_);
    pending_bytes_ = 0;
    ++crashes_;
    moved_.notify_all();
  }
  const Error gone{Errc::cancelled, "append to journal: it crashed"};
  for (auto& each : held) {
    each.answer->set(gone);
  }
  for (auto& each : waiters) {
    each.room->set(gone);
  }
}

std::size_t MemoryJournal::held() const {
  const std::lock_guard lock(mutex_);
  return held_.size();
}

Partition MemoryJournal::partition_of(std::string_view account) const {
  return Partition{static_cast<std::uint32_t>(std::hash<std::string_view>{}(account) % options_.partitions)};
}

Task<Result<Position>> MemoryJournal::append(Partition partition, std::span<const std::string> payloads) {
  CAIRN_CO_TRY(const auto bytes, check(partition, payloads));
  if (const auto room = reserve(bytes)) {
    CAIRN_CO_TRY_VOID(co_await room->wait());
  }
  const auto answer = std::make_shared<async::Promise<Result<Position>>>();
  submit({partition, {payloads.begin(), payloads.end()}, bytes, answer});
  co_return co_await answer->wait();
}

void MemoryJournal::submit(Held held) {
  const auto answer = held.answer;
  std::optional<Result<Position>> result;
  std::vector<Room> rooms;
  {
    const std::lock_guard lock(mutex_);
    if (holding_) {
      held_.push_back(std::move(held));
      return;
    }
    result = apply_or_fail(held);
    rooms = give_back(held.bytes);
  }
  answer->set(*std::move(result));
  for (auto& room : rooms) {
    room->set({});
  }
}

Result<Position> MemoryJournal::apply_or_fail(const Held& held) {
  const auto failure = failures_.extract(appends_++);
  if (failure.empty()) {
    return apply(held);
  }
  if (failure.mapped().applied == Applied::yes) {
    apply(held);
  }
  return Error{failure.mapped().code, "append to journal: as the test asked for"};
}

Position MemoryJournal::apply(const Held& held) {
  auto& log = logs_[held.partition.raw()];
  const auto first = log.end();
  const auto& clock = options_.clock != nullptr ? *options_.clock : system_clock();
  log.last = std::max(log.last, clock.now());
  for (const auto& payload : held.payloads) {
    log.entries.push_back({log.last, payload});
  }
  moved_.notify_all();
  return first;
}

MemoryJournal::Room MemoryJournal::reserve(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  if (waiters_.empty() && pending_bytes_ + bytes <= options_.limits.pending_bytes_max) {
    pending_bytes_ += bytes;
    return nullptr;
  }
  auto room = std::make_shared<async::Promise<Result<void>>>();
  waiters_.push_back({bytes, room});
  return room;
}

std::vector<MemoryJournal::Room> MemoryJournal::give_back(std::uint64_t bytes) {
  pending_bytes_ -= std::min(bytes, pending_bytes_);
  std::vector<Room> rooms;
  while (!waiters_.empty() && pending_bytes_ + waiters_.front().bytes <= options_.limits.pending_bytes_max) {
    pending_bytes_ += waiters_.front().bytes;
    rooms.push_back(std::move(waiters_.front().room));
    waiters_.pop_front();
  }
  return rooms;
}

Result<void> MemoryJournal::check(Partition partition) const {
  if (partition.raw() >= options_.partitions) {
    return Error{Errc::invalid, "the journal has no such partition", std::to_string(partition.raw())};
  }
  return {};
}

Result<std::uint64_t> MemoryJournal::check(Partition partition, std::span<const std::string> payloads) const {
  CAIRN_TRY_VOID(check(partition));
  if (payloads.empty()) {
    return Error{Errc::invalid, "append to journal: a batch of nothing"};
  }
  std::uint64_t bytes = 0;
  for (const auto& payload : payloads) {
    if (payload.size() > options_.limits.entry_bytes_max) {
      return Error{Errc::limit, "append to journal: an entry larger than entry_bytes_max"};
    }
    bytes += payload.size();
  }
  if (bytes > options_.limits.pending_bytes_max) {
    return Error{Errc::limit, "append to journal: a batch larger than pending_bytes_max"};
  }
  return bytes;
}

Position MemoryJournal::end(Partition partition) const {
  const std::lock_guard lock(mutex_);
  return logs_[partition.raw()].end();
}

Position MemoryJournal::begin(Partition partition) const {
  const std::lock_guard lock(mutex_);
  return logs_[partition.raw()].begin;
}

Result<std::unique_ptr<Reader>> MemoryJournal::reader(Partition partition, Position from) {
  CAIRN_TRY_VOID(check(partition));
  const std::lock_guard lock(mutex_);
  const auto& log = logs_[partition.raw()];
  if (from > log.end()) {
    return Error{Errc::invalid, "read journal: the position is after its end", std::to_string(from.raw())};
  }
  if (from < log.begin) {
    return Error{Errc::not_found, "read journal: the position was retired", std::to_string(from.raw())};
  }
  return std::unique_ptr<Reader>(std::make_unique<MemoryReader>(*this, partition, from));
}

// Strict: all that may go goes at once.
Result<void> MemoryJournal::retire(Partition partition, Position position) {
  CAIRN_TRY_VOID(check(partition));
  const std::lock_guard lock(mutex_);
  auto& log = logs_[partition.raw()];
  while (log.begin < std::min(position, log.end()) && !log.entries.empty()) {
    log.entries.pop_front();
    log.begin = log.begin + 1;
  }
  return {};
}

}  // namespace cairn::journal
