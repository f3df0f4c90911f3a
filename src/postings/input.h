// Input: where an index's bytes come from. A file is opened for each reading, because there may be thousands
// of them, and read, never mapped: a disk that fails is an error of the reading. Internal to postings/.
// Thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cairn::postings {

class Input {
 public:
  virtual ~Input() = default;
  virtual std::uint64_t bytes() const = 0;
  // Fills `to` from this place on. Errc::corrupt: the file ends before.
  virtual Result<void> read(std::uint64_t offset, std::span<char> to) const = 0;
};

Result<std::unique_ptr<const Input>> file_input(const std::string& path);
// The bytes outlive it.
std::unique_ptr<const Input> memory_input(std::string_view bytes);

}  // namespace cairn::postings
