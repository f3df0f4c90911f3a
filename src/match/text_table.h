// TextTable: texts and their marks, found by hash. Immutable once made; thread-safe.
#pragma once

#include <cstring>
#include <string_view>

#include "match/marks.h"

namespace cairn::match {

inline std::uint64_t load_8(const char* at) {
  std::uint64_t word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

// A word that is different for any two texts of one size below eight.
inline std::uint64_t load_few(const char* at, std::size_t size) {
  if (size >= 4) {
    std::uint32_t first;
    std::uint32_t last;  // overlaps with the first, maybe
    std::memcpy(&first, at, sizeof first);
    std::memcpy(&last, at + size - sizeof last, sizeof last);
    return first | static_cast<std::uint64_t>(last) << 32;
  }
  const auto byte = [&](std::size_t i) {
    return static_cast<std::uint64_t>(static_cast<unsigned char>(at[i]));
  };
  return size == 0 ? 0 : byte(0) | byte(size / 2) << 8 | byte(size - 1) << 16;
}

inline std::uint64_t mix(std::uint64_t a) {
  const auto product = static_cast<unsigned __int128>(a ^ 0x9e3779b97f4a7c15U) * 0xd6e8feb86659fd93U;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

inline std::uint64_t hash_text(std::string_view text) {
  std::uint64_t hash = text.size();
  if (text.size() < 8) {
    return mix(hash ^ load_few(text.data(), text.size()) << 8);
  }
  for (std::size_t at = 0; at + 8 < text.size(); at += 8) {
    hash = mix(hash ^ load_8(text.data() + at));
  }
  return mix(hash ^ load_8(text.data() + text.size() - 8));
}

class TextTable {
 public:
  TextTable() = default;
  explicit TextTable(const MarkedTexts& texts);

  bool empty() const { return slots_.empty(); }

  Marks find(std::string_view text) const {
    if (slots_.empty()) {
      return {};
    }
    const auto hash = hash_text(text);
    const auto mask = slots_.size() - 1;
    for (auto slot = hash & mask; slots_[slot].count != 0; slot = (slot + 1) & mask) {
      const Slot& here = slots_[slot];
      if (here.hash == hash && here.size == text.size() &&
          std::memcmp(texts_.data() + here.text, text.data(), text.size()) == 0) {
        return Marks(marks_).subspan(here.marks, here.count);
      }
    }
    return {};
  }

 private:
  struct Slot {
    std::uint64_t hash;
    std::uint32_t text;  // in texts_
    std::uint32_t size;
    std::uint32_t marks;  // in marks_
    std::uint32_t count;  // 0: empty
  };

  std::vector<Slot> slots_;  // a power of two of them, at most half of them taken
  std::string texts_;
  std::vector<Mark> marks_;
};

}  // namespace cairn::match
