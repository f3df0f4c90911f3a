#include "intents/layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <iterator>
#include <vector>

namespace cairn::intents {
namespace {

struct alignas(8) Bytes {
  std::array<char, 256> bytes{};
};
struct alignas(8) Head {
  std::array<char, kHeadBytes> bytes{};
};

constexpr Slot kSlot{"111122223333", "5b6f3c1e-0000-4000-8000-000000000001", R"({"eventName":"PutObject"})"};

crypto::Secret key() {
  return crypto::Secret(std::string(32, 'k'));
}

void write(Bytes& slot, const Slot& text) {
  static const crypto::MessageSealer sealer(key());
  write_slot(slot.bytes, text, sealer);
}

// With the room that its texts are in.
struct Read : SlotRead {
  explicit Read(std::span<const char> bytes) : room(bytes.size()) {
    crypto::MessageOpener opener(key());
    static_cast<SlotRead&>(*this) = read_slot(bytes, opener, room);
  }
  explicit Read(const Bytes& slot) : Read(std::span<const char>(slot.bytes)) {}
  std::vector<char> room;
};

TEST(IntentsLayout, a_slot_reads_as_it_was_written) {
  Bytes slot;
  EXPECT_EQ(Read(slot).state, State::free);
  write(slot, kSlot);
  const Read read(slot);
  ASSERT_EQ(read.state, State::open);
  EXPECT_EQ(read.slot.account, kSlot.account);
  EXPECT_EQ(read.slot.event_id, kSlot.event_id);
  EXPECT_EQ(read.slot.record, kSlot.record);
  clear_slot(slot.bytes);
  EXPECT_EQ(Read(slot).state, State::free);
}

TEST(IntentsLayout, any_changed_byte_is_found) {
  Bytes slot;
  write(slot, kSlot);
  for (std::size_t i = 0; i < kSlotOverheadBytes + kSlot.record.size(); ++i) {
    auto damaged = slot;
    damaged.bytes[i] ^= 0x20;
    EXPECT_EQ(Read(damaged).state, State::torn) << i;
  }
}

// What a power failure may leave: some of the bytes new, some old, in any pages.
TEST(IntentsLayout, a_slot_half_written_over_an_old_one_is_torn_or_whole) {
  Bytes old;
  write(old, kSlot);
  Bytes fresh = old;
  write(fresh, {"111122223333", "5b6f3c1e-0000-4000-8000-000000000002", R"({"eventName":"Put!!!!!!"})"});
  for (std::size_t cut = 1; cut < kSlotOverheadBytes + kSlot.record.size(); ++cut) {
    auto mixed = old;
    std::copy_n(fresh.bytes.begin(), cut, mixed.bytes.begin());
    const Read read(mixed);
    const bool whole = mixed.bytes == fresh.bytes || mixed.bytes == old.bytes;
    EXPECT_EQ(read.state, whole ? State::open : State::torn) << cut;
  }
}

TEST(IntentsLayout, what_fits) {
  const Shape shape{.slots = 1, .slot_bytes = 128};
  struct Case {
    Slot slot;
    bool fits;
  };
  const std::string long_record(17, 'x');
  const std::string exact(16, 'x');
  const std::array cases{
      Case{{"1", "2", exact}, true},
      Case{{"1", "2", long_record}, false},
      Case{{"12345678901234567", "2", ""}, false},
      Case{{"1", "12345678901234567890123456789012345678901", ""}, false},
  };
  for (const auto& row : cases) {
    EXPECT_EQ(fits(row.slot, shape), row.fits) << row.slot.account << row.slot.record.size();
  }
}

TEST(IntentsLayout, a_head_that_is_none) {
  Head good;
  write_head(good.bytes, {.slots = 3, .slot_bytes = 128});
  const auto shape = read_head(good.bytes);
  ASSERT_TRUE(shape);
  EXPECT_EQ(shape->slots, 3U);
  EXPECT_EQ(shape->slot_bytes, 128U);
  for (std::size_t i = 0; i < 24; ++i) {
    auto damaged = good;
    damaged.bytes[i] ^= 0x40;
    const auto read = read_head(damaged.bytes);
    ASSERT_FALSE(read) << i;
    EXPECT_EQ(read.error().code, i == 8 ? Errc::invalid : Errc::corrupt) << i;
  }
  EXPECT_EQ(read_head(std::span<const char>(good.bytes).first(100)).error().code, Errc::corrupt);
}

TEST(IntentsLayout, gaps_take_turns_and_the_newest_whole_one_counts) {
  Head head;
  write_head(head.bytes, {.slots = 1, .slot_bytes = 128});
  EXPECT_FALSE(read_gap(head.bytes));
  write_gap(head.bytes, {.lost = 1, .first_ms = 10, .last_ms = 10, .event_id = "a"});
  const auto first = head;
  write_gap(head.bytes, {.lost = 2, .first_ms = 10, .last_ms = 20, .event_id = "a"});
  EXPECT_EQ(read_gap(head.bytes)->lost, 2U);
  EXPECT_EQ(read_gap(head.bytes)->last_ms, 20);
  EXPECT_EQ(read_gap(head.bytes)->event_id, "a");
  // The second was cut short anywhere: the first counts.
  for (std::size_t i = 128; i < 336; ++i) {
    if (head.bytes[i] == first.bytes[i]) {
      continue;
    }
    auto damaged = head;
    damaged.bytes[i] = first.bytes[i];
    EXPECT_EQ(read_gap(damaged.bytes)->lost, 1U) << i;
  }
  write_gap(head.bytes, {});
  EXPECT_FALSE(read_gap(head.bytes));
}

// Made by another implementation, from docs/formats/intents.md.
TEST(IntentsLayout, a_slot_of_version_2_is_read) {
  std::ifstream in(CAIRN_SOURCE_DIR "/src/intents/compat/v2/slot", std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  const Read slot{std::span<const char>(bytes)};
  ASSERT_EQ(slot.state, State::open);
  EXPECT_EQ(slot.slot.account, "111122223333");
  EXPECT_EQ(slot.slot.event_id, "5b6f3c1e-0000-4000-8000-000000000001");
  EXPECT_EQ(slot.slot.record, "{\"a\":1}");
}

// Made by hand from docs/formats/intents.md, not by this code.
TEST(IntentsLayout, a_file_of_version_1_is_read) {
  std::ifstream in(CAIRN_SOURCE_DIR "/src/intents/compat/v1/intents", std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  const std::span<const char> all(bytes);
  const auto shape = read_head(all);
  ASSERT_TRUE(shape);
  ASSERT_EQ(bytes.size(), shape->file_bytes());
  EXPECT_EQ(shape->slots, 3U);
  const auto slot = [&](std::size_t i) {
    return Read(all.subspan(kHeadBytes + i * shape->slot_bytes, shape->slot_bytes));
  };
  EXPECT_EQ(slot(0).state, State::free);
  ASSERT_EQ(slot(1).state, State::open);
  EXPECT_EQ(slot(1).slot.account, "111122223333");
  EXPECT_EQ(slot(1).slot.event_id, "5b6f3c1e-0000-4000-8000-000000000001");
  EXPECT_EQ(slot(1).slot.record, "{\"a\":1}");
  EXPECT_EQ(slot(2).state, State::torn);
  const auto gap = read_gap(all);
  ASSERT_TRUE(gap);
  EXPECT_EQ(gap->lost, 7U);
  EXPECT_EQ(gap->first_ms, 1000);
  EXPECT_EQ(gap->last_ms, 2000);
  EXPECT_EQ(gap->event_id, "5b6f3c1e-0000-4000-8000-000000000009");
}

}  // namespace
}  // namespace cairn::intents
