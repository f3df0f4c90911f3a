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
std::uint32_t quad(const char* four) {
  std::uint32_t bits = 0;
  std::uint32_t all = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const std::uint32_t value = kBase64Values[static_cast<unsigned char>(four[i])];
    all |= value;
    bits = bits << 6 | (value & 63);
  }
  return bits | (all & 0xc0) << 24;  // kNone alone has those two
}

void put_three(std::uint32_t bits, char* out) {
  out[0] = static_cast<char>(bits >> 16);
  out[1] = static_cast<char>(bits >> 8);
  out[2] = static_cast<char>(bits);
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
  if (text.empty()) {
    return std::string();
  }
  std::string out(text.size() / 4 * 3, '\0');
  const std::size_t last = text.size() - 4;
  char* to = out.data();
  for (std::size_t i = 0; i < last; i += 4, to += 3) {
    const std::uint32_t bits = quad(&text[i]);
    if (bits > 0xffffff) {
      return malformed("not base64", text.substr(i));
    }
    put_three(bits, to);
  }
  std::array<char, 4> four = {text[last], text[last + 1], text[last + 2], text[last + 3]};
  const std::size_t padding = four[3] != '=' ? 0 : four[2] != '=' ? 1 : 2;
  std::fill(four.end() - static_cast<std::ptrdiff_t>(padding), four.end(), 'A');
  const std::uint32_t bits = quad(four.data());
  const std::uint32_t stray = (1U << 8 * padding) - 1;
  if (bits > 0xffffff || (bits & stray) != 0) {
    return malformed("not base64", text.substr(last));
  }
  put_three(bits, to);
  out.resize(out.size() - padding);
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
