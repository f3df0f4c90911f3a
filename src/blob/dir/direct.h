// Past the page cache (open(2), O_DIRECT): memory that a disk reads and writes by itself, and a file's way
// there and back. For what is long: copying it to or from the page cache costs as much as hashing it, and
// pushes out what many readers share.
#pragma once

#include <fcntl.h>

#include <cstddef>
#include <new>
#include <vector>

namespace cairn::blob::dir {

constexpr std::size_t kDirectAlignment = 4096;  // of memory, offsets and lengths: what every disk takes
constexpr std::size_t kCachedBytes = 8U
                                     << 20;  // of each blob, by the page cache; what is longer goes past it

template <class T>
struct Aligned {
  using value_type = T;

  Aligned() = default;
  template <class U>
  Aligned(const Aligned<U>&) {}  // NOLINT: what an allocator is
  T* allocate(std::size_t count) {
    return static_cast<T*>(::operator new(count * sizeof(T), std::align_val_t{kDirectAlignment}));
  }
  void deallocate(T* at, std::size_t) { ::operator delete(at, std::align_val_t{kDirectAlignment}); }
  bool operator==(const Aligned&) const = default;
};
using AlignedBytes = std::vector<char, Aligned<char>>;

// Whether a file's reads and writes go past the page cache. One that cannot (a tmpfs) says so when it is
// asked to, or with EINVAL at the first read or write, and is left alone from then on.
class Direct {
 public:
  bool is_on() const { return is_on_; }

  void set(int file, bool on) {
    on = on && can_;
    if (on != is_on_) {
      const int flags = ::fcntl(file, F_GETFL);
      const bool is_set = ::fcntl(file, F_SETFL, on ? flags | O_DIRECT : flags & ~O_DIRECT) == 0;
      can_ = can_ && is_set;
      is_on_ = on && is_set;
    }
  }
  void give_up(int file) {
    can_ = false;
    set(file, false);
  }

 private:
  bool can_ = true;  // as far as is known
  bool is_on_ = false;
};

}  // namespace cairn::blob::dir
