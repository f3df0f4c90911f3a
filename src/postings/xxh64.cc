// XXH64, from its specification (Yann Collet, doc/xxhash_spec.md of the xxHash project). Terms are part of a
// stored format, so the function is here and never changes.
#include <bit>
#include <cstring>

#include "postings/bits.h"
#include "postings/postings.h"

namespace cairn::postings {

namespace {

constexpr std::uint64_t kPrime1 = 0x9E3779B185EBCA87;
constexpr std::uint64_t kPrime2 = 0xC2B2AE3D27D4EB4F;
constexpr std::uint64_t kPrime3 = 0x165667B19E3779F9;
constexpr std::uint64_t kPrime4 = 0x85EBCA77C2B2AE63;
constexpr std::uint64_t kPrime5 = 0x27D4EB2F165667C5;

template <class T>
std::uint64_t take_lane(std::string_view& bytes) {
  T lane{};
  std::memcpy(&lane, bytes.data(), sizeof lane);
  bytes.remove_prefix(sizeof lane);
  return lane;
}

std::uint64_t mix(std::uint64_t accumulator, std::uint64_t lane) {
  return std::rotl(accumulator + lane * kPrime2, 31) * kPrime1;
}

std::uint64_t merge(std::uint64_t accumulator, std::uint64_t other) {
  return (accumulator ^ mix(0, other)) * kPrime1 + kPrime4;
}

std::uint64_t stripes(std::string_view& bytes, std::uint64_t seed) {
  std::uint64_t a[4] = {seed + kPrime1 + kPrime2, seed + kPrime2, seed, seed - kPrime1};
  while (bytes.size() >= 32) {
    for (auto& accumulator : a) {
      accumulator = mix(accumulator, take_lane<std::uint64_t>(bytes));
    }
  }
  auto all = std::rotl(a[0], 1) + std::rotl(a[1], 7) + std::rotl(a[2], 12) + std::rotl(a[3], 18);
  for (const auto accumulator : a) {
    all = merge(all, accumulator);
  }
  return all;
}

std::uint64_t rest(std::string_view bytes, std::uint64_t hash) {
  while (bytes.size() >= 8) {
    hash = std::rotl(hash ^ mix(0, take_lane<std::uint64_t>(bytes)), 27) * kPrime1 + kPrime4;
  }
  if (bytes.size() >= 4) {
    hash = std::rotl(hash ^ take_lane<std::uint32_t>(bytes) * kPrime1, 23) * kPrime2 + kPrime3;
  }
  while (!bytes.empty()) {
    hash = std::rotl(hash ^ take_lane<std::uint8_t>(bytes) * kPrime5, 11) * kPrime1;
  }
  return hash;
}

}  // namespace

std::uint64_t xxh64(std::string_view bytes, std::uint64_t seed) {
  const auto length = bytes.size();
  auto hash = length >= 32 ? stripes(bytes, seed) : seed + kPrime5;
  hash = rest(bytes, hash + length);
  hash = (hash ^ (hash >> 33)) * kPrime2;
  hash = (hash ^ (hash >> 29)) * kPrime3;
  return hash ^ (hash >> 32);
}

}  // namespace cairn::postings
