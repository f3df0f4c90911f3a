// A POSIX file descriptor that closes itself. For the few places that talk to the kernel about a file of
// their own; large formats have their own classes.
#pragma once

#include <unistd.h>

#include <utility>

namespace cairn {

class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  ~File() {
    if (is_open()) {
      ::close(descriptor_);
    }
  }
  File(File&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  bool is_open() const { return descriptor_ >= 0; }
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

}  // namespace cairn
