// From where a call comes, behind proxies that are trusted to say so: X-Forwarded-For is believed only as far
// as trusted addresses have written it. Pure, thread-safe.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/headers.h"

namespace cairn::gateway {

// "10.0.0.0/8", "2001:db8::/32", "192.0.2.7"
class Network {
 public:
  static Result<Network> parse(std::string_view text);
  bool contains(const boost::asio::ip::address& address) const;

 private:
  boost::asio::ip::address_v6::bytes_type bytes_{};  // of version 4: mapped
  unsigned bits_ = 128;
};

// The peer's address, or the last one in X-Forwarded-For that no trusted proxy has.
std::string source_address(const std::string& peer, const codec::Headers& headers,
                           const std::vector<Network>& trusted);

}  // namespace cairn::gateway
