#include "codec/base64.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace cairn::codec {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::uint8_t kNone = 0xff;
constexpr std::size_t kErrorTextMax = 80;

constexpr std::array<std::uint8_t, 256> values_of(std::string_view alphabet) {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNone);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}

constexpr auto kBase64Values = values_of(kAlphabet);
constexpr auto kHexValues = [] {
  auto values = values_of(kHex);
  for (std::uint8_t i = 10; i < 16; ++i) {
    values[static_cast<std::size_t>('A' + i - 10)] = i;
  }
  return values;
}();

Error malformed(const char* what, std::string_view text) {
  return Error{Errc::invalid, what, std::string(text.substr(0, kErrorTextMax))};
}

// The 24 bits of four characters; more than 24 if one of them is none of the alphabet.
std::uint32_t quad(const std::array<char, 4>& four) {
  constexpr std::uint32_t kBroken = 1U << 31;
  std::uint32_t bits = 0;
  std::uint32_t broken = 0;
  for (const char c : four) {
    const std::uint32_t value = kBase64Values[static_cast<unsigned char>(c)];
    broken |= value == kNone ? kBroken : 0;
    bits = bits << 6 | (value & 63);
  }
  return bits | broken;
}

}  // namespace

std::string base64_encode(ByteView bytes) {
  const auto* in = bytes.unsigned_data();
  std::string out((bytes.size() + 2) / 3 * 4, '=');
  std::size_t at = 0;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t have = std::min<std::size_t>(bytes.size() - i, 3);
    std::uint32_t bits = static_cast<std::uint32_t>(in[i]) << 16;
    bits |= have > 1 ? static_cast<std::uint32_t>(in[i + 1]) << 8 : 0U;
    bits |= have > 2 ? static_cast<std::uint32_t>(in[i + 2]) : 0U;
    for (std::size_t c = 0; c <= have; ++c) {
      out[at + c] = kAlphabet[bits >> (18 - 6 * c) & 63];
    }
    at += 4;
  }
  return out;
}

Result<std::string> base64_decode(std::string_view text) {
  if (text.size() % 4 != 0) {
    return malformed("not base64: length is no multiple of four", text);
  }
  std::string out;
  out.reserve(text.size() / 4 * 3);
  for (std::size_t i = 0; i < text.size(); i += 4) {
    std::array<char, 4> four = {text[i], text[i + 1], text[i + 2], text[i + 3]};
    std::size_t padding = 0;
    if (i + 4 == text.size() && four[3] == '=') {
      padding = four[2] == '=' ? 2 : 1;
      four[3] = 'A';
      four[2] = padding == 2 ? 'A' : four[2];
    }
    const std::uint32_t bits = quad(four);
    const std::uint32_t stray = padding == 2 ? 0xffff : padding == 1 ? 0xff : 0;
    if (bits > 0xffffff || (bits & stray) != 0) {
      return malformed("not base64", text.substr(i));
    }
    const std::array<char, 3> three = {static_cast<char>(bits >> 16), static_cast<char>(bits >> 8),
                                       static_cast<char>(bits)};
    out.append(three.data(), 3 - padding);
  }
  return out;
}

std::string hex_encode(ByteView bytes) {
  std::string out(bytes.size() * 2, '0');
  std::size_t at = 0;
  for (const std::byte b : bytes.bytes()) {
    out[at++] = kHex[std::to_integer<std::size_t>(b >> 4)];
    out[at++] = kHex[std::to_integer<std::size_t>(b & std::byte{15})];
  }
  return out;
}

Result<std::string> hex_decode(std::string_view text) {
  if (text.size() % 2 != 0) {
    return malformed("not hexadecimal: odd length", text);
  }
  std::string out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const unsigned high = kHexValues[static_cast<unsigned char>(text[i])];
    const unsigned low = kHexValues[static_cast<unsigned char>(text[i + 1])];
    if (high == kNone || low == kNone) {
      return malformed("not hexadecimal", text.substr(i));
    }
    out += static_cast<char>(high * 16 + low);
  }
  return out;
}

}  // namespace cairn::codec
