#include "integrity/crew.h"

#include <algorithm>

#include "async/gate.h"

namespace cairn::integrity {
namespace {

Task<void> work_off(std::atomic<std::size_t>& next, std::size_t count,
                    const std::function<Task<void>(std::size_t)>& work) {
  for (auto i = next++; i < count; i = next++) {
    auto one = work(i);
    co_await std::move(one);
  }
}

}  // namespace

void Crew::each(std::size_t count, const std::function<Task<void>(std::size_t)>& work) {
  constexpr Millis kLook{60'000};
  std::atomic<std::size_t> next = 0;
  async::Gate gate;
  for (std::size_t i = 0; i < std::min(count, at_once_); ++i) {
    gate.spawn(loops_.next().get_executor(), work_off(next, count, work));
  }
  while (!gate.wait_empty(kLook)) {
  }
}

}  // namespace cairn::integrity
