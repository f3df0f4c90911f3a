// Arena: texts kept at addresses that never change, in chunks of a megabyte. One thread adds; what was added
// may be read by any thread that learnt of it. Internal to store/.
#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace cairn::store {

class Arena {
 public:
  std::string_view add(std::string_view text) {
    if (text.size() > left_) {
      const auto size = std::max(text.size(), kChunkBytes);
      chunks_.push_back(std::make_unique_for_overwrite<char[]>(size));
      at_ = chunks_.back().get();
      left_ = size;
      bytes_ += size;
    }
    std::memcpy(at_, text.data(), text.size());
    const std::string_view kept(at_, text.size());
    at_ += text.size();
    left_ -= text.size();
    return kept;
  }

  // Takes back what was added last.
  void take_back(std::string_view last) {
    at_ -= last.size();
    left_ += last.size();
  }
  // Nothing that was added is there any more; some memory is kept for what comes.
  void clear() {
    if (chunks_.empty()) {
      return;
    }
    chunks_.erase(chunks_.begin(), chunks_.end() - 1);
    left_ += static_cast<std::size_t>(at_ - chunks_.front().get());
    at_ = chunks_.front().get();
    bytes_ = left_;
  }

  // What it takes in memory.
  std::size_t bytes() const { return bytes_; }

 private:
  static constexpr std::size_t kChunkBytes = 1U << 20;

  std::vector<std::unique_ptr<char[]>> chunks_;
  char* at_ = nullptr;
  std::size_t left_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace cairn::store
