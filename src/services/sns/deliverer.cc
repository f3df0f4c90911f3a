// What is due, and what comes of it. Tested by deliverer_test.cc.
#include "services/sns/deliverer.h"

#include <algorithm>

#include "async/loops.h"
#include "base/check.h"
#include "base/log.h"

namespace cairn::services::sns {
namespace {

constexpr std::size_t kRecentMax = 32;    // messages
constexpr Millis kPauseUnwritten{5'000};  // what happened could not be written down
// As AWS tries a queue: at once, a second apart, ever later, and then on and on.
constexpr std::uint32_t kAtOnce = 3;
constexpr std::uint32_t kSoon = 5;
constexpr std::uint32_t kLater = 15;
constexpr Millis kSecond{1'000};
constexpr Millis kLongest{20'000};
// A mail server: twice after ten seconds, as AWS; then ever later, each minute at last.
constexpr std::uint32_t kMailPlain = 2;
constexpr Millis kMailPause{10'000};
constexpr Millis kMailLongest{60'000};

}  // namespace

Deliverer::Deliverer(DelivererParts on, DelivererOptions options)
    : on_(on),
      options_(std::move(options)),
      turns_(options_.turns),
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
      unreadable_(on.metrics.counter("cairn_sns_unreadable_subscriptions_total",
                                     "subscriptions that could not be read, each time it was tried")),
      gauge_(on.metrics.gauge("cairn_sns_waiting_deliveries",
                              "messages that wait for their subscriptions' endpoints")) {
  on.metrics.limit("cairn_sns_waiting_deliveries", static_cast<double>(options_.deliveries_max));
}

void Deliverer::start(async::Executor executor) {
  CAIRN_CHECK(gate_.spawn(executor, begin()));
  CAIRN_CHECK(gate_.spawn(executor, intake()));
  CAIRN_CHECK(gate_.spawn(executor, dispatch(executor)));
}

void Deliverer::stop() {
  stopping_ = true;
  gate_.close();
  while (!gate_.wait_empty(Millis{10'000})) {
    log::warn("a message's delivery is slow to stop");
  }
}

bool Deliverer::reserve(const std::string& account, const Load& more) {
  const std::lock_guard lock(mutex_);
  const auto at = of_account_.find(account);
  const auto has = at == of_account_.end() ? Load() : at->second;
  const bool fits = in_all_.deliveries + more.deliveries <= options_.deliveries_max &&
                    in_all_.bytes + more.bytes <= options_.bytes_max &&
                    has.deliveries + more.deliveries <= options_.account_deliveries_max &&
                    has.bytes + more.bytes <= options_.account_bytes_max;
  if (fits) {
    count(account, more);
  }
  return fits;
}

void Deliverer::count(const std::string& account, const Load& more) {
  for (auto* load : {&in_all_, &of_account_[account]}) {
    load->deliveries += more.deliveries;
    load->bytes += more.bytes;
  }
}

void Deliverer::discount(const std::string& account, const Load& less) {
  const auto at = of_account_.find(account);
  if (at == of_account_.end()) {
    return;  // nothing was reserved
  }
  for (auto* load : {&in_all_, &at->second}) {
    load->deliveries -= less.deliveries;
    load->bytes -= less.bytes;
  }
  if (at->second.deliveries == 0 && at->second.bytes == 0) {
    of_account_.erase(at);
  }
}

void Deliverer::published(std::string key, std::string account, const Load& reserved) {
  const std::lock_guard lock(mutex_);
  inbox_.push_back({.key = std::move(key), .account = std::move(account), .reserved = reserved});
}

void Deliverer::release(const Announced& announced) {
  const std::lock_guard lock(mutex_);
  discount(announced.account, announced.reserved);
}

std::optional<Deliverer::Turn> Deliverer::take_due(bool http) {
  const auto at = on_.clock.now();
  const std::lock_guard lock(mutex_);
  return turns_.take(http, at);
}

bool Deliverer::begin_work(bool http) {
  const std::lock_guard lock(mutex_);
  const auto most = http ? options_.http_at_once_max : options_.queues_at_once_max;
  auto& working = working_[http ? 1 : 0];
  const bool free = working < most;
  working += free ? 1 : 0;
  return free;
}

void Deliverer::measure() const {
  gauge_.set(static_cast<double>(turns_.waiting() + turns_.under_way()));
}

Task<void> Deliverer::dispatch(async::Executor executor) {
  while (!stopping_) {
    for (const bool http : {false, true}) {
      while (begin_work(http)) {
        auto turn = take_due(http);
        if (!turn || !gate_.spawn(executor, work(http, *std::move(turn)))) {
          const std::lock_guard lock(mutex_);
          --working_[http ? 1 : 0];
          break;
        }
      }
    }
    co_await async::sleep(options_.idle);
  }
}

// One after the other, while there are any.
Task<void> Deliverer::work(bool http, Turn turn) {
  for (std::optional<Turn> next = std::move(turn); next && !stopping_; next = take_due(http)) {
    co_await attempt(*std::move(next));
  }
  const std::lock_guard lock(mutex_);
  --working_[http ? 1 : 0];
}

Task<void> Deliverer::work_off() {
  for (bool worked = true; worked;) {
    worked = co_await take_next_in();
    for (const bool http : {false, true}) {
      if (auto turn = take_due(http)) {
        co_await attempt(*std::move(turn));
        worked = true;
      }
    }
  }
}

// The last that were read stay: a message goes to all its subscriptions at about the same time.
Task<Result<Deliverer::MessagePtr>> Deliverer::message_of(std::string key) {
  {
    const std::lock_guard lock(mutex_);
    const auto at = std::ranges::find(recent_, key, &std::pair<std::string, MessagePtr>::first);
    if (at != recent_.end()) {
      co_return at->second;
    }
  }
  CAIRN_CO_TRY(const auto document, co_await on_.catalog.get(key));
  if (!document) {
    co_return Error{Errc::not_found, "no message", key};
  }
  CAIRN_CO_TRY(auto message, topics::decode_message(*document, on_.sealer));
  message.deliveries = {};
  auto kept = std::make_shared<const topics::Message>(std::move(message));
  const std::lock_guard lock(mutex_);
  recent_.emplace_front(std::move(key), kept);
  if (recent_.size() > kRecentMax) {
    recent_.pop_back();
  }
  co_return kept;
}

Task<void> Deliverer::attempt(Turn turn) {
  const auto message = co_await message_of(turn.message);
  if (!message) {
    const auto code = message.error().code;
    const bool lost = code == Errc::not_found || code == Errc::corrupt || code == Errc::denied;
    lost ? lose(turn) : put_off(std::move(turn));
    co_return;
  }
  const topics::SubscriptionName name{.topic = (*message)->topic, .id = turn.row.subscription};
  const auto found = co_await topics::load_subscription(on_.catalog, name);
  if (!found) {
    step_over(name, found.error());
    put_off(std::move(turn));
    co_return;
  }
  const auto to = *found ? (*found)->value : topics::Subscription();
  const auto end = co_await try_one(**message, turn, *found);
  auto next = after(**message, turn.row, to, end);
  const bool noted = co_await note(turn, next);
  if (!noted) {
    next = turn.row;
    next->due = on_.clock.now() + kPauseUnwritten;
  }
  const auto came = end == End::retry                              ? Turns::Came::bad
                    : end == End::delivered || end == End::refused ? Turns::Came::good
                                                                   : Turns::Came::nothing;
  put_back(std::move(turn), came, std::move(next));
}

Task<Deliverer::End> Deliverer::try_one(const topics::Message& message, const Turn& turn,
                                        const std::optional<topics::Stored<topics::Subscription>>& found) {
  if (!found || found->value.pending != message.confirms) {
    co_return End::gone;
  }
  if (turn.hopeless) {
    co_return End::hopeless;
  }
  co_return co_await deliver(message, turn.row, found->value);
}

void Deliverer::put_back(Turn turn, Turns::Came came, std::optional<topics::Delivery> row) {
  const auto at = on_.clock.now();
  const std::lock_guard lock(mutex_);
  if (row) {
    auto next = turn;
    next.row = *std::move(row);
    next.hopeless = false;
    auto place = next.place;
    if (next.row.dead) {
      place = {.http = false, .account = std::move(place.account)};
    }
    turns_.add(std::move(next), place);
  }
  turns_.done(turn, came, at);
  measure();
}

// The catalog cannot be read.
void Deliverer::put_off(Turn turn) {
  auto row = turn.row;
  row.due = on_.clock.now() + kPauseUnwritten;
  put_back(std::move(turn), Turns::Came::nothing, std::move(row));
}

// What is under its key is no message any more.
void Deliverer::lose(const Turn& turn) {
  one_less(turn.message);
  put_back(turn, Turns::Came::nothing, std::nullopt);
}

Millis Deliverer::pause_after(const topics::Delivery& row, const topics::Subscription& to) const {
  if (to.is_mail() && !row.dead) {
    const auto doublings = std::min(row.attempts - std::min(row.attempts, kMailPlain), kLater);
    return std::min(kMailLongest, Millis{kMailPause.count() << doublings});
  }
  if (!to.is_queue() && !row.dead) {
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
  const auto age = on_.clock.now() - message.since;
  if (to.is_queue() || row.dead) {
    return age < options_.queue_patience;
  }
  return to.is_mail() ? age < options_.mail_patience : row.attempts <= options_.http_retries;
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
  if (end == End::hopeless) {
    return message.confirms ? std::nullopt : given_up(std::move(row), to);
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

}  // namespace cairn::services::sns
