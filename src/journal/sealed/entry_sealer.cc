// Tested by entry_sealer_test.cc and sealed_entry_fuzz.cc.
#include "journal/sealed/entry_sealer.h"

#include <algorithm>
#include <array>

#include "event/entry.h"

namespace cairn::journal {
namespace {

// The head of what is no entry: a kind that no entry has, number 0.
constexpr std::string_view kOpaqueHead("\x02\x00\x00", 3);
static_assert(kOpaqueHead[0] == event::kSealedFormat);

std::array<std::byte, 4> bytes_of(Partition partition) {
  std::array<std::byte, 4> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::byte>(partition.raw() >> (8 * i));
  }
  return bytes;
}

// How much of a plain payload stays in the clear.
std::size_t clear_bytes(std::string_view payload) {
  const auto head = event::decode_entry_head(payload);
  return head && !head->sealed ? head->bytes : 0;
}

}  // namespace

void EntrySealer::seal(Partition partition, std::string_view payload, std::string& sealed) const {
  const auto clear = clear_bytes(payload);
  sealed.assign(clear == 0 ? kOpaqueHead : payload.substr(0, clear));
  sealed[0] = event::kSealedFormat;
  const auto head_bytes = sealed.size();
  sealed.resize(head_bytes + payload.size() - clear + crypto::Messages::kOverheadBytes);
  const auto head = std::string_view(sealed).substr(0, head_bytes);
  sealer_.seal({bytes_of(partition), head}, {payload.substr(clear)},
               std::as_writable_bytes(std::span(sealed)).subspan(head_bytes));
}

Result<std::string_view> EntryOpener::open(Partition partition, std::string_view payload,
                                           std::span<char> room) {
  if (payload.empty() || payload[0] != event::kSealedFormat) {
    return payload;
  }
  std::size_t head_bytes = kOpaqueHead.size();
  std::size_t clear = 0;
  if (!payload.starts_with(kOpaqueHead)) {
    CAIRN_TRY(const auto head, event::decode_entry_head(payload));
    head_bytes = clear = head.bytes;
  }
  const auto sealed = payload.substr(head_bytes);
  const auto plain_bytes = crypto::MessageOpener::plain_bytes(sealed.size());
  const auto out = room.first(clear + plain_bytes);
  CAIRN_TRY_VOID(opener_.open({bytes_of(partition), payload.substr(0, head_bytes)}, sealed,
                              std::as_writable_bytes(out).subspan(clear)));
  if (clear > 0) {
    std::ranges::copy(payload.substr(0, clear), out.begin());
    out[0] = event::kPlainFormat;
  }
  return std::string_view(out.data(), out.size());
}

}  // namespace cairn::journal
