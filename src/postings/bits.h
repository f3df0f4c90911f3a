// Numbers packed without gaps, lowest bit first; and values read at places that are not to be trusted.
// Internal to postings/. Pure.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/check.h"

namespace cairn::postings {

static_assert(std::endian::native == std::endian::little, "the format is written by copying");

inline std::uint64_t low_bits(std::uint64_t value, unsigned width) {
  return width >= 64 ? value : value & ((std::uint64_t{1} << width) - 1);
}

class BitWriter {
 public:
  // REQUIRES: value fits into width, 64 at most.
  void put(std::uint64_t value, unsigned width) {
    CAIRN_CHECK(width <= 64 && low_bits(value, width) == value);
    while (width > 0) {
      if (bits_ % 8 == 0) {
        bytes_.push_back('\0');
      }
      const auto free = 8 - static_cast<unsigned>(bits_ % 8);
      const auto taken = free < width ? free : width;
      const auto piece = low_bits(value, taken) << (8 - free);
      bytes_.back() = static_cast<char>(static_cast<std::uint8_t>(bytes_.back()) | piece);
      value = taken == 64 ? 0 : value >> taken;
      width -= taken;
      bits_ += taken;
    }
  }
  std::uint64_t bits() const { return bits_; }
  std::string take() && { return std::move(bytes_); }

 private:
  std::string bytes_;
  std::uint64_t bits_ = 0;
};

// False: the bytes do not reach so far.
template <class T>
bool get(std::string_view bytes, std::uint64_t offset, T& value) {
  if (offset > bytes.size() || bytes.size() - offset < sizeof(T)) {
    return false;
  }
  std::memcpy(&value, bytes.data() + offset, sizeof(T));
  return true;
}

inline bool get_bits(std::string_view bytes, std::uint64_t at, unsigned width, std::uint64_t& value) {
  const std::uint64_t bits = std::uint64_t{bytes.size()} * 8;
  if (width > 64 || at > bits || bits - at < width) {
    return false;
  }
  const auto first = at / 8;
  const auto shift = static_cast<unsigned>(at % 8);
  std::uint64_t low = 0;
  std::memcpy(&low, bytes.data() + first, std::min<std::uint64_t>(sizeof low, bytes.size() - first));
  value = low >> shift;
  if (shift + width > 64) {
    value |= std::uint64_t{static_cast<std::uint8_t>(bytes[first + 8])} << (64 - shift);
  }
  value = low_bits(value, width);
  return true;
}

template <class T>
void put(std::string& to, T value) {
  to.append(reinterpret_cast<const char*>(&value), sizeof value);
}

inline void put_varint(std::string& to, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) {
    to.push_back(static_cast<char>(value | 0x80));
  }
  to.push_back(static_cast<char>(value));
}

// Takes a number off the front. False: there is none, or it is too long.
inline bool take_varint(std::string_view& from, std::uint64_t& value) {
  value = 0;
  for (std::size_t i = 0; i < from.size() && i < 10; ++i) {
    const auto byte = static_cast<std::uint8_t>(from[i]);
    value |= std::uint64_t{byte & 0x7FU} << (7 * i);
    if (byte < 0x80) {
      from.remove_prefix(i + 1);
      return true;
    }
  }
  return false;
}

}  // namespace cairn::postings
