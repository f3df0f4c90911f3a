// Bytes that have arrived and wait to be read. Grows only to what is asked for; reused from request to
// request. One task.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

#include "base/check.h"

namespace cairn::http {

class InputBuffer {
 public:
  std::string_view pending() const { return {bytes_.get() + begin_, end_ - begin_}; }
  std::size_t capacity() const { return capacity_; }

  void consume(std::size_t count) {
    CAIRN_CHECK(count <= end_ - begin_);
    begin_ += count;
    if (begin_ == end_) {
      begin_ = end_ = 0;
    }
  }

  struct Room {
    char* data;
    std::size_t size;
  };
  // Where the next bytes go. Moves or grows what is pending if need be; views into it end here. Never empty
  // as long as less than `capacity` is pending.
  Room room(std::size_t capacity) {
    const auto size = end_ - begin_;
    if (capacity > capacity_) {
      auto larger = std::make_unique_for_overwrite<char[]>(capacity);
      move_to(larger.get());
      bytes_ = std::move(larger);
      capacity_ = capacity;
    } else if (begin_ > 0 && capacity_ - end_ < capacity_ / 2) {
      move_to(bytes_.get());
    }
    CAIRN_CHECK(begin_ + size == end_ && end_ <= capacity_);
    return {bytes_.get() + end_, capacity_ - end_};
  }
  void arrived(std::size_t count) {
    CAIRN_CHECK(count <= capacity_ - end_);
    end_ += count;
  }
  // Gives memory back while nothing is pending.
  void shrink(std::size_t capacity) {
    if (capacity_ > capacity && begin_ == end_) {
      bytes_.reset();
      capacity_ = begin_ = end_ = 0;
    }
  }

 private:
  void move_to(char* target) {
    const auto size = end_ - begin_;
    if (size > 0) {
      std::memmove(target, bytes_.get() + begin_, size);
    }
    begin_ = 0;
    end_ = size;
  }

  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace cairn::http
