#include <algorithm>
#include <bit>

#include "postings/bits.h"
#include "postings/layout.h"
#include "postings/parts.h"

namespace cairn::postings {

namespace {

constexpr std::uint32_t kSecond = 1000;

// The block's base and widths; differences are counted modulo 2^64, so that any two times have one.
KeyBlock key_block(std::span<const Key> keys, std::uint64_t at) {
  const auto [first, last] = std::ranges::minmax(keys, {}, &Key::time_ms);
  const auto [low, high] = std::ranges::minmax(keys, {}, &Key::position);
  KeyBlock block{.time = static_cast<std::uint64_t>(first.time_ms), .position = low.position, .at = at};
  const auto after = [&](const Key& key) { return static_cast<std::uint64_t>(key.time_ms) - block.time; };
  block.unit =
      std::ranges::all_of(keys, [&](const Key& key) { return after(key) % kSecond == 0; }) ? kSecond : 1;
  block.time_bits = static_cast<std::uint8_t>(std::bit_width(after(last) / block.unit));
  block.position_bits = static_cast<std::uint8_t>(std::bit_width(high.position - low.position));
  return block;
}

}  // namespace

KeyParts key_parts(std::span<const Key> keys) {
  KeyParts parts;
  BitWriter bits;
  while (!keys.empty()) {
    const auto some = keys.first(std::min<std::size_t>(keys.size(), kKeyBlockRows));
    const auto block = key_block(some, bits.bits());
    put(parts.blocks, block);
    for (const auto& key : some) {
      bits.put((static_cast<std::uint64_t>(key.time_ms) - block.time) / block.unit, block.time_bits);
      bits.put(key.position - block.position, block.position_bits);
    }
    keys = keys.subspan(some.size());
  }
  parts.bits = std::move(bits).take();
  return parts;
}

}  // namespace cairn::postings
