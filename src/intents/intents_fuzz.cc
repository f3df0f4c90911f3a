// An intents' file of foreign bytes: never a crash, and what is read writes the same bytes.
#include <cstdlib>
#include <cstring>
#include <vector>

#include "codec/checksum.h"
#include "intents/layout.h"

namespace {

using namespace cairn::intents;

const cairn::crypto::Secret& key() {
  static const cairn::crypto::Secret the_key(std::string(32, 'k'));
  return the_key;
}

SlotRead read(std::span<const char> bytes, std::vector<char>& room) {
  static cairn::crypto::MessageOpener opener(key());
  room.resize(bytes.size());
  return read_slot(bytes, opener, room);
}

void check_slot(std::span<const char> bytes) {
  std::vector<char> room;
  const auto first = read(bytes, room);
  if (first.state != State::open) {
    return;
  }
  static const cairn::crypto::MessageSealer sealer(key().clone());
  std::vector<std::uint64_t> words((bytes.size() + kSlotOverheadBytes) / 8 + 1);
  const std::span<char> again(reinterpret_cast<char*>(words.data()), words.size() * 8);
  write_slot(again, first.slot, sealer);
  std::vector<char> other_room;
  const auto second = read(again, other_room);
  if (second.state != State::open || second.slot.account != first.slot.account ||
      second.slot.event_id != first.slot.event_id || second.slot.record != first.slot.record) {
    std::abort();
  }
}

// The same bytes with a good checksum, as a slot of that state.
void check_mended(std::vector<char> bytes, std::uint64_t state, std::size_t head_bytes) {
  if (bytes.size() < head_bytes) {
    return;
  }
  std::uint32_t length = 0;
  std::memcpy(&length, bytes.data() + 8, sizeof(length));
  const auto checked = head_bytes - 8 + std::min<std::size_t>(length, bytes.size() - head_bytes);
  const std::uint64_t first =
      std::uint64_t{cairn::codec::crc32c(std::string_view(bytes.data() + 8, checked))} << 32U | state;
  std::memcpy(bytes.data(), &first, sizeof(first));
  check_slot(bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<char> bytes(data, data + size);
  if (size >= kSlotHeadBytes) {
    check_slot(bytes);
    check_mended(bytes, 1, 80);
    check_mended(bytes, 2, kSlotHeadBytes);
  }
  bytes.resize(kHeadBytes);
  (void)read_head(bytes);
  if (const auto gap = read_gap(bytes); gap && gap->lost == 0) {
    std::abort();
  }
  return 0;
}
