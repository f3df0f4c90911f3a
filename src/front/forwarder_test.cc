// The forwarder: every outbox row once in the journal, whatever fails in between.
#include "front/forwarder.h"

#include <gtest/gtest.h>

#include "async/loops.h"
#include "catalog/memory/memory_catalog.h"
#include "catalog/sealed/sealed_catalog.h"
#include "event/entry.h"
#include "event/outbox_row.h"
#include "journal/memory/memory_journal.h"

#include <atomic>

namespace cairn::front {
namespace {

constexpr journal::Partition kPartition{0};

// Passes on to another; the next `failures` readers cannot be had.
class UnreadableJournal final : public journal::Journal {
 public:
  explicit UnreadableJournal(journal::Journal& inner) : inner_(inner) {}
  std::atomic<int> failures{0};

  std::uint32_t partitions() const override { return inner_.partitions(); }
  journal::Partition partition_of(std::string_view account) const override {
    return inner_.partition_of(account);
  }
  Task<Result<journal::Position>> append(journal::Partition partition,
                                         std::span<const std::string> payloads) override {
    return inner_.append(partition, payloads);
  }
  journal::Position end(journal::Partition partition) const override { return inner_.end(partition); }
  journal::Position begin(journal::Partition partition) const override { return inner_.begin(partition); }
  Result<std::unique_ptr<journal::Reader>> reader(journal::Partition partition,
                                                  journal::Position from) override {
    if (failures > 0) {
      --failures;
      return Error{Errc::unavailable, "the journal cannot be read"};
    }
    return inner_.reader(partition, from);
  }
  Result<void> retire(journal::Partition partition, journal::Position before) override {
    return inner_.retire(partition, before);
  }

 private:
  journal::Journal& inner_;
};

class ForwarderTest : public ::testing::Test {
 protected:
  async::Executor executor() { return loops_.at(0).get_executor(); }

  void commit(catalog::Catalog& catalog, std::string_view body) {
    catalog::Transaction transaction;
    transaction.outbox.push_back(event::encode_outbox_row(event::Kind::record, "111122223333", body));
    ASSERT_TRUE(async::run(executor(), catalog.commit(std::move(transaction))));
  }

  std::vector<std::string> bodies() {
    std::vector<std::string> all;
    auto reader = journal_.reader(kPartition, journal::Position{0});
    while ((*reader)->position() < journal_.end(kPartition)) {
      const auto entries = (*reader)->read(Millis{0});
      for (const auto& entry : *entries) {
        all.emplace_back(event::decode_entry(entry.payload)->body);
      }
    }
    return all;
  }

  // Forwards until the outbox is empty.
  void drain(catalog::Catalog& catalog) {
    Forwarder forwarder(catalog, journal_, {}, metrics_);
    ASSERT_TRUE(async::run(executor(), forwarder.recover()));
    forwarder.start(executor());
    for (int i = 0; i < 500; ++i) {
      if (async::run(executor(), catalog.outbox(0, 10))->empty()) {
        break;
      }
      std::this_thread::sleep_for(Millis{10});
    }
    forwarder.stop();
    EXPECT_TRUE(async::run(executor(), catalog.outbox(0, 10))->empty());
  }

