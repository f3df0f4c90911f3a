// The server as a client sees it: one connection, many requests.
#include <boost/asio/this_coro.hpp>
#include <thread>

#include "http/http_testing.h"

namespace cairn::http {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

Response text(std::string body, int status = 200) {
  Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

// Says what arrived: "METHOD target body-length".
Task<Response> describe(Request& request) {
  const auto body = co_await read_all(request.body, 1U << 20);
  if (!body) {
    co_return text("body: " + body.error().text(), status_of(body.error()));
  }
  co_return text(request.head.method + " " + request.head.target + " " + std::to_string(body->size()));
}

Task<Response> ignore_body(Request&) {
  co_return text("ignored");
}

constexpr std::string_view kGet = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";

TEST(Server, answers_request_after_request_on_one_connection) {
  TestServer server(describe);
  auto socket = server.connect();
  for (int i = 0; i < 50; ++i) {
    const auto target = "/" + std::to_string(i);
    socket.send("POST " + target + " HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(i) +
                "\r\n\r\n" + std::string(static_cast<std::size_t>(i), 'x'));
    EXPECT_EQ(body_in(socket.read_answer()), "POST " + target + " " + std::to_string(i));
  }
  EXPECT_EQ(server.metric("cairn_http_connections"), 1);
  EXPECT_TRUE(server.metric_becomes("cairn_http_requests_total{status=\"2xx\"}", 50));
  EXPECT_TRUE(server.metric_becomes("cairn_http_request_seconds_count", 50));
}

Task<Response> say(std::string what) {
  co_return text(std::move(what));
}

// The kernel still has what he said, but not who he was.
TEST(Server, whoever_is_gone_before_he_is_accepted_has_asked_nothing) {
  std::atomic<bool> is_held = false;
  std::atomic<bool> goes_on = false;
  std::atomic<int> asked = 0;
  const auto hold = [&](Request& request) -> Task<Response> {
    EXPECT_EQ(request.peer.address, "127.0.0.1");
    for (is_held = true; !goes_on;) {  // the only loop, which accepts, too
      std::this_thread::sleep_for(Millis{1});
    }
    return say(std::to_string(++asked));
  };
  TestServer server(hold, {}, 1);
  auto first = server.connect();
  first.send(kGet);
  while (!is_held) {
    std::this_thread::sleep_for(Millis{1});
  }
  auto gone = server.connect();
  gone.send(kGet);
  gone.reset();
  goes_on = true;
  EXPECT_EQ(body_in(first.read_answer()), "1");
  EXPECT_EQ(body_in(server.ask(kGet)), "2");
}

TEST(Server, writes_the_fields_that_are_its_own) {
  const auto handler = [](Request& request) -> Task<Response> {
    auto response = text("body");
    response.headers.add("Content-Length", "99");
    response.headers.add("date", "yesterday");
    response.headers.add("Transfer-Encoding", "chunked");
    response.headers.add("Keep-Alive", "timeout=1");
    response.headers.add("X-Mine", "1");
    if (request.head.target == "/named") {
      response.headers.add("server", "AmazonS3");
    }
    co_return response;
  };
  TestServer server(handler);
  auto socket = server.connect();
  socket.send(kGet);
  const auto answer = socket.read_answer();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_EQ(header_of(answer, "Content-Length"), "4");
  EXPECT_EQ(header_of(answer, "Server"), "cairn");
  EXPECT_EQ(header_of(answer, "X-Mine"), "1");
  EXPECT_THAT(answer, Not(HasSubstr("yesterday")));
  EXPECT_THAT(answer, Not(HasSubstr("chunked")));
  EXPECT_THAT(answer, Not(HasSubstr("Keep-Alive")));
  const auto date = parse_http_date(header_of(answer, "Date"));
  ASSERT_TRUE(date);
  EXPECT_LT(std::chrono::abs(system_clock().now() - *date), Millis{5000});
  socket.send("GET /named HTTP/1.1\r\nHost: h\r\n\r\n");
  const auto named = socket.read_answer();
  EXPECT_EQ(header_of(named, "server"), "AmazonS3");
  EXPECT_THAT(named, Not(HasSubstr("cairn")));
}

TEST(Server, answers_pipelined_requests_in_order) {
  TestServer server(describe);
  auto socket = server.connect();
  std::string requests;
  std::string expected;
  for (int i = 0; i < 200; ++i) {
    const auto target = "/" + std::to_string(i);
    const bool chunked = i % 3 == 0;
    requests +=
        "PUT " + target + " HTTP/1.1\r\nHost: h\r\n" +
        (chunked ? "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n" : "Content-Length: 2\r\n\r\nab");
    expected += "PUT " + target + (chunked ? " 3" : " 2");
  }
  socket.send(requests);
  std::string bodies;
  for (int i = 0; i < 200; ++i) {
    bodies += body_in(socket.read_answer());
  }
  EXPECT_EQ(bodies, expected);
}

TEST(Server, gives_a_request_arriving_byte_by_byte_whole) {
  TestServer server(describe);
  auto socket = server.connect();
  for (const char c : std::string("PUT /s HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: "
                                  "chunked\r\n\r\n2;x\r\nab\r\n0\r\nT: u\r\n\r\n")) {
    socket.send(std::string_view(&c, 1));
    std::this_thread::sleep_for(Millis{1});
  }
  EXPECT_EQ(body_in(socket.read_answer()), "PUT /s 2");
}

struct BodyOfHead {
  std::string name;
  std::function<Response()> make;
  std::string length;
};

Task<Response> next_or(Request& request, const std::function<Response()>& make) {
  co_return request.head.target == "/next" ? text("next") : make();
}

TEST(Server, head_and_bodiless_statuses_have_no_body) {
  const BodyOfHead rows[] = {
      {"HEAD", [] { return text("12345"); }, "5"},
      {"HEAD",
       [] {
         Response response;
         response.headers.add("Content-Length", "12345678901");
         return response;
       },
       "12345678901"},
      {"HEAD",
       [] {
         Response response;
         response.body = std::make_unique<PatternBody>(77, true);
         return response;
       },
       "77"},
      {"HEAD",
       [] {
         Response response;
         response.body = std::make_unique<PatternBody>(77, false);
         return response;
       },
       ""},
      {"GET", [] { return text("must not be sent", 204); }, ""},
      {"GET", [] { return text("must not be sent", 304); }, ""},
  };
  for (const auto& row : rows) {
    TestServer server([&row](Request& request) { return next_or(request, row.make); });
    auto socket = server.connect();
    socket.send(row.name + " / HTTP/1.1\r\nHost: h\r\n\r\nGET /next HTTP/1.1\r\nHost: h\r\n\r\n");
    const auto head = socket.read_until("\r\n\r\n");
    EXPECT_EQ(header_of(head, "Content-Length"), row.length);
    EXPECT_EQ(header_of(head, "Transfer-Encoding"), "");
    const auto next = socket.read_answer();
    EXPECT_THAT(next, StartsWith("HTTP/1.1 200"));
    EXPECT_EQ(body_in(next), "next");
  }
}

TEST(Server, serves_http_1_0_and_closes) {
  const auto handler = [](Request& request) -> Task<Response> {
    Response response;
    if (request.head.target == "/stream") {
      response.body = std::make_unique<PatternBody>(100'000, false);
    }
    co_return response;
  };
  TestServer server(handler);
  EXPECT_EQ(header_of(server.ask("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"), "Connection"), "close");
  const auto streamed = server.ask("GET /stream HTTP/1.0\r\n\r\n");
  EXPECT_EQ(header_of(streamed, "Transfer-Encoding"), "");
  EXPECT_EQ(body_in(streamed).size(), 100'000);
}

TEST(Server, closes_when_either_side_says_so) {
  const auto handler = [](Request& request) -> Task<Response> {
    auto response = text("x");
    if (request.head.target == "/close") {
      response.headers.add("Connection", "Close");
    }
    co_return response;
  };
  TestServer server(handler);
  for (const std::string request :
       {"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", "GET /close HTTP/1.1\r\nHost: h\r\n\r\n"}) {
    EXPECT_EQ(header_of(server.ask(request + std::string(kGet)), "Connection"), "close");
  }
  EXPECT_TRUE(server.metric_becomes("cairn_http_requests_total{status=\"2xx\"}", 2));
}

TEST(Server, says_continue_when_the_handler_first_reads) {
  TestServer server(describe);
  auto socket = server.connect();
  const std::string head = "PUT /a HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";
  socket.send(head);
  EXPECT_EQ(socket.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_TRUE(socket.silent(Millis{50}));
  socket.send("abc");
  EXPECT_EQ(body_in(socket.read_answer()), "PUT /a 3");
  // Who sends the body without waiting is not asked for it.
  socket.send(head + "abc" + head + "abc");
  EXPECT_THAT(socket.read_answer(), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(socket.read_answer(), StartsWith("HTTP/1.1 200"));
}

TEST(Server, says_continue_for_an_empty_body_whether_or_not_it_is_read) {
  for (const auto& handler : {Handler(describe), Handler(ignore_body)}) {
    TestServer server(handler);
    auto socket = server.connect();
    for (int i = 0; i < 2; ++i) {
      socket.send("PUT /a HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n");
      EXPECT_EQ(socket.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
      EXPECT_THAT(socket.read_answer(), StartsWith("HTTP/1.1 200"));
    }
  }
}

TEST(Server, does_not_ask_for_a_body_that_nobody_reads) {
  TestServer server(ignore_body);
  const auto answer =
      server.ask("PUT /a HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(header_of(answer, "Connection"), "close");
}

TEST(Server, drops_a_small_unread_body_and_goes_on) {
  TestServer server(ignore_body);
  auto socket = server.connect();
  const std::string body(64U << 10, 'b');
  for (int i = 0; i < 3; ++i) {
    socket.send("PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
                body);
    EXPECT_EQ(body_in(socket.read_answer()), "ignored");
    socket.send("PUT /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1000\r\n" +
                body.substr(0, 4096) + "\r\n0\r\n\r\n");
    EXPECT_EQ(body_in(socket.read_answer()), "ignored");
  }
}

// The answer arrives although the client is still sending: no reset may overtake it.
TEST(Server, closes_behind_a_large_unread_body_but_not_before_the_answer) {
  TestServer server(ignore_body);
  const auto start = std::chrono::steady_clock::now();
  for (const std::string framing :
       {"Content-Length: 8388608\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n800000\r\n"}) {
    auto socket = server.connect();
    socket.send("PUT /a HTTP/1.1\r\nHost: h\r\n" + framing);
    EXPECT_TRUE(socket.send(std::string(8U << 20, 'x')));
    EXPECT_THAT(socket.read_to_end(), HasSubstr("ignored"));
  }
  EXPECT_LT(std::chrono::steady_clock::now() - start, RawSocket::kPatience);
}

TEST(Server, survives_handlers_that_break_the_rules) {
  const auto handler = [](Request& request) -> Task<Response> {
    Response response;
    if (request.head.target == "/throw") {
      throw std::runtime_error("expected in this test");
    }
    if (request.head.target == "/split") {
      response.headers.add("X", "a\r\nSet-Cookie: b");
    }
    if (request.head.target == "/name") {
      response.headers.add("X Y", "a");
    }
    if (request.head.target == "/status") {
      response.status = 100;
    }
    if (request.head.target == "/failing") {
      struct Failing final : BodySource {
        Task<Result<std::span<const std::byte>>> read() override {
          co_return Error{Errc::unavailable, "expected in this test"};
        }
        std::optional<std::uint64_t> size() const override { return 10; }
      };
      response.body = std::make_unique<Failing>();
    }
    co_return response;
  };
  TestServer server(handler);
  for (const std::string target : {"/throw", "/split", "/name", "/status", "/failing"}) {
    const auto answer = server.ask("GET " + target + " HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(status_in(answer), 500) << target;
    EXPECT_EQ(header_of(answer, "Connection"), "close") << target;
    EXPECT_THAT(answer, Not(HasSubstr("Set-Cookie"))) << target;
  }
}

TEST(Server, tells_the_handler_who_asks) {
  const auto handler = [](Request& request) -> Task<Response> {
    co_return text(request.peer.address + " " + std::to_string(request.peer.port > 0));
  };
  TestServer server(handler);
  auto socket = server.connect();
  socket.send(kGet);
  EXPECT_EQ(body_in(socket.read_answer()), "127.0.0.1 1");
}

TEST(Server, turns_away_who_comes_beyond_the_limit) {
  TestServer server(describe, ServerLimits{.connections_max = 2});
  auto first = server.connect();
  auto second = server.connect();
  first.send(kGet);
  first.read_answer();
  second.send(kGet);
  second.read_answer();
  const auto refused = server.ask(kGet);
  EXPECT_EQ(status_in(refused), 503);
  EXPECT_EQ(header_of(refused, "Connection"), "close");
  EXPECT_EQ(server.metric("cairn_http_refused_total{reason=\"connections\"}"), 1);
  first.close();
  for (int i = 0; i < 100; ++i) {
    if (status_in(server.ask("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")) == 200) {
      return;
    }
    std::this_thread::sleep_for(Millis{20});
  }
  FAIL() << "the free place was not given away";
}

Task<Response> finish_later(std::atomic<int>& finished) {
  co_await async::sleep(Millis{100});
  ++finished;
  co_return text(std::string(1U << 20, 'x'));
}

// The effect may be under way: a handler is not stopped by its client's leaving.
TEST(Server, lets_a_handler_finish_whose_client_has_gone) {
  std::atomic<int> finished{0};
  TestServer server([&finished](Request&) { return finish_later(finished); });
  {
    auto leaving = server.connect();
    leaving.send(kGet);
    auto resetting = server.connect();
    resetting.send(kGet);
    std::this_thread::sleep_for(Millis{30});
    resetting.reset();
  }
  for (int i = 0; i < 200 && finished < 2; ++i) {
    std::this_thread::sleep_for(Millis{10});
  }
  EXPECT_EQ(finished, 2);
}

TEST(Server, listens_on_every_address) {
  TestServer server(describe);
  for (const std::string address : {":0", "0.0.0.0:0", "localhost:0"}) {
    const auto open = Server::listen(server.loops, address, {}, describe, server.metrics);
    ASSERT_TRUE(open) << open.error().text();
    const auto listening = (*open)->address();
    EXPECT_TRUE(RawSocket::can_connect("127.0.0.1" + listening.substr(listening.rfind(':'))));
  }
}

TEST(Server, refuses_to_listen_where_it_cannot) {
  TestServer server(describe);
  const auto twice = Server::listen(server.loops, server.server->address(), {}, describe, server.metrics);
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().code, Errc::unavailable);
  for (const std::string wrong : {"127.0.0.1", "127.0.0.1:x", "", "256.0.0.1:0"}) {
    const auto refused = Server::listen(server.loops, wrong, {}, describe, server.metrics);
    ASSERT_FALSE(refused) << wrong;
    EXPECT_EQ(refused.error().code, Errc::invalid) << wrong;
  }
}

}  // namespace
}  // namespace cairn::http
