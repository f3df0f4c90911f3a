// Loops, promises across threads, the pool and the gate.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

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

Task<void> wait_for(std::shared_ptr<Promise<std::string>> promise, std::string& into,
                    std::atomic<int>& elsewhere) {
  const auto before = std::this_thread::get_id();
  into = co_await promise->wait();
  elsewhere += std::this_thread::get_id() == before ? 0 : 1;
}

TEST(Async, a_batch_resumes_each_task_on_its_own_loop_with_its_own_value) {
  Loops loops(3);
  constexpr std::size_t kTasks = 300;
  std::vector<std::shared_ptr<Promise<std::string>>> promises;
  std::vector<std::string> got(kTasks);
  std::atomic<int> elsewhere{0};
  Gate gate;
  for (std::size_t i = 0; i < kTasks; ++i) {
    promises.push_back(std::make_shared<Promise<std::string>>());
  }
  {
    PromiseBatch<std::string> batch;  // the later half waits already, or comes while the batch is sent
    for (std::size_t i = kTasks / 2; i < kTasks; ++i) {
      gate.spawn(loops.next().get_executor(), wait_for(promises[i], got[i], elsewhere));
    }
    for (std::size_t i = 0; i < kTasks; ++i) {
      batch.set(*promises[i], std::to_string(i));
    }
    for (std::size_t i = 0; i < kTasks / 2; ++i) {
      gate.spawn(loops.next().get_executor(), wait_for(promises[i], got[i], elsewhere));
    }
  }
  gate.close();
  ASSERT_TRUE(gate.wait_empty(Millis{10'000}));
  for (std::size_t i = 0; i < kTasks; ++i) {
    EXPECT_EQ(got[i], std::to_string(i));
  }
  EXPECT_EQ(elsewhere, 0);
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
