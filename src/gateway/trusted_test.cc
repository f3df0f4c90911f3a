#include "gateway/trusted.h"

#include <gtest/gtest.h>

namespace cairn::gateway {
namespace {

bool contains(std::string_view network, std::string_view address) {
  return Network::parse(network)->contains(boost::asio::ip::make_address(std::string(address)));
}

TEST(GatewayNetwork, has_the_addresses_with_its_first_bits) {
  EXPECT_TRUE(contains("10.0.0.0/8", "10.255.1.2"));
  EXPECT_FALSE(contains("10.0.0.0/8", "11.0.0.0"));
  EXPECT_TRUE(contains("192.0.2.7", "192.0.2.7"));
  EXPECT_FALSE(contains("192.0.2.7", "192.0.2.6"));
  EXPECT_TRUE(contains("192.0.2.64/27", "192.0.2.95"));
  EXPECT_FALSE(contains("192.0.2.64/27", "192.0.2.96"));
  EXPECT_TRUE(contains("10.0.0.0/8", "::ffff:10.1.2.3"));
  EXPECT_TRUE(contains("2001:db8::/32", "2001:db8:1::1"));
  EXPECT_FALSE(contains("2001:db8::/32", "2001:db9::1"));
  EXPECT_TRUE(contains("0.0.0.0/0", "203.0.113.9"));
  EXPECT_FALSE(contains("0.0.0.0/0", "2001:db8::1"));
  for (const auto* bad : {"", "x", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8x", "2001:db8::/129", "10.0.0"}) {
    EXPECT_FALSE(Network::parse(bad)) << bad;
  }
}

TEST(SourceAddress, is_the_last_one_that_no_trusted_proxy_has) {
  const std::vector<Network> trusted{*Network::parse("10.0.0.0/8"), *Network::parse("2001:db8::1")};
  struct Case {
    std::string peer;
    std::vector<std::string> lines;
    std::string source;
  };
  const Case cases[] = {
      {"198.51.100.9", {"203.0.113.1"}, "198.51.100.9"},  // who is not trusted may say what he likes
      {"10.0.0.1", {}, "10.0.0.1"},
      {"10.0.0.1", {"203.0.113.1"}, "203.0.113.1"},
      {"10.0.0.1", {"192.0.2.1, 203.0.113.1"}, "203.0.113.1"},  // what stands before it he may have made up
      {"10.0.0.1", {"203.0.113.1, 10.0.0.2"}, "203.0.113.1"},
      {"10.0.0.1", {"203.0.113.1", "10.0.0.2,10.0.0.3"}, "203.0.113.1"},
      {"10.0.0.1", {"unknown"}, "10.0.0.1"},
      {"10.0.0.1", {"unknown, 10.0.0.2"}, "10.0.0.2"},
      {"10.0.0.1", {""}, "10.0.0.1"},
      {"2001:db8::1", {"2001:db8::2"}, "2001:db8::2"},
      {"10.0.0.1", {"10.0.0.2"}, "10.0.0.2"},
  };
  for (const auto& row : cases) {
    codec::Headers headers;
    for (const auto& line : row.lines) {
      headers.add("X-Forwarded-For", line);
    }
    EXPECT_EQ(source_address(row.peer, headers, trusted), row.source) << row.peer;
  }
  const codec::Headers forwarded{{"X-Forwarded-For", "203.0.113.1"}};
  EXPECT_EQ(source_address("10.0.0.1", forwarded, {}), "10.0.0.1");
}

}  // namespace
}  // namespace cairn::gateway
