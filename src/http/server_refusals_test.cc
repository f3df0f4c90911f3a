// What a hostile or broken client gets, over a real socket: a short answer and the end of the connection,
// never a second request served from the first one's body.
#include "http/http_testing.h"

namespace cairn::http {
namespace {

using testing::HasSubstr;
using testing::Not;

std::atomic<int> handled{0};
std::atomic<int> smuggled{0};

Task<Response> witness(Request& request) {
  ++handled;
  smuggled += request.head.target == "/smuggled" ? 1 : 0;
  const auto body = co_await read_all(request.body, 1U << 20);
  Response response;
  response.status = body ? 200 : status_of(body.error());
  response.body = body ? "" : body.error().what;
  co_return response;
}

struct Row {
  std::string name;
  std::string bytes;
  int status;
  std::string reason;
};

const std::string kSmuggled = "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n";

std::string post(std::string_view fields, std::string_view body = {}) {
  return "POST / HTTP/1.1\r\nHost: h\r\n" + std::string(fields) + "\r\n\r\n" + std::string(body) + kSmuggled;
}

const Row kRows[] = {
    {"length and encoding", post("Content-Length: 0\r\nTransfer-Encoding: chunked", "0\r\n\r\n"), 400,
     "framing"},
    {"encoding and length", post("Transfer-Encoding: chunked\r\nContent-Length: 4", "0\r\n\r\n"), 400,
     "framing"},
    {"two lengths", post("Content-Length: 0\r\nContent-Length: 40"), 400, "framing"},
    {"the same length twice", post("Content-Length: 0\r\nContent-Length: 0"), 400, "framing"},
    {"length list", post("Content-Length: 0, 0"), 400, "framing"},
    {"length with plus", post("Content-Length: +0"), 400, "framing"},
    {"encoding hidden by a space", post("Transfer-Encoding : chunked", "0\r\n\r\n"), 400, "malformed"},
    {"encoding hidden by a tab", post("Transfer-Encoding\t: chunked", "0\r\n\r\n"), 400, "malformed"},
    {"encoding folded", post("Transfer-Encoding:\r\n chunked", "0\r\n\r\n"), 400, "framing"},
    {"encoding behind a bare LF", post("X: y\nTransfer-Encoding: chunked", "0\r\n\r\n"), 400, "framing"},
    {"encoding behind a bare CR", post("X: y\rTransfer-Encoding: chunked", "0\r\n\r\n"), 400, "framing"},
    {"encoding behind a NUL", post(std::string_view("X: y\0Transfer-Encoding: chunked", 31), "0\r\n\r\n"),
     400, "malformed"},
    {"encoding twice", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: x"), 400, "framing"},
    {"unknown encoding", post("Transfer-Encoding: xchunked", "0\r\n\r\n"), 501, "encoding"},
    {"encodings in a list", post("Transfer-Encoding: identity, chunked", "0\r\n\r\n"), 501, "encoding"},
    {"chunked in 1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + kSmuggled, 400,
     "framing"},
    {"name is no token", post("X(Y): z"), 400, "malformed"},
    {"no host", "GET / HTTP/1.1\r\n\r\n" + kSmuggled, 400, "malformed"},
    {"two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" + kSmuggled, 400, "malformed"},
    {"not HTTP", "hello\r\n\r\n", 400, "malformed"},
    {"HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "version"},
    {"expectation", post("Expect: a-lot"), 417, "expectation"},
    {"head too large", post("X: " + std::string(70'000, 'x')), 431, "head_size"},
    {"head without end", "GET /" + std::string(70'000, 'x'), 431, "head_size"},
    {"too many fields", post([] {
       std::string fields;
       for (int i = 0; i < 250; ++i) {
         fields += "X: y\r\n";
       }
       return fields + "X: y";
     }()),
     431, "head_size"},
    {"body too long", post("Content-Length: 1000001"), 413, "body_size"},
    {"body too long, awaiting continue", post("Expect: 100-continue\r\nContent-Length: 1000001"), 413,
     "body_size"},
    // From here on the handler sees the request, and the body fails.
    {"chunks too long", post("Transfer-Encoding: chunked", "F4241\r\n"), 413, "body_size"},
    {"chunk size with bare LF", post("Transfer-Encoding: chunked", "3\nabc\r\n0\r\n\r\n"), 400, "framing"},
    {"chunk size with prefix", post("Transfer-Encoding: chunked", "0x3\r\nabc\r\n0\r\n\r\n"), 400, "framing"},
    {"chunk longer than it says", post("Transfer-Encoding: chunked", "3\r\nabcdef\r\n0\r\n\r\n"), 400,
     "framing"},
    {"chunk extension too long",
     post("Transfer-Encoding: chunked", "3;" + std::string(5000, 'x') + "\r\nabc\r\n0\r\n\r\n"), 400,
     "framing"},
    {"LF in a chunk extension", post("Transfer-Encoding: chunked", "3;a=\"\n\"\r\nabc\r\n0\r\n\r\n"), 400,
     "framing"},
    {"trailers too long",
     post("Transfer-Encoding: chunked", "0\r\nX: " + std::string(10'000, 'x') + "\r\n\r\n"), 400,
     "malformed"},
};

TEST(ServerRefusals, answered_shortly_and_closed) {
  TestServer server(witness, ServerLimits{.body_bytes_max = 1'000'000});
  for (const auto& row : kRows) {
    const auto line = "cairn_http_refused_total{reason=\"" + row.reason + "\"}";
    const auto before = server.metric(line);
    const auto answer = server.ask(row.bytes);
    EXPECT_EQ(status_in(answer), row.status) << row.name;
    EXPECT_EQ(header_of(answer, "Connection"), "close") << row.name;
    EXPECT_LT(answer.size(), 400U) << row.name;
    EXPECT_THAT(answer.substr(12), Not(HasSubstr("HTTP/1.1 2"))) << row.name;
    EXPECT_EQ(server.metric(line), before + 1) << row.name;
  }
  EXPECT_EQ(smuggled, 0);
  EXPECT_EQ(handled, 7);  // of the rows at the end
}

// The row above must be able to fail: a request that is there is seen.
TEST(ServerRefusals, the_witness_sees_an_honest_pipeline) {
  smuggled = 0;
  TestServer server(witness);
  auto socket = server.connect();
  socket.send(post("Content-Length: 3", "abc"));
  socket.read_answer();
  EXPECT_EQ(status_in(socket.read_answer()), 200);
  EXPECT_EQ(smuggled, 1);
}

TEST(ServerRefusals, a_head_of_the_allowed_size_is_served) {
  TestServer server(witness);
  auto socket = server.connect();
  socket.send("GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(65'000, 'x') + "\r\n\r\n");
  EXPECT_EQ(status_in(socket.read_answer()), 200);
}

TEST(ServerRefusals, noise_of_any_kind_leaves_the_server_standing) {
  TestServer server(witness);
  unsigned seed = 12345;
  for (int i = 0; i < 200; ++i) {
    auto socket = server.connect();
    std::string noise = i % 2 == 0 ? "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" : "";
    for (int n = 0; n < 200; ++n) {
      seed = seed * 1103515245U + 12345U;
      noise += static_cast<char>(seed >> 16);
    }
    socket.send(noise);
    if (i % 3 == 0) {
      socket.reset();
    }
  }
  auto socket = server.connect();
  socket.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(status_in(socket.read_answer()), 200);
}

}  // namespace
}  // namespace cairn::http
