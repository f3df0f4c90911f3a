// Tested by bounds_test.cc.
#include "delivery/pieces.h"

#include <algorithm>
#include <utility>

namespace cairn::delivery {

void Pieces::append(std::string_view text) {
  while (!text.empty()) {
    auto& piece = room();
    const auto part = text.substr(0, piece.capacity() - piece.size());
    piece += part;
    size_ += part.size();
    text.remove_prefix(part.size());
  }
}

// The last piece, which can take a byte at least.
std::string& Pieces::room() {
  if (pieces_.empty() || pieces_.back().size() == pieces_.back().capacity()) {
    pieces_.emplace_back();
    pieces_.back().reserve(std::clamp<std::uint64_t>(capacity_, kFirstBytes, kPieceBytesMax));
    capacity_ += pieces_.back().capacity();
  }
  return pieces_.back();
}

std::string Pieces::text() const {
  std::string whole;
  whole.reserve(size_);
  for (const auto& piece : pieces_) {
    whole += piece;
  }
  return whole;
}

std::string Pieces::take() {
  std::string whole;
  whole.reserve(size_);
  for (auto& piece : pieces_) {
    whole += piece;
    piece = std::string();
  }
  *this = {};
  return whole;
}

}  // namespace cairn::delivery
