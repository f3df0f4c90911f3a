#include "gateway/ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "event/entry.h"
#include "event/view.h"
#include "journal/memory/memory_journal.h"

namespace cairn::gateway {
namespace {

constexpr std::string_view kAccount = "111122223333";

class Full final : public reserve::Room {
 public:
  bool admits(reserve::Claim, std::uint64_t) const override { return !full; }
  std::atomic<bool> full{false};
};

class LedgerTest : public ::testing::Test {
 protected:
  LedgerTest() {
    std::string name = (std::filesystem::temp_directory_path() / "cairn-ledger-XXXXXX").string();
    CAIRN_CHECK(::mkdtemp(name.data()) != nullptr);
    folder_ = name;
    open();
  }
  ~LedgerTest() override {
    close();
    std::filesystem::remove_all(folder_);
  }

  void open(bool closed = true) {
    close();
    intents_ = *intents::Intents::open(
        {.file = folder_ / "intents", .shape = {.slots = 4, .slot_bytes = 1024}, .patience = Millis{20}},
        crypto::Secret(std::string(32, 'k')), metrics_);
    dedupe_ = *dedupe::Index::open({.folder = folder_ / "dedupe"}, metrics_);
    ledger_ = std::make_unique<Ledger>(LedgerParts{.intents = *intents_,
                                                   .recorder = recorder_,
                                                   .dedupe = *dedupe_,
                                                   .room = &room_,
                                                   .dedupe_ready = [this] { return ready_.load(); },
                                                   .account = std::string(kAccount),
                                                   .region = "us-east-1",
                                                   .clock = system_clock()},
                                       closed, metrics_);
    ledger_->start(loops_.at(0).get_executor());
  }
  void close() {
    if (ledger_) {
      ledger_->stop();
    }
    ledger_.reset();
    dedupe_.reset();
    intents_.reset();
  }

  template <class T>
  T run(Task<T> task) {
    return async::run(async::Executor(loops_.at(1).get_executor()), std::move(task));
  }
  static Entry entry(const std::string& id, const std::string& what) {
    return {.account = std::string(kAccount), .event_id = id, .record = what};
  }
  std::vector<std::string> journal() {
    std::vector<std::string> all;
    const auto reader = *journal_.reader(journal::Partition{0}, journal::Position{0});
    while (all.size() < journal_.end(journal::Partition{0}).raw()) {
      const auto read = reader->read(Millis{0});
      for (const auto& item : *read) {
        all.emplace_back(event::decode_entry(item.payload)->body);
      }
    }
    return all;
  }
  template <class F>
  static bool eventually(F check) {
    for (int i = 0; i < 2'000 && !check(); ++i) {
      std::this_thread::sleep_for(Millis{5});
    }
    return check();
  }

