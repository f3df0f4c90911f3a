// The checksums of the journal (CRC-32C), of gzip and of S3 (all three). Pure and thread-safe. Bytes that
// come in pieces: hand the value so far to the next call.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace cairn::codec {

// CRC-32 (ISO-HDLC): gzip's, x-amz-checksum-crc32.
std::uint32_t crc32(ByteView bytes, std::uint32_t so_far = 0);
// CRC-32C (Castagnoli): by the processor's instruction where it has one.
std::uint32_t crc32c(ByteView bytes, std::uint32_t so_far = 0);
// CRC-64/NVME: what newer AWS SDKs send.
std::uint64_t crc64nvme(ByteView bytes, std::uint64_t so_far = 0);

namespace detail {
std::uint32_t crc32c_tables(ByteView bytes, std::uint32_t so_far);  // without the instruction
}

}  // namespace cairn::codec
