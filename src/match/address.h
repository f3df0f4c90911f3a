// IP addresses as bytes, for patterns that ask for one or for a range.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"

namespace cairn::match {

struct Address {
  std::uint8_t size = 0;  // 4 or 16
  std::array<std::uint8_t, 16> bytes{};

  std::string_view view() const { return {reinterpret_cast<const char*>(bytes.data()), size}; }
  bool operator==(const Address&) const = default;
};

// An IPv4 address as four decimal numbers (leading zeros allowed), or an IPv6 address without dots. One of
// IPv4 written as IPv6 (::ffff:c000:201) is the IPv4 address.
std::optional<Address> parse_address(std::string_view text);

struct AddressRange {
  Address low;
  Address high;

  bool has(const Address& address) const {
    return address.size == low.size && address.bytes >= low.bytes && address.bytes <= high.bytes;
  }
};

// "198.51.100.0/24". As in AWS's engine the range begins at the address that is given, not at the network's
// first. Errc::invalid in AWS's words.
Result<AddressRange> parse_cidr(std::string_view text);

}  // namespace cairn::match
