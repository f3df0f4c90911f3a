// Tested by reserve_test.cc and conformance/test_full_disk.py.
#include "reserve/reserve.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "reserve/ballast_file.h"

namespace cairn::reserve {
namespace {

// Parts of the reserve's size, as reserve.h has them.
constexpr std::uint64_t kLow = 2;       // growth needs so much free
constexpr std::uint64_t kSpending = 8;  // with less free, a piece is given away; also how much more it needs
                                        // to be made whole
constexpr std::uint64_t kPiece = 4;
constexpr std::uint64_t kReads = 2;  // of free and held together
constexpr std::uint64_t kOwn = 4;

}  // namespace

Reserve::Reserve(const Options& options, std::unique_ptr<Ballast> ballast, Metrics& metrics)
    : options_(options),
      ballast_(std::move(ballast)),
      free_gauge_(metrics.gauge("cairn_disk_free_bytes", "Room on the data folder's file system.")),
      held_gauge_(metrics.gauge("cairn_reserve_bytes", "Room that the reserve holds.")),
      full_gauge_(metrics.gauge("cairn_disk_full", "1 while callers' writes are refused for lack of room.")) {
  metrics.limit("cairn_reserve_bytes", static_cast<double>(options.bytes));
}

Result<std::unique_ptr<Reserve>> Reserve::open(const Options& options, Metrics& metrics) {
  std::error_code ignored;
  const bool is_new = !std::filesystem::exists(options.file, ignored);
  CAIRN_TRY(auto ballast, ballast_file(options.file));
  auto reserve = std::make_unique<Reserve>(options, std::move(ballast), metrics);
  if (auto begun = reserve->begin(is_new); !begun) {
    std::filesystem::remove(options.file, ignored);
    return std::move(begun).error();
  }
  reserve->thread_ = std::thread([raw = reserve.get()] { raw->run(); });
  return reserve;
}

Reserve::~Reserve() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_one();
  if (thread_.joinable()) {
    thread_.join();
  }
}

Result<void> Reserve::begin(bool is_new) {
  CAIRN_TRY(held_, ballast_->held_bytes());
  CAIRN_TRY(free_, ballast_->free_bytes());
  if (held_ > options_.bytes) {  // it was configured larger
    CAIRN_TRY_VOID(ballast_->hold(options_.bytes));
    held_ = options_.bytes;
  }
  const auto needed = options_.bytes + options_.bytes / kLow;
  if (is_new && free_ < needed) {
    return Error{Errc::limit,
                 fmt::format("make the reserve: {} bytes are free and {} are needed; make room, or set "
                             "`reserve` to less",
                             free_.load(), needed),
                 options_.file.native()};
  }
  if (is_new) {
    CAIRN_TRY_VOID(ballast_->hold(options_.bytes));
    held_ = options_.bytes;
  }
  look(std::chrono::steady_clock::now());
  return {};
}

bool Reserve::admits(Claim claim, std::uint64_t bytes) const {
  const auto free = free_.load(std::memory_order_relaxed);
  const auto room = free + held_.load(std::memory_order_relaxed);
  switch (claim) {
    case Claim::growth:
      return growing_.load(std::memory_order_relaxed) && bytes <= free - std::min(free, options_.bytes / kLow);
    case Claim::read:
      return room >= options_.bytes / kReads;
    case Claim::own:
    case Claim::removal:
      return room >= options_.bytes / kOwn;
    case Claim::administration:
      return true;
  }
  return true;
}

std::string Reserve::complaint() const {
  if (!low()) {
    return {};
  }
  return fmt::format(
      "the disk is full: callers' writes are refused until {} bytes are free ({} are, the reserve holds {} of {})",
      options_.bytes / kLow + options_.bytes / kSpending + options_.bytes - held_, free_.load(), held_.load(),
      options_.bytes);
}

void Reserve::run() {
  std::unique_lock lock(mutex_);
  while (!stop_.wait_for(lock, options_.look_every, [this] { return stopping_; })) {
    lock.unlock();
    look(std::chrono::steady_clock::now());
    lock.lock();
  }
}

void Reserve::look(std::chrono::steady_clock::time_point now) {
  const auto free = ballast_->free_bytes();
  if (!free) {
    if (!failing_) {
      log::warn("cannot see how full the disk is", {{"error", free.error().text()}});
    }
    failing_ = true;
    return;
  }
  failing_ = false;
  free_ = *free;
  if (*free < options_.bytes / kSpending) {
    publish();  // callers are refused before room is given away
    spend(now);
  } else if (held_ < options_.bytes) {
    refill();
  }
  publish();
}

void Reserve::spend(std::chrono::steady_clock::time_point now) {
  if (held_ == 0 || (spent_ && now - *spent_ < options_.spend_every)) {
    return;
  }
  const auto piece = std::min<std::uint64_t>(held_, std::max<std::uint64_t>(options_.bytes / kPiece, 1));
  if (const auto given = ballast_->hold(held_ - piece); !given) {
    log::error("cannot give room of the reserve away", {{"error", given.error().text()}});
    return;
  }
  spent_ = now;
  held_ -= piece;
  free_ += piece;
  log::warn("the disk is full: the reserve gives room away", {{"bytes", piece}, {"left", held_.load()}});
}

void Reserve::refill() {
  const auto missing = options_.bytes - held_;
  if (free_ < missing + options_.bytes / kLow + options_.bytes / kSpending) {
    return;
  }
  if (const auto taken = ballast_->hold(options_.bytes); !taken) {
    log::warn("the reserve is not whole yet", {{"error", taken.error().text()}});
    return;
  }
  held_ = options_.bytes;
  free_ -= missing;
  log::info("the reserve is whole again", {{"bytes", options_.bytes}});
}

// Growth ends where free room is less than it needs, and begins again with some more, so that it does not
// begin and end with every call.
void Reserve::publish() {
  const auto needed = options_.bytes / kLow + (growing_ ? 0 : options_.bytes / kSpending);
  const bool growing = held_ == options_.bytes && free_ >= needed;
  if (growing != growing_.exchange(growing)) {
    if (growing) {
      log::info("there is room on the disk again: callers' writes are taken", {{"free", free_.load()}});
    } else {
      log::error("the disk is full: callers' writes are refused", {{"free", free_.load()}});
    }
  }
  free_gauge_.set(static_cast<double>(free_));
  held_gauge_.set(static_cast<double>(held_));
  full_gauge_.set(growing ? 0 : 1);
}

}  // namespace cairn::reserve
