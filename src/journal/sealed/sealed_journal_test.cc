// A sealed journal keeps the journal's promises, whatever lies below it; and what lies below can be read by
// nobody else.
#include "journal/sealed/sealed_journal.h"

#include "event/entry.h"
#include "journal/file/file_bench.h"
#include "journal/file/folder_reader.h"
#include "journal/journal_conformance.h"
#include "journal/memory/memory_journal.h"
#include "journal/sealed/entry_sealer.h"

namespace cairn::journal {
namespace {

crypto::Secret key_of(char byte) {
  return crypto::Secret(std::string(32, byte));
}

class SealedMemoryBench final : public Bench {
 public:
  explicit SealedMemoryBench(Limits limits) {
    auto inner =
        std::make_unique<MemoryJournal>(MemoryJournal::Options{.limits = with_room_for_sealing(limits)});
    inner_ = inner.get();
    journal_ = make_sealed(std::move(inner), key_of('k'), limits);
  }
  Journal& journal() override { return *journal_; }
  void reopen() override { inner_->crash(); }

 private:
  MemoryJournal* inner_;
  std::unique_ptr<Journal> journal_;
};

class SealedFileBench final : public Bench {
 public:
  explicit SealedFileBench(Limits limits)
      : limits_(limits), options_{.folder = folder_.path(), .limits = with_room_for_sealing(limits)} {
    reopen();
  }
  Journal& journal() override { return *journal_; }
  void reopen() override {
    journal_.reset();
    journal_ = make_sealed(open(options_, system_clock(), metrics_).value(), key_of('k'), limits_);
  }

 private:
  const Limits limits_;
  TestFolder folder_;
  Metrics metrics_;
  Options options_;
  std::unique_ptr<Journal> journal_;
};

INSTANTIATE_TEST_SUITE_P(
    Sealed, JournalConformance,
    testing::Values(
        MakeBench{"memory", [](Limits limits) { return std::make_unique<SealedMemoryBench>(limits); }},
        MakeBench{"file", [](Limits limits) { return std::make_unique<SealedFileBench>(limits); }}),
    [](const auto& it) { return it.param.name; });

class SealedJournalTest : public testing::Test {
 protected:
  // Appended below the seal, as it lies on the disk.
  void append_raw(std::vector<std::string> payloads) {
    ASSERT_TRUE(async::run(loops_.next().get_executor(), journal_->append(kPartition, payloads)));
  }
  void append(std::string payload) { append_raw({EntrySealer(key_of('k')).seal(kPartition, payload)}); }
  std::unique_ptr<Reader> reader(char key = 'k') {
    return unsealed(journal_->reader(kPartition, Position{0}).value(), kPartition, key_of(key));
  }

  async::Loops loops_{2};
  std::unique_ptr<MemoryJournal> journal_ = std::make_unique<MemoryJournal>();
};

// Entries, then the place where it stops: what came before is handed out, the error comes again and again.
void expect_stops(Reader& reader, std::size_t good, Errc code) {
  const auto entries = reader.read(Millis{1000});
  ASSERT_TRUE(entries);
  EXPECT_EQ(entries->size(), good);
  for (int i = 0; i < 2; ++i) {
    const auto failed = reader.read(Millis{1000});
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, code);
    EXPECT_EQ(failed.error().subject, "partition 0, position " + std::to_string(good));
    EXPECT_EQ(reader.position(), Position{good});
  }
}

TEST_F(SealedJournalTest, what_was_there_before_it_is_read_on) {
  const auto old = event::encode_entry(event::Kind::record, 7, "{}");
  append_raw({old});
  append("new");
  append_raw({old});
  const auto all = reader();
  const auto entries = all->read(Millis{1000});
  ASSERT_TRUE(entries && entries->size() == 3U);
  EXPECT_EQ((*entries)[0].payload, old);
  EXPECT_EQ((*entries)[1].payload, "new");
  EXPECT_EQ((*entries)[2].payload, old);
}

TEST_F(SealedJournalTest, an_entry_that_does_not_open_is_never_stepped_over) {
  append("a");
  append("b");
  auto damaged = EntrySealer(key_of('k')).seal(kPartition, "c");
  damaged.back() ^= 1;
  append_raw({damaged});
  append("d");
  expect_stops(*reader(), 2, Errc::corrupt);
}

TEST_F(SealedJournalTest, an_entry_of_another_partition_is_damage) {
  append("a");
  append_raw({EntrySealer(key_of('k')).seal(Partition{1}, "b")});
  expect_stops(*reader(), 1, Errc::corrupt);
}

TEST_F(SealedJournalTest, without_its_key_nothing_is_read) {
  append_raw({event::encode_entry(event::Kind::record, 7, "{}")});
  append("a");
  expect_stops(*reader('x'), 1, Errc::denied);
}

class SealedFilesTest : public FileJournalFixture {};

TEST_F(SealedFilesTest, its_files_do_not_show_what_happened_and_are_read_without_it) {
  start();
  journal_ = make_sealed(std::move(journal_), key_of('k'), {});
  const auto entry = event::encode_entry(event::Kind::record, 1, R"({"eventName":"TellNobody"})");
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(append({entry}));
  }
  EXPECT_EQ(all(), Texts(100, entry));
  EXPECT_EQ(read_file(file(Position{0})).find("TellNobody"), std::string::npos);
  const auto beside =
      unsealed(open_folder(options_.folder, Position{40}, Position{100}).value(), kPartition, key_of('k'));
  const auto entries = beside->read(Millis{0});
  ASSERT_TRUE(entries);
  EXPECT_EQ(entries->front().position, Position{40});
  EXPECT_EQ(entries->front().payload, entry);
}

}  // namespace
}  // namespace cairn::journal
