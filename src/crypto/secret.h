// Secret: bytes that cannot be printed by accident and are wiped when they go. There is no formatter and no
// text(): whoever needs the bytes says bytes(), and is easy to find. Moves, but copies only by clone(). A
// value: one thread at a time, many may read.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/bytes.h"

namespace cairn::crypto {

class Secret {
 public:
  Secret() = default;
  explicit Secret(ByteView bytes);
  explicit Secret(std::size_t size);  // that many zeros, to be written through writable()
  ~Secret();
  Secret(Secret&& other) noexcept = default;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;

  Secret clone() const { return Secret(bytes()); }
  std::span<const std::byte> bytes() const { return bytes_; }
  std::span<std::byte> writable() { return bytes_; }
  bool empty() const { return bytes_.empty(); }
  std::size_t size() const { return bytes_.size(); }

 private:
  std::vector<std::byte> bytes_;  // never grows: growing would leave a copy behind
};

// Overwrites, in a way no optimiser removes.
void wipe(std::span<std::byte> bytes);

// Takes as long for the first difference as for the last. Sizes are no secret.
bool constant_time_equal(ByteView a, ByteView b);
inline bool operator==(const Secret& a, const Secret& b) {
  return constant_time_equal(a.bytes(), b.bytes());
}

}  // namespace cairn::crypto
