// Tested by notices_test.cc.
#include "services/s3/notifier.h"

#include <algorithm>
#include <utility>

#include "async/loops.h"
#include "base/check.h"
#include "base/log.h"
#include "services/s3/destinations.h"

namespace cairn::services::s3 {
namespace {

constexpr std::size_t kBatch = 10;
constexpr std::size_t kLoadPage = 1000;
constexpr std::size_t kPagesATurn = 100;             // then it is another's
constexpr std::size_t kRoundsToForget = 600;         // a minute
constexpr std::string_view kBehindSequencers = "~";  // of sequencers

std::string prefix_of(const std::string& lane) {
  return notice_key(lane, "");
}

}  // namespace

Notifier::Notifier(Dependencies on)
    : on_(on),
      waiting_(on.clock, on.metrics),
      sent_(on.metrics.counter("cairn_s3_notices_total", "events that buckets told queues and topics")),
      failures_(on.metrics.counter("cairn_s3_notice_failures_total",
                                   "attempts to tell a queue or a topic of an event that failed")) {}

void Notifier::start(async::Executor executor) {
  executor_ = executor;
  CAIRN_CHECK(gate_.spawn(std::move(executor), run()));
}

void Notifier::stop() {
  stopping_ = true;
  gate_.close();
  while (!gate_.wait_empty(Millis{10'000})) {
    log::warn("what buckets tell is slow to stop");
  }
}

Task<void> Notifier::run() {
  for (bool loaded = false; !loaded && !stopping_;) {
    const auto found = co_await load();
    loaded = found.has_value();
    if (!loaded) {
      log::warn("cannot read what buckets have to tell, trying again", {{"error", found.error().text()}});
      co_await async::sleep(kFirstPause);
    }
  }
  for (std::size_t round = 0; !stopping_; ++round) {
    co_await begin_sending();
    if (round % kRoundsToForget == 0) {
      co_await forget_uncommitted();
    }
    co_await async::sleep(kEvery);
  }
}

// What was counted for a change that was not committed.
Task<void> Notifier::forget_uncommitted() {
  const auto lanes = waiting_.lanes();
  for (const auto& lane : lanes) {
    const auto left = co_await on_.catalog.scan(prefix_of(lane), "", 1);
    if (left && left->empty()) {
      forget(lane);
    }
  }
}

void Notifier::forget(const std::string& lane) {
  waiting_.none_of(lane);
  const std::lock_guard lock(mutex_);
  pauses_.erase(lane);
}

Task<Result<void>> Notifier::load() {
  std::string after;
  while (!stopping_) {
    CAIRN_CO_TRY(const auto page, co_await on_.catalog.scan(std::string(kNoticePrefix), after, kLoadPage));
    if (page.empty()) {
      break;
    }
    after = page.back().key;
    for (const auto& document : page) {
      const auto notice = notice_from(document.value);  // one that cannot be read is counted, too
      waiting_.found(lane_in(document.key), notice ? notice->account : std::string());
    }
  }
  co_return Result<void>{};
}

bool Notifier::is_full() {
  const std::lock_guard lock(mutex_);
  return busy_.size() >= lanes_at_once_max;
}

bool Notifier::take(const std::string& lane) {
  const std::lock_guard lock(mutex_);
  const auto pause = pauses_.find(lane);
  const bool paused = pause != pauses_.end() && on_.clock.now() < pause->second.until;
  return !paused && busy_.size() < lanes_at_once_max && busy_.insert(lane).second;
}

void Notifier::leave(const std::string& lane) {
  const std::lock_guard lock(mutex_);
  busy_.erase(lane);
}

void Notifier::pause(const std::string& lane) {
  const std::lock_guard lock(mutex_);
  auto& pause = pauses_[lane];
  pause.length = std::clamp(pause.length * 2, kFirstPause, kPauseMax);
  pause.until = on_.clock.now() + pause.length;
}

Task<Result<std::optional<std::string>>> Notifier::next_lane(std::string after) {
  while (!stopping_) {
    CAIRN_CO_TRY(const auto next, co_await on_.catalog.scan(std::string(kNoticePrefix), after, 1));
    if (next.empty()) {
      break;
    }
    auto lane = lane_in(next.front().key);
    after = prefix_of(lane) + std::string(kBehindSequencers);
    if (take(lane)) {
      co_return std::optional(std::move(lane));
    }
  }
  co_return std::optional<std::string>();
}

// Each time behind the one that came last, once round.
Task<void> Notifier::begin_sending() {
  auto after = std::exchange(last_begun_, "");
  while (!stopping_ && !is_full()) {
    const auto lane = co_await next_lane(after);
    if (!lane) {
      log::warn("cannot read what buckets have to tell, trying again", {{"error", lane.error().text()}});
    }
    if (!lane || !*lane) {
      co_return;
    }
    after = prefix_of(**lane) + std::string(kBehindSequencers);
    last_begun_ = after;
    if (!gate_.spawn(executor_, send_and_leave(**lane))) {
      leave(**lane);
    }
  }
}

Task<void> Notifier::send_and_leave(std::string lane) {
  const auto sent = co_await send_to(lane);
  if (!sent) {
    log::warn("cannot send what buckets tell, trying again",
              {{"lane", lane}, {"error", sent.error().text()}});
    pause(lane);
  }
  leave(lane);
}

Task<Result<std::size_t>> Notifier::send() {
  std::size_t count = 0;
  std::string after;
  while (true) {
    CAIRN_CO_TRY(const auto lane, co_await next_lane(after));
    if (!lane) {
      break;
    }
    after = prefix_of(*lane) + std::string(kBehindSequencers);
    const auto sent = co_await send_to(*lane);
    leave(*lane);
    CAIRN_CO_TRY(const auto taken, sent);
    count += taken;
  }
  co_await forget_uncommitted();
  co_return count;
}

Task<Result<std::size_t>> Notifier::send_to(std::string lane) {
  std::size_t count = 0;
  for (std::size_t pages = 0; pages < kPagesATurn && !stopping_; ++pages) {
    CAIRN_CO_TRY(const auto page, co_await on_.catalog.scan(prefix_of(lane), "", kBatch));
    if (page.empty()) {
      forget(lane);
      break;
    }
    const auto taken = co_await send_page(lane, page);
    const std::vector<catalog::Document> over(page.begin(),
                                              page.begin() + static_cast<std::ptrdiff_t>(taken));
    CAIRN_CO_TRY_VOID(co_await remove(over));
    waiting_.gone(lane, taken);
    count += taken;
    if (taken < page.size() && !stopping_) {
      pause(lane);
      CAIRN_CO_TRY_VOID(co_await drop_old(lane));
      break;
    }
    const std::lock_guard lock(mutex_);
    pauses_.erase(lane);
  }
  co_return count;
}

// How many were taken, from the first on.
Task<std::size_t> Notifier::send_page(std::string lane, std::vector<catalog::Document> page) {
  std::size_t taken = 0;
  for (const auto& document : page) {
    const auto notice = notice_from(document.value);
    if (!notice) {
      log::error("what a bucket had to tell cannot be read and is dropped",
                 {{"error", notice.error().text()}});
      waiting_.dropped(1);
    }
    const bool is_over = !notice || co_await send_one(lane, *notice);
    if (!is_over || stopping_) {
      co_return taken + (is_over ? 1 : 0);
    }
    ++taken;
  }
  co_return taken;
}

// False: it is to be tried again.
Task<bool> Notifier::send_one(std::string lane, Notice notice) {
  auto call = call_of({.target = std::string(target_of(lane)),
                       .bucket = notice.bucket,
                       .account = notice.account,
                       .text = notice.body});
  if (!call) {
    log::error("what a bucket had to tell is for nobody and is dropped", {{"error", call.error().text()}});
    waiting_.dropped(1);
    co_return true;
  }
  const auto answer = co_await on_.client.call(*std::move(call));
  if (answer) {
    sent_.add();
    co_return true;
  }
  failures_.add();
  log::warn("what a bucket tells is not taken, trying again later",
            {{"lane", lane}, {"bucket", notice.bucket}, {"code", answer.error().code}});
  co_return false;
}

// Of whoever takes nothing, from the oldest on.
Task<Result<void>> Notifier::drop_old(std::string lane) {
  while (!stopping_) {
    CAIRN_CO_TRY(const auto page, co_await on_.catalog.scan(prefix_of(lane), "", kLoadPage));
    std::vector<catalog::Document> old;
    for (const auto& document : page) {
      const auto notice = notice_from(document.value);
      if (notice && on_.clock.now() - notice->made < kKept) {
        break;
      }
      old.push_back(document);
    }
    if (old.empty()) {
      break;
    }
    log::error("a queue or a topic did not take what buckets told it for too long: it is dropped",
               {{"lane", lane}, {"events", old.size()}});
    CAIRN_CO_TRY_VOID(co_await remove(old));
    waiting_.dropped(old.size());
    waiting_.gone(lane, old.size());
  }
  co_return Result<void>{};
}

Task<Result<void>> Notifier::remove(std::vector<catalog::Document> page) {
  catalog::Transaction change;
  for (const auto& document : page) {
    change.writes.push_back({.key = document.key, .value = std::nullopt, .expected = std::nullopt});
  }
  if (!change.empty()) {
    CAIRN_CO_TRY_VOID(co_await on_.catalog.commit(std::move(change)));
  }
  co_return Result<void>{};
}

}  // namespace cairn::services::s3
