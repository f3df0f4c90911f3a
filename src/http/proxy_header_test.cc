// The PROXY protocol: its header by itself, and of a server's connections, plain and TLS.
#include "http/proxy_header.h"

#include "http/http_testing.h"
#include "http/tls_testing.h"

namespace cairn::http {
namespace {

using namespace std::literals;

constexpr std::string_view kSign = "\r\n\r\n\0\r\nQUIT\n"sv;

std::string binary(std::string_view begin, std::string_view rest) {
  std::string header(kSign);
  header += begin;
  header += static_cast<char>(rest.size() >> 8U);
  header += static_cast<char>(rest.size() & 0xffU);
  return header + std::string(rest);
}

constexpr std::string_view kFour = "\xc0\x00\x02\x07\xc6\x33\x64\x01\xdc\x04\x01\xbb"sv;  // 192.0.2.7:56324
const std::string kSix = std::string("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07"sv) +
                         std::string("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"sv) + "\xdc\x04\x01\xbb";
const std::string kMapped = std::string("\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\x00\x02\x07"sv) +
                            std::string(16, '\0') + "\xdc\x04\x01\xbb";

struct Row {
  std::string header;
  std::string source;  // empty: it names none
};

TEST(ProxyHeader, is_read_whole_and_no_byte_more) {
  const Row rows[] = {
      {"PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n", "192.0.2.7:56324"},
      {"PROXY TCP6 2001:db8::7 2001:db8::1 56324 443\r\n", "2001:db8::7:56324"},
      {"PROXY TCP6 ::ffff:192.0.2.7 ::1 0 65535\r\n", "192.0.2.7:0"},
      {"PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 "
       "65535\r\n",
       "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:65535"},
      {"PROXY UNKNOWN\r\n", ""},
      {"PROXY UNKNOWN whatever 1 2\r\n", ""},
      {binary("\x21\x11", kFour), "192.0.2.7:56324"},
      {binary("\x21\x21", kSix), "2001:db8::7:56324"},
      {binary("\x21\x21", kMapped), "192.0.2.7:56324"},
      {binary("\x21\x11", std::string(kFour) + std::string("\x04\x00\x03xyz"sv)),
       "192.0.2.7:56324"},             // and a TLV
      {binary("\x20\x00"sv, ""), ""},  // LOCAL
      {binary("\x20\x11", kFour), ""},
      {binary("\x21\x00"sv, "abc"), ""},  // of no family
      {binary("\x21\x12", kFour), ""},    // UDP
      {binary("\x21\x31", std::string(216, 'p')), ""},
  };
  for (const auto& row : rows) {
    for (std::size_t size = 0; size < row.header.size(); ++size) {
      const auto begun = parse_proxy_header(row.header.substr(0, size));
      ASSERT_TRUE(begun) << row.header << size;
      ASSERT_FALSE(*begun) << row.header << size;
    }
    const auto parsed = parse_proxy_header(row.header + "GET / HTTP/1.1\r\n");
    ASSERT_TRUE(parsed && *parsed) << row.header;
    EXPECT_EQ((*parsed)->size, row.header.size());
    const auto& source = (*parsed)->source;
    EXPECT_EQ(source ? source->address + ":" + std::to_string(source->port) : "", row.source) << row.header;
  }
}

TEST(ProxyHeader, is_not_guessed_at) {
  const std::string rows[] = {
      "GET / HTTP/1.1\r\n",
      "\x16\x03\x01",
      "\r\n\r\n\r\n",
      "proxy TCP4 192.0.2.7 198.51.100.1 1 2\r\n",
      "PROXY TCP4 192.0.2.7 198.51.100.1 1 2\n",
      "PROXY TCP4 192.0.2.7 198.51.100.1 1\r\n",
      "PROXY TCP4 192.0.2.7 198.51.100.1 1 2 3\r\n",
      "PROXY TCP4  192.0.2.7 198.51.100.1 1 2\r\n",
      "PROXY TCP4 192.0.2.7 198.51.100.1 01 2\r\n",
      "PROXY TCP4 192.0.2.7 198.51.100.1 1 65536\r\n",
      "PROXY TCP4 192.0.2.7 198.51.100.1 +1 2\r\n",
      "PROXY TCP4 192.0.2.256 198.51.100.1 1 2\r\n",
      "PROXY TCP4 2001:db8::7 198.51.100.1 1 2\r\n",
      "PROXY TCP6 192.0.2.7 ::1 1 2\r\n",
      "PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n",
      "PROXY TCP4 192.0.2.7\0x 198.51.100.1 1 2\r\n"s,
      "PROXY UDP4 192.0.2.7 198.51.100.1 1 2\r\n",
      "PROXY \r\n",
      "PROXY UNKNOWN" + std::string(kProxyLineBytesMax, ' '),
      binary("\x11\x11", kFour),                    // version 1
      binary("\x22\x11", kFour),                    // a command of its own
      binary("\x21\x41", kFour),                    // a family of its own
      binary("\x21\x13", kFour),                    // neither TCP nor UDP
      binary("\x21\x11", kFour.substr(0, 11)),      // too short
      binary("\x21\x21", std::string(35, 'x')),     // likewise
      binary("\x20\x00"sv, std::string(5000, 'x'))  // too long
  };
  for (const auto& row : rows) {
    EXPECT_FALSE(parse_proxy_header(row)) << row;
  }
}

// ---- of a server's connections ----

Task<Response> who(Request& request) {
  Response response;
  response.body =
      request.peer.address + ":" + std::to_string(request.peer.port) + (request.peer.tls ? " tls" : "");
  co_return response;
}

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
constexpr auto kTrusted = [](const std::string& address) { return address == "127.0.0.1"; };
constexpr auto kStrange = [](const std::string& address) { return address == "192.0.2.1"; };

TEST(ProxyProtocol, names_who_asks) {
  const TestServer server(who, {}, 2, nullptr, kTrusted);
  const std::string line = "PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n";
  EXPECT_EQ(body_in(server.ask(line + std::string(kGet))), "192.0.2.7:56324");
  EXPECT_EQ(body_in(server.ask(binary("\x21\x21", kSix) + std::string(kGet))), "2001:db8::7:56324");
  EXPECT_EQ(body_in(server.ask(binary("\x20\x00"sv, "") + std::string(kGet))).substr(0, 10), "127.0.0.1:");
  // Byte by byte; and the requests behind it on the same connection are his, too.
  auto slow = server.connect();
  for (const char c : line) {
    ASSERT_TRUE(slow.send(std::string_view(&c, 1)));
    std::this_thread::sleep_for(Millis{1});
  }
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(slow.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    EXPECT_EQ(body_in(slow.read_answer()), "192.0.2.7:56324");
  }
}

TEST(ProxyProtocol, is_a_must_for_who_is_trusted_and_nothing_for_others) {
  const TestServer trusting(who, {.handshake = Millis{300}}, 2, nullptr, kTrusted);
  EXPECT_EQ(trusting.ask(kGet), "");
  EXPECT_EQ(trusting.ask(""), "");  // says nothing, and is not waited for longer than a handshake
  EXPECT_TRUE(trusting.metric_becomes("cairn_http_refused_total{reason=\"handshake\"}", 2));
  const TestServer others(who, {}, 2, nullptr, kStrange);
  EXPECT_EQ(body_in(others.ask(kGet)).substr(0, 10), "127.0.0.1:");
  EXPECT_EQ(status_in(others.ask("PROXY TCP4 192.0.2.7 198.51.100.1 1 2\r\n" + std::string(kGet))), 400);
}

}  // namespace
}  // namespace cairn::http
