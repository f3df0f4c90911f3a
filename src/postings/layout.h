// How a postings file is laid out: docs/formats/postings.md. Internal to postings/. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "postings/blocks.h"
#include "postings/postings.h"

namespace cairn::postings {

inline constexpr std::string_view kMark{"cairnidx", 8};
inline constexpr std::uint32_t kFormatVersion = 2;
inline constexpr std::uint32_t kFirstSummedVersion = 2;  // that has checksums of its blocks
inline constexpr std::size_t kHeadBytes = 32;
inline constexpr std::size_t kHeadSummedBytes = 28;
inline constexpr std::size_t kLineBytes = 24;
inline constexpr std::size_t kSectionsMax = 64;
inline constexpr std::size_t kAlignment = 8;

inline constexpr Tag kScopesTag = 1;
inline constexpr Tag kKeyBlocksTag = 2;
inline constexpr Tag kKeyBitsTag = 3;
inline constexpr Tag kBucketsTag = 4;
inline constexpr Tag kEntriesTag = 5;
inline constexpr Tag kListsTag = 6;
inline constexpr std::size_t kParts = 6;  // tags 1 to 6
inline constexpr Tag kSumsTag = 7;        // the last section, not summed by itself

inline constexpr std::size_t kScopeLineBytes = 16;
inline constexpr Row kKeyBlockRows = 128;
inline constexpr std::size_t kKeyBlockBytes = 32;
inline constexpr unsigned kFingerprintBits = 32;
inline constexpr unsigned kRestBits =
    14;  // of a fingerprint that an entry keeps: one absent term in 1,000 has rows
inline constexpr unsigned kBucketBitsMax = kFingerprintBits - kRestBits;
inline constexpr std::size_t kBucketEntries = 16;  // on average, at least
inline constexpr std::size_t kBucketsHeadBytes = 8;
inline constexpr Row kListBlockRows = 128;
inline constexpr std::size_t kSkipBytes = 8;
inline constexpr std::size_t kDenseHeadBytes = 8;

struct Line {
  Tag tag = 0;
  std::uint32_t checksum = 0;
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
};
static_assert(sizeof(Line) == kLineBytes);

struct KeyBlock {
  std::uint64_t time = 0;
  std::uint64_t position = 0;
  std::uint64_t at = 0;
  std::uint32_t unit = 1;
  std::uint8_t time_bits = 0;
  std::uint8_t position_bits = 0;
  std::uint16_t zero = 0;
};
static_assert(sizeof(KeyBlock) == kKeyBlockBytes);

inline std::uint32_t fingerprint(Term term) {
  return static_cast<std::uint32_t>(term.raw() >> 32);
}

namespace detail {

struct Sections {
  explicit Sections(Blocks read) : blocks(std::move(read)) {}

  Blocks blocks;
  Row rows = 0;
  std::vector<Line> lines;
  std::array<Window, kParts + 1> part;  // by tag
  std::uint32_t scopes = 0;
  std::uint32_t terms = 0;
  unsigned bucket_bits = 0;
  unsigned rest_bits = 0;
  unsigned value_bits = 0;
};

}  // namespace detail

}  // namespace cairn::postings
