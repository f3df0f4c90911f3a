// A child that dies, hangs, floods, answers nonsense, eats memory: its job fails and says why, the next one
// is done. The child is this program itself (worker_child_test.cc).
#include "worker/worker.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <mutex>
#include <optional>

#include "worker/child_process.h"

namespace cairn::worker {
namespace {

constexpr Millis kLong{120'000};
constexpr Millis kShort{300};

// A job and its result, for a test that waits.
class Pending {
 public:
  Worker::Done done() {
    return [this](Result<std::string> result) {
      const std::lock_guard lock(mutex_);
      CAIRN_CHECK(!result_);
      result_.emplace(std::move(result));
      there_.notify_all();
    };
  }
  Result<std::string> wait() {
    std::unique_lock lock(mutex_);
    there_.wait(lock, [this] { return result_.has_value(); });
    return *result_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable there_;
  std::optional<Result<std::string>> result_;
};

class WorkerTest : public testing::Test {
 protected:
  static Options options(std::vector<std::string> arguments = {"child"}) {
    Options made{.command = {"/proc/self/exe"},
                 .memory_bytes_max = 128U << 20,
                 .watch_every = Millis{5},
                 .restart_delay_min = Millis{1},
                 .restart_delay_max = Millis{4}};
    made.command.insert(made.command.end(), arguments.begin(), arguments.end());
    return made;
  }
  Worker& worker() {
    if (!worker_) {
      worker_ = std::make_unique<Worker>(options_, metrics_);
    }
    return *worker_;
  }
  Result<std::string> ask(const std::string& job, Millis deadline = kLong) {
    Pending pending;
    worker().run(job, deadline, pending.done());
    return pending.wait();
  }
  std::string answer(const std::string& job) {
    const auto result = ask(job);
    return result ? *result : "error: " + result.error().text();
  }
  bool measured(std::string_view line) const { return metrics_.text().find(line) != std::string::npos; }

  Options options_ = options();
  Metrics metrics_;
  std::unique_ptr<Worker> worker_;
};

TEST_F(WorkerTest, OneChildDoesOneJobAfterTheOther) {
  const auto pid = answer("pid");
  EXPECT_EQ(answer("a"), "did a");
  EXPECT_EQ(answer(std::string(3U << 20, 'b')), "did " + std::string(3U << 20, 'b'));
  EXPECT_EQ(answer("pid"), pid);
  EXPECT_TRUE(measured("cairn_worker_starts_total 1\n"));
}

TEST_F(WorkerTest, AFailedJobLeavesTheChildAsItWas) {
  const auto pid = answer("pid");
  const struct {
    const char* job;
    Errc code;
    const char* text;
  } rows[] = {
      {"fail", Errc::corrupt, "read a file: x.parquet"},
      {"throw", Errc::unavailable, "do a job: no good"},
      {"too much", Errc::limit, "write frame: a text of 16777217 bytes, the limit is 16777216"},
  };
  for (const auto& row : rows) {
    const auto result = ask(row.job);
    ASSERT_FALSE(result.has_value()) << row.job;
    EXPECT_EQ(result.error().code, row.code) << row.job;
    EXPECT_EQ(result.error().text(), row.text);
  }
  EXPECT_EQ(answer("pid"), pid);
}

TEST_F(WorkerTest, ABadChildFailsItsJobAndTheNextOneIsDone) {
  const struct {
    const char* job;
    Errc code;
    const char* text;
    const char* measure;
  } rows[] = {
      {"die", Errc::unavailable, "it died: exited with 7", "{reason=\"died\"} 1"},
      {"crash", Errc::unavailable, "it died: killed by signal 9", "{reason=\"died\"} 2"},
      {"hang", Errc::limit, "it passed the deadline: killed by signal 9", "{reason=\"deadline\"} 1"},
      {"garbage", Errc::unavailable, "it does not begin like one: killed by", "{reason=\"nonsense\"} 1"},
      {"flood", Errc::unavailable, "killed by signal 9", "{reason=\"nonsense\"} 2"},
      {"twice", Errc::unavailable, "it answered more than it was asked", "{reason=\"nonsense\"} 3"},
      {"fail twice", Errc::unavailable, "it answered more than it was asked", "{reason=\"nonsense\"} 4"},
      {"another's", Errc::unavailable, "it answered more than it was asked", "{reason=\"nonsense\"} 5"},
      {"eat", Errc::limit, "bytes of memory, the limit is 134217728: killed by", "{reason=\"memory\"} 1"},
  };
  for (const auto& row : rows) {
    const auto before = answer("pid");
    const auto result = ask(row.job, std::string_view(row.job) == "hang" ? kShort : kLong);
    ASSERT_FALSE(result.has_value()) << row.job;
    EXPECT_EQ(result.error().code, row.code) << row.job;
    EXPECT_NE(result.error().text().find(row.text), std::string::npos) << result.error().text();
    EXPECT_TRUE(measured(std::string("cairn_worker_deaths_total") + row.measure)) << row.job;
    EXPECT_EQ(::kill(std::atoi(before.c_str()), 0), -1) << row.job;
    EXPECT_EQ(answer("after"), "did after") << row.job;
  }
}

#ifndef CAIRN_SANITIZED  // its shadow is more than any limit

TEST_F(WorkerTest, TheHeapHasALimitOfItsOwn) {
  options_ = options({"child", std::to_string(100U << 20)});
  options_.memory_bytes_max = 1U << 30;
  const auto pid = answer("pid");
  const auto result = ask("eat");
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, Errc::limit);
  EXPECT_EQ(result.error().what, "do a job: out of memory");
  EXPECT_EQ(answer("pid"), pid);
}

#endif

TEST_F(WorkerTest, AChildThatDiedWhileIdleIsReplacedUnnoticed) {
  const auto pid = std::atoi(answer("pid").c_str());
  ASSERT_EQ(::kill(pid, SIGKILL), 0);
  siginfo_t info{};
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT), 0);
  EXPECT_EQ(answer("a"), "did a");
  EXPECT_TRUE(measured("cairn_worker_starts_total 2\n"));
}

TEST_F(WorkerTest, AnIdleChildIsEnded) {
  options_.idle_max = Millis{1};
  const auto pid = std::atoi(answer("pid").c_str());
  while (::kill(pid, 0) == 0) {
    ::usleep(1000);
  }
  EXPECT_EQ(answer("a"), "did a");
}

TEST_F(WorkerTest, ChildrenThatNeverComeUp) {
  const struct {
    std::vector<std::string> command;
    Millis start_patience;
    const char* text;
  } rows[] = {
      {{"/proc/self/exe", "exit"}, kLong, "it died: exited with 3"},
      {{"/proc/self/exe", "silent"}, kShort, "it passed the deadline: killed by signal 9"},
      {{"/nowhere/cairn"}, kLong, "start a worker: No such file or directory: /nowhere/cairn"},
  };
  for (const auto& row : rows) {
    worker_.reset();
    options_ = options();
    options_.command = row.command;
    options_.start_patience = row.start_patience;
    for (int again = 0; again < 3; ++again) {
      const auto result = ask("a");
      ASSERT_FALSE(result.has_value());
      EXPECT_EQ(result.error().code, Errc::cancelled);
      EXPECT_NE(result.error().text().find(row.text), std::string::npos) << result.error().text();
    }
  }
}

TEST_F(WorkerTest, AfterADeathAtOnceTheNextChildWaits) {
  options_ = options({"exit"});
  options_.restart_delay_min = options_.restart_delay_max = Millis{600'000};
  EXPECT_EQ(ask("a").error().text(), "have a worker do a job: it died: exited with 3");
  EXPECT_EQ(ask("b", kShort).error().text(), "have a worker do a job: none could be started in time");
  EXPECT_TRUE(measured("cairn_worker_starts_total 1\n"));
}

TEST_F(WorkerTest, ClosingEndsWhatRunsAndWhatWaits) {
  options_.waiting_max = 2;
  Pending running;
  Pending waiting[2];
  const auto pid = std::atoi(answer("pid").c_str());
  worker().run("hang", kLong, running.done());
  worker().run("b", kLong, waiting[0].done());
  while (!measured("cairn_worker_resident_bytes")) {
  }
  worker_.reset();
  EXPECT_EQ(running.wait().error().code, Errc::cancelled);
  EXPECT_EQ(waiting[0].wait().error().code, Errc::cancelled);
  EXPECT_EQ(::kill(pid, 0), -1);
}

TEST_F(WorkerTest, SoManyMayWait) {
  options_.waiting_max = 0;
  EXPECT_EQ(ask("a").error().code, Errc::limit);
}

TEST_F(WorkerTest, InheritsNothingButItsChannel) {
  const File other(::open("/dev/null", O_RDONLY));  // without close-on-exec
  ASSERT_EQ(::setenv("CAIRN_SECRET", "x", 1), 0);
  EXPECT_EQ(answer("descriptors"), "0 1 2 3 ");
  EXPECT_EQ(answer("environment").find("CAIRN_SECRET"), std::string::npos);
  EXPECT_EQ(answer("nice"), std::to_string(::nice(0) + 3));
}

// kill -9 of the parent: the kernel ends the child, in the middle of its job.
TEST(WorkerParent, WhenItIsKilledTheChildGoesToo) {
  ASSERT_EQ(::prctl(PR_SET_CHILD_SUBREAPER, 1), 0);  // so that the grandchild becomes ours to wait for
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const auto parent = ::fork();
  if (parent == 0) {
    ::dup2(ends[1], STDOUT_FILENO);
    ::execl("/proc/self/exe", "cairn_worker_test", "parent", nullptr);
    ::_exit(1);
  }
  char text[32] = {};
  ASSERT_GT(::read(ends[0], text, sizeof text - 1), 0);
  const auto child = std::atoi(text);
  ASSERT_GT(child, 0);
  ASSERT_EQ(::kill(parent, SIGKILL), 0);
  int status = 0;
  ASSERT_EQ(::waitpid(parent, &status, 0), parent);
  ASSERT_EQ(::waitpid(child, &status, 0), child);  // hangs if the child lives on: ctest's time-out
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

}  // namespace
}  // namespace cairn::worker
