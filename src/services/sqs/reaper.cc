// Tested by sqs_test.cc.
#include "services/sqs/reaper.h"

#include <array>

#include "async/loops.h"
#include "base/check.h"
#include "base/log.h"

namespace cairn::services::sqs {
namespace {

constexpr Millis kNap{100};
constexpr std::size_t kQueuesPage = 500;
constexpr std::size_t kMessagesPage = 200;
// A queue's name keeps its versions so long after it went; no call takes as long.
constexpr std::chrono::hours kNameKept{1};

}  // namespace

void Reaper::start(async::Executor executor) {
  CAIRN_CHECK(gate_.spawn(std::move(executor), run()));
}

void Reaper::stop() {
  stopping_ = true;
  gate_.close();
  while (!gate_.wait_empty(Millis{10'000})) {
    log::warn("the reaper of queues is slow to stop");
  }
}

Task<void> Reaper::run() {
  while (!stopping_) {
    const auto reaped = co_await reap();
    if (!reaped) {
      log::warn("cannot remove messages that are overdue, trying again later",
                {{"error", reaped.error().text()}});
    } else if (*reaped > 0) {
      log::info("messages were overdue and are gone", {{"messages", *reaped}});
    }
    for (Millis waited{0}; !stopping_ && waited < kEvery; waited += kNap) {
      co_await async::sleep(kNap);
    }
  }
}

Task<Result<std::size_t>> Reaper::reap() {
  CAIRN_CO_TRY(const auto overdue, co_await reap_queues());
  CAIRN_CO_TRY(const auto gone, co_await reap_gone());
  co_return overdue + gone;
}

Task<Result<std::size_t>> Reaper::reap_queues() {
  std::size_t count = 0;
  std::string after;
  while (!stopping_) {
    CAIRN_CO_TRY(const auto page,
                 co_await on_.catalog.scan(std::string(queues::kQueuesPrefix), after, kQueuesPage));
    if (page.empty()) {
      break;
    }
    for (const auto& document : page) {
      after = document.key;
      auto queue = queues::decode_queue(document);
      if (!queue) {
        log::error("a queue's document cannot be read", {{"error", queue.error().text()}});
        continue;
      }
      queues::StoredQueue stored{.value = *std::move(queue), .version = document.version};
      CAIRN_CO_TRY(const auto reaped, co_await reap_queue(std::move(stored)));
      count += reaped;
    }
  }
  co_return count;
}

Task<Result<std::size_t>> Reaper::reap_queue(queues::StoredQueue queue) {
  const auto& value = queue.value;
  if (value.gone) {
    if (on_.ages.now() - value.modified >= kNameKept) {
      catalog::Transaction change;
      change.writes.push_back({.key = queues::queue_key(value.account, value.region, value.name),
                               .value = std::nullopt,
                               .expected = queue.version});
      const auto committed = co_await on_.catalog.commit(std::move(change));
      if (!committed && committed.error().code != Errc::conflict) {
        co_return committed.error();
      }
    }
    co_return std::size_t{0};
  }
  CAIRN_CO_TRY(const auto mailbox, co_await on_.mailboxes.of(value));
  std::size_t count = 0;
  while (!stopping_) {
    const auto page = mailbox->overdue(std::chrono::seconds(value.settings.retention), kMessagesPage);
    if (page.empty()) {
      break;
    }
    CAIRN_CO_TRY_VOID(co_await remove(page));
    for (const auto& message : page) {
      mailbox->drop(message.number);
    }
    count += page.size();
  }
  co_return count;
}

Task<Result<void>> Reaper::remove(std::vector<queues::Message> messages) {
  catalog::Transaction change;
  for (const auto& message : messages) {
    queues::remove(message, change);
  }
  CAIRN_CO_TRY_VOID(co_await on_.catalog.commit(std::move(change)));
  co_return Result<void>{};
}

Task<Result<std::size_t>> Reaper::reap_gone() {
  std::size_t count = 0;
  std::string after;
  while (!stopping_) {
    CAIRN_CO_TRY(const auto page,
                 co_await on_.catalog.scan(std::string(queues::kGonePrefix), after, kQueuesPage));
    if (page.empty()) {
      break;
    }
    for (const auto& document : page) {
      after = document.key;
      const auto id = document.key.substr(queues::kGonePrefix.size());
      CAIRN_CO_TRY(const auto emptied, co_await empty(id));
      count += emptied;
      if (stopping_) {
        break;
      }
      catalog::Transaction change;
      change.writes.push_back({.key = document.key, .value = std::nullopt, .expected = std::nullopt});
      CAIRN_CO_TRY_VOID(co_await on_.catalog.commit(std::move(change)));
      on_.mailboxes.forget(id);
    }
  }
  co_return count;
}

// Whatever lies there, whether it can be read or not.
Task<Result<std::size_t>> Reaper::empty(std::string queue) {
  std::size_t count = 0;
  const std::array prefixes = {queues::message_prefix(queue), queues::content_prefix(queue)};
  for (const auto& prefix : prefixes) {
    std::string after;
    while (!stopping_) {
      CAIRN_CO_TRY(const auto page, co_await on_.catalog.scan(prefix, after, kMessagesPage));
      if (page.empty()) {
        break;
      }
      after = page.back().key;
      catalog::Transaction change;
      for (const auto& document : page) {
        change.writes.push_back({.key = document.key, .value = std::nullopt, .expected = std::nullopt});
      }
      CAIRN_CO_TRY_VOID(co_await on_.catalog.commit(std::move(change)));
      count += prefix == prefixes.front() ? page.size() : 0;
    }
  }
  co_return count;
}

}  // namespace cairn::services::sqs
