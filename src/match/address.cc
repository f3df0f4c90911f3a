#include "match/address.h"

#include <algorithm>
#include <charconv>
#include <string>

namespace cairn::match {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

std::optional<Address> parse_v4(std::string_view text) {
  Address address{.size = 4};
  for (std::size_t i = 0; i < 4; ++i) {
    unsigned octet = 0;
    std::size_t digits = 0;
    while (digits < text.size() && is_digit(text[digits]) && octet <= 255) {
      octet = octet * 10 + static_cast<unsigned>(text[digits++] - '0');
    }
    if (digits == 0 || octet > 255) {
      return std::nullopt;
    }
    address.bytes[i] = static_cast<std::uint8_t>(octet);
    text.remove_prefix(digits);
    if (i < 3) {
      if (text.empty() || text.front() != '.') {
        return std::nullopt;
      }
      text.remove_prefix(1);
    }
  }
  return text.empty() ? std::optional(address) : std::nullopt;
}

// Up to eight groups of up to four hexadecimal digits, joined by ':'; false if it is anything else.
bool parse_groups(std::string_view text, std::array<std::uint16_t, 8>& groups, std::size_t& count) {
  count = 0;
  while (!text.empty()) {
    const auto size = std::min(text.find(':'), text.size());
    const bool last = size == text.size();
    if (size == 0 || size > 4 || count == groups.size() || (!last && size + 1 == text.size())) {
      return false;
    }
    std::from_chars(text.data(), text.data() + size, groups[count++], 16);
    text.remove_prefix(last ? size : size + 1);
  }
  return true;
}

Address v6_of(const std::array<std::uint16_t, 8>& groups) {
  Address address{.size = 16};
  for (std::size_t i = 0; i < groups.size(); ++i) {
    address.bytes[2 * i] = static_cast<std::uint8_t>(groups[i] >> 8);
    address.bytes[2 * i + 1] = static_cast<std::uint8_t>(groups[i] & 0xff);
  }
  const bool mapped =
      std::all_of(groups.begin(), groups.begin() + 5, [](auto g) { return g == 0; }) && groups[5] == 0xffff;
  if (mapped) {
    Address v4{.size = 4};
    std::copy(address.bytes.begin() + 12, address.bytes.end(), v4.bytes.begin());
    return v4;
  }
  return address;
}

std::optional<Address> parse_v6(std::string_view text) {
  std::array<std::uint16_t, 8> head{};
  std::array<std::uint16_t, 8> tail{};
  std::size_t head_count = 0;
  std::size_t tail_count = 0;
  const auto gap = text.find("::");
  if (gap == std::string_view::npos) {
    return parse_groups(text, head, head_count) && head_count == 8 ? std::optional(v6_of(head))
                                                                   : std::nullopt;
  }
  if (!parse_groups(text.substr(0, gap), head, head_count) ||
      !parse_groups(text.substr(gap + 2), tail, tail_count) || head_count + tail_count > 7) {
    return std::nullopt;
  }
  std::copy_n(tail.begin(), tail_count, head.end() - static_cast<std::ptrdiff_t>(tail_count));
  return v6_of(head);
}

Error malformed(std::string what) {
  return Error{Errc::invalid, std::move(what)};
}

Address last_of(Address first, int mask_bits) {
  for (int bit = mask_bits; bit < first.size * 8; ++bit) {
    first.bytes[static_cast<std::size_t>(bit / 8)] |= static_cast<std::uint8_t>(0x80 >> (bit % 8));
  }
  return first;
}

}  // namespace

std::optional<Address> parse_address(std::string_view text) {
  if (text.size() < 2 || text.size() > 64 || !(is_hex(text.front()) || text.front() == ':')) {
    return std::nullopt;
  }
  if (text.find(':') != std::string_view::npos) {
    return std::ranges::all_of(text, [](char c) { return is_hex(c) || c == ':'; }) ? parse_v6(text)
                                                                                   : std::nullopt;
  }
  return parse_v4(text);
}

Result<AddressRange> parse_cidr(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos || text.find('/', slash + 1) != std::string_view::npos) {
    return malformed("Malformed CIDR, one '/' required");
  }
  int bits = 0;
  const auto mask = text.substr(slash + 1);
  const auto [end, error] = std::from_chars(mask.data(), mask.data() + mask.size(), bits);
  if (mask.empty() || error != std::errc() || end != mask.data() + mask.size()) {
    return malformed("Malformed CIDR, mask bits must be an integer");
  }
  if (bits < 0) {
    return malformed("Malformed CIDR, mask bits must not be negative");
  }
  const auto address = parse_address(text.substr(0, slash));
  if (!address) {
    return malformed("Nonstandard IP address: " + std::string(text.substr(0, slash)));
  }
  if (bits >= address->size * 8) {
    return malformed(address->size == 4 ? "IPv4 mask bits must be < 32" : "IPv6 mask bits must be < 128");
  }
  return AddressRange{*address, last_of(*address, bits)};
}

}  // namespace cairn::match
