// For tests: bytes to put.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace cairn::blob::conformance {

inline std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

// Bytes that differ at every place one could mix up.
inline std::string pattern(std::size_t size, std::uint32_t seed = 1) {
  std::string bytes(size, '\0');
  for (auto& byte : bytes) {
    seed = seed * 1664525 + 1013904223;
    byte = static_cast<char>(seed >> 24);
  }
  return bytes;
}

}  // namespace cairn::blob::conformance