  std::filesystem::path folder_;
  Metrics metrics_;
  async::Loops loops_{2};
  journal::MemoryJournal journal_;
  front::Recorder recorder_{journal_};
  Full room_;
  std::atomic<bool> ready_{true};
  std::unique_ptr<intents::Intents> intents_;
  std::unique_ptr<dedupe::Index> dedupe_;
  std::unique_ptr<Ledger> ledger_;
};

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;

TEST_F(LedgerTest, what_was_under_way_is_recorded_by_the_next_process_once) {
  auto settled = run(ledger_->begin(entry("a", "intent a")));
  auto left = run(ledger_->begin(entry("b", "intent b")));
  auto known = run(ledger_->begin(entry("c", "intent c")));
  ASSERT_TRUE(settled && left && known);
  ASSERT_TRUE(run(ledger_->settle(*std::move(settled), entry("a", "outcome a"))));
  ready_ = false;
  open();
  EXPECT_FALSE(ledger_->caught_up());
  dedupe_->observe(kAccount, "c", journal::Position{1});  // its outcome was in the journal all the same
  ready_ = true;
  ASSERT_TRUE(eventually([&] { return ledger_->caught_up(); }));
  EXPECT_THAT(journal(), ElementsAre("outcome a", "intent b"));
  open();
  ASSERT_TRUE(eventually([&] { return ledger_->caught_up(); }));
  EXPECT_THAT(journal(), ElementsAre("outcome a", "intent b"));
}

TEST_F(LedgerTest, closed_an_outcome_that_cannot_be_written_waits_and_nothing_more_is_relayed) {
  auto ticket = run(ledger_->begin(entry("a", "intent")));
  ASSERT_TRUE(ticket);
  for (std::uint64_t i = 0; i < 15; ++i) {
    journal_.fail(i, Errc::limit);
  }
  EXPECT_FALSE(run(ledger_->settle(*std::move(ticket), entry("a", "outcome"))));
  EXPECT_FALSE(ledger_->takes_calls(false));
  ASSERT_TRUE(eventually([&] { return !journal().empty(); }));
  EXPECT_THAT(journal(), ElementsAre("outcome"));
  EXPECT_TRUE(eventually([&] { return ledger_->takes_calls(false); }));
  // A read has no intent: its caller gets an error, and nobody has lost anything.
  journal_.fail(0, Errc::unavailable);
  EXPECT_FALSE(run(ledger_->settle({}, entry("r", "read"))));
  EXPECT_FALSE(intents_->gap());
}

TEST_F(LedgerTest, an_outcome_that_waits_survives_the_process) {
  auto ticket = run(ledger_->begin(entry("a", "intent")));
  journal_.fail(0, Errc::unknown);
  EXPECT_FALSE(run(ledger_->settle(*std::move(ticket), entry("a", "outcome"))));
  // Whether it is there nobody knows yet.
  std::this_thread::sleep_for(Millis{150});
  EXPECT_THAT(journal(), IsEmpty());
  open();
  ASSERT_TRUE(eventually([&] { return ledger_->caught_up(); }));
  EXPECT_THAT(journal(), ElementsAre("outcome"));
}

TEST_F(LedgerTest, after_a_failed_sync_the_index_tells_what_the_journal_has) {
  auto lost = run(ledger_->begin(entry("a", "intent a")));
  auto there = run(ledger_->begin(entry("b", "intent b")));
  journal_.fail(0, Errc::unknown);
  EXPECT_FALSE(run(ledger_->settle(*std::move(lost), entry("a", "outcome a"))));
  journal_.fail(0, Errc::unknown, journal::MemoryJournal::Applied::yes);
  EXPECT_FALSE(run(ledger_->settle(*std::move(there), entry("b", "outcome b"))));
  dedupe_->observe(kAccount, "b", journal::Position{0});
  EXPECT_THAT(journal(), ElementsAre("outcome b"));
  ASSERT_TRUE(eventually([&] { return journal().size() == 2; }));
  EXPECT_THAT(journal(), ElementsAre("outcome b", "outcome a"));
  // All four slots are free again.
  std::vector<intents::Ticket> all;
  for (const auto* id : {"c", "d", "e", "f"}) {
    all.push_back(*run(ledger_->begin(entry(id, "intent"))));
  }
  for (auto& ticket : all) {
    ticket.settle();
  }
  open();
  ASSERT_TRUE(eventually([&] { return ledger_->caught_up(); }));
  EXPECT_EQ(journal().size(), 2U);
}

TEST_F(LedgerTest, a_full_disk_is_closed) {
  EXPECT_TRUE(ledger_->takes_calls(false));
  room_.full = true;
  EXPECT_FALSE(ledger_->takes_calls(false));
  open(false);
  EXPECT_TRUE(ledger_->takes_calls(false));
}

TEST_F(LedgerTest, open_what_is_lost_is_counted_and_told) {
  open(false);
  room_.full = true;  // nothing is told meanwhile
  std::vector<intents::Ticket> all;
  for (const auto* id : {"a", "b", "c", "d"}) {
    all.push_back(*run(ledger_->begin(entry(id, "intent"))));
  }
  auto none = run(ledger_->begin(entry("e", "intent")));
  ASSERT_TRUE(none);
  EXPECT_FALSE(none->is_open());
  journal_.fail(0, Errc::limit);
  journal_.fail(1, Errc::limit);
  EXPECT_TRUE(run(ledger_->settle(*std::move(none), entry("e", "outcome"))));
  EXPECT_TRUE(run(ledger_->settle({}, entry("r", "read"))));
  EXPECT_EQ(intents_->gap()->lost, 2U);
  open(false);  // the count survives
  EXPECT_EQ(intents_->gap()->lost, 2U);
  room_.full = false;
  ASSERT_TRUE(eventually([&] { return !intents_->gap(); }));
  const auto told = journal().back();
  const auto view = event::view(told);
  ASSERT_TRUE(view) << view.error().text();
  EXPECT_THAT(told, HasSubstr("\"lostRecords\":2"));
  EXPECT_THAT(told, HasSubstr("\"eventName\":\"RecordsLost\""));
  EXPECT_THAT(told, HasSubstr("AwsServiceEvent"));
}

// What is kept free of the disk is not for relayed calls either, and none of them waits for a slot that
// cannot come free.
TEST_F(LedgerTest, open_records_do_not_take_the_reserve) {
  open(false);
  room_.full = true;
  for (const auto* id : {"a", "b", "c", "d"}) {
    auto ticket = run(ledger_->begin(entry(id, "intent")));
    ASSERT_TRUE(ticket && ticket->is_open());
    EXPECT_TRUE(run(ledger_->settle(*std::move(ticket), entry(id, std::string("outcome ") + id))));
  }
  EXPECT_TRUE(run(ledger_->settle({}, entry("r", "read"))));
  EXPECT_EQ(intents_->gap()->lost, 1U);
  const auto from = std::chrono::steady_clock::now();
  for (int i = 0; i < 1'000; ++i) {
    EXPECT_FALSE(run(ledger_->begin(entry("e", "intent")))->is_open());
  }
  EXPECT_LT(std::chrono::steady_clock::now() - from, Millis{1'000 * 20});  // the patience of each
  EXPECT_THAT(journal(), IsEmpty());
  room_.full = false;
  ASSERT_TRUE(eventually([&] { return journal().size() == 5; }));
  EXPECT_THAT(journal(), IsSupersetOf({"outcome a", "outcome b", "outcome c", "outcome d"}));
}

// Whoever goes away while a journal hangs leaves a record behind; how many may wait has a limit.
TEST_F(LedgerTest, records_of_callers_who_went_away_are_bounded) {
  for (const bool closed : {true, false}) {
    open(closed);
    const auto before = journal().size();
    journal_.hold();
    for (std::size_t i = 0; i < Ledger::kLateMax - 1; ++i) {
      ledger_->settle_later(loops_.at(1).get_executor(), entry(std::to_string(i), "late"));
    }
    EXPECT_TRUE(ledger_->takes_calls(true));
    ledger_->settle_later(loops_.at(1).get_executor(), entry("last", "late"));
    EXPECT_EQ(ledger_->takes_calls(true), !closed);
    EXPECT_FALSE(intents_->gap());
    if (!closed) {  // a call that was taken all the same
      ledger_->settle_later(loops_.at(1).get_executor(), entry("beyond", "late"));
      ASSERT_TRUE(intents_->gap());
      EXPECT_EQ(intents_->gap()->lost, 1U);
    }
    ASSERT_TRUE(eventually([&] { return journal_.held() >= Ledger::kLateMax; }));
    journal_.release();
    const auto written = before + Ledger::kLateMax + (closed ? 0 : 1);  // of what is lost an event tells
    ASSERT_TRUE(eventually([&] { return journal().size() >= written; }));
    EXPECT_EQ(journal().size(), written);
    EXPECT_TRUE(eventually([&] { return ledger_->takes_calls(true); }));
  }
}

TEST_F(LedgerTest, too_long_a_record_has_a_short_one) {
  auto long_entry = entry("a", std::string(5'000, 'x'));
  long_entry.short_record = "short";
  auto ticket = run(ledger_->begin(long_entry));
  ASSERT_TRUE(ticket);
  ASSERT_TRUE(ticket->is_open());
  open();
  ASSERT_TRUE(eventually([&] { return ledger_->caught_up(); }));
  EXPECT_THAT(journal(), ElementsAre("short"));
}

}  // namespace
}  // namespace cairn::gateway
