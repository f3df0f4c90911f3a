// Tested by reach_test.cc.
#include "http/reach.h"

#include <algorithm>
#include <array>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

namespace cairn::http {
namespace {

namespace ip = boost::asio::ip;

// Of IANA's registries of special-purpose addresses: all that is not globally reachable.
constexpr std::array<std::string_view, 16> kClosed4 = {
    "0.0.0.0/8",      "10.0.0.0/8",     "100.64.0.0/10", "127.0.0.0/8",
    "169.254.0.0/16", "172.16.0.0/12",  "192.0.0.0/24",  "192.0.2.0/24",
    "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
    "203.0.113.0/24", "224.0.0.0/4",    "240.0.0.0/4",   "255.255.255.255/32"};
// Everything but 2000::/3, and of that documentation, benchmarks, tunnels and translations.
constexpr std::string_view kOpen6 = "2000::/3";
constexpr std::array<std::string_view, 4> kClosed6 = {"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"};

template <class Network>
bool holds(const Network& network, const decltype(network.address())& address) {
  return network.canonical() == Network(address, network.prefix_length()).canonical();
}

bool is_public(const ip::address_v4& address) {
  return std::ranges::none_of(kClosed4, [&](std::string_view closed) {
    return holds(ip::make_network_v4(std::string(closed)), address);
  });
}

bool is_public(const ip::address_v6& address) {
  if (address.is_v4_mapped()) {
    return is_public(ip::make_address_v4(ip::v4_mapped, address));
  }
  return holds(ip::make_network_v6(std::string(kOpen6)), address) &&
         std::ranges::none_of(kClosed6, [&](std::string_view closed) {
           return holds(ip::make_network_v6(std::string(closed)), address);
         });
}

}  // namespace

bool is_public(const ip::address& address) {
  return address.is_v4() ? is_public(address.to_v4()) : is_public(address.to_v6());
}

bool is_plainly_local(std::string_view host) {
  if (host == "localhost" || host.ends_with(".localhost")) {
    return true;
  }
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  }
  boost::system::error_code no_address;
  const auto address = ip::make_address(std::string(host), no_address);
  return !no_address && !is_public(address);
}

}  // namespace cairn::http
