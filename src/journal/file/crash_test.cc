// kill -9 at any moment: what was acknowledged is there afterwards, whole batches only, and nothing that
// nobody appended.
#include <signal.h>
#include <sys/wait.h>

#include <random>

#include "async/gate.h"
#include "journal/file/file_bench.h"

namespace cairn::journal {
namespace {

constexpr std::uint32_t kCallers = 8;
constexpr int kRounds = 6;

// What a child says of each batch once it was acknowledged.
struct Acknowledged {
  std::uint64_t position;
  std::uint32_t round;
  std::uint32_t caller;
  std::uint32_t batch;
  std::uint32_t count;
};

std::string payload_of(const Acknowledged& batch, std::uint32_t k) {
  auto text = std::to_string(batch.round) + "." + std::to_string(batch.caller) + "." +
              std::to_string(batch.batch) + "." + std::to_string(k) + "/" + std::to_string(batch.count) + " ";
  return text + std::string((batch.batch * 37 + batch.caller * 911) % 3000, 'x');
}

Task<void> append_for_ever(Journal& journal, Acknowledged batch, int pipe) {
  for (;; ++batch.batch) {
    batch.count = 1 + batch.batch % 4;
    std::vector<std::string> payloads;
    for (std::uint32_t k = 0; k < batch.count; ++k) {
      payloads.push_back(payload_of(batch, k));
    }
    const auto first = co_await journal.append(kPartition, payloads);
    if (!first) {
      ::_exit(3);
    }
    batch.position = first->raw();
    if (::write(pipe, &batch, sizeof batch) != sizeof batch) {
      ::_exit(4);
    }
  }
}

[[noreturn]] void run_child(const std::filesystem::path& folder, std::uint32_t round, int pipe) {
  log::configure(log::Level::error, log::Format::text);
  async::Loops loops(2);
  Metrics metrics;
  const auto journal = open(Options{.folder = folder, .file_bytes = 200'000}, system_clock(), metrics);
  if (!journal) {
    ::_exit(2);
  }
  for (std::uint32_t caller = 0; caller < kCallers; ++caller) {
    const Acknowledged start{.position = 0, .round = round, .caller = caller, .batch = 0, .count = 0};
    async::spawn(loops.next().get_executor(), append_for_ever(**journal, start, pipe));
  }
  std::this_thread::sleep_for(std::chrono::seconds(60));
  ::_exit(5);
}

// Runs one child, kills it after a while, and returns what it had acknowledged.
std::vector<Acknowledged> run_and_kill(const std::filesystem::path& folder, std::uint32_t round,
                                       Millis lifetime) {
  std::array<int, 2> pipe{};
  EXPECT_EQ(::pipe(pipe.data()), 0);
  const auto child = ::fork();
  if (child == 0) {
    ::close(pipe[0]);
    run_child(folder, round, pipe[1]);
  }
  ::close(pipe[1]);
  std::vector<Acknowledged> acknowledged;
  std::thread killer([&] {
    std::this_thread::sleep_for(lifetime);
    ::kill(child, SIGKILL);
  });
  Acknowledged one{};
  while (::read(pipe[0], &one, sizeof one) == sizeof one) {
    acknowledged.push_back(one);
  }
  killer.join();
  ::close(pipe[0]);
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status)) << "exit code " << WEXITSTATUS(status);
  return acknowledged;
}

struct Parsed {
  Acknowledged batch{};
  std::uint32_t k = 0;
};

Parsed parse(const std::string& payload) {
  Parsed parsed;
  auto& batch = parsed.batch;
  const auto got = std::sscanf(payload.c_str(), "%u.%u.%u.%u/%u", &batch.round, &batch.caller, &batch.batch,
                               &parsed.k, &batch.count);
  EXPECT_EQ(got, 5) << payload;
  return parsed;
}

void expect_whole_batches(const std::vector<Seen>& seen) {
  for (std::size_t at = 0; at < seen.size();) {
    const auto first = parse(seen[at].payload);
    ASSERT_EQ(first.k, 0U) << "position " << at << " is in the middle of a batch";
    ASSERT_LE(at + first.batch.count, seen.size()) << "a part of a batch at the end";
    for (std::uint32_t k = 0; k < first.batch.count; ++k) {
      ASSERT_EQ(seen[at + k].payload, payload_of(first.batch, k));
    }
    at += first.batch.count;
  }
}

TEST(Crash, what_was_acknowledged_is_there_after_kill_9) {
  const TestFolder folder;
  std::mt19937 random(7);
  std::vector<Acknowledged> acknowledged;
  for (std::uint32_t round = 0; round < kRounds; ++round) {
    const Millis lifetime{60 + random() % 90};
    const auto more = run_and_kill(folder.path(), round, lifetime);
    acknowledged.insert(acknowledged.end(), more.begin(), more.end());

    Metrics metrics;
    const auto journal = open(Options{.folder = folder.path()}, system_clock(), metrics);
    ASSERT_TRUE(journal) << journal.error().text();
    const auto seen = read_all(**journal, Position{0});
    expect_whole_batches(seen);
    for (const auto& batch : acknowledged) {
      for (std::uint32_t k = 0; k < batch.count; ++k) {
        ASSERT_LT(batch.position + k, seen.size()) << "an acknowledged entry is gone";
        ASSERT_EQ(seen[batch.position + k].payload, payload_of(batch, k));
      }
    }
  }
  EXPECT_GT(acknowledged.size(), 20U) << "or this test shows nothing";
}

}  // namespace
}  // namespace cairn::journal
