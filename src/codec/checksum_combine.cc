// A CRC is the remainder of a polynomial over GF(2). Putting n bytes behind a string multiplies its
// polynomial by x^(8n); so the CRC of both is the first one's times x^(8n), plus the second one's. (What the
// CRCs here begin and end with, all ones, cancels out.) Polynomials are bit-reversed: the highest bit is x^0.
//
// Tested by checksum_combine_test.cc.
#include "codec/checksum_combine.h"

#include <limits>

namespace cairn::codec {
namespace {

template <class T>
constexpr T kOne = T{1} << (std::numeric_limits<T>::digits - 1);

// a times b.
template <class T>
T product(T a, T b, T polynomial) {
  T sum = 0;
  for (T bit = kOne<T>; a != 0; bit >>= 1) {
    if ((a & bit) != 0) {
      sum ^= b;
      a ^= bit;
    }
    b = (b & 1) != 0 ? b >> 1 ^ polynomial : b >> 1;
  }
  return sum;
}

// x^(8 * bytes).
template <class T>
T power_of_bytes(std::uint64_t bytes, T polynomial) {
  T square = kOne<T> >> 8;  // x^8
  T power = kOne<T>;
  for (; bytes != 0; bytes >>= 1) {
    if ((bytes & 1) != 0) {
      power = product(power, square, polynomial);
    }
    square = product(square, square, polynomial);
  }
  return power;
}

template <class T>
T combine(T first, T second, std::uint64_t second_bytes, T polynomial) {
  return product(power_of_bytes(second_bytes, polynomial), first, polynomial) ^ second;
}

}  // namespace

std::uint32_t crc32_combine(std::uint32_t first, std::uint32_t second, std::uint64_t second_bytes) {
  return combine<std::uint32_t>(first, second, second_bytes, 0xedb88320);
}
std::uint32_t crc32c_combine(std::uint32_t first, std::uint32_t second, std::uint64_t second_bytes) {
  return combine<std::uint32_t>(first, second, second_bytes, 0x82f63b78);
}
std::uint64_t crc64nvme_combine(std::uint64_t first, std::uint64_t second, std::uint64_t second_bytes) {
  return combine<std::uint64_t>(first, second, second_bytes, 0x9a6c9329ac4bc9b5);
}

}  // namespace cairn::codec
