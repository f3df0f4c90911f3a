#include "worker/program.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>

#include "worker/spawn.h"

namespace cairn::worker {
namespace {

const std::atomic<bool> kRunning{false};

ProgramEnd shell(const std::string& script, std::string_view input = "", ProgramLimits limits = {}) {
  auto end = run_program({"/bin/sh", "-c", script}, input, limits, kRunning);
  EXPECT_TRUE(end) << end.error().text();
  return end ? *std::move(end) : ProgramEnd();
}

TEST(Program, ReadsItsInput) {
  const std::string large(1 << 20, 'x');
  EXPECT_EQ(shell("cat", "{\"a\":1}\nend").output, "{\"a\":1}\nend");
  EXPECT_EQ(shell("cat /dev/stdin", "again").output, "again");
  EXPECT_EQ(shell("wc -c", large).output, "1048576\n");
  EXPECT_TRUE(shell("exec <&-; exit 0", large).well);  // who does not read it
}

TEST(Program, SaysHowItEnded) {
  EXPECT_TRUE(shell("exit 0").well);
  for (const auto& [script, how] :
       {std::pair("exit 3", "exited with 3"), std::pair("kill -9 $$", "killed by signal 9"),
        std::pair("nothing-of-this-name 2>/dev/null", "exited with 127")}) {
    const auto end = shell(script);
    EXPECT_FALSE(end.well);
    EXPECT_EQ(end.how, how);
  }
  const auto absent = run_program({"/nonexistent/program"}, "", {}, kRunning);
  EXPECT_FALSE(absent);
}

TEST(Program, KnowsNothingOfUs) {
  ::setenv("CAIRN_SECRET_OF_TESTS", "4711", 1);
  EXPECT_EQ(shell("env").output.find("4711"), std::string::npos);
  EXPECT_EQ(shell("ls /proc/self/fd | tr '\\n' ' '").output, "0 1 2 3 ");  // 3 is the folder that ls reads
  EXPECT_EQ(shell("read -r a b c d pgrp rest < /proc/self/stat; [ $pgrp = $$ ] && echo own").output, "own\n");
}

TEST(Program, PrintsSoMuchAndNoMore) {
  const auto end = shell("echo out; echo err >&2; yes | head -c 1000000", "", {.output_bytes_max = 10});
  EXPECT_TRUE(end.well) << end.how;  // what is too much is read, too: it never waits for us
  EXPECT_EQ(end.output, "out\nerr\ny\n");
}

TEST(Program, EndsAtItsDeadlineWithAllThatItStarted) {
  const auto end = shell("sleep 1000 & echo $!; exec >&- 2>&-; wait", "", {.deadline = Millis{500}});
  EXPECT_FALSE(end.well);
  EXPECT_EQ(end.how, "did not end in time");
  const auto grandchild = static_cast<pid_t>(std::strtol(end.output.c_str(), nullptr, 10));
  ASSERT_GT(grandchild, 1);
  // Killed, and perhaps not waited for yet by whoever has it now.
  const auto is_gone = [&] {
    std::ifstream stat("/proc/" + std::to_string(grandchild) + "/stat");
    std::string text;
    std::getline(stat, text);
    return text.empty() || text.find(") Z ") != std::string::npos;
  };
  while (!is_gone()) {
    std::this_thread::sleep_for(Millis{5});
  }
}

TEST(Program, AChildThatStaysBehindIsNotWaitedFor) {
  const auto end = shell("sleep 1000 & exit 0");
  EXPECT_TRUE(end.well) << end.how;
}

TEST(Program, EndsWithUs) {
  std::atomic<bool> stopping{false};
  std::thread later([&] {
    std::this_thread::sleep_for(Millis{50});
    stopping = true;
  });
  const auto end = run_program({"/bin/sleep", "1000"}, "", {}, stopping);
  later.join();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->how, "ended with us");
}

}  // namespace
}  // namespace cairn::worker
