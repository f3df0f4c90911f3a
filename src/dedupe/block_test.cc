// A block comes back as it was, and not at all when a byte of it is another.
#include "dedupe/block.h"

#include <gtest/gtest.h>

namespace cairn::dedupe {
namespace {

Block sample() {
  return {.cursor = journal::Position{77},
          .sections = {{.account = "111122223333", .ids = {to_id("a"), to_id("b")}},
                       {.account = "444455556666", .ids = {to_id("c")}},
                       {.account = "", .ids = {}}}};
}

TEST(Block, comes_back_as_it_was) {
  const auto bytes = encode(sample()) + "what follows";
  EXPECT_EQ(block_bytes(bytes), bytes.size() - 12);
  std::size_t used = 0;
  const auto block = decode(bytes, used);
  ASSERT_TRUE(block);
  EXPECT_EQ(used, bytes.size() - 12);
  EXPECT_EQ(block->cursor, journal::Position{77});
  ASSERT_EQ(block->sections.size(), 3U);
  EXPECT_EQ(block->sections[0].account, "111122223333");
  EXPECT_EQ(block->sections[0].ids, sample().sections[0].ids);
  EXPECT_EQ(block->sections[1].ids, sample().sections[1].ids);
}

TEST(Block, is_nothing_when_cut_or_changed_anywhere) {
  const auto bytes = encode(sample());
  std::size_t used = 0;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    EXPECT_FALSE(decode(std::string_view(bytes).substr(0, at), used)) << at;
    auto changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 0x20);
    EXPECT_FALSE(decode(changed, used)) << at;
  }
}

}  // namespace
}  // namespace cairn::dedupe
