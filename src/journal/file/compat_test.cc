// Journals that were written by other versions, kept under compat/, are read for ever. Each sample was made
// by hand from docs/formats/journal.md, not by this code.
#include "journal/file/dump.h"
#include "journal/file/file_bench.h"

namespace cairn::journal {
namespace {

const std::filesystem::path kSamples = std::filesystem::path(CAIRN_SOURCE_DIR) / "src/journal/file/compat";

TEST_F(FileJournalFixture, version_1_is_read_and_appended_to) {
  std::filesystem::copy(kSamples / "v1", options_.folder);
  start();
  const auto seen = read_all(*journal_, Position{0});
  EXPECT_EQ(payloads_of(seen), (Texts{"ab", "c", ""}));
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_EQ(rfc3339_millis(seen[0].time), "2026-02-02T02:40:00.000Z");
  EXPECT_EQ(rfc3339_millis(seen[1].time), "2026-02-02T02:40:01.500Z");
  EXPECT_EQ(seen[2].time, seen[1].time);
  EXPECT_EQ(append({"d"}).value(), Position{3});
  EXPECT_EQ(all(), (Texts{"ab", "c", "", "d"}));
}

// The other way round: this code writes the sample's bytes, but for the salt and what is summed with it.
TEST_F(FileJournalFixture, version_1_is_what_is_written) {
  clock_.set(parse_rfc3339("2026-02-02T02:40:00Z")->time_since_epoch());
  start();
  ASSERT_TRUE(append({"ab"}));
  clock_.add(Millis{1500});
  ASSERT_TRUE(append({"c", ""}));
  stop();
  auto written = read_file(file(Position{0}));
  auto sample = read_file(kSamples / "v1" / file_name(Position{0}));
  ASSERT_EQ(written.size(), sample.size());
  struct Salted {
    std::size_t at;
    std::size_t size;
  };
  for (const auto& salted : {Salted{0x0c, 4}, Salted{0x20, 8}, Salted{0x2c, 4}, Salted{0x5a, 4}}) {
    written.replace(salted.at, salted.size, salted.size, '?');
    sample.replace(salted.at, salted.size, salted.size, '?');
  }
  EXPECT_EQ(written, sample);
}

}  // namespace
}  // namespace cairn::journal
