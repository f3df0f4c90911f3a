// The layout of the intents' file: docs/formats/intents.md. Pure functions over bytes, so that they can be
// fuzzed; intents.h maps the file.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/messages.h"

namespace cairn::intents {

inline constexpr std::size_t kHeadBytes = 4096;
inline constexpr std::size_t kHeadMarkBytes = 24;  // of the head: what names version and shape
inline constexpr std::size_t kAccountBytesMax = 16;
inline constexpr std::size_t kEventIdBytesMax = 40;
inline constexpr std::size_t kSlotHeadBytes = 16;
// What a slot holds besides the record.
inline constexpr std::size_t kSlotOverheadBytes =
    kSlotHeadBytes + kAccountBytesMax + kEventIdBytesMax + crypto::Messages::kOverheadBytes;
inline constexpr std::uint32_t kSlotsMax = 65'536;
inline constexpr std::uint32_t kSlotBytesMax = 1U << 20;

struct Shape {
  std::uint32_t slots = 4096;
  std::uint32_t slot_bytes = 8192;

  std::uint64_t file_bytes() const { return kHeadBytes + std::uint64_t{slots} * slot_bytes; }
  std::size_t record_bytes_max() const { return slot_bytes - kSlotOverheadBytes; }
};

// What stands in a slot. Views into it, or into what it is to be made of.
struct Slot {
  std::string_view account;
  std::string_view event_id;
  std::string_view record;  // JSON text
};

// Records that were not written: how many, and between which times (milliseconds since 1970).
struct Gap {
  std::uint64_t lost = 0;
  std::int64_t first_ms = 0;
  std::int64_t last_ms = 0;
  std::string event_id{};  // of the event that will tell of it
};

void write_head(std::span<char, kHeadBytes> head, const Shape& shape);
// Errc::corrupt; Errc::invalid for a newer version.
Result<Shape> read_head(std::span<const char> head);
// The first bytes of a head of the newest version, for one that may be of an older: nothing else differs.
std::array<char, kHeadMarkBytes> newest_mark(const Shape& shape);

// The newest gap of the two that a head holds; nothing was lost: none.
std::optional<Gap> read_gap(std::span<const char> head);
// In the place of the older one. A gap of nothing lost takes the place of what was told.
void write_gap(std::span<char, kHeadBytes> head, const Gap& gap);

// Does it fit?
bool fits(const Slot& slot, const Shape& shape);
// Writes a free slot: the sealed bytes, then in one store what makes it valid. REQUIRES: fits(); the slot is
// aligned to 8 bytes.
void write_slot(std::span<char> bytes, const Slot& slot, const crypto::MessageSealer& sealer);
void clear_slot(std::span<char> bytes);

// strange: whole, and sealed under another key.
enum class State : std::uint8_t { free, open, torn, strange };
struct SlotRead {
  State state = State::free;
  Slot slot{};  // where it is open: views into the room, or into the bytes of a slot of version 1
};
// REQUIRES: the room is as long as the bytes.
SlotRead read_slot(std::span<const char> bytes, crypto::MessageOpener& opener, std::span<char> room);

}  // namespace cairn::intents
