// Live: a setting that may change while Cairn runs. Copies share the value: who is given one sees what is set
// later. Thread-safe.
#pragma once

#include <atomic>
#include <concepts>
#include <memory>

namespace cairn {

template <class T>
class Live {
 public:
  // A value of its own.
  template <std::convertible_to<T> Value>
  Live(Value value) : value_(std::make_shared<std::atomic<T>>(static_cast<T>(value))) {}

  T get() const { return value_->load(std::memory_order_relaxed); }
  operator T() const { return get(); }
  // For all copies.
  void set(T value) const { value_->store(value, std::memory_order_relaxed); }

 private:
  std::shared_ptr<std::atomic<T>> value_;
};

}  // namespace cairn
