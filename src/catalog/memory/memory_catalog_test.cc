// The memory catalog against the suite, and its faults.
#include "catalog/memory/memory_catalog.h"

#include "catalog/catalog_conformance.h"

namespace cairn::catalog::conformance {
namespace {

class InMemory final : public Adapter {
 public:
  InMemory(const Clock& clock, Limits limits)
      : catalog_(std::make_unique<memory::MemoryCatalog>(clock, limits)) {}
  Catalog& catalog() override { return *catalog_; }
  void reopen() override { catalog_ = catalog_->durable_copy(); }

 private:
  std::unique_ptr<memory::MemoryCatalog> catalog_;
};

std::unique_ptr<Adapter> make_memory(const Clock& clock, Limits limits) {
  return std::make_unique<InMemory>(clock, limits);
}

INSTANTIATE_TEST_SUITE_P(Memory, CatalogConformance, testing::Values(&make_memory));

using Kind = memory::Faults::Kind;

TEST(MemoryCatalog, every_nth_commit_fails_as_asked) {
  const struct {
    Kind kind;
    Errc code;
    bool applied;
  } cases[] = {
      {Kind::unavailable, Errc::unavailable, false},
      {Kind::unknown_not_applied, Errc::unknown, false},
      {Kind::unknown_applied, Errc::unknown, true},
  };
  const FakeClock clock;
  async::Loops loops(1);
  const auto executor = loops.next().get_executor();
  for (const auto& row : cases) {
    memory::MemoryCatalog catalog(clock);
    catalog.fail({.every = 3, .kind = row.kind});
    for (int i = 1; i <= 7; ++i) {
      const auto key = std::to_string(i);
      Transaction transaction;
      transaction.writes.push_back({key, "x", 0});
      transaction.outbox.push_back(key);
      const auto committed = async::run(executor, catalog.commit(transaction));
      const bool fails = i % 3 == 0;
      ASSERT_EQ(committed.has_value(), !fails) << i;
      if (fails) {
        EXPECT_EQ(committed.error().code, row.code);
      }
      EXPECT_EQ(async::run(executor, catalog.get(key)).value().has_value(), !fails || row.applied) << i;
    }
    EXPECT_EQ(async::run(executor, catalog.outbox(0, 100)).value().size(), row.applied ? 7U : 5U);
    EXPECT_EQ(catalog.commits_tried(), 7U);
  }
}

TEST(MemoryCatalog, a_copy_has_what_was_durable_and_lives_on_its_own) {
  const FakeClock clock;
  async::Loops loops(1);
  const auto executor = loops.next().get_executor();
  memory::MemoryCatalog catalog(clock);
  catalog.fail({.every = 1, .kind = Kind::unknown_applied});
  Transaction transaction;
  transaction.writes.push_back({"a", "x", 0});
  ASSERT_FALSE(async::run(executor, catalog.commit(transaction)).has_value());
  const auto copy = catalog.durable_copy();
  transaction.writes[0].key = "b";
  ASSERT_TRUE(async::run(executor, copy->commit(transaction)).has_value());
  EXPECT_TRUE(async::run(executor, copy->get("a")).value().has_value());
  EXPECT_FALSE(async::run(executor, catalog.get("b")).value().has_value());
}

}  // namespace
}  // namespace cairn::catalog::conformance