  Metrics metrics_;
  async::Loops loops_{1};
  journal::MemoryJournal journal_;
  catalog::memory::MemoryCatalog catalog_{system_clock()};
};

TEST_F(ForwarderTest, rows_arrive_in_order) {
  for (const auto* body : {"one", "two", "three"}) {
    commit(catalog_, body);
  }
  drain(catalog_);
  EXPECT_EQ(bodies(), (std::vector<std::string>{"one", "two", "three"}));
}

TEST_F(ForwarderTest, crash_between_append_and_delete_doubles_nothing) {
  commit(catalog_, "one");
  commit(catalog_, "two");
  const auto before = catalog_.durable_copy();  // what a crash right after the append leaves
  drain(catalog_);
  commit(*before, "three");
  drain(*before);
  EXPECT_EQ(bodies(), (std::vector<std::string>{"one", "two", "three"}));
}

TEST_F(ForwarderTest, failed_and_doubtful_appends_are_repaired) {
  for (const auto applied : {journal::MemoryJournal::Applied::no, journal::MemoryJournal::Applied::yes}) {
    journal_.fail(0, Errc::unknown, applied);
    commit(catalog_, applied == journal::MemoryJournal::Applied::no ? "lost" : "kept");
    drain(catalog_);
  }
  journal_.fail(0, Errc::limit);
  commit(catalog_, "full");
  drain(catalog_);
  EXPECT_EQ(bodies(), (std::vector<std::string>{"lost", "kept", "full"}));
}

// An append of unknown end, and then the journal cannot even be looked at: nothing is sent before it was.
TEST_F(ForwarderTest, a_doubtful_append_is_looked_for_until_it_can_be) {
  UnreadableJournal journal(journal_);
  Forwarder forwarder(catalog_, journal, {}, metrics_);
  ASSERT_TRUE(async::run(executor(), forwarder.recover()));
  journal.failures = 3;
  journal_.fail(0, Errc::unknown, journal::MemoryJournal::Applied::yes);
  commit(catalog_, "row");
  forwarder.start(executor());
  for (int i = 0; i < 1000 && !async::run(executor(), catalog_.outbox(0, 10))->empty(); ++i) {
    std::this_thread::sleep_for(Millis{10});
  }
  forwarder.stop();
  EXPECT_EQ(journal.failures, 0);
  EXPECT_EQ(bodies(), (std::vector<std::string>{"row"}));
}

TEST_F(ForwarderTest, failed_deletes_double_nothing) {
  using Kind = catalog::memory::Faults::Kind;
  for (const auto kind : {Kind::unavailable, Kind::unknown_not_applied, Kind::unknown_applied}) {
    commit(catalog_, "row");
    catalog_.fail({.every = 2, .kind = kind});
    drain(catalog_);
    catalog_.fail({});
  }
  EXPECT_EQ(bodies(), (std::vector<std::string>{"row", "row", "row"}));
}

// What is retired must never be what a restart still has to look at.
TEST_F(ForwarderTest, cursor_is_what_a_restart_would_begin_with) {
  commit(catalog_, "row");
  catalog_.fail({.every = 1, .kind = catalog::memory::Faults::Kind::unavailable});  // no delete comes through
  Forwarder forwarder(catalog_, journal_, {}, metrics_);
  ASSERT_TRUE(async::run(executor(), forwarder.recover()));
  forwarder.start(executor());
  for (int i = 0; i < 500 && bodies().empty(); ++i) {
    std::this_thread::sleep_for(Millis{10});
  }
  std::this_thread::sleep_for(Millis{100});
  EXPECT_EQ(bodies(), (std::vector<std::string>{"row"}));
  EXPECT_EQ(forwarder.cursor(), journal::Position{0})
      << "the journal may retire the row, and a restart would send it again";
  catalog_.fail({});
  for (int i = 0; i < 1000 && forwarder.cursor() == journal::Position{0}; ++i) {
    std::this_thread::sleep_for(Millis{10});
  }
  EXPECT_EQ(forwarder.cursor(), journal::Position{1});
  forwarder.stop();
}

TEST_F(ForwarderTest, settled_is_what_was_committed_before) {
  for (int i = 0; i < 2500; ++i) {  // more than one append takes
    commit(catalog_, std::to_string(i));
  }
  Metrics metrics;
  Forwarder forwarder(catalog_, journal_, ForwarderLimits{}, metrics);
  ASSERT_TRUE(async::run(executor(), forwarder.recover()));
  EXPECT_EQ(async::run(executor(), forwarder.settle(Millis{20})).error().code, Errc::unavailable);
  forwarder.start(executor());
  ASSERT_TRUE(async::run(executor(), forwarder.settle(Millis{60'000})));
  EXPECT_EQ(bodies().size(), 2500U);
  ASSERT_TRUE(async::run(executor(), forwarder.settle(Millis{0})));
  forwarder.stop();
}

TEST_F(ForwarderTest, idle_forwarder_does_not_pin_the_journal) {
  const std::vector<std::string> others(25, event::encode_entry(event::Kind::record, 0, "other"));
  ASSERT_TRUE(async::run(executor(), journal_.append(kPartition, others)));
  Forwarder forwarder(catalog_, journal_, {.idle_entries_max = 10}, metrics_);
  ASSERT_TRUE(async::run(executor(), forwarder.recover()));
  forwarder.start(executor());
  for (int i = 0; i < 500 && forwarder.cursor() == journal::Position{0}; ++i) {
    std::this_thread::sleep_for(Millis{10});
  }
  EXPECT_EQ(forwarder.cursor(), journal::Position{25});
  forwarder.stop();
  ASSERT_TRUE(journal_.retire(kPartition, journal::Position{25}));
  commit(catalog_, "row");
  drain(catalog_);
  EXPECT_EQ(journal_.end(kPartition), journal::Position{26});
}

TEST_F(ForwarderTest, damaged_row_is_kept_aside_and_holds_up_nobody) {
  catalog::Transaction damaged;
  damaged.outbox.emplace_back("\xff");
  ASSERT_TRUE(async::run(executor(), catalog_.commit(std::move(damaged))));
  commit(catalog_, "behind");
  drain(catalog_);
  EXPECT_EQ(bodies(), (std::vector<std::string>{"behind"}));
  EXPECT_EQ((*async::run(executor(), catalog_.get("front/unreadable/1")))->value, "\xff");
}

TEST_F(ForwarderTest, rows_of_another_master_key_wait_until_the_right_one_is_there) {
  const auto sealed = [](std::unique_ptr<catalog::Catalog> behind, char byte) {
    return catalog::sealed::make_sealed(std::move(behind), crypto::Secret(std::string(32, byte)),
                                        {"front/unreadable/"});
  };
  auto behind = catalog_.durable_copy();
  auto* const rows = behind.get();
  const auto right = sealed(std::move(behind), 'k');
  commit(*right, "kept");
  auto copy = rows->durable_copy();
  auto* const untouched = copy.get();
  const auto wrong = sealed(std::move(copy), 'x');
  Forwarder forwarder(*wrong, journal_, {}, metrics_);
  ASSERT_TRUE(async::run(executor(), forwarder.recover()));
  forwarder.start(executor());
  std::this_thread::sleep_for(Millis{300});  // several tries
  forwarder.stop();
  EXPECT_EQ(async::run(executor(), untouched->outbox(0, 10))->size(), 1U);
  EXPECT_EQ(journal_.end(kPartition), journal::Position{0});
  drain(*right);
  EXPECT_EQ(bodies(), (std::vector<std::string>{"kept"}));
}

}  // namespace
}  // namespace cairn::front
