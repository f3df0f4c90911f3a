// Which long blobs were read lately: what is read a second time is worth its place in the page cache.
#pragma once

#include <array>
#include <atomic>
#include <functional>

#include "blob/blob.h"

namespace cairn::blob::dir {

// Thread-safe. A guess: of two names that share a slot the later one is known.
class ReadLately {
 public:
  // Whether it was noted before; notes it.
  bool note(const Name& name) {
    const auto hash = std::hash<Name>()(name);
    return slots_[hash % slots_.size()].exchange(hash, std::memory_order_relaxed) == hash;
  }

 private:
  std::array<std::atomic<std::size_t>, 1024> slots_{};
};

}  // namespace cairn::blob::dir
