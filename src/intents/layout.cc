// Tested by layout_test.cc.
#include "intents/layout.h"

#include <array>
#include <atomic>
#include <bit>
#include <cstring>

#include "codec/checksum.h"

namespace cairn::intents {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::string_view kMark = "cairnint";
constexpr char kVersion = 2;
constexpr char kVersionMin = 1;
constexpr std::size_t kCheckedHead = 20;  // bytes before the head's checksum
constexpr std::array<std::size_t, 2> kGapPlaces{128, 256};
constexpr std::size_t kGapBytes = 80;
constexpr std::uint32_t kOpen = 1;  // of version 1: its text is plain
constexpr std::uint32_t kSealed = 2;
constexpr std::size_t kPlainSlotHeadBytes = 80;
constexpr std::size_t kFieldsBytes = kAccountBytesMax + kEventIdBytesMax;  // before the record

template <class T>
T load(const char* from) {
  T value;
  std::memcpy(&value, from, sizeof(value));
  return value;
}
template <class T>
void store(char* to, T value) {
  std::memcpy(to, &value, sizeof(value));
}

std::uint32_t checksum(const char* from, std::size_t count) {
  return codec::crc32c(std::string_view(from, count));
}

// Text in a field of fixed size, the rest zero.
void store_text(char* to, std::string_view text, std::size_t size) {
  std::memset(to, 0, size);
  std::memcpy(to, text.data(), text.size());
}
std::string_view load_text(const char* from, std::size_t size) {
  const std::string_view all(from, size);
  return all.substr(0, all.find('\0'));
}

// One of the two gaps of a head, with its sequence number.
struct NumberedGap {
  std::uint64_t sequence = 0;
  Gap gap{};
};

std::optional<NumberedGap> read_gap_at(std::span<const char> head, std::size_t place) {
  const char* const at = head.data() + place;
  if (load<std::uint32_t>(at) != checksum(at + 8, kGapBytes - 8)) {
    return std::nullopt;
  }
  NumberedGap found;
  found.sequence = load<std::uint64_t>(at + 8);
  found.gap = {.lost = load<std::uint64_t>(at + 16),
               .first_ms = load<std::int64_t>(at + 24),
               .last_ms = load<std::int64_t>(at + 32),
               .event_id = std::string(load_text(at + 40, kEventIdBytesMax))};
  return found;
}

// Index of the newer of the two, and what it says.
std::pair<std::size_t, NumberedGap> newest_gap(std::span<const char> head) {
  std::pair<std::size_t, NumberedGap> newest{kGapPlaces.size() - 1, {}};
  for (std::size_t i = 0; i < kGapPlaces.size(); ++i) {
    if (auto found = read_gap_at(head, kGapPlaces[i]); found && found->sequence > newest.second.sequence) {
      newest = {i, *std::move(found)};
    }
  }
  return newest;
}

Slot slot_of(const char* fields, std::string_view record) {
  return {.account = load_text(fields, kAccountBytesMax),
          .event_id = load_text(fields + kAccountBytesMax, kEventIdBytesMax),
          .record = record};
}

SlotRead plain_slot(const char* at, std::size_t size) {
  return {.state = State::open, .slot = slot_of(at + 24, {at + kPlainSlotHeadBytes, size})};
}

SlotRead sealed_slot(std::span<const char> sealed, crypto::MessageOpener& opener, std::span<char> room) {
  const auto size = crypto::MessageOpener::plain_bytes(sealed.size());
  const auto opened = opener.open({}, std::string_view(sealed.data(), sealed.size()),
                                  std::as_writable_bytes(room.first(size)));
  if (!opened || size < kFieldsBytes) {
    return {.state = !opened && opened.error().code == Errc::denied ? State::strange : State::torn};
  }
  return {.state = State::open,
          .slot = slot_of(room.data(), {room.data() + kFieldsBytes, size - kFieldsBytes})};
}

}  // namespace

void write_head(std::span<char, kHeadBytes> head, const Shape& shape) {
  std::memset(head.data(), 0, head.size());
  const auto mark = newest_mark(shape);
  std::memcpy(head.data(), mark.data(), mark.size());
}

std::array<char, kHeadMarkBytes> newest_mark(const Shape& shape) {
  std::array<char, kHeadMarkBytes> mark{};
  std::memcpy(mark.data(), kMark.data(), kMark.size());
  mark[8] = kVersion;
  store(mark.data() + 12, shape.slots);
  store(mark.data() + 16, shape.slot_bytes);
  store(mark.data() + kCheckedHead, checksum(mark.data(), kCheckedHead));
  return mark;
}

