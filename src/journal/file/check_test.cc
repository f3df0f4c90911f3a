// The check walks every byte, says where it ends, and stops where it is told.
#include "journal/file/check.h"

#include "base/hold.h"
#include "journal/file/file_bench.h"
#include "journal/file/format.h"

namespace cairn::journal {
namespace {

class CheckTest : public FileJournalFixture {
 protected:
  static constexpr std::uint64_t kNever = ~0ULL;
  Result<Checked> check(std::uint64_t stop_at = kNever) {
    Checked checked;
    seen_.clear();
    const auto visit = [&](const Entry& entry) {
      seen_.emplace_back(entry.payload);
      return entry.position.raw() != stop_at;
    };
    CAIRN_TRY_VOID(check_folder(options_.folder, visit, checked));
    return checked;
  }
  Texts seen_;
};

TEST_F(CheckTest, says_what_is_there_beside_an_open_journal) {
  options_.file_bytes = 1;
  start();
  ASSERT_TRUE(append({"0", "1"}));
  clock_.add(Millis{5});
  ASSERT_TRUE(append({"2", "3", "4"}));
  const auto checked = check().value();
  EXPECT_EQ(seen_, (Texts{"0", "1", "2", "3", "4"}));
  EXPECT_EQ(checked.entries, 5U);
  ASSERT_EQ(checked.files.size(), files());
  EXPECT_EQ(checked.files.front().first, Position{0});
  EXPECT_EQ(checked.files.front().end, Position{2});
  EXPECT_EQ(checked.files[1].end, Position{5});
  EXPECT_EQ(checked.files[1].newest - checked.files[0].newest, Millis{5});
  EXPECT_EQ(checked.files[0].bytes, kFileHeadBytes + kGroupHeadBytes + 2 * (kEntryHeadBytes + 1));
}

TEST_F(CheckTest, a_torn_tail_is_no_damage_and_a_hole_is) {
  start();
  ASSERT_TRUE(append({"0", "1"}));
  ASSERT_TRUE(append({"2"}));
  stop();
  const auto bytes = read_file(file(Position{0}));
  write_file(file(Position{0}), std::string_view(bytes).substr(0, bytes.size() - 1));
  const auto torn = check().value();
  EXPECT_EQ(torn.files.at(0).end, Position{2});
  EXPECT_EQ(torn.files.at(0).torn_bytes, kGroupHeadBytes + kEntryHeadBytes);
  auto damaged = bytes;
  damaged[kFileHeadBytes + kGroupHeadBytes + kEntryHeadBytes] = 'x';
  write_file(file(Position{0}), damaged);
  EXPECT_EQ(check().error().code, Errc::corrupt);
}

TEST_F(CheckTest, a_missing_file_in_between_is_damage) {
  options_.file_bytes = 1;
  start();
  ASSERT_TRUE(append({"0"}));
  ASSERT_TRUE(append({"1"}));
  ASSERT_TRUE(append({"2"}));
  stop();
  std::filesystem::remove(file(Position{1}));
  EXPECT_EQ(check().error().code, Errc::corrupt);
}

TEST_F(CheckTest, what_is_being_copied_is_not_retired) {
  options_.file_bytes = 1;
  start();
  ASSERT_TRUE(append({"0"}));
  ASSERT_TRUE(append({"1"}));
  const auto before = files();
  {
    const auto hold = Hold::take(options_.folder).value();
    ASSERT_TRUE(journal_->retire(kPartition, Position{2}));
    EXPECT_EQ(files(), before);
  }
  ASSERT_TRUE(journal_->retire(kPartition, Position{2}));
  EXPECT_LT(files(), before);
}

TEST_F(CheckTest, stops_before_the_group_of_an_entry) {
  options_.file_bytes = 1;
  start();
  ASSERT_TRUE(append({"0", "1"}));
  ASSERT_TRUE(append({"2", "3", "4"}));
  ASSERT_TRUE(append({"5"}));
  const struct {
    std::uint64_t stop_at;
    std::uint64_t end;
  } rows[] = {{0, 0}, {1, 0}, {2, 2}, {4, 2}, {5, 5}, {kNever, 6}};
  for (const auto& row : rows) {
    const auto checked = check(row.stop_at).value();
    EXPECT_EQ(checked.files.back().end, Position{row.end}) << row.stop_at;
    EXPECT_EQ(checked.entries, row.end) << row.stop_at;
    // What is kept up to there is a journal.
    const auto copy = folder_.path() / ("copy" + std::to_string(row.stop_at));
    std::filesystem::create_directories(copy);
    for (const auto& one : checked.files) {
      write_file(copy / one.path.filename(), std::string_view(read_file(one.path)).substr(0, one.bytes));
    }
    Options options{.folder = copy};
    const auto again = open(options, clock_, metrics_);
    ASSERT_TRUE(again) << again.error().text();
    EXPECT_EQ((*again)->end(kPartition), Position{row.end});
  }
  options_.folder = folder_.path() / "none";
  EXPECT_EQ(check().error().code, Errc::not_found);
}

}  // namespace
}  // namespace cairn::journal
