// pread, until all is there. Internal to parquet/.
#pragma once

#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <span>

#include "base/result.h"

namespace cairn::parquet {

// Fills the buffer from this place of the file. Errc::corrupt: the file ends before.
inline Result<void> read_at(int file, std::uint64_t offset, std::span<char> buffer) {
  while (!buffer.empty()) {
    const auto got = ::pread(file, buffer.data(), buffer.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return system_error(errno, "read Parquet file");
    }
    if (got == 0) {
      return Error{Errc::corrupt, "read Parquet file: it is cut"};
    }
    offset += static_cast<std::uint64_t>(got);
    buffer = buffer.subspan(static_cast<std::size_t>(got));
  }
  return {};
}

}  // namespace cairn::parquet
