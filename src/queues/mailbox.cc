// Tested by mailbox_test.cc.
#include "queues/mailbox.h"

#include <algorithm>

namespace cairn::queues {

void Totals::add(std::uint64_t bytes) {
  ++messages_;
  bytes_ += bytes;
  if (whole_) {
    whole_->add(bytes);
  }
}

void Totals::remove(std::uint64_t bytes) {
  --messages_;
  bytes_ -= bytes;
  if (whole_) {
    whole_->remove(bytes);
  }
}

Mailbox::~Mailbox() {
  while (!entries_.empty()) {
    forget(entries_.begin());
  }
}

Time Mailbox::now() {
  const std::lock_guard lock(mutex_);
  return look();
}

Time Mailbox::look() {
  const auto said = clock_.now();
  behind_ = std::max(behind_, now_ == Time() ? Millis{0} : now_ - said);
  now_ = said + behind_;
  while (!hidden_.empty() && hidden_.begin()->first <= now_) {
    auto& entry = entries_.at(hidden_.begin()->second);
    hidden_received_ -= entry.message.receives > 0 ? 1 : 0;
    entry.state = State::visible;
    visible_.insert(hidden_.extract(hidden_.begin()));
  }
  return now_;
}

void Mailbox::load(std::vector<Message> messages) {
  Wakes wakes;
  {
    const std::lock_guard lock(mutex_);
    look();
    for (auto& message : messages) {
      insert(std::move(message));
    }
    loaded_ = true;
    wakes.swap(waiting_);
    watcher_.reset();
  }
  call(std::move(wakes));
}

bool Mailbox::is_loaded() const {
  const std::lock_guard lock(mutex_);
  return loaded_;
}

void Mailbox::doubt() {
  const std::lock_guard lock(mutex_);
  loaded_ = false;
}

// A clock that went back while nobody looked has left times that are yet to come: none is hidden for longer
// than was asked for, and none comes from the future.
Mailbox::Wakes Mailbox::insert(Message message) {
  last_ = std::max(last_, message.number);
  if (overdue_.contains(message.number)) {
    return {};
  }
  const auto [at, added] = entries_.try_emplace(message.number);
  if (!added) {
    return {};
  }
  message.since = std::min(message.since, now_);
  message.visible = std::min(message.visible, now_ + message.hidden);
  totals_->add(message.bytes);
  oldest_ = std::min(oldest_, message.since);
  at->second.message = std::move(message);
  return show(at->second);
}

void Mailbox::forget(Entries::iterator at) {
  hide_away(at->second);
  totals_->remove(at->second.message.bytes);
  entries_.erase(at);
}

void Mailbox::hide_away(Entry& entry) {
  const std::pair key(entry.message.visible, entry.message.number);
  if (entry.state == State::visible) {
    visible_.erase(key);
  } else if (entry.state == State::hidden) {
    hidden_.erase(key);
    hidden_received_ -= entry.message.receives > 0 ? 1 : 0;
  }
  entry.state = State::held;
}

Mailbox::Wakes Mailbox::show(Entry& entry) {
  std::pair key(entry.message.visible, entry.message.number);
  if (key.first <= now_) {
    entry.state = State::visible;
    visible_.insert(std::move(key));
    return wake_one();
  }
  entry.state = State::hidden;
  hidden_received_ += entry.message.receives > 0 ? 1 : 0;
  const bool next = hidden_.insert(std::move(key)).first == hidden_.begin();
  return next ? wake_watcher() : Wakes();
}

void Mailbox::add(Message message) {
  Wakes wakes;
  {
    const std::lock_guard lock(mutex_);
    look();
    wakes = insert(std::move(message));
  }
  call(std::move(wakes));
}

std::vector<Message> Mailbox::take(const Wanted& wanted) {
  const std::lock_guard lock(mutex_);
  const auto now = look();
  std::vector<Message> taken;
  while (!visible_.empty() && taken.size() < wanted.count) {
    const auto at = entries_.find(visible_.begin()->second);
    if (now - at->second.message.since >= wanted.retention) {
      overdue_.emplace(at->first, at->second.message);
      forget(at);
      continue;
    }
    hide_away(at->second);
    taken.push_back(at->second.message);
  }
  return taken;
}

std::optional<Mailbox::Found> Mailbox::hold(const std::string& number) {
  const std::lock_guard lock(mutex_);
  const auto at = entries_.find(number);
  if (at == entries_.end()) {
    return std::nullopt;
  }
  const Found found{.message = at->second.message, .held = at->second.state != State::held};
  hide_away(at->second);
  return found;
}

void Mailbox::keep(const Message& message) {
  Wakes wakes;
  {
    const std::lock_guard lock(mutex_);
    const auto at = entries_.find(message.number);
    if (at == entries_.end()) {
      return;
    }
    look();
    hide_away(at->second);
    at->second.message = message;
    wakes = show(at->second);
  }
  call(std::move(wakes));
}

void Mailbox::release(const std::string& number) {
  Wakes wakes;
  {
    const std::lock_guard lock(mutex_);
    const auto at = entries_.find(number);
    if (at == entries_.end() || at->second.state != State::held) {
      return;
    }
    look();
    wakes = show(at->second);
  }
  call(std::move(wakes));
}

void Mailbox::drop(const std::string& number) {
  const std::lock_guard lock(mutex_);
  overdue_.erase(number);
  if (const auto at = entries_.find(number); at != entries_.end()) {
    forget(at);
  }
}

void Mailbox::purge(const std::string& number) {
  const std::lock_guard lock(mutex_);
  last_ = std::max(last_, number);
  for (auto at = entries_.begin(); at != entries_.end() && at->first <= number;) {
    overdue_.emplace(at->first, at->second.message);
    forget(at++);
  }
}

// Looks at all of them only when one may be due.
std::vector<Message> Mailbox::overdue(Millis retention, std::size_t count) {
  const std::lock_guard lock(mutex_);
  const auto now = look();
  if (!entries_.empty() && now - oldest_ >= retention) {
    oldest_ = Time::max();
    for (auto at = entries_.begin(); at != entries_.end();) {
      const auto next = std::next(at);
      if (at->second.state != State::held && now - at->second.message.since >= retention &&
          overdue_.size() < count) {
        overdue_.emplace(at->first, at->second.message);
        forget(at);
      } else {
        oldest_ = std::min(oldest_, at->second.message.since);
      }
      at = next;
    }
  }
  std::vector<Message> page;
  for (const auto& [number, message] : overdue_) {
    if (page.size() == count) {
      break;
    }
    page.push_back(message);
  }
  return page;
}

Counts Mailbox::counts() {
  const std::lock_guard lock(mutex_);
  look();
  const auto held = entries_.size() - visible_.size() - hidden_.size();
  return {.visible = visible_.size(),
          .in_flight = held + hidden_received_,
          .delayed = hidden_.size() - hidden_received_};
}

std::uint64_t Mailbox::messages() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

std::optional<Message> Mailbox::find(const std::string& number) const {
  const std::lock_guard lock(mutex_);
  const auto at = entries_.find(number);
  return at == entries_.end() ? std::nullopt : std::optional(at->second.message);
}

std::string Mailbox::next_number() {
  const std::lock_guard lock(mutex_);
  last_ = number_after(last_, look());
  return last_;
}

bool Mailbox::wait(std::uint64_t waiter, Wake wake) {
  const std::lock_guard lock(mutex_);
  if (closed_ || waiting_.size() >= kWaitingMax) {
    return false;
  }
  waiting_.emplace(waiter, std::move(wake));
  watcher_ = watcher_.value_or(waiter);
  return true;
}

void Mailbox::stop_waiting(std::uint64_t waiter) {
  Wakes wakes;
  {
    const std::lock_guard lock(mutex_);
    waiting_.erase(waiter);
    if (watcher_ == waiter) {
      watcher_.reset();
    }
    if (!visible_.empty() || (!watcher_ && !hidden_.empty())) {
      wakes = wake_one();
    }
  }
  call(std::move(wakes));
}

// Whoever has waited longest; the watcher only if there is nobody else.
Mailbox::Wakes Mailbox::wake_one() {
  auto at = waiting_.begin();
  if (at != waiting_.end() && watcher_ == at->first && waiting_.size() > 1) {
    ++at;
  }
  Wakes woken;
  if (at != waiting_.end()) {
    if (watcher_ == at->first) {
      watcher_.reset();
    }
    woken.insert(waiting_.extract(at));
  }
  return woken;
}

// There is something sooner to watch for.
Mailbox::Wakes Mailbox::wake_watcher() {
  if (!watcher_) {
    return wake_one();
  }
  Wakes woken;
  woken.insert(waiting_.extract(*watcher_));
  watcher_.reset();
  return woken;
}

std::size_t Mailbox::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

std::optional<Millis> Mailbox::next_visible(std::uint64_t waiter) {
  const std::lock_guard lock(mutex_);
  const auto now = look();
  if (watcher_ != waiter || hidden_.empty()) {
    return std::nullopt;
  }
  return hidden_.begin()->first - now;
}

void Mailbox::close() {
  Wakes wakes;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    wakes.swap(waiting_);
    watcher_.reset();
  }
  call(std::move(wakes));
}

// Without the lock: a waiter may wait again at once.
void Mailbox::call(Wakes wakes) {
  for (auto& [waiter, wake] : wakes) {
    wake();
  }
}

}  // namespace cairn::queues
