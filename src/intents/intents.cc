// Tested by intents_test.cc.
#include "intents/intents.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>

#include "async/loops.h"
#include "base/file.h"
#include "base/log.h"

namespace cairn::intents {
namespace {

constexpr Millis kLookEvery{5};  // for a free slot

Error failed(std::string_view what, const std::filesystem::path& file) {
  return system_error(errno, what, file.string());
}

// A new file becomes one whole or not at all.
Result<void> make(const std::filesystem::path& file, const Shape& shape) {
  const auto fresh = file.string() + ".new";
  const File out(::open(fresh.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!out.is_open()) {
    return failed("make the intents' file", file);
  }
  std::array<char, kHeadBytes> head{};
  write_head(head, shape);
  if (const int error = ::posix_fallocate(out.descriptor(), 0, static_cast<off_t>(shape.file_bytes()))) {
    ::unlink(fresh.c_str());
    return system_error(error, "take the room of the intents' file", file.string());
  }
  if (::pwrite(out.descriptor(), head.data(), head.size(), 0) != static_cast<ssize_t>(head.size()) ||
      ::fsync(out.descriptor()) != 0 || ::rename(fresh.c_str(), file.c_str()) != 0) {
    return failed("write the intents' file", file);
  }
  const File folder(::open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.is_open() || ::fsync(folder.descriptor()) != 0) {
    return failed("sync the folder of the intents' file", file);
  }
  return {};
}

Result<Shape> shape_of(const File& in, const std::filesystem::path& file) {
  std::array<char, kHeadBytes> head{};
  if (::pread(in.descriptor(), head.data(), head.size(), 0) != static_cast<ssize_t>(head.size())) {
    return Error{Errc::corrupt, "read the intents' file: it is too short", file.string()};
  }
  auto shape = read_head(head);
  if (!shape) {
    return Error{shape.error().code, shape.error().what, file.string()};
  }
  struct stat facts {};
  if (::fstat(in.descriptor(), &facts) != 0) {
    return failed("look at the intents' file", file);
  }
  if (static_cast<std::uint64_t>(facts.st_size) < shape->file_bytes()) {
    return Error{Errc::corrupt, "read the intents' file: it is too short", file.string()};
  }
  return shape;
}

// A file that an older Cairn wrote says from now on that it may hold sealed slots, so that the older one
// refuses it. One write within a sector: it is there or it is not.
Result<void> renew_mark(const File& file, const Shape& shape, const std::filesystem::path& name) {
  const auto mark = newest_mark(shape);
  std::array<char, kHeadMarkBytes> there{};
  if (::pread(file.descriptor(), there.data(), there.size(), 0) == static_cast<ssize_t>(there.size()) &&
      there == mark) {
    return {};
  }
  if (::pwrite(file.descriptor(), mark.data(), mark.size(), 0) != static_cast<ssize_t>(mark.size()) ||
      ::fsync(file.descriptor()) != 0) {
    return failed("write the intents' file", name);
  }
  return {};
}

}  // namespace

Ticket& Ticket::operator=(Ticket&& other) noexcept {
  owner_ = std::exchange(other.owner_, nullptr);
  slot_ = other.slot_;
  return *this;
}

void Ticket::settle() {
  if (auto* const owner = std::exchange(owner_, nullptr)) {
    owner->give_back(slot_);
  }
}

// In another slot, and then the old one is freed: at no moment is there none.
bool Ticket::replace(const Intent& outcome) {
  const Slot text{outcome.account, outcome.event_id, outcome.record};
  const auto other = owner_ != nullptr && fits(text, owner_->shape_) ? owner_->take() : std::nullopt;
  if (!other) {
    return false;
  }
  write_slot(owner_->slot(*other), text, owner_->sealer_);
  // The old one may be on the disk already: it goes only once the new one is, too.
  if (owner_->options_.sync != nullptr && !owner_->sync(*other)) {
    owner_->give_back(*other);
    return false;
  }
  owner_->give_back(slot_);
  slot_ = *other;
  return true;
}

Result<std::unique_ptr<Intents>> Intents::open(Options options, crypto::Secret key, Metrics& metrics) {
  if (!std::filesystem::exists(options.file)) {
    CAIRN_TRY_VOID(make(options.file, options.shape));
  }
  const File in(::open(options.file.c_str(), O_RDWR | O_CLOEXEC));
  if (!in.is_open()) {
    return failed("open the intents' file", options.file);
  }
  CAIRN_TRY(const auto shape, shape_of(in, options.file));
  CAIRN_TRY_VOID(renew_mark(in, shape, options.file));
  void* const map =
      ::mmap(nullptr, shape.file_bytes(), PROT_READ | PROT_WRITE, MAP_SHARED, in.descriptor(), 0);
  if (map == MAP_FAILED) {
    return failed("map the intents' file", options.file);
  }
  auto intents = std::unique_ptr<Intents>(
      new Intents(std::move(options), shape, static_cast<char*>(map), key.clone(), metrics));
  CAIRN_TRY_VOID(intents->look(key));
  return intents;
}

Intents::Intents(Options options, Shape shape, char* map, crypto::Secret key, Metrics& metrics)
    : options_(std::move(options)),
      shape_(shape),
      map_(map),
      sealer_(std::move(key)),
      open_(metrics.gauge("cairn_intents_open", "relayed calls that may change something and are under way")),
      torn_(metrics.counter("cairn_intents_torn_total", "intents that a start could not read")),
      lost_(metrics.counter("cairn_records_lost_total", "relayed calls without a record")) {
  metrics.limit("cairn_intents_open", shape.slots);
}

Intents::~Intents() {
  ::munmap(map_, shape_.file_bytes());
}

Result<void> Intents::look(const crypto::Secret& key) {
  crypto::MessageOpener opener(key);
  std::vector<char> room(shape_.slot_bytes);
  std::uint64_t torn = 0;
  for (std::uint32_t i = shape_.slots; i-- > 0;) {
    const auto read = read_slot(slot(i), opener, room);
    if (read.state == State::strange) {
      return Error{Errc::denied, "read the intents' file: what it holds was sealed with another master key",
                   options_.file.string()};
    }
    if (read.state == State::open) {
      left_slots_.push_back(i);
      left_.push_back(
          {std::string(read.slot.account), std::string(read.slot.event_id), std::string(read.slot.record)});
      continue;
    }
    if (read.state == State::torn) {
      ++torn;
      clear_slot(slot(i));
    }
    free_.push_back(i);
  }
  open_.set(static_cast<double>(left_.size()));
  torn_.add(static_cast<double>(torn));
  if (torn > 0) {
    log::error("intents cannot be read: calls may be missing that were under way when the power failed",
               {{"intents", torn}, {"file", options_.file.string()}});
  }
  return {};
}

std::span<char> Intents::slot(std::uint32_t index) const {
  return {map_ + kHeadBytes + std::size_t{index} * shape_.slot_bytes, shape_.slot_bytes};
}

std::optional<std::uint32_t> Intents::take() {
  const std::lock_guard lock(mutex_);
  if (free_.empty()) {
    return std::nullopt;
  }
  const auto index = free_.back();
  free_.pop_back();
  open_.add(1);
  return index;
}

void Intents::give_back(std::uint32_t index) {
  clear_slot(slot(index));
  const std::lock_guard lock(mutex_);
  free_.push_back(index);
  open_.add(-1);
}

Task<Result<Ticket>> Intents::begin(Intent intent, bool waits) {
  const Slot text{intent.account, intent.event_id, intent.record};
  if (!fits(text, shape_)) {
    co_return Error{Errc::limit, "write an intent: it is too long", intent.event_id};
  }
  auto index = take();
  for (Millis waited{0}; waits && !index && waited < options_.patience; waited += kLookEvery) {
    co_await async::sleep(kLookEvery);
    index = take();
  }
  if (!index) {
    co_return Error{Errc::limit, "write an intent: too many calls are under way"};
  }
  write_slot(slot(*index), text, sealer_);
  Ticket ticket(*this, *index);
  if (options_.sync != nullptr) {
    const auto work = [this, at = *index] { return sync(at); };
    auto synced = co_await options_.sync->run(work);
    if (!synced) {
      ticket.settle();
      co_return std::move(synced).error();
    }
  }
  co_return ticket;
}

Result<void> Intents::sync(std::uint32_t index) const {
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto from = reinterpret_cast<std::uintptr_t>(slot(index).data());
  const auto begin = from / page * page;
  if (::msync(reinterpret_cast<void*>(begin), from + shape_.slot_bytes - begin, MS_SYNC) != 0) {
    return failed("sync an intent", options_.file);
  }
  return {};
}

void Intents::forget_left() {
  for (const auto index : std::exchange(left_slots_, {})) {
    give_back(index);
  }
  left_.clear();
}

void Intents::lost(Time now, const std::string& event_id) {
  lost_.add();
  const auto ms = now.time_since_epoch() / Millis{1};
  const std::lock_guard lock(mutex_);
  auto gap = read_gap(head()).value_or(Gap{.first_ms = ms, .event_id = event_id});
  ++gap.lost;
  gap.first_ms = std::min<std::int64_t>(gap.first_ms, ms);
  gap.last_ms = std::max<std::int64_t>(gap.last_ms, ms);
  write_gap(head(), gap);
}

std::optional<Gap> Intents::gap() const {
  const std::lock_guard lock(mutex_);
  return read_gap(head());
}

void Intents::told(const Gap& told, const std::string& next_event_id) {
  const std::lock_guard lock(mutex_);
  auto gap = read_gap(head()).value_or(Gap{});
  gap.lost -= std::min(gap.lost, told.lost);
  gap.first_ms = told.last_ms;
  gap.event_id = next_event_id;
  write_gap(head(), gap);
}

}  // namespace cairn::intents
