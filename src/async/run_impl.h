// The template half of loops.h.
#pragma once

#include <future>

namespace cairn::async {

namespace detail {
template <class T>
Task<void> fulfil(Task<T> task, std::promise<T>& promise) {
  try {
    if constexpr (std::is_void_v<T>) {
      co_await std::move(task);
      promise.set_value();
    } else {
      promise.set_value(co_await std::move(task));
    }
  } catch (...) {
    promise.set_exception(std::current_exception());
  }
}
}  // namespace detail

template <class T>
T run(Executor executor, Task<T> task) {
  std::promise<T> promise;
  auto future = promise.get_future();
  spawn(std::move(executor), detail::fulfil(std::move(task), promise));
  return future.get();
}

}  // namespace cairn::async
