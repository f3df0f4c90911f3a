// ByteView: bytes that a function only reads, given as a text or as a span of std::byte. A view: it owns
// nothing.
#pragma once

#include <concepts>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace cairn {

class ByteView {
 public:
  constexpr ByteView() = default;
  ByteView(std::span<const std::byte> bytes)
      : bytes_(bytes) {}  // NOLINT: implicit on purpose, as are all of them
  ByteView(std::string_view text) : bytes_(std::as_bytes(std::span(text.data(), text.size()))) {}  // NOLINT
  ByteView(const std::string& text) : ByteView(std::string_view(text)) {}                          // NOLINT
  ByteView(const char* text) : ByteView(std::string_view(text)) {}                                 // NOLINT
  template <class Range>
    requires(std::convertible_to<const Range&, std::span<const std::byte>> &&
             !std::convertible_to<const Range&, std::string_view>)
  ByteView(const Range& range) : bytes_(range) {}  // NOLINT

  const std::byte* data() const { return bytes_.data(); }
  std::size_t size() const { return bytes_.size(); }
  bool empty() const { return bytes_.empty(); }
  std::span<const std::byte> bytes() const { return bytes_; }
  std::string_view text() const { return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()}; }
  const unsigned char* unsigned_data() const { return reinterpret_cast<const unsigned char*>(bytes_.data()); }

  ByteView first(std::size_t count) const { return bytes_.first(count); }
  ByteView subview(std::size_t offset, std::size_t count = std::dynamic_extent) const {
    return bytes_.subspan(offset, count);
  }

 private:
  std::span<const std::byte> bytes_;
};

}  // namespace cairn
