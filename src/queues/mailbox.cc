// Tested by mailbox_test.cc.
#include "queues/mailbox.h"

#include <algorithm>

namespace cairn::queues {

Mailbox::~Mailbox() {
  while (!entries_.empty()) {
    forget(entries_.begin());
  }
}

void Mailbox::load(std::vector<Message> messages) {
  std::map<std::uint64_t, Wake> wakes;
  {
    const std::lock_guard lock(mutex_);
    for (auto& message : messages) {
      insert(std::move(message));
    }
    loaded_ = true;
    wakes.swap(waiting_);
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

void Mailbox::insert(Message message) {
  last_ = std::max(last_, message.number);
  if (overdue_.contains(message.number)) {
    return;
  }
  const auto [at, added] = entries_.try_emplace(message.number);
  if (added) {
    totals_->bytes += message.bytes;
    ++totals_->messages;
    by_time_.emplace(message.visible, message.number);
    at->second.message = std::move(message);
  }
}

void Mailbox::forget(Entries::iterator at) {
  totals_->bytes -= at->second.message.bytes;
  --totals_->messages;
  by_time_.erase({at->second.message.visible, at->first});
  entries_.erase(at);
}

void Mailbox::add(Message message) {
  std::map<std::uint64_t, Wake> wakes;
  {
    const std::lock_guard lock(mutex_);
    insert(std::move(message));
    wakes.swap(waiting_);
  }
  call(std::move(wakes));
}

std::vector<Message> Mailbox::take(const Wanted& wanted) {
  const std::lock_guard lock(mutex_);
  std::vector<Message> taken;
  auto at = by_time_.begin();
  while (at != by_time_.end() && at->first <= wanted.now && taken.size() < wanted.count) {
    auto& entry = entries_.at(at->second);
    if (wanted.age_now - entry.message.sent >= wanted.retention) {
      const auto number = at->second;
      ++at;
      overdue_.emplace(number, entry.message);
      forget(entries_.find(number));
      continue;
    }
    entry.held = true;
    taken.push_back(entry.message);
    at = by_time_.erase(at);
  }
  return taken;
}

std::optional<Mailbox::Found> Mailbox::hold(const std::string& number) {
  const std::lock_guard lock(mutex_);
  const auto at = entries_.find(number);
  if (at == entries_.end()) {
    return std::nullopt;
  }
  Found found{.message = at->second.message, .held = !at->second.held};
  if (found.held) {
    at->second.held = true;
    by_time_.erase({at->second.message.visible, number});
  }
  return found;
}

void Mailbox::keep(const Message& message) {
  std::map<std::uint64_t, Wake> wakes;
  {
    const std::lock_guard lock(mutex_);
    const auto at = entries_.find(message.number);
    if (at == entries_.end()) {
      return;
    }
    by_time_.erase({at->second.message.visible, message.number});
    at->second = {.message = message, .held = false};
    by_time_.emplace(message.visible, message.number);
    wakes.swap(waiting_);
  }
  call(std::move(wakes));
}

void Mailbox::release(const std::string& number) {
  std::map<std::uint64_t, Wake> wakes;
  {
    const std::lock_guard lock(mutex_);
    const auto at = entries_.find(number);
    if (at == entries_.end() || !at->second.held) {
      return;
    }
    at->second.held = false;
    by_time_.emplace(at->second.message.visible, number);
    wakes.swap(waiting_);
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

std::vector<Message> Mailbox::overdue(Time age_now, Millis retention, std::size_t count) {
  const std::lock_guard lock(mutex_);
  for (auto at = entries_.begin(); at != entries_.end() && overdue_.size() < count;) {
    const auto next = std::next(at);
    if (!at->second.held && age_now - at->second.message.sent >= retention) {
      overdue_.emplace(at->first, at->second.message);
      forget(at);
    }
    at = next;
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

Counts Mailbox::counts(Time now) const {
  const std::lock_guard lock(mutex_);
  Counts counts;
  for (const auto& [number, entry] : entries_) {
    if (!entry.held && entry.message.visible <= now) {
      ++counts.visible;
    } else if (entry.held || entry.message.receives > 0) {
      ++counts.in_flight;
    } else {
      ++counts.delayed;
    }
  }
  return counts;
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

std::string Mailbox::next_number(Time now) {
  const std::lock_guard lock(mutex_);
  last_ = number_after(last_, now);
  return last_;
}

bool Mailbox::wait(std::uint64_t waiter, Wake wake) {
  const std::lock_guard lock(mutex_);
  if (closed_ || waiting_.size() >= kWaitingMax) {
    return false;
  }
  waiting_.emplace(waiter, std::move(wake));
  return true;
}

void Mailbox::stop_waiting(std::uint64_t waiter) {
  const std::lock_guard lock(mutex_);
  waiting_.erase(waiter);
}

std::size_t Mailbox::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

std::optional<Time> Mailbox::next_visible() const {
  const std::lock_guard lock(mutex_);
  return by_time_.empty() ? std::nullopt : std::optional(by_time_.begin()->first);
}

void Mailbox::close() {
  std::map<std::uint64_t, Wake> wakes;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    wakes.swap(waiting_);
  }
  call(std::move(wakes));
}

// Without the lock: a waiter may wait again at once.
void Mailbox::call(std::map<std::uint64_t, Wake> wakes) {
  for (auto& [waiter, wake] : wakes) {
    wake();
  }
}

}  // namespace cairn::queues
