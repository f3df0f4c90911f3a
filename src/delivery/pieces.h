// Pieces: text that only grows, in pieces that stay where they are: it never takes twice its size to grow,
// and what it takes is known. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::delivery {

class Pieces {
 public:
  static constexpr std::size_t kFirstBytes = 2U << 10;
  static constexpr std::size_t kPieceBytesMax = 256U << 10;  // each as large as all before it, up to this

  std::uint64_t size() const { return size_; }
  // What it takes in memory.
  std::uint64_t capacity() const { return capacity_; }
  void append(std::string_view text);
  std::string text() const;
  // The whole text; nothing is left here.
  std::string take();

 private:
  std::string& room();

  std::vector<std::string> pieces_;
  std::uint64_t size_ = 0;
  std::uint64_t capacity_ = 0;
};

}  // namespace cairn::delivery
