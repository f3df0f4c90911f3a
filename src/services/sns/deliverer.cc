// What is due, and what comes of it. Tested by deliverer_test.cc.
#include "services/sns/deliverer.h"

#include <algorithm>

#include "async/loops.h"
#include "base/check.h"
#include "base/log.h"

namespace cairn::services::sns {
namespace {

constexpr int kNoteAttempts = 10;
constexpr std::size_t kLoadPage = 100;
constexpr Millis kPauseUnwritten{5'000};  // what happened could not be written down
// As AWS tries a queue: at once, a second apart, ever later, and then on and on.
constexpr std::uint32_t kAtOnce = 3;
constexpr std::uint32_t kSoon = 5;
constexpr std::uint32_t kLater = 15;
constexpr Millis kSecond{1'000};
constexpr Millis kLongest{20'000};

}  // namespace

Deliverer::Deliverer(DelivererParts on, DelivererOptions options)
    : on_(on),
      options_(std::move(options)),
      delivered_(on.metrics.counter("cairn_sns_deliveries_total",
                                    "messages at their subscriptions' endpoints, by what came of it",
                                    {{"outcome", "delivered"}})),
      failed_(on.metrics.counter("cairn_sns_deliveries_total",
                                 "messages at their subscriptions' endpoints, by what came of it",
                                 {{"outcome", "failed"}})),
      dead_(on.metrics.counter("cairn_sns_deliveries_total",
                               "messages at their subscriptions' endpoints, by what came of it",
                               {{"outcome", "dead_letter"}})),
      dropped_(on.metrics.counter("cairn_sns_deliveries_total",
                                  "messages at their subscriptions' endpoints, by what came of it",
                                  {{"outcome", "dropped"}})),
      gauge_(on.metrics.gauge("cairn_sns_waiting_deliveries",
                              "messages that wait for their subscriptions' endpoints")) {
  on.metrics.limit("cairn_sns_waiting_deliveries", static_cast<double>(options_.deliveries_max));
}

void Deliverer::start(async::Executor executor) {
  CAIRN_CHECK(gate_.spawn(executor, begin()));
  for (std::size_t i = 0; i < options_.at_once; ++i) {
    CAIRN_CHECK(gate_.spawn(executor, work()));
  }
}

void Deliverer::stop() {
  stopping_ = true;
  gate_.close();
  while (!gate_.wait_empty(Millis{10'000})) {
    log::warn("a message's delivery is slow to stop");
  }
}

bool Deliverer::has_room(std::size_t deliveries) const {
  const std::lock_guard lock(mutex_);
  return waiting_ + under_way_ + inbox_.size() + deliveries <= options_.deliveries_max;
}

void Deliverer::published(std::string key) {
  const std::lock_guard lock(mutex_);
  inbox_.push_back(std::move(key));
}

Task<void> Deliverer::begin() {
  while (!stopping_) {
    const auto loaded = co_await load();
    if (loaded) {
      co_return;
    }
    log::warn("cannot read the messages that wait, trying again", {{"error", loaded.error().text()}});
    co_await async::sleep(kSecond);
  }
}

Task<Result<void>> Deliverer::load() {
  std::string after;
  while (!stopping_) {
    CAIRN_CO_TRY(const auto page,
                 co_await on_.catalog.scan(std::string(topics::kMessagesPrefix), after, kLoadPage));
    if (page.empty()) {
      break;
    }
    for (const auto& document : page) {
      after = document.key;
      const auto message = topics::decode_message(document);
      if (message) {
        add(*message);
      } else {
        log::error("a message cannot be read and stays where it is", {{"error", message.error().text()}});
      }
    }
  }
  co_return Result<void>();
}

// Twice is once: a message that was announced while it was loaded.
void Deliverer::add(const topics::Message& message) {
  const std::lock_guard lock(mutex_);
  for (const auto& one : message.deliveries) {
    waiting_ += lanes_[one.subscription].waiting.emplace(one.due, message.key()).second ? 1 : 0;
  }
  measure();
}

void Deliverer::measure() const {
  gauge_.set(static_cast<double>(waiting_ + under_way_));
}

std::optional<std::string> Deliverer::next_key() {
  const std::lock_guard lock(mutex_);
  if (inbox_.empty()) {
    return std::nullopt;
  }
  auto key = std::move(inbox_.front());
  inbox_.pop_front();
  return key;
}

Task<void> Deliverer::take_in(std::string key) {
  const auto document = co_await on_.catalog.get(key);
  if (!document) {
    log::warn("cannot read a message, trying again", {{"key", key}, {"error", document.error().text()}});
    co_await async::sleep(kSecond);
    published(std::move(key));
    co_return;
  }
  if (!*document) {
    co_return;  // the call that would have published it failed
  }
  if (const auto message = topics::decode_message(**document)) {
    add(*message);
  }
}

// The one that has waited longest, of the subscriptions that are not busy.
std::optional<Deliverer::Waiting> Deliverer::take_due() {
  const auto now = on_.clock.now();
  const std::lock_guard lock(mutex_);
  auto first = lanes_.end();
  for (auto it = lanes_.begin(); it != lanes_.end(); ++it) {
    const auto& lane = it->second;
    const bool free = !lane.waiting.empty() && lane.busy < options_.at_once_of_subscription;
    if (free && (first == lanes_.end() || *lane.waiting.begin() < *first->second.waiting.begin())) {
      first = it;
    }
  }
  if (first == lanes_.end() || first->second.waiting.begin()->first > now) {
    return std::nullopt;
  }
  auto taken = first->second.waiting.extract(first->second.waiting.begin());
  ++first->second.busy;
  --waiting_;
  ++under_way_;
  return Waiting{
      .due = taken.value().first, .key = std::move(taken.value().second), .subscription = first->first};
}

void Deliverer::put_back(const Waiting& done, std::optional<Time> due) {
  const std::lock_guard lock(mutex_);
  auto& lane = lanes_[done.subscription];
  --lane.busy;
  --under_way_;
  if (due) {
    waiting_ += lane.waiting.emplace(*due, done.key).second ? 1 : 0;
  }
  if (lane.busy == 0 && lane.waiting.empty()) {
    lanes_.erase(done.subscription);
  }
  measure();
}

// False: there is nothing to do.
Task<bool> Deliverer::step() {
  if (auto key = next_key()) {
    co_await take_in(*std::move(key));
    co_return true;
  }
  auto waiting = take_due();
  if (!waiting) {
    co_return false;
  }
  co_await attempt(*std::move(waiting));
  co_return true;
}

Task<void> Deliverer::work() {
  while (!stopping_) {
    const bool worked = co_await step();
    if (!worked) {
      co_await async::sleep(options_.idle);
    }
  }
}

Task<void> Deliverer::work_off() {
  bool worked = true;
  while (worked) {
    worked = co_await step();
  }
}

Task<void> Deliverer::attempt(Waiting waiting) {
  const auto document = co_await on_.catalog.get(waiting.key);
  const auto message = document && *document
                           ? topics::decode_message(**document)
                           : Result<topics::Message>(Error{Errc::not_found, "no message", ""});
  if (!message) {
    const bool later = !document;
    put_back(waiting, later ? std::optional(on_.clock.now() + kPauseUnwritten) : std::nullopt);
    co_return;
  }
  const auto row =
      std::ranges::find(message->deliveries, waiting.subscription, &topics::Delivery::subscription);
  if (row == message->deliveries.end()) {
    put_back(waiting, std::nullopt);
    co_return;
  }
  const topics::SubscriptionName name{.topic = message->topic, .id = waiting.subscription};
  const auto found = co_await topics::load_subscription(on_.catalog, name);
  if (!found) {
    put_back(waiting, on_.clock.now() + kPauseUnwritten);
    co_return;
  }
  const bool wanted = *found && (*found)->value.pending == message->confirms;
  const auto to = *found ? (*found)->value : topics::Subscription();
  const auto end = wanted ? co_await deliver(*message, *row, to) : End::gone;
  const auto next = after(*message, *row, to, end);
  const bool noted = co_await note(waiting, next);
  if (!noted) {
    put_back(waiting, on_.clock.now() + kPauseUnwritten);
  } else {
    put_back(waiting, next ? std::optional(next->due) : std::nullopt);
  }
}

Millis Deliverer::pause_after(const topics::Delivery& row, const topics::Subscription& to) const {
  if (to.is_http() && !row.dead) {
    return options_.http_pause;
  }
  if (row.attempts <= kAtOnce) {
    return Millis{0};
  }
  if (row.attempts <= kSoon) {
    return kSecond;
  }
  return row.attempts <= kLater ? std::min(kLongest, Millis{kSecond.count() << (row.attempts - kSoon)})
                                : kLongest;
}

bool Deliverer::may_try_again(const topics::Message& message, const topics::Delivery& row,
                              const topics::Subscription& to) const {
  return to.is_http() && !row.dead ? row.attempts <= options_.http_retries
                                   : on_.clock.now() - message.time < options_.queue_patience;
}

std::optional<topics::Delivery> Deliverer::after(const topics::Message& message, topics::Delivery row,
                                                 const topics::Subscription& to, End end) {
  if (end == End::delivered) {
    (row.dead ? dead_ : delivered_).add();
    return std::nullopt;
  }
  if (end == End::gone) {
    return std::nullopt;
  }
  if (end == End::unready) {
    row.due = on_.clock.now() + kPauseUnwritten;
    return row;
  }
  failed_.add();
  ++row.attempts;
  if (end == End::retry && may_try_again(message, row, to)) {
    row.due = on_.clock.now() + pause_after(row, to);
    return row;
  }
  return message.confirms ? std::nullopt : given_up(std::move(row), to);
}

std::optional<topics::Delivery> Deliverer::given_up(topics::Delivery row, const topics::Subscription& to) {
  if (!row.dead && !to.dead_letters().empty()) {
    row.dead = true;
    row.attempts = 0;
    row.due = on_.clock.now();
    return row;
  }
  dropped_.add();
  log::warn("a message is dropped: its endpoint does not take it",
            {{"subscription", to.arn()}, {"dead_letters", row.dead ? "refused" : "none"}});
  return std::nullopt;
}

Task<bool> Deliverer::note(const Waiting& waiting, std::optional<topics::Delivery> row) {
  for (int i = 0; i < kNoteAttempts; ++i) {
    const auto document = co_await on_.catalog.get(waiting.key);
    if (!document) {
      co_return false;
    }
    auto message = *document ? topics::decode_message(**document)
                             : Result<topics::Message>(Error{Errc::not_found, "no message", ""});
    if (!message) {
      co_return true;
    }
    const auto there =
        std::ranges::find(message->deliveries, waiting.subscription, &topics::Delivery::subscription);
    if (there == message->deliveries.end()) {
      co_return true;
    }
    if (row) {
      *there = *row;
    } else {
      message->deliveries.erase(there);
    }
    catalog::Transaction change;
    change.writes.push_back(
        {.key = waiting.key,
         .value = message->deliveries.empty() ? std::nullopt : std::optional(topics::encode(*message)),
         .expected = (*document)->version});
    const auto committed = co_await on_.catalog.commit(std::move(change));
    if (committed) {
      co_return true;
    }
    if (committed.error().code != Errc::conflict && committed.error().code != Errc::unknown) {
      log::warn("cannot write down how a delivery went", {{"error", committed.error().text()}});
      co_return false;
    }
  }
  co_return false;
}

}  // namespace cairn::services::sns