Result<Shape> read_head(std::span<const char> head) {
  if (head.size() < kHeadBytes || std::string_view(head.data(), kMark.size()) != kMark) {
    return Error{Errc::corrupt, "read the intents' file: it is none"};
  }
  if (head[8] > kVersion) {
    return Error{Errc::invalid, "read the intents' file: a newer Cairn wrote it"};
  }
  const Shape shape{.slots = load<std::uint32_t>(head.data() + 12),
                    .slot_bytes = load<std::uint32_t>(head.data() + 16)};
  const bool good = load<std::uint32_t>(head.data() + kCheckedHead) == checksum(head.data(), kCheckedHead);
  if (!good || head[8] < kVersionMin || shape.slots == 0 || shape.slots > kSlotsMax ||
      shape.slot_bytes <= kSlotOverheadBytes || shape.slot_bytes > kSlotBytesMax ||
      shape.slot_bytes % 8 != 0) {
    return Error{Errc::corrupt, "read the intents' file: its head is damaged"};
  }
  return shape;
}

std::optional<Gap> read_gap(std::span<const char> head) {
  auto newest = newest_gap(head).second.gap;
  return newest.lost > 0 ? std::optional(std::move(newest)) : std::nullopt;
}

void write_gap(std::span<char, kHeadBytes> head, const Gap& gap) {
  CAIRN_CHECK(gap.event_id.size() <= kEventIdBytesMax);
  const auto [index, newest] = newest_gap(head);
  char* const at = head.data() + kGapPlaces[1 - index];
  store(at, std::uint64_t{0});  // not valid while it is half written
  std::atomic_signal_fence(std::memory_order_seq_cst);
  store(at + 8, newest.sequence + 1);
  store(at + 16, gap.lost);
  store(at + 24, gap.first_ms);
  store(at + 32, gap.last_ms);
  store_text(at + 40, gap.event_id, kEventIdBytesMax);
  const auto sum = checksum(at + 8, kGapBytes - 8);
  std::atomic_signal_fence(std::memory_order_seq_cst);
  store(at, sum);
}

bool fits(const Slot& slot, const Shape& shape) {
  return slot.account.size() <= kAccountBytesMax && slot.event_id.size() <= kEventIdBytesMax &&
         slot.record.size() <= shape.record_bytes_max();
}

void write_slot(std::span<char> bytes, const Slot& slot, const crypto::MessageSealer& sealer) {
  CAIRN_CHECK(kSlotOverheadBytes + slot.record.size() <= bytes.size());
  char* const at = bytes.data();
  std::array<char, kFieldsBytes> fields;
  store_text(fields.data(), slot.account, kAccountBytesMax);
  store_text(fields.data() + kAccountBytesMax, slot.event_id, kEventIdBytesMax);
  const auto sealed_bytes = kFieldsBytes + slot.record.size() + crypto::Messages::kOverheadBytes;
  store(at + 8, static_cast<std::uint32_t>(sealed_bytes));
  store(at + 12, std::uint32_t{0});
  sealer.seal({}, {std::string_view(fields.data(), fields.size()), slot.record},
              std::as_writable_bytes(bytes.subspan(kSlotHeadBytes, sealed_bytes)));
  const std::uint64_t sum = checksum(at + 8, kSlotHeadBytes - 8 + sealed_bytes);
  // The kernel has the page: whatever was stored before this is seen by who opens the file next.
  std::atomic_ref<std::uint64_t>(*reinterpret_cast<std::uint64_t*>(at))
      .store(sum << 32U | kSealed, std::memory_order_release);
}

void clear_slot(std::span<char> bytes) {
  std::atomic_ref<std::uint64_t>(*reinterpret_cast<std::uint64_t*>(bytes.data()))
      .store(0, std::memory_order_release);
}

SlotRead read_slot(std::span<const char> bytes, crypto::MessageOpener& opener, std::span<char> room) {
  const auto first = load<std::uint64_t>(bytes.data());
  if (first == 0) {
    return {};
  }
  const auto state = static_cast<std::uint32_t>(first);
  const std::size_t head_bytes = state == kOpen ? kPlainSlotHeadBytes : kSlotHeadBytes;
  const auto size = load<std::uint32_t>(bytes.data() + 8);
  if ((state != kOpen && state != kSealed) || bytes.size() < head_bytes || size > bytes.size() - head_bytes ||
      first >> 32U != checksum(bytes.data() + 8, head_bytes - 8 + size)) {
    return {.state = State::torn};
  }
  return state == kOpen ? plain_slot(bytes.data(), size)
                        : sealed_slot(bytes.subspan(head_bytes, size), opener, room);
}

}  // namespace cairn::intents
