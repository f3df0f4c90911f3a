#include "backup/manifest.h"

#include <gtest/gtest.h>
#include <stdlib.h>

namespace cairn::backup {
namespace {

const std::string kHash(64, 'a');

TEST(Manifest, LinesComeBackAsTheyWere) {
  const Head head{.made = Time{Millis{1'772'446'500'123}}, .end = journal::Position{7}, .outbox_last = 3};
  EXPECT_EQ(to_line(head),
            "{\"format\":1,\"made\":\"2026-03-02T10:15:00.123Z\",\"journalEnd\":7,\"outboxLast\":3}\n");
  const auto again = std::get<Head>(parse_line(to_line(head)).value());
  EXPECT_EQ(again.made, head.made);
  EXPECT_EQ(again.end, head.end);
  EXPECT_EQ(again.outbox_last, 3U);
  const auto item = std::get<Item>(parse_line(to_line(Item{"blobs/s3/x", 5, kHash})).value());
  EXPECT_EQ(item.path, "blobs/s3/x");
  EXPECT_EQ(item.bytes, 5U);
  EXPECT_EQ(item.sha256, kHash);
  EXPECT_EQ(std::get<End>(parse_line(to_line(End{9})).value()).files, 9U);
}

TEST(Manifest, RefusesPathsThatLeadElsewhere) {
  for (const auto* path : {"", "/etc/passwd", "master.key", "blobs", "blobs/", "blobs/../x", "blobs/.tmp/1",
                           "blobs//x", "journal/x/..", "../blobs/x", "catalog.sqlite/x", "blobs/x/"}) {
    const auto parsed = parse_line(to_line(Item{path, 1, kHash}));
    ASSERT_FALSE(parsed.has_value()) << path;
    EXPECT_EQ(parsed.error().code, Errc::corrupt) << path;
  }
  EXPECT_TRUE(parse_line(to_line(Item{"catalog.sqlite", 1, kHash})).has_value());
}

TEST(Manifest, RefusesOtherLines) {
  for (const auto* line :
       {"", "{}", "[]", "{\"files\":-1}", "{\"path\":\"blobs/x\",\"bytes\":1,\"sha256\":\"aa\"}",
        "{\"path\":\"blobs/x\",\"sha256\":\"aa\"}", "{\"format\":1}", "{\"format\":0}"}) {
    EXPECT_EQ(parse_line(line).error().code, Errc::corrupt) << line;
  }
  EXPECT_EQ(parse_line("{\"format\":2,\"made\":\"x\"}").error().code, Errc::invalid);
}

class ManifestFile : public testing::Test {
 protected:
  ManifestFile() {
    auto name = (std::filesystem::temp_directory_path() / "cairn-manifest-XXXXXX").native();
    folder_ = ::mkdtemp(name.data());
  }
  ~ManifestFile() override { std::filesystem::remove_all(folder_); }
  Result<std::uint64_t> read(const std::string& text) {
    std::ofstream(folder_ / kManifestName) << text;
    CAIRN_TRY(auto reader, ManifestReader::open(folder_));
    for (std::uint64_t files = 0;; ++files) {
      CAIRN_TRY(const auto item, reader.next());
      if (!item) {
        return files;
      }
    }
  }
  std::filesystem::path folder_;
};

TEST_F(ManifestFile, IsWholeOrRefused) {
  EXPECT_EQ(ManifestReader::open(folder_).error().code, Errc::not_found);
  const auto head = to_line(Head{});
  const auto item = to_line(Item{"blobs/x", 1, kHash});
  EXPECT_EQ(read(head + item + item + to_line(End{2})).value(), 2U);
  const std::string rows[] = {
      "",
      head,
      item + to_line(End{1}),
      head + item,
      head + item + to_line(End{2}),
      head + item + "{\"files\":1}",
      head + to_line(End{0}) + item,
      head + head + to_line(End{0}),
      head + std::string(kLineBytesMax, ' ') + item + to_line(End{1}),
  };
  for (const auto& text : rows) {
    EXPECT_EQ(read(text).error().code, Errc::corrupt) << text;
  }
}

// Format 1, as the first release wrote it.
TEST_F(ManifestFile, OldOnesStayReadable) {
  auto reader =
      ManifestReader::open(std::filesystem::path(CAIRN_SOURCE_DIR) / "src/backup/compat/v1").value();
  EXPECT_EQ(reader.head().end, journal::Position{1207});
  EXPECT_EQ(reader.head().outbox_last, 31U);
  EXPECT_EQ(reader.next().value()->path, "dedupe/00000000000000000001.ids");
  EXPECT_EQ(reader.next().value()->path, "catalog.sqlite");
  EXPECT_FALSE(reader.next().value().has_value());
}

}  // namespace
}  // namespace cairn::backup
