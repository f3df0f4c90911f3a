// A damaged file is refused or found by verify(); nothing that it says leads outside of it.
#include <gtest/gtest.h>

#include "codec/checksum.h"
#include "postings/bits.h"
#include "postings/layout.h"
#include "postings/postings_testing.h"
#include "postings/walk_all.h"

namespace cairn::postings::testing {
namespace {

// Does the byte belong to something, or is it one of the zeros after the checksums, the last section?
bool counts(const std::string& bytes, std::size_t at) {
  std::uint32_t sections = 0;
  get(bytes, 12, sections);
  Line sums;
  get(bytes, kHeadBytes + (sections - 1) * kLineBytes, sums);
  CAIRN_CHECK(sums.tag == kSumsTag);
  return at < sums.offset + sums.bytes;
}

TEST(Damage, a_flipped_byte_anywhere_is_found) {
  const auto made = sample(2, 300, 14, 11);
  ASSERT_TRUE(walk_all(made.bytes));
  for (std::size_t at = 0; at < made.bytes.size(); ++at) {
    auto bytes = made.bytes;
    bytes[at] = static_cast<char>(bytes[at] ^ (at % 2 == 0 ? 0xFF : 0x01));
    EXPECT_EQ(walk_all(bytes), !counts(made.bytes, at)) << "byte " << at;
  }
}

TEST(Damage, a_file_cut_anywhere_is_refused) {
  const auto made = sample(2, 150, 14, 12);
  for (std::size_t size = 0; size < made.bytes.size(); ++size) {
    const auto index = Index::over(std::string_view(made.bytes).substr(0, size));
    ASSERT_FALSE(index.has_value()) << size;
    EXPECT_EQ(index.error().code, Errc::corrupt);
  }
}

// Writes the head's checksum anew, as a writer with a defect would.
void sum(std::string& bytes) {
  std::uint32_t sections = 0;
  get(bytes, 12, sections);
  const auto table = std::string_view(bytes).substr(kHeadBytes, sections * kLineBytes);
  const auto checksum =
      codec::crc32c(table, codec::crc32c(std::string_view(bytes).substr(0, kHeadSummedBytes)));
  bytes.replace(kHeadSummedBytes, 4, reinterpret_cast<const char*>(&checksum), 4);
}

TEST(Damage, a_table_that_is_wrong_and_summed_is_refused_or_harmless) {
  const auto made = sample(2, 300, 14, 13);
  for (std::size_t at = 12; at < kHeadBytes + 9 * kLineBytes; ++at) {
    if (at >= kHeadBytes + 7 * kLineBytes && at < kHeadBytes + 8 * kLineBytes) {
      continue;  // the empty section may lie anywhere
    }
    for (const int value : {0x00, 0x01, 0x7F, 0x80, 0xFF}) {
      auto bytes = made.bytes;
      bytes[at] = static_cast<char>(value);
      sum(bytes);
      EXPECT_TRUE(bytes == made.bytes || at < kHeadSummedBytes + 4 || !walk_all(bytes))
          << at << ": " << value;
    }
  }
}

// Sections that make no sense and whose checksums are good: nothing that they say leads outside.
TEST(Damage, sections_that_are_wrong_and_summed_are_refused_or_harmless) {
  const auto made = sample(2, 300, 14, 14);
  ASSERT_TRUE(walk_all(resummed(made.bytes).value()));
  std::size_t refused = 0;
  for (std::size_t at = kHeadBytes + 9 * kLineBytes; at < made.bytes.size(); at += 7) {
    auto bytes = made.bytes;
    bytes[at] = static_cast<char>(at % 2 == 0 ? 0xFF : 0x80);
    refused += walk_all(resummed(bytes).value()) ? 0 : 1;
  }
  EXPECT_GT(refused, 10U);
}

TEST(Damage, a_newer_version_is_refused_by_name) {
  auto bytes = sample(1, 1, 1, 1).bytes;
  bytes[8] = 3;
  sum(bytes);
  const auto index = Index::over(bytes);
  ASSERT_FALSE(index.has_value());
  EXPECT_EQ(index.error().code, Errc::invalid);
  EXPECT_NE(index.error().what.find("version 3"), std::string::npos);
}

}  // namespace
}  // namespace cairn::postings::testing
