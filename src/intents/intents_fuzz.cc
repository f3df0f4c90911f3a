// An intents' file of foreign bytes: never a crash, and what is read writes the same bytes.
#include <cstdlib>
#include <cstring>
#include <vector>

#include "codec/checksum.h"
#include "intents/layout.h"

namespace {

using namespace cairn::intents;

void check_slot(std::span<const char> bytes) {
  const auto read = read_slot(bytes);
  if (read.state != State::open) {
    return;
  }
  std::vector<std::uint64_t> room(bytes.size() / 8 + 1);
  const std::span<char> again(reinterpret_cast<char*>(room.data()), bytes.size());
  write_slot(again, read.slot);
  const auto second = read_slot(again);
  if (second.state != State::open || second.slot.account != read.slot.account ||
      second.slot.event_id != read.slot.event_id || second.slot.record != read.slot.record) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<char> bytes(data, data + size);
  if (size >= kSlotHeadBytes) {
    check_slot(bytes);
    // The second try has a good checksum.
    std::uint32_t length = 0;
    std::memcpy(&length, bytes.data() + 8, sizeof(length));
    const auto checked = kSlotHeadBytes - 8 + std::min<std::size_t>(length, size - kSlotHeadBytes);
    const std::uint64_t first =
        std::uint64_t{cairn::codec::crc32c(std::string_view(bytes.data() + 8, checked))} << 32U | 1U;
    std::memcpy(bytes.data(), &first, sizeof(first));
    check_slot(bytes);
  }
  bytes.resize(kHeadBytes);
  (void)read_head(bytes);
  if (const auto gap = read_gap(bytes); gap && gap->lost == 0) {
    std::abort();
  }
  return 0;
}
