// How deliveries went, written down. Tested by deliverer_test.cc.
#include "async/loops.h"
#include "base/log.h"
#include "services/sns/deliverer.h"

namespace cairn::services::sns {
namespace {

constexpr int kNoteAttempts = 3;
constexpr Millis kBetween{1'000};

}  // namespace

std::size_t Deliverer::left_of(const std::string& message) const {
  const std::lock_guard lock(mutex_);
  const auto at = going_.find(message);
  return at == going_.end() ? 0 : at->second.left;
}

// How many are left then.
std::size_t Deliverer::one_less(const std::string& message) {
  const std::lock_guard lock(mutex_);
  const auto at = going_.find(message);
  if (at == going_.end()) {
    return 0;
  }
  auto& going = at->second;
  const bool last = --going.left == 0;
  discount(going.account, {.deliveries = 1, .bytes = last ? going.bytes : 0});
  if (!last) {
    return going.left;
  }
  going_.erase(at);
  return 0;
}

// The last one's row is never written: it goes with the message.
Task<bool> Deliverer::note(const Turn& turn, std::optional<topics::Delivery> row) {
  const bool over = !row;
  if (over && left_of(turn.message) == 1) {
    const bool removed = co_await remove(turn.message);
    if (removed) {
      one_less(turn.message);
    }
    co_return removed;
  }
  const topics::Progress progress{.delivery = over ? turn.row : *std::move(row), .over = over};
  catalog::Transaction change;
  change.writes.push_back({.key = topics::progress_key(turn.message, turn.row.subscription),
                           .value = topics::encode(progress),
                           .expected = std::nullopt});
  const bool written = co_await write_down(std::move(change));
  if (written && over && one_less(turn.message) == 0) {
    // Two were the last at the same time. Where this fails, the next start finds that all is over.
    co_await remove(turn.message);
  }
  co_return written;
}

// The message, and what was noted of its rows.
Task<bool> Deliverer::remove(std::string message) {
  catalog::Transaction change;
  change.writes.push_back({.key = message, .value = std::nullopt, .expected = std::nullopt});
  const auto prefix = topics::progress_prefix(message);
  std::string after;
  while (true) {
    const auto page = co_await on_.catalog.scan(prefix, after, topics::Limits::subscriptions_max);
    if (!page) {
      log::warn("cannot read how a message's deliveries went", {{"error", page.error().text()}});
      co_return false;
    }
    if (page->empty()) {
      break;
    }
    after = page->back().key;
    for (const auto& document : *page) {
      change.writes.push_back({.key = document.key, .value = std::nullopt, .expected = std::nullopt});
    }
  }
  co_return co_await write_down(std::move(change));
}

Task<bool> Deliverer::write_down(catalog::Transaction change) {
  for (int i = 0; i < kNoteAttempts && !stopping_; ++i) {
    const auto committed = co_await on_.catalog.commit(change);
    if (committed) {
      co_return true;
    }
    log::warn("cannot write down how a delivery went", {{"error", committed.error().text()}});
    co_await async::sleep(kBetween);
  }
  co_return false;
}

}  // namespace cairn::services::sns
