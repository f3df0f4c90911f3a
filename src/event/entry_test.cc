#include "event/entry.h"

#include <gtest/gtest.h>

#include <limits>

#include "event/real_records.h"

namespace cairn::event {
namespace {

using namespace std::string_literals;

struct EntryCase {
  const char* name;
  Kind kind;
  std::uint64_t number;
  std::string body;
  std::string payload;
};

TEST(Entry, encodes_and_decodes) {
  const EntryCase cases[] = {
      {"record", Kind::record, 0, "{}", "\x01\x01\x00{}"s},
      {"one byte number", Kind::record, 127, "{}", "\x01\x01\x7F{}"s},
      {"two byte number", Kind::control, 300, "{\"type\":\"x\"}", "\x01\x04\xAC\x02{\"type\":\"x\"}"s},
      {"largest number", Kind::intent, std::numeric_limits<std::uint64_t>::max(), "x",
       "\x01\x02\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01x"s},
      {"empty body", Kind::outcome, 1, "", "\x01\x03\x01"s},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(encode_entry(c.kind, c.number, c.body), c.payload) << c.name;
    const auto entry = decode_entry(c.payload);
    ASSERT_TRUE(entry) << c.name;
    EXPECT_EQ(entry->kind, c.kind) << c.name;
    EXPECT_EQ(entry->outbox_number, c.number) << c.name;
    EXPECT_EQ(entry->body, c.body) << c.name;
  }
}

struct BadEntry {
  std::string payload;
  Errc code;
  const char* says;
};

TEST(Entry, refuses_what_it_did_not_write) {
  const BadEntry cases[] = {
      {"", Errc::corrupt, "shorter than its head"},
      {"\x01"s, Errc::corrupt, "shorter than its head"},
      {"\x00\x01\x00{}"s, Errc::corrupt, "format is 0"},
      {"\x02\x01\x00{}"s, Errc::denied, "it is sealed"},
      {"\x02\x00\x00{}"s, Errc::corrupt, "kind 0 does not exist"},
      {"\x03\x01\x00{}"s, Errc::invalid, "format 3 was written by a newer cairn"},
      {"\x01\x00\x00{}"s, Errc::corrupt, "kind 0 does not exist"},
      {"\x01\x05\x00{}"s, Errc::corrupt, "kind 5 does not exist"},
      {"\x01\x01"s, Errc::corrupt, "ends within its outbox number"},
      {"\x01\x01\x80"s, Errc::corrupt, "ends within its outbox number"},
      {"\x01\x01\x80\x00{}"s, Errc::corrupt, "not in the shortest form"},
      {"\x01\x01\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x02{}"s, Errc::corrupt, "above 64 bits"},
      {"\x01\x01\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x81\x01{}"s, Errc::corrupt, "above 64 bits"},
  };
  for (const auto& c : cases) {
    const auto entry = decode_entry(c.payload);
    ASSERT_FALSE(entry) << c.says;
    EXPECT_EQ(entry.error().code, c.code) << c.says;
    EXPECT_NE(entry.error().what.find(c.says), std::string::npos) << entry.error().what;
  }
}

// What version 1 wrote stays readable.
TEST(Entry, reads_the_kept_sample) {
  const auto payload =
      testing::read_file(std::filesystem::path(CAIRN_SOURCE_DIR) / "src/event/compat/entry_v1.bin");
  const auto entry = decode_entry(payload);
  ASSERT_TRUE(entry) << payload.size();
  EXPECT_EQ(entry->kind, Kind::record);
  EXPECT_EQ(entry->outbox_number, 300U);
  EXPECT_EQ(entry->body, R"({"eventVersion":"1.11"})");
}

}  // namespace
}  // namespace cairn::event
