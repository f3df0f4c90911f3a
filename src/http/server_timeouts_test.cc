// Slow clients: each time-out ends the connection, and none ends too early. And what is counted.
#include <thread>

#include "http/http_testing.h"

namespace cairn::http {
namespace {

using std::chrono::steady_clock;

constexpr ServerLimits kQuick{
    .idle = Millis{400}, .head = Millis{400}, .stall = Millis{400}, .total = Millis{900}};

Task<Response> count_body(Request& request) {
  const auto body = co_await read_all(request.body, 1U << 30);
  Response response;
  response.status = body ? 200 : status_of(body.error());
  response.body = body ? std::to_string(body->size()) : body.error().text();
  co_return response;
}

Millis since(steady_clock::time_point start) {
  return std::chrono::duration_cast<Millis>(steady_clock::now() - start);
}

TEST(ServerTimeouts, slow_head_is_answered_408) {
  TestServer server(count_body, {.head = Millis{400}});
  const auto start = steady_clock::now();
  std::vector<RawSocket> lorises;
  for (int i = 0; i < 50; ++i) {
    lorises.push_back(server.connect());
    lorises.back().send("GET / HTTP/1.1\r\nHost: h\r\n");
  }
  // Bytes that trickle in do not put it off.
  std::thread trickle([&] {
    for (int i = 0; i < 10; ++i) {
      for (auto& loris : lorises) {
        loris.send("X");
      }
      std::this_thread::sleep_for(Millis{50});
    }
  });
  trickle.join();
  for (auto& loris : lorises) {
    EXPECT_EQ(status_in(loris.read_to_end()), 408);
  }
  EXPECT_GE(since(start), Millis{400});
  EXPECT_EQ(server.metric("cairn_http_refused_total{reason=\"slow\"}"), 50);
}

TEST(ServerTimeouts, idle_connection_is_closed_without_a_word) {
  TestServer server(count_body, kQuick);
  auto fresh = server.connect();
  auto used = server.connect();
  used.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  used.read_answer();
  const auto start = steady_clock::now();
  EXPECT_EQ(used.read_to_end(), "");
  EXPECT_EQ(fresh.read_to_end(), "");
  EXPECT_GE(since(start), Millis{300});
}

TEST(ServerTimeouts, body_that_stands_still_fails_the_read) {
  TestServer server(count_body, kQuick);
  auto socket = server.connect();
  socket.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc");
  const auto answer = socket.read_to_end();
  EXPECT_EQ(status_in(answer), 408);
  EXPECT_THAT(answer, testing::HasSubstr("timed out"));
}

TEST(ServerTimeouts, body_that_moves_is_not_cut_before_the_total) {
  // Longer in all than it may stand still. A sender that is held up for half a second is no failure.
  TestServer patient(count_body, {.stall = Millis{800}});
  auto socket = patient.connect();
  socket.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n");
  for (int i = 0; i < 5; ++i) {
    std::this_thread::sleep_for(Millis{200});
    socket.send("x");
  }
  EXPECT_EQ(body_in(socket.read_answer()), "5");
  TestServer server(count_body, {.total = Millis{900}});
  auto endless = server.connect();
  endless.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n");
  const auto start = steady_clock::now();
  while (endless.silent(Millis{50})) {
    endless.send("x");
  }
  EXPECT_GE(since(start), Millis{700});
  EXPECT_EQ(status_in(endless.read_until("\r\n")), 408);
}

TEST(ServerTimeouts, body_that_trickles_is_cut_off_though_it_never_stands_still) {
  TestServer server(count_body, {.body = Millis{300}, .body_bytes_a_second = 1U << 30});
  auto socket = server.connect();
  socket.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n");
  while (socket.silent(Millis{20})) {
    socket.send("x");
  }
  const auto answer = socket.read_to_end();
  EXPECT_EQ(status_in(answer), 408);
  EXPECT_THAT(answer, testing::HasSubstr("too slowly"));
  EXPECT_EQ(server.metric("cairn_http_refused_total{reason=\"slow\"}"), 1);
}

Task<Response> tell_slow_from_gone(Request& request, std::atomic<int>& slow, std::atomic<int>& gone) {
  const auto body = co_await read_all(request.body, 1000);
  EXPECT_FALSE(body);
  ++(request.body.too_slow() ? slow : gone);
  co_return Response{.status = 400, .headers = {}, .body = ""};
}

TEST(ServerTimeouts, who_went_away_is_told_from_who_is_slow) {
  std::atomic<int> slow{0};
  std::atomic<int> gone{0};
  TestServer server([&](Request& request) { return tell_slow_from_gone(request, slow, gone); },
                    {.stall = Millis{300}});
  for (const bool goes : {true, false, true}) {
    auto socket = server.connect();
    socket.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhalf");
    if (goes) {
      socket.finish_sending();
    }
    EXPECT_EQ(status_in(socket.read_to_end()), 400);
  }
  EXPECT_EQ(slow, 1);
  EXPECT_EQ(gone, 2);
}

TEST(ServerTimeouts, reader_that_is_slow_himself_blames_nobody) {
  const auto handler = [](Request& request) -> Task<Response> {
    co_await async::sleep(Millis{900});
    co_return co_await count_body(request);
  };
  TestServer server(handler, {.body = Millis{600}, .body_bytes_a_second = 1U << 30});
  auto socket = server.connect();
  socket.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello");
  EXPECT_EQ(body_in(socket.read_answer()), "5");
}

TEST(ServerTimeouts, client_that_does_not_read_is_cut_off) {
  const auto handler = [](Request&) -> Task<Response> {
    Response response;
    response.body = std::string(64U << 20, 'x');
    co_return response;
  };
  TestServer server(handler, kQuick);
  auto socket = server.connect();
  socket.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  std::this_thread::sleep_for(Millis{700});
  EXPECT_LT(socket.read_to_end().size(), 64U << 20);
}

TEST(ServerTimeouts, handler_may_take_longer_than_any_of_them) {
  const auto handler = [](Request&) -> Task<Response> {
    co_await async::sleep(Millis{600});
    Response response;
    response.body = "slow";
    co_return response;
  };
  TestServer server(handler, kQuick);
  auto socket = server.connect();
  socket.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(body_in(socket.read_answer()), "slow");
}

}  // namespace
}  // namespace cairn::http
