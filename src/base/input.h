// Input: bytes that are read at any place, as they are needed: of a file, of memory, or of what another
// module makes of them. A file is read, never mapped: a disk that fails is an error of the reading.
// Thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/result.h"

namespace cairn {

class Input {
 public:
  virtual ~Input() = default;
  virtual std::uint64_t bytes() const = 0;
  // Fills `to` from this place on. Errc::corrupt: it ends before.
  virtual Result<void> read(std::uint64_t offset, std::span<char> to) const = 0;
};

// A file that stays open. Errors name `path`.
Result<std::unique_ptr<const Input>> open_input(const std::string& path);
Result<std::unique_ptr<const Input>> input_of(File file, std::string path = {});
// A file that is opened for each reading, because there may be thousands of them.
Result<std::unique_ptr<const Input>> path_input(const std::string& path);
// The bytes outlive it.
std::unique_ptr<const Input> memory_input(std::string_view bytes);

}  // namespace cairn
