// The CRC of two strings one behind the other, from the CRCs of each: what S3 calls a full-object checksum of
// parts that came one by one. In time that grows with the number of the length's digits. Pure.
#pragma once

#include <cstdint>

namespace cairn::codec {

// `second` is of a string of `second_bytes` bytes. Of the functions of the same names in checksum.h.
std::uint32_t crc32_combine(std::uint32_t first, std::uint32_t second, std::uint64_t second_bytes);
std::uint32_t crc32c_combine(std::uint32_t first, std::uint32_t second, std::uint64_t second_bytes);
std::uint64_t crc64nvme_combine(std::uint64_t first, std::uint64_t second, std::uint64_t second_bytes);

}  // namespace cairn::codec
