#include "http/reach.h"

#include <gtest/gtest.h>

#include "async/loops.h"
#include "http/http_testing.h"

namespace cairn::http {
namespace {

TEST(Reach, is_the_public_net) {
  for (const auto* const open : {"1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
                                 "172.15.255.255", "172.32.0.0", "192.167.1.1", "223.255.255.255",
                                 "2606:4700::1111", "2a00:1450::1", "::ffff:1.1.1.1"}) {
    EXPECT_TRUE(is_public(boost::asio::ip::make_address(open))) << open;
    EXPECT_FALSE(is_plainly_local(open)) << open;
  }
  for (const auto* const closed : {"0.0.0.0",
                                   "0.1.2.3",
                                   "10.0.0.1",
                                   "100.64.0.1",
                                   "100.100.100.200",
                                   "127.0.0.1",
                                   "127.9.9.9",
                                   "169.254.169.254",
                                   "172.16.0.1",
                                   "172.31.255.255",
                                   "192.168.1.1",
                                   "192.0.0.1",
                                   "192.0.2.1",
                                   "198.18.0.1",
                                   "224.0.0.1",
                                   "239.1.1.1",
                                   "255.255.255.255",
                                   "240.0.0.1",
                                   "::",
                                   "::1",
                                   "::ffff:127.0.0.1",
                                   "::ffff:169.254.169.254",
                                   "::127.0.0.1",
                                   "fe80::1",
                                   "fc00::1",
                                   "fd00:ec2::254",
                                   "fec0::1",
                                   "ff02::1",
                                   "64:ff9b::7f00:1",
                                   "64:ff9b::a9fe:a9fe",
                                   "64:ff9b:1::1",
                                   "2001:db8::1",
                                   "2001::1",
                                   "2002:7f00:1::",
                                   "100::1",
                                   "5f00::1"}) {
    EXPECT_FALSE(is_public(boost::asio::ip::make_address(closed))) << closed;
    EXPECT_TRUE(is_plainly_local(closed)) << closed;
  }
  for (const auto* const local : {"localhost", "a.localhost", "[::1]", "[fe80::1]"}) {
    EXPECT_TRUE(is_plainly_local(local)) << local;
  }
  EXPECT_FALSE(is_plainly_local("hooks.example.org"));
  EXPECT_FALSE(is_plainly_local("[2606:4700::1111]"));
}

TEST(Reach, of_a_public_client_ends_before_this_host) {
  async::Loops loops(1);
  const auto executor = async::Executor(loops.at(0).get_executor());
  const auto client = make_public_client({});
  for (const auto* const url :
       {"http://127.0.0.1:9", "http://[::1]:9", "http://localhost:9", "http://0.0.0.0:9"}) {
    ClientRequest request{
        .url = url, .head = {.method = "GET", .target = "/", .headers = {}}, .body = nullptr};
    const auto answer = async::run(executor, client->send(std::move(request)));
    ASSERT_FALSE(answer) << url;
    EXPECT_EQ(answer.error().code, Errc::denied) << url;
  }
}

}  // namespace
}  // namespace cairn::http
