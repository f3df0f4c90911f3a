// Stopping: what runs ends, what is idle goes, nothing new starts, and it does not take longer than allowed.
#include <thread>

#include "http/http_testing.h"

namespace cairn::http {
namespace {

using std::chrono::steady_clock;
constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

std::atomic<int> inside{0};  // handlers of this test that have begun

Task<Response> after(Millis duration) {
  ++inside;
  co_await async::sleep(duration);
  Response response;
  response.body = "done";
  co_return response;
}

// Until that many handlers have begun.
void await_inside(int count) {
  while (inside < count) {
    std::this_thread::sleep_for(Millis{1});
  }
}

Task<Response> until_free(const std::atomic<bool>& stuck) {
  ++inside;
  while (stuck) {
    co_await async::sleep(Millis{5});
  }
  co_return Response();
}

TEST(ServerDrain, lets_running_requests_end_and_closes_idle_connections) {
  inside = 0;
  TestServer server([](Request&) { return after(Millis{300}); });
  auto idle = server.connect();
  idle.send(kGet);
  idle.read_answer();
  auto running = server.connect();
  running.send(kGet);
  await_inside(2);
  const auto start = steady_clock::now();
  EXPECT_TRUE(server.server->drain(Millis{60'000}));
  EXPECT_LT(steady_clock::now() - start, Millis{50'000});
  const auto answer = running.read_to_end();
  EXPECT_EQ(body_in(answer), "done");
  EXPECT_EQ(header_of(answer, "Connection"), "close");
  EXPECT_EQ(idle.read_to_end(), "");
  EXPECT_FALSE(RawSocket::can_connect(server.server->address()));
  EXPECT_TRUE(server.metric_becomes("cairn_http_connections", 0));
  server.server->drain(Millis{5000});  // once more does no harm
}

TEST(ServerDrain, ends_a_pipeline_behind_the_request_that_runs) {
  inside = 0;
  TestServer server([](Request&) { return after(Millis{200}); });
  auto socket = server.connect();
  socket.send(std::string(kGet) + std::string(kGet));
  await_inside(1);
  server.server->drain(Millis{5000});
  const auto answers = socket.read_to_end();
  EXPECT_EQ(answers.find("done"), answers.rfind("done"));
}

TEST(ServerDrain, cuts_off_what_takes_too_long) {
  inside = 0;
  TestServer server([](Request&) { return after(Millis{1500}); });
  auto socket = server.connect();
  socket.send(kGet);
  await_inside(1);
  server.server->drain(Millis{200});
  EXPECT_EQ(socket.read_to_end(), "");
}

// What a handler uses must outlive it: whoever stops is told that one is there still.
TEST(ServerDrain, says_that_a_handler_does_not_end) {
  inside = 0;
  std::atomic<bool> stuck{true};
  TestServer server([&](Request&) { return until_free(stuck); });
  auto socket = server.connect();
  socket.send(kGet);
  await_inside(1);
  EXPECT_FALSE(server.server->drain(Millis{50}));
  EXPECT_FALSE(server.server->drain(Millis{50}));
  stuck = false;
  EXPECT_TRUE(server.server->drain(Millis{10'000}));
}

// Every request that a client got onto a connection before the server said close is answered whole.
TEST(ServerDrain, loses_no_answer_under_load) {
  inside = 0;
  TestServer server([](Request&) { return after(Millis{1}); });
  std::atomic<int> connected{0};
  std::atomic<int> answered{0};
  std::atomic<int> broken{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < 16; ++i) {
    clients.emplace_back([&] {
      auto socket = server.connect();
      ++connected;
      while (true) {
        socket.send(kGet);
        const auto answer = socket.read_answer();
        if (answer.empty()) {
          return;  // closed between two requests, as any server may
        }
        (answer.ends_with("done") ? answered : broken) += 1;
        if (header_of(answer, "Connection") == "close") {
          return;
        }
      }
    });
  }
  while (connected < 16 || answered <= 16) {
    std::this_thread::sleep_for(Millis{1});
  }
  server.server->drain(Millis{60'000});
  for (auto& client : clients) {
    client.join();
  }
  EXPECT_EQ(broken, 0);
}

TEST(ServerDrain, destruction_closes_at_once) {
  inside = 0;
  auto server = std::make_unique<TestServer>([](Request&) { return after(Millis{300}); });
  auto idle = server->connect();
  auto running = server->connect();
  running.send(kGet);
  await_inside(1);
  server.reset();
  EXPECT_EQ(running.read_to_end(), "");
  EXPECT_EQ(idle.read_to_end(), "");
}

}  // namespace
}  // namespace cairn::http
