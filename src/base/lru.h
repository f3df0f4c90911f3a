// Lru: values under keys, with a limit on what all of them cost together; the least lately used go first.
// Thread-safe. Values are handed out as copies, so they are best shared pointers.
#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>

namespace cairn {

template <class Key, class Value, class Hash = std::hash<Key>>
class Lru {
 public:
  explicit Lru(std::size_t cost_max) : cost_max_(cost_max) {}

  std::optional<Value> find(const Key& key) {
    const std::lock_guard lock(mutex_);
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) {
      return std::nullopt;
    }
    latest_first_.splice(latest_first_.begin(), latest_first_, found->second);
    return found->second->value;
  }

  // Changes nothing when the key is there: two threads made the value at the same time.
  void put(const Key& key, Value value, std::size_t cost) {
    std::list<Kept> gone;  // destroyed without the lock
    const std::lock_guard lock(mutex_);
    if (by_key_.contains(key)) {
      return;
    }
    latest_first_.push_front({key, std::move(value), cost});
    by_key_.emplace(key, latest_first_.begin());
    cost_ += cost;
    while (cost_ > cost_max_) {
      const auto last = std::prev(latest_first_.end());
      cost_ -= last->cost;
      by_key_.erase(last->key);
      gone.splice(gone.end(), latest_first_, last);
    }
  }

  void erase(const Key& key) {
    std::list<Kept> gone;  // destroyed without the lock
    const std::lock_guard lock(mutex_);
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) {
      return;
    }
    cost_ -= found->second->cost;
    gone.splice(gone.end(), latest_first_, found->second);
    by_key_.erase(found);
  }

  // Of all that is kept.
  std::size_t cost() const {
    const std::lock_guard lock(mutex_);
    return cost_;
  }

 private:
  struct Kept {
    Key key;
    Value value;
    std::size_t cost = 0;
  };

  const std::size_t cost_max_;
  mutable std::mutex mutex_;
  std::size_t cost_ = 0;  // guarded, as all that follows
  std::list<Kept> latest_first_;
  std::unordered_map<Key, typename std::list<Kept>::iterator, Hash> by_key_;
};

}  // namespace cairn
