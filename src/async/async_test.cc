// Loops, promises across threads, the pool and the gate.
#include <gtest/gtest.h>

#include "async/gate.h"
#include "async/loops.h"
#include "async/pool.h"
#include "async/promise.h"

namespace cairn::async {
namespace {

Task<int> add(Pool& pool, int a, int b) {
  const auto work = [a, b] { return a + b; };
  co_return co_await pool.run(work);
}

TEST(Async, pool_gives_back_what_the_work_returned) {
  Loops loops(2);
  Pool pool(2);
  EXPECT_EQ(run(loops.next().get_executor(), add(pool, 2, 3)), 5);
}

TEST(Async, promise_works_whichever_side_comes_first) {
  Loops loops(1);
  Promise<std::string> early;
  early.set("early");
  EXPECT_EQ(run(loops.next().get_executor(), early.wait()), "early");

  Promise<std::string> late;
  std::thread setter([&] {
    std::this_thread::sleep_for(Millis{20});
    late.set("late");
  });
  EXPECT_EQ(run(loops.next().get_executor(), late.wait()), "late");
  setter.join();
}

Task<void> fail() {
  throw std::runtime_error("expected in this test");
  co_return;
}

TEST(Async, run_hands_on_an_exception) {
  Loops loops(1);
  EXPECT_THROW(run(loops.next().get_executor(), fail()), std::runtime_error);
}

TEST(Gate, waits_for_what_is_inside_and_lets_nothing_new_in) {
  Loops loops(1);
  Gate gate;
  const auto executor = loops.next().get_executor();
  EXPECT_TRUE(gate.spawn(executor, sleep(Millis{30})));
  gate.close();
  EXPECT_FALSE(gate.spawn(executor, sleep(Millis{30})));
  EXPECT_FALSE(gate.wait_empty(Millis{1}));
  EXPECT_TRUE(gate.wait_empty(Millis{5000}));
}

}  // namespace
}  // namespace cairn::async
