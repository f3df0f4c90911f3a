// What lies on the disk is not what was written: a write that a crash cut short is cut off whole, anything
// else is refused.
#include "journal/file/dump.h"
#include "journal/file/file_bench.h"
#include "journal/file/format.h"

namespace cairn::journal {
namespace {

class DamageTest : public FileJournalFixture {
 protected:
  // Three groups, the last of three entries; the file's bytes, and how many there were after two groups.
  void write_three() {
    start();
    ASSERT_TRUE(append({"one", "two"}));
    ASSERT_TRUE(append({"three"}));
    before_last_ = std::filesystem::file_size(file(Position{0}));
    ASSERT_TRUE(append({"four", std::string(20, '5'), "six"}));
    stop();
    bytes_ = read_file(file(Position{0}));
  }

  std::size_t before_last_ = 0;
  std::string bytes_;
};

TEST_F(DamageTest, a_torn_tail_is_cut_off_whole_wherever_it_tore) {
  write_three();
  for (auto size = before_last_; size < bytes_.size(); ++size) {
    write_file(file(Position{0}), std::string_view(bytes_).substr(0, size));
    start();
    EXPECT_EQ(journal_->end(kPartition), Position{3}) << size;
    EXPECT_EQ(std::filesystem::file_size(file(Position{0})), before_last_);
    EXPECT_EQ(append({"again"}).value(), Position{3});
    EXPECT_EQ(all(), (Texts{"one", "two", "three", "again"})) << size;
    stop();
  }
}

TEST_F(DamageTest, a_hole_in_the_last_write_is_cut_off_whole_wherever_it_is) {
  write_three();
  for (auto at = before_last_; at < bytes_.size(); ++at) {
    for (const char flip : {'\x01', '\xff'}) {
      auto damaged = bytes_;
      damaged[at] = static_cast<char>(damaged[at] ^ flip);
      write_file(file(Position{0}), damaged);
      start();
      EXPECT_EQ(all(), (Texts{"one", "two", "three"})) << at;
      stop();
    }
  }
}

TEST_F(DamageTest, what_preallocation_left_behind_is_cut_off) {
  write_three();
  write_file(file(Position{0}), bytes_ + std::string(100'000, '\0'));
  start();
  EXPECT_EQ(journal_->end(kPartition), Position{6});
  EXPECT_EQ(append({"seven"}).value(), Position{6});
}

TEST_F(DamageTest, a_flipped_byte_before_a_good_group_is_corruption) {
  write_three();
  for (std::size_t at = 0; at < before_last_; ++at) {
    auto damaged = bytes_;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    write_file(file(Position{0}), damaged);
    const auto opened = try_open();
    ASSERT_FALSE(opened) << at;
    const auto is_version = at == 8;  // 0x11 is a version that we do not know yet
    EXPECT_EQ(opened.error().code, is_version ? Errc::invalid : Errc::corrupt) << at;
    EXPECT_NE(opened.error().subject.find("00000000000000000000.journal"), std::string::npos);
    EXPECT_EQ(read_file(file(Position{0})), damaged) << "a file that is refused is left as it is";
  }
}

TEST_F(DamageTest, a_payload_that_looks_like_a_group_does_not_make_a_torn_tail_corruption) {
  start();
  ASSERT_TRUE(append({"one"}));
  const GroupHead fake{.first = Position{50}, .time = clock_.now(), .bytes = 8, .count = 1, .sum = 0};
  const auto head = encode(fake, 0);  // a caller cannot know the file's salt
  ASSERT_TRUE(append({"two", std::string(head.data(), head.size())}));
  stop();
  auto bytes = read_file(file(Position{0}));
  const auto two = bytes.find("two");
  bytes[two] = 'T';
  write_file(file(Position{0}), bytes);
  start();
  EXPECT_EQ(all(), Texts{"one"});
}

TEST_F(DamageTest, a_newer_format_is_refused_by_name) {
  write_three();
  auto newer = bytes_;
  newer[8] = 2;
  write_file(file(Position{0}), newer);
  const auto opened = try_open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::invalid);
  EXPECT_NE(opened.error().what.find("format version 2"), std::string::npos) << opened.error().what;
}

struct HeadCase {
  const char* name;
  std::string bytes;
};

TEST_F(DamageTest, a_file_without_a_good_head_is_refused) {
  write_three();
  for (const auto& c :
       {HeadCase{"empty", ""}, HeadCase{"short", bytes_.substr(0, 20)},
        HeadCase{"zeros", std::string(4096, '\0')}, HeadCase{"foreign", "hello, this is some other file"}}) {
    write_file(file(Position{0}), c.bytes);
    const auto opened = try_open();
    ASSERT_FALSE(opened) << c.name;
    EXPECT_EQ(opened.error().code, Errc::corrupt) << c.name;
  }
}

TEST_F(DamageTest, a_file_under_another_name_is_refused) {
  write_three();
  std::filesystem::rename(file(Position{0}), file(Position{7}));
  EXPECT_EQ(try_open().error().code, Errc::corrupt);
}

TEST_F(DamageTest, a_reader_stops_at_a_bad_entry_and_says_where) {
  options_.file_bytes = 150;
  start();
  ASSERT_TRUE(append({"one", "two", "three"}));
  ASSERT_TRUE(append({std::string(100, '4')}));
  stop();
  auto bytes = read_file(file(Position{0}));
  const auto two = bytes.find("two");
  bytes[two] = 'T';
  write_file(file(Position{0}), bytes);
  start();  // the newest file is good
  const auto here = reader(Position{0});
  const auto good = here->read(Millis{0});
  ASSERT_TRUE(good);
  ASSERT_EQ(good->size(), 1U);
  EXPECT_EQ(good->front().payload, "one");
  for (int i = 0; i < 2; ++i) {
    const auto bad = here->read(Millis{0});
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error().code, Errc::corrupt);
    EXPECT_NE(bad.error().subject.find("00000000000000000000.journal at byte 87, position 1"),
              std::string::npos)
        << bad.error().subject;
  }
  EXPECT_EQ(payloads_of(read_all(*journal_, Position{3})), Texts{std::string(100, '4')});
}

TEST_F(DamageTest, an_older_file_that_ends_early_is_corruption) {
  options_.file_bytes = 1;
  start();
  ASSERT_TRUE(append({"one"}));
  ASSERT_TRUE(append({"two"}));
  stop();
  const auto bytes = read_file(file(Position{0}));
  write_file(file(Position{0}), std::string_view(bytes).substr(0, bytes.size() - 1));
  start();
  const auto here = reader(Position{0});
  EXPECT_EQ(here->read(Millis{0}).error().code, Errc::corrupt);
}

TEST_F(DamageTest, entries_swapped_between_groups_are_found) {
  start();
  ASSERT_TRUE(append({"aaa"}));
  ASSERT_TRUE(append({"bbb"}));
  ASSERT_TRUE(append({"ccc"}));
  stop();
  auto bytes = read_file(file(Position{0}));
  const auto a = bytes.find("aaa") - kEntryHeadBytes;
  const auto b = bytes.find("bbb") - kEntryHeadBytes;
  std::swap_ranges(bytes.begin() + static_cast<std::ptrdiff_t>(a),
                   bytes.begin() + static_cast<std::ptrdiff_t>(a + kEntryHeadBytes + 3),
                   bytes.begin() + static_cast<std::ptrdiff_t>(b));
  write_file(file(Position{0}), bytes);
  EXPECT_EQ(try_open().error().code, Errc::corrupt);
}

TEST_F(DamageTest, the_dump_tells_a_torn_tail_from_corruption_and_changes_nothing) {
  write_three();
  std::vector<std::string> payloads;
  const auto keep = [&](const Entry& entry) { payloads.emplace_back(entry.payload); };
  const auto torn = bytes_.substr(0, bytes_.size() - 1);
  write_file(file(Position{0}), torn);
  const auto tail = dump(options_.folder, Position{0}, keep);
  ASSERT_TRUE(tail) << tail.error().text();
  EXPECT_EQ(tail->end, Position{3});
  EXPECT_EQ(tail->torn_bytes, torn.size() - before_last_);
  EXPECT_EQ(payloads, (Texts{"one", "two", "three"}));
  EXPECT_EQ(read_file(file(Position{0})), torn);

  auto damaged = bytes_;
  damaged[damaged.find("three")] = 'T';
  write_file(file(Position{0}), damaged);
  EXPECT_EQ(dump(options_.folder, Position{0}, keep).error().code, Errc::corrupt);
}

TEST_F(DamageTest, the_dump_reads_over_files_from_any_position_while_a_journal_is_open) {
  options_.file_bytes = 1;
  start();
  ASSERT_TRUE(append({"one", "two"}));
  ASSERT_TRUE(append({"three"}));
  ASSERT_TRUE(append({"four"}));
  std::vector<std::string> payloads;
  const auto keep = [&](const Entry& entry) {
    payloads.push_back(std::to_string(entry.position.raw()) + std::string(entry.payload));
  };
  const auto tail = dump(options_.folder, Position{1}, keep);
  ASSERT_TRUE(tail) << tail.error().text();
  EXPECT_EQ(tail->begin, Position{0});
  EXPECT_EQ(tail->end, Position{4});
  EXPECT_EQ(tail->torn_bytes, 0U);
  EXPECT_EQ(tail->files, 3U);
  EXPECT_EQ(payloads, (Texts{"1two", "2three", "3four"}));
  EXPECT_EQ(dump(options_.folder, Position{5}, keep).error().code, Errc::invalid);
  EXPECT_EQ(dump(options_.folder / "none", Position{0}, keep).error().code, Errc::not_found);
}

}  // namespace
}  // namespace cairn::journal
