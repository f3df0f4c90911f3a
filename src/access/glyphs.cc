#include "access/glyphs.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace cairn::access {
namespace {

constexpr std::size_t kWalkStepsMax = 16'384;
constexpr std::size_t kCharacterBytesMax = 4;

unsigned char byte_at(std::string_view text, std::size_t at, bool fold_case) {
  const char c = text[at];
  return static_cast<unsigned char>(fold_case && c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

// Where the UTF-8 character that starts at `at` ends. Bytes that are no UTF-8 count one by one, as far as
// that can be told.
std::size_t after_character(std::string_view text, std::size_t at) {
  const bool leads = (static_cast<unsigned char>(text[at]) & 0xC0U) == 0xC0U;
  const auto until = std::min(text.size(), at + (leads ? kCharacterBytesMax : 1));
  for (++at; at < until && is_continuation(text[at]);) {
    ++at;
  }
  return at;
}

// A set of places in a text, one more than it has bytes; 64 at a time.
class Places {
 public:
  explicit Places(std::size_t places) : words_((places + 63) / 64) {}

  bool has(std::size_t place) const { return (words_[place / 64] >> (place % 64) & 1U) != 0; }
  void add(std::size_t place) { words_[place / 64] |= std::uint64_t{1} << (place % 64); }
  bool is_empty() const {
    return std::ranges::all_of(words_, [](std::uint64_t word) { return word == 0; });
  }

  void keep(const Places& which) {
    for (std::size_t i = 0; i < words_.size(); ++i) {
      words_[i] &= which.words_[i];
    }
  }

  // Those of both, `by` bytes on. What goes beyond the last word is dropped. REQUIRES: 0 < by < 64.
  void add_moved(const Places& from, const Places& which, std::size_t by) {
    std::uint64_t carried = 0;
    for (std::size_t i = 0; i < words_.size(); ++i) {
      const auto both = from.words_[i] & which.words_[i];
      words_[i] |= both << by | carried;
      carried = both >> (64 - by);
    }
  }

  // With every place behind the first one.
  void flood() {
    bool flooded = false;
    for (auto& word : words_) {
      const bool starts = word != 0;
      word = flooded ? ~std::uint64_t{0} : starts ? ~std::uint64_t{0} << std::countr_zero(word) : 0;
      flooded = flooded || starts;
    }
  }

  // With every place that is reached from one of these by bytes that may be passed: adding a bit to a run of
  // ones turns them over up to the run's end, and the carry is the place behind it.
  void flood_over(const Places& may_pass) {
    std::uint64_t carry = 0;
    for (std::size_t i = 0; i < words_.size(); ++i) {
      const auto pass = may_pass.words_[i];
      const auto started = words_[i] & pass;
      const auto half = pass + started;
      const auto sum = half + carry;
      carry = half < pass || sum < half ? 1 : 0;
      words_[i] |= sum ^ pass;
    }
  }

 private:
  std::vector<std::uint64_t> words_;
};

// Where each byte of a text stands, and where its characters of each length begin.
struct TextPlaces {
  TextPlaces(std::string_view text, bool fold_case) {
    const auto count = text.size() + 1;
    no_colon.emplace(count);
    for (std::size_t at = 0; at < text.size(); ++at) {
      const auto byte = byte_at(text, at, fold_case);
      if (row_of[byte] == 0) {
        rows.emplace_back(count);
        row_of[byte] = rows.size();
      }
      rows[row_of[byte] - 1].add(at);
      const auto bytes = after_character(text, at) - at;
      while (characters.size() < bytes) {
        characters.emplace_back(count);
      }
      characters[bytes - 1].add(at);
      if (byte != ':') {
        no_colon->add(at);
      }
    }
  }

  const Places* of(char16_t glyph) const {
    return glyph < row_of.size() && row_of[glyph] > 0 ? &rows[row_of[glyph] - 1] : nullptr;
  }

  std::array<std::size_t, 256> row_of{};  // 0: it is not there; else one more than the row
  std::vector<Places> rows{};
  std::vector<Places> characters{};  // [n]: of n + 1 bytes
  std::optional<Places> no_colon{};
};

// The usual walk with one memory: on a mismatch, the last * takes one byte more. Earlier ones need never
// change their mind, as long as none stops at a colon.
bool walk(std::u16string_view pattern, std::string_view text, bool fold_case) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::u16string_view::npos;
  std::size_t star_text = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == kAny) {
      star = p++;
      star_text = t;
    } else if (p < pattern.size() && pattern[p] == kOne) {
      t = after_character(text, t);
      ++p;
    } else if (p < pattern.size() && pattern[p] == byte_at(text, t, fold_case)) {
      ++p;
      ++t;
    } else if (star != std::u16string_view::npos) {
      p = star + 1;
      t = ++star_text;
    } else {
      return false;
    }
  }
  return std::ranges::all_of(pattern.substr(p), [](char16_t glyph) { return glyph == kAny; });
}

}  // namespace

// Where the pattern may have got to in the text, glyph by glyph of the pattern.
bool glyphs_match_by_places(std::u16string_view pattern, std::string_view text, bool fold_case) {
  const TextPlaces all(text, fold_case);
  Places places(text.size() + 1);
  places.add(0);
  for (const auto glyph : pattern) {
    if (glyph == kAny) {
      places.flood();
      continue;
    }
    if (glyph == kAnyInPart) {
      places.flood_over(*all.no_colon);
      continue;
    }
    Places next(text.size() + 1);
    if (glyph == kOne || glyph == kOneInPart) {
      if (glyph == kOneInPart) {
        places.keep(*all.no_colon);
      }
      for (std::size_t i = 0; i < all.characters.size(); ++i) {
        next.add_moved(places, all.characters[i], i + 1);
      }
    } else if (const auto* where = all.of(glyph); where != nullptr) {
      next.add_moved(places, *where, 1);
    }
    if (next.is_empty()) {
      return false;
    }
    places = std::move(next);
  }
  return places.has(text.size());
}

bool glyphs_match(std::u16string_view pattern, std::string_view text, bool fold_case) {
  const auto stops = [](char16_t glyph) { return glyph == kAnyInPart || glyph == kOneInPart; };
  const bool is_short = text.empty() || pattern.size() <= kWalkStepsMax / text.size();
  return is_short && std::ranges::none_of(pattern, stops) ? walk(pattern, text, fold_case)
                                                          : glyphs_match_by_places(pattern, text, fold_case);
}

}  // namespace cairn::access
