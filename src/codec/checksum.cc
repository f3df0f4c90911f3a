// CRCs by "slicing by eight": eight tables, so that eight bytes are folded in one step with eight independent
// look-ups. Both polynomials here are used bit-reversed. Tested by checksum_test.cc against published values
// and against one bit at a time.
#include "codec/checksum.h"

#include <libdeflate.h>

#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace cairn::codec {
namespace {

template <class T>
using Tables = std::array<std::array<T, 256>, 8>;

template <class T>
constexpr Tables<T> make_tables(T reversed_polynomial) {
  Tables<T> tables{};
  for (std::size_t byte = 0; byte < 256; ++byte) {
    T value = static_cast<T>(byte);
    for (int bit = 0; bit < 8; ++bit) {
      value = (value & 1) != 0 ? value >> 1 ^ reversed_polynomial : value >> 1;
    }
    tables[0][byte] = value;
  }
  for (std::size_t byte = 0; byte < 256; ++byte) {
    for (std::size_t slice = 1; slice < 8; ++slice) {
      const T before = tables[slice - 1][byte];
      tables[slice][byte] = before >> 8 ^ tables[0][before & 0xff];
    }
  }
  return tables;
}

constexpr Tables<std::uint32_t> kCrc32c = make_tables<std::uint32_t>(0x82f63b78);
constexpr Tables<std::uint64_t> kCrc64Nvme = make_tables<std::uint64_t>(0x9a6c9329ac4bc9b5);

std::uint64_t load(const std::byte* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return word;
}

template <class T>
T slice_by_eight(const Tables<T>& tables, ByteView bytes, T value) {
  value = ~value;
  const std::byte* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; left -= 8, at += 8) {
    const std::uint64_t word = load(at) ^ value;
    T next = 0;
    for (std::size_t slice = 0; slice < 8; ++slice) {
      next ^= tables[7 - slice][word >> (8 * slice) & 0xff];
    }
    value = next;
  }
  for (; left > 0; --left, ++at) {
    value = tables[0][(value ^ std::to_integer<T>(*at)) & 0xff] ^ value >> 8;
  }
  return ~value;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t crc32c_instruction(ByteView bytes, std::uint32_t so_far) {
  std::uint64_t value = ~so_far;
  const std::byte* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; left -= 8, at += 8) {
    value = _mm_crc32_u64(value, load(at));
  }
  auto rest = static_cast<std::uint32_t>(value);
  for (; left > 0; --left, ++at) {
    rest = _mm_crc32_u8(rest, std::to_integer<unsigned char>(*at));
  }
  return ~rest;
}
#endif

}  // namespace

std::uint32_t crc32(ByteView bytes, std::uint32_t so_far) {
  return bytes.empty() ? so_far : libdeflate_crc32(so_far, bytes.data(), bytes.size());
}

std::uint32_t crc32c(ByteView bytes, std::uint32_t so_far) {
#if defined(__x86_64__)
  static const bool has_instruction = __builtin_cpu_supports("sse4.2") != 0;
  if (has_instruction) {
    return crc32c_instruction(bytes, so_far);
  }
#endif
  return detail::crc32c_tables(bytes, so_far);
}

std::uint64_t crc64nvme(ByteView bytes, std::uint64_t so_far) {
  return slice_by_eight(kCrc64Nvme, bytes, so_far);
}

namespace detail {
std::uint32_t crc32c_tables(ByteView bytes, std::uint32_t so_far) {
  return slice_by_eight(kCrc32c, bytes, so_far);
}
}  // namespace detail

}  // namespace cairn::codec
