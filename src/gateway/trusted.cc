// Tested by trusted_test.cc.
#include "gateway/trusted.h"

#include <algorithm>
#include <charconv>

namespace cairn::gateway {
namespace {

namespace ip = boost::asio::ip;

constexpr unsigned kBits = 128;
constexpr unsigned kMappedBits = 96;  // before an address of version 4
constexpr std::size_t kHopsMax = 64;

ip::address_v6 as_v6(const ip::address& address) {
  return address.is_v4() ? ip::make_address_v6(ip::v4_mapped, address.to_v4()) : address.to_v6();
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  return first == std::string_view::npos ? std::string_view{}
                                         : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// All lines of the header, the last hop first.
std::vector<std::string_view> hops_of(const codec::Headers& headers) {
  std::vector<std::string_view> hops;
  for (const auto& [name, value] : headers) {
    if (!codec::equals_ignore_case(name, "x-forwarded-for")) {
      continue;
    }
    std::string_view rest = value;
    while (true) {
      const auto comma = rest.find(',');
      hops.push_back(trimmed(rest.substr(0, comma)));
      if (comma == std::string_view::npos) {
        break;
      }
      rest.remove_prefix(comma + 1);
    }
  }
  std::ranges::reverse(hops);
  return hops;
}

}  // namespace

Result<Network> Network::parse(std::string_view text) {
  const Error bad{Errc::invalid, "must be an address or a network, as 10.0.0.0/8"};
  const auto slash = text.find('/');
  boost::system::error_code error;
  const auto address = ip::make_address(std::string(text.substr(0, slash)), error);
  if (error) {
    return bad;
  }
  Network network;
  network.bytes_ = as_v6(address).to_bytes();
  if (slash == std::string_view::npos) {
    return network;
  }
  const auto digits = text.substr(slash + 1);
  unsigned bits = 0;
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  const unsigned before = address.is_v4() ? kMappedBits : 0;
  if (failed != std::errc{} || end != digits.data() + digits.size() || bits > kBits - before) {
    return bad;
  }
  network.bits_ = before + bits;
  return network;
}

bool Network::contains(const ip::address& address) const {
  const auto bytes = as_v6(address).to_bytes();
  const auto whole = bits_ / 8;
  if (!std::equal(bytes.begin(), bytes.begin() + whole, bytes_.begin())) {
    return false;
  }
  const auto rest = bits_ % 8;
  return rest == 0 || (bytes[whole] ^ bytes_[whole]) >> (8 - rest) == 0;
}

std::string source_address(const std::string& peer, const codec::Headers& headers,
                           const std::vector<Network>& trusted) {
  auto found = peer;
  if (trusted.empty()) {
    return found;
  }
  const auto is_trusted = [&](const std::string& text) {
    boost::system::error_code error;
    const auto address = ip::make_address(text, error);
    return !error && std::ranges::any_of(trusted, [&](const Network& n) { return n.contains(address); });
  };
  std::size_t count = 0;
  for (const auto hop : hops_of(headers)) {
    boost::system::error_code error;
    const auto address = ip::make_address(std::string(hop), error);
    if (error || ++count > kHopsMax || !is_trusted(found)) {
      break;
    }
    found = address.to_string();
  }
  return found;
}

}  // namespace cairn::gateway
