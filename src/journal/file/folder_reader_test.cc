// Another process's reader: it sees what it is told is durable, and nothing after it.
#include "journal/file/folder_reader.h"

#include "journal/file/file_bench.h"
#include "journal/file/format.h"

namespace cairn::journal {
namespace {

class FolderReaderTest : public FileJournalFixture {
 protected:
  // Seven entries in three files, in groups of two, three and two.
  void write_seven() {
    options_.file_bytes = 1;
    start();
    ASSERT_TRUE(append({"0", "1"}));
    ASSERT_TRUE(append({"2", "3", "4"}));
    ASSERT_TRUE(append({"5", "6"}));
  }
  Result<Texts> read(Position from, Position to, std::uint64_t bytes_max = 1) {
    CAIRN_TRY(const auto reader, open_folder(options_.folder, from, to, {.read_bytes_max = bytes_max}));
    Texts out;
    while (true) {
      CAIRN_TRY(const auto entries, reader->read(Millis{0}));
      for (const auto& entry : entries) {
        out.emplace_back(entry.payload);
      }
      if (entries.empty()) {
        EXPECT_EQ(reader->position(), std::max(from, to));
        return out;
      }
    }
  }
};

TEST_F(FolderReaderTest, every_range_beside_an_open_journal) {
  write_seven();
  ASSERT_GE(files(), 3U);
  for (const std::uint64_t bytes_max : {1U, 1U << 20}) {
    for (std::uint64_t from = 0; from <= 7; ++from) {
      for (std::uint64_t to = 0; to <= 7; ++to) {
        Texts expected;
        for (auto at = from; at < to; ++at) {
          expected.push_back(std::to_string(at));
        }
        const auto got = read(Position{from}, Position{to}, bytes_max);
        ASSERT_TRUE(got) << from << " " << to << " " << got.error().text();
        EXPECT_EQ(*got, expected) << from << " " << to;
      }
    }
  }
}

TEST_F(FolderReaderTest, what_follows_the_range_does_not_matter) {
  start();
  ASSERT_TRUE(append({"0", "1", "2"}));
  stop();
  const auto bytes = read_file(file(Position{0}));
  for (const auto& tail : {std::string(100'000, '\0'), std::string("torn"), bytes}) {
    write_file(file(Position{0}), bytes + tail);
    EXPECT_EQ(read(Position{0}, Position{3}).value(), (Texts{"0", "1", "2"}));
    EXPECT_EQ(read(Position{1}, Position{2}).value(), (Texts{"1"}));
    EXPECT_EQ(read_file(file(Position{0})), bytes + tail);
  }
}

TEST_F(FolderReaderTest, what_is_not_there_or_not_good) {
  write_seven();
  stop();
  const struct {
    std::uint64_t from;
    std::uint64_t to;
    Errc code;
  } rows[] = {{0, 8, Errc::corrupt}, {7, 8, Errc::corrupt}, {9, 10, Errc::corrupt}};
  for (const auto& row : rows) {
    const auto got = read(Position{row.from}, Position{row.to});
    ASSERT_FALSE(got) << row.from;
    EXPECT_EQ(got.error().code, row.code) << got.error().text();
  }
  auto damaged = read_file(file(Position{2}));
  damaged[kFileHeadBytes + kGroupHeadBytes + kEntryHeadBytes] = 'x';
  write_file(file(Position{2}), damaged);
  EXPECT_EQ(read(Position{0}, Position{7}).error().code, Errc::corrupt);
  EXPECT_EQ(read(Position{0}, Position{2}).value(), (Texts{"0", "1"}));
  std::filesystem::remove(file(Position{0}));
  EXPECT_EQ(read(Position{0}, Position{2}).error().code, Errc::not_found);
  EXPECT_EQ(open_folder(options_.folder / "none", Position{0}, Position{1}).error().code, Errc::not_found);
}

TEST_F(FolderReaderTest, a_file_retired_on_the_way) {
  write_seven();
  const auto reader = open_folder(options_.folder, Position{0}, Position{7}, {.read_bytes_max = 1}).value();
  ASSERT_TRUE(reader->read(Millis{0}));
  std::filesystem::remove(file(Position{2}));
  EXPECT_EQ(reader->read(Millis{0}).value().front().payload, "1");  // the file it is in stays readable
  for (int again = 0; again < 2; ++again) {
    EXPECT_EQ(reader->read(Millis{0}).error().code, Errc::not_found);
  }
}

}  // namespace
}  // namespace cairn::journal
