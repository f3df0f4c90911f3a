// The journal in memory keeps the journal's promises, and breaks them when it is told to.
#include "journal/memory/memory_journal.h"

#include "journal/journal_conformance.h"

namespace cairn::journal {
namespace {

class MemoryBench final : public Bench {
 public:
  explicit MemoryBench(Limits limits) : journal_({.limits = limits}) {}
  Journal& journal() override { return journal_; }
  void reopen() override { journal_.crash(); }

 private:
  MemoryJournal journal_;
};

INSTANTIATE_TEST_SUITE_P(Memory, JournalConformance,
                         testing::Values(MakeBench{
                             "memory", [](Limits limits) { return std::make_unique<MemoryBench>(limits); }}),
                         [](const auto& it) { return it.param.name; });

class MemoryJournalTest : public testing::Test {
 protected:
  Result<Position> append(std::vector<std::string> payloads) {
    return async::run(loops_.next().get_executor(), journal_.append(kPartition, payloads));
  }
  // Appends on a thread of its own, for an append that is to be held.
  std::thread append_later(std::vector<std::string> payloads, std::optional<Result<Position>>& result) {
    const auto before = journal_.held();
    std::thread thread([this, payloads = std::move(payloads), &result] { result = append(payloads); });
    while (journal_.held() == before) {
      std::this_thread::yield();
    }
    return thread;
  }

  async::Loops loops_{2};
  MemoryJournal journal_;
};

TEST_F(MemoryJournalTest, fails_the_append_it_was_told_to) {
  journal_.fail(1, Errc::limit);
  journal_.fail(2, Errc::unknown, MemoryJournal::Applied::yes);
  journal_.fail(3, Errc::unknown);
  EXPECT_TRUE(append({"a"}));
  EXPECT_EQ(append({"b"}).error().code, Errc::limit);
  EXPECT_EQ(append({"c"}).error().code, Errc::unknown);
  EXPECT_EQ(append({"d"}).error().code, Errc::unknown);
  EXPECT_EQ(append({"e"}).value(), Position{2});
  EXPECT_EQ(payloads_of(read_all(journal_, Position{0})), (Texts{"a", "c", "e"}));
}

TEST_F(MemoryJournalTest, forgets_in_a_crash_what_was_not_durable) {
  ASSERT_TRUE(append({"a"}));
  journal_.hold();
  std::optional<Result<Position>> result;
  auto caller = append_later({"b"}, result);
  EXPECT_EQ(journal_.end(kPartition), Position{1});
  journal_.crash();
  caller.join();
  EXPECT_EQ(result->error().code, Errc::cancelled);
  EXPECT_EQ(append({"c"}).value(), Position{1});
  EXPECT_EQ(payloads_of(read_all(journal_, Position{0})), (Texts{"a", "c"}));
}

TEST_F(MemoryJournalTest, makes_durable_in_order_what_it_held) {
  journal_.hold();
  std::optional<Result<Position>> first;
  std::optional<Result<Position>> second;
  auto one = append_later({"a", "b"}, first);
  auto two = append_later({"c"}, second);
  journal_.release();
  one.join();
  two.join();
  EXPECT_EQ(first->value(), Position{0});
  EXPECT_EQ(second->value(), Position{2});
}

TEST_F(MemoryJournalTest, keeps_partitions_apart) {
  MemoryJournal journal({.partitions = 3});
  const std::vector<std::string> payloads{"x"};
  for (std::uint32_t i = 0; i < 3; ++i) {
    EXPECT_EQ(async::run(loops_.next().get_executor(), journal.append(Partition{i}, payloads)).value(),
              Position{0});
  }
  EXPECT_EQ(journal.partition_of("111122223333"), journal.partition_of("111122223333"));
}

}  // namespace
}  // namespace cairn::journal
