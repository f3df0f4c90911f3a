// Heads as pure functions: what is understood, what is refused and why.
#include "http/head.h"

#include <gtest/gtest.h>

namespace cairn::http {
namespace {

constexpr std::size_t kBytesMax = 4096;
constexpr std::size_t kFieldsMax = 20;

// As the session does it, the bytes arriving `step` at a time.
Result<RequestFacts, Refusal> parse(std::string_view bytes, std::size_t step) {
  HeadScan scan(kBytesMax);
  for (std::size_t size = std::min(step, bytes.size());; size = std::min(size + step, bytes.size())) {
    CAIRN_TRY(const auto found, scan.look(bytes.substr(0, size)));
    if (found > 0) {
      return parse_request_head(bytes.substr(0, found), kFieldsMax);
    }
    if (size == bytes.size()) {
      return Refusal{0, Reason::slow, "incomplete"};
    }
  }
}

struct Refused {
  std::string name;
  std::string head;
  int status;
};

std::string with(std::string_view field) {
  return "GET / HTTP/1.1\r\nHost: a\r\n" + std::string(field) + "\r\n\r\n";
}

const Refused kRefused[] = {
    {"tls handshake", std::string("\x16\x03\x01\x02\x00", 5), 400},
    {"http/2 preface", "PRI * HTTP/2.0\r\n\r\n", 505},
    {"http/1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505},
    {"http/0.9 line", "GET /\r\n\r\n", 400},
    {"not a version", "GET / HTTX/1.1\r\nHost: a\r\n\r\n", 400},
    {"two spaces", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"space behind the version", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400},
    {"a fragment in the target", "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"a fragment in an absolute target", "GET http://a/#b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"space in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"NUL in the target", std::string("GET /a\0b HTTP/1.1\r\nHost: a\r\n\r\n", 30), 400},
    {"method is no token", "G(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"empty line twice", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"bare LF everywhere", "GET / HTTP/1.1\nHost: a\n\n", 400},
    {"bare LF in a field", with("A: b\nC: d"), 400},
    {"bare LF at the end", "GET / HTTP/1.1\r\nHost: a\r\n\n", 400},
    {"bare CR in a value", with("A: b\rC: d"), 400},
    {"bare CR in the request line", "GET /\r HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"CR CR LF", with("A: b\r"), 400},
    {"folded line", with("A: b\r\n c"), 400},
    {"folded by tab", with("A: b\r\n\tc"), 400},
    {"field begins with a space", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400},
    {"space before the colon", with("A : b"), 400},
    {"tab before the colon", with("A\t: b"), 400},
    {"length with a space before the colon", with("Content-Length : 5"), 400},
    {"no colon", with("A"), 400},
    {"empty name", with(": b"), 400},
    {"name is no token", with("A(b): c"), 400},
    {"name with a high byte", with("A\xc3: c"), 400},
    {"NUL in a value", with(std::string_view("A: b\0c", 6)), 400},
    {"NUL in a name", with(std::string_view("A\0: c", 5)), 400},
    {"control in a value", with("A: b\x01"), 400},
    {"DEL in a value", with("A: b\x7f"), 400},
    {"both lengths", with("Content-Length: 5\r\nTransfer-Encoding: chunked"), 400},
    {"both lengths, other order", with("Transfer-Encoding: chunked\r\nContent-Length: 5"), 400},
    {"length twice, differing", with("Content-Length: 5\r\nContent-Length: 6"), 400},
    {"length twice, the same", with("Content-Length: 5\r\nContent-Length: 5"), 400},
    {"length as a list", with("Content-Length: 5, 5"), 400},
    {"length empty", with("Content-Length:"), 400},
    {"length with a sign", with("Content-Length: +5"), 400},
    {"length negative", with("Content-Length: -5"), 400},
    {"length hexadecimal", with("Content-Length: 0x5"), 400},
    {"length with a fraction", with("Content-Length: 5.0"), 400},
    {"length beyond 64 bits", with("Content-Length: 18446744073709551616"), 400},
    {"encoding twice", with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"), 400},
    {"encoding twice, one unknown", with("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity"), 400},
    {"gzip", with("Transfer-Encoding: gzip"), 501},
    {"gzip, chunked", with("Transfer-Encoding: gzip, chunked"), 501},
    {"chunked, identity", with("Transfer-Encoding: chunked, identity"), 501},
    {"identity", with("Transfer-Encoding: identity"), 501},
    {"xchunked", with("Transfer-Encoding: xchunked"), 501},
    {"quoted chunked", with("Transfer-Encoding: \"chunked\""), 501},
    {"chunked with a parameter", with("Transfer-Encoding: chunked;a=b"), 501},
    {"encoding empty", with("Transfer-Encoding:"), 501},
    {"chunked in 1.0", "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
    {"no host", "GET / HTTP/1.1\r\n\r\n", 400},
    {"host twice", "GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n", 400},
    {"host with a slash", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
    {"host with user", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400},
    {"host as a list", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400},
    {"absolute target, another host", "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"absolute target, no host", "GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"absolute target, user", "GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"another scheme", "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"relative target", "GET a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"authority target", "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", 400},
    {"star but not OPTIONS", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"another expectation", with("Expect: 200-ok"), 417},
    {"too many bytes", with("A: " + std::string(kBytesMax, 'a')), 431},
    {"too many bytes, no line end", "GET /" + std::string(kBytesMax, 'a'), 431},
};

TEST(Head, refuses_what_can_be_read_in_two_ways) {
  for (const auto& row : kRefused) {
    for (const std::size_t step : {1UL, 7UL, row.head.size()}) {
      const auto parsed = parse(row.head, step);
      ASSERT_FALSE(parsed) << row.name;
      EXPECT_EQ(parsed.error().status, row.status) << row.name << ": " << parsed.error().what;
    }
  }
}

TEST(Head, refuses_one_field_too_many) {
  std::string fields;
  for (std::size_t i = 1; i < kFieldsMax; ++i) {
    fields += "A: b\r\n";
  }
  const auto start = "GET / HTTP/1.1\r\nHost: a\r\n" + fields;
  EXPECT_TRUE(parse(start + "\r\n", 1));
  const auto refused = parse(start + "A: b\r\n\r\n", 1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().status, 431);
}

TEST(Head, keeps_target_and_values_byte_for_byte) {
  const auto parsed = parse(
      "PUT /b%2Fc//../d%zz?x=%20+&y&&=\xc3\xa9 HTTP/1.1\r\nHost: a:4586\r\nX-Amz-Meta:  a  b "
      "\t\r\nx-EMPTY:\r\nX-Amz-Meta: \xff\"\r\n\r\n",
      1);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->head.method, "PUT");
  EXPECT_EQ(parsed->head.target, "/b%2Fc//../d%zz?x=%20+&y&&=\xc3\xa9");
  const std::vector<codec::Headers::Field> expected{
      {"Host", "a:4586"}, {"X-Amz-Meta", "a  b"}, {"x-EMPTY", ""}, {"X-Amz-Meta", "\xff\""}};
  EXPECT_EQ(std::vector(parsed->head.headers.begin(), parsed->head.headers.end()), expected);
}

struct Target {
  std::string line;
  std::string host;
  std::string target;
};

TEST(Head, reduces_an_absolute_target) {
  const Target rows[] = {
      {"GET http://h:80/a?b", "h", "/a?b"},
      {"GET http://h", "h", "/"},
      {"GET HTTPS://H?x=1", "h:443", "/?x=1"},
      {"GET http://h:8080//a", "h:8080", "//a"},
      {"GET http://[::1]:4586/a", "[::1]:4586", "/a"},
      {"OPTIONS *", "h", "*"},
      {"GET //h/a", "x", "//h/a"},
  };
  for (const auto& row : rows) {
    const auto parsed = parse(row.line + " HTTP/1.1\r\nHost: " + row.host + "\r\n\r\n", 3);
    ASSERT_TRUE(parsed) << row.line << ": " << parsed.error().what;
    EXPECT_EQ(parsed->head.target, row.target);
  }
}

struct Framed {
  std::string head;
  Framing kind;
  std::uint64_t length;
  bool keep_alive;
  bool expects_continue;
};

TEST(Head, says_how_the_message_is_framed) {
  const Framed rows[] = {
      {with("A: b"), Framing::none, 0, true, false},
      {with("content-length: 007"), Framing::length, 7, true, false},
      {with("Content-Length: 0"), Framing::length, 0, true, false},
      {with("Content-Length: 18446744073709551615"), Framing::length, ~0ULL, true, false},
      {with("TRANSFER-ENCODING: Chunked"), Framing::chunked, 0, true, false},
      {with("Connection: close"), Framing::none, 0, false, false},
      {with("Connection: upgrade ,\tCLOSE"), Framing::none, 0, false, false},
      {with("Connection: keep-alive, x"), Framing::none, 0, true, false},
      {with("Connection: closed"), Framing::none, 0, true, false},
      {with("Expect: 100-Continue\r\nContent-Length: 1"), Framing::length, 1, true, true},
      {"GET / HTTP/1.0\r\n\r\n", Framing::none, 0, false, false},
      {"GET / HTTP/1.0\r\nConnection: keep-alive\r\nExpect: 100-continue\r\n\r\n", Framing::none, 0, false,
       false},
      {"\r\nGET / HTTP/1.1\r\nHost:\r\n\r\n", Framing::none, 0, true, false},
  };
  for (const auto& row : rows) {
    const auto parsed = parse(row.head, 1);
    ASSERT_TRUE(parsed) << row.head << parsed.error().what;
    EXPECT_EQ(parsed->body.kind, row.kind) << row.head;
    EXPECT_EQ(parsed->body.length, row.length) << row.head;
    EXPECT_EQ(parsed->keep_alive, row.keep_alive) << row.head;
    EXPECT_EQ(parsed->expects_continue, row.expects_continue) << row.head;
  }
}

struct Answered {
  std::string head;
  bool to_head;
  Framing kind;
  bool keep_alive;
};

TEST(Head, says_how_an_answer_is_framed) {
  const Answered rows[] = {
      {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", false, Framing::length, true},
      {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", true, Framing::none, true},
      {"HTTP/1.1 204 \r\nContent-Length: 3\r\n\r\n", false, Framing::none, true},
      {"HTTP/1.1 304 Not Modified\r\n\r\n", false, Framing::none, true},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n", false, Framing::chunked,
       false},
      {"HTTP/1.1 200 OK\r\n\r\n", false, Framing::to_end, false},
      {"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\n", false, Framing::length, false},
      {"HTTP/1.0 200 OK\r\nContent-Length: 3\r\nConnection: keep-alive\r\n\r\n", false, Framing::length,
       true},
  };
  for (const auto& row : rows) {
    const auto parsed = parse_response_head(row.head, kFieldsMax, row.to_head);
    ASSERT_TRUE(parsed) << row.head << parsed.error().what;
    EXPECT_EQ(parsed->body.kind, row.kind) << row.head;
    EXPECT_EQ(parsed->keep_alive, row.keep_alive) << row.head;
  }
  EXPECT_FALSE(parse_response_head("HTTP/1.1 20 OK\r\n\r\n", kFieldsMax, false));
  EXPECT_FALSE(parse_response_head(
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", kFieldsMax, false));
}

}  // namespace
}  // namespace cairn::http
