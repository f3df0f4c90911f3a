// The client against our server, and against servers that behave badly.
#include "http/http_testing.h"

namespace cairn::http {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

struct Answer {
  int status = 0;
  codec::Headers headers;
  std::string body;
};

ClientRequest get(std::string url, std::string target = "/") {
  return ClientRequest{.url = std::move(url), .head = {"GET", std::move(target), {}}, .body = nullptr};
}

ClientRequest post(std::string url, std::string body) {
  return ClientRequest{.url = std::move(url), .head = {"POST", "/", {}}, .body = body_of(std::move(body))};
}

Task<Result<Answer>> exchange(Client& client, ClientRequest request) {
  CAIRN_CO_TRY(auto response, co_await client.send(std::move(request)));
  Answer answer{response.head.status, response.head.headers, {}};
  CAIRN_CO_TRY(answer.body, co_await read_all(*response.body, 1U << 20));
  co_return answer;
}

std::atomic<int> inside{0};
std::atomic<int> most_inside{0};
std::atomic<bool> held{false};

// "peer-port METHOD target body", so that a test sees which connection was used.
Task<Response> mirror(Request& request) {
  most_inside = std::max(most_inside.load(), ++inside);
  const auto body = co_await read_all(request.body, 1U << 20);
  if (request.head.target.starts_with("/slow")) {
    co_await async::sleep(Millis{100});
  }
  while (held && request.head.target == "/held") {
    co_await async::sleep(Millis{5});
  }
  --inside;
  Response response;
  for (const auto& [name, value] : request.head.headers) {
    response.headers.add("Got-" + name, value);
  }
  response.body = std::to_string(request.peer.port) + " " + request.head.method + " " + request.head.target +
                  " " + body.value();
  co_return response;
}

std::string port_in(const Answer& answer) {
  return answer.body.substr(0, answer.body.find(' '));
}

// The client goes before the loops it was used on.
struct ClientTest : testing::Test {
  TestServer server{mirror};
  std::unique_ptr<Client> client = Client::make({.connect = Millis{500}, .stall = Millis{500}});

  Result<Answer> run(ClientRequest request) { return run_at(0, std::move(request)); }
  Result<Answer> run_at(std::size_t loop, ClientRequest request) {
    return async::run(server.loops.at(loop).get_executor(), exchange(*client, std::move(request)));
  }
};

TEST_F(ClientTest, keeps_and_reuses_a_connection) {
  const auto first = run(get(server.url(), "/a?b=%20"));
  ASSERT_TRUE(first) << first.error().text();
  EXPECT_EQ(first->status, 200);
  EXPECT_THAT(first->body, HasSubstr(" GET /a?b=%20 "));
  for (int i = 0; i < 20; ++i) {
    const auto next = run(post(server.url(), "body"));
    ASSERT_TRUE(next);
    EXPECT_THAT(next->body, HasSubstr(" POST / body"));
    EXPECT_EQ(port_in(*next), port_in(*first));
  }
}

TEST_F(ClientTest, sends_headers_as_given_and_frames_the_body_itself) {
  auto request = post(server.url(), "four");
  request.head.headers = {{"X-Amz-Meta-A", "b  c"},
                          {"content-length", "99"},
                          {"Expect", "100-continue"},
                          {"Connection", "close"}};
  const auto answer = run(std::move(request));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->headers.get("Got-X-Amz-Meta-A"), "b  c");
  EXPECT_EQ(answer->headers.get("Got-Content-Length"), "4");
  EXPECT_FALSE(answer->headers.contains("Got-Expect"));
  EXPECT_EQ(answer->headers.get("Got-Host"), server.server->address());
  auto named = get(server.url());
  named.head.headers = {{"host", "bucket.s3.example"}};
  EXPECT_EQ(run(std::move(named))->headers.get("Got-host"), "bucket.s3.example");
  auto empty = get(server.url());
  empty.head.method = "PUT";
  EXPECT_EQ(run(std::move(empty))->headers.get("Got-Content-Length"), "0");
}

TEST_F(ClientTest, reads_the_answer_to_a_head) {
  auto request = get(server.url());
  request.head.method = "HEAD";
  const auto head = run(std::move(request));
  ASSERT_TRUE(head);
  EXPECT_NE(head->headers.get("Content-Length"), "0");
  EXPECT_EQ(head->body, "");
  EXPECT_TRUE(run(get(server.url())));
}

TEST_F(ClientTest, dropped_answer_closes_the_connection) {
  const auto first = run(get(server.url()));
  const auto drop = [](Client& c, ClientRequest request) -> Task<Result<int>> {
    CAIRN_CO_TRY(auto response, co_await c.send(std::move(request)));
    co_return response.head.status;
  };
  ASSERT_TRUE(async::run(server.loops.at(0).get_executor(), drop(*client, get(server.url()))));
  EXPECT_NE(port_in(*run(get(server.url()))), port_in(*first));
}

TEST_F(ClientTest, loops_do_not_share_connections) {
  const auto at_0 = run_at(0, get(server.url()));
  const auto at_1 = run_at(1, get(server.url()));
  EXPECT_NE(port_in(*at_0), port_in(*at_1));
  EXPECT_EQ(port_in(*run_at(0, get(server.url()))), port_in(*at_0));
  EXPECT_EQ(port_in(*run_at(1, get(server.url()))), port_in(*at_1));
}

// 64 calls from two loops through two connections: everyone is served, nobody goes beyond the limit.
TEST_F(ClientTest, callers_wait_for_a_free_connection) {
  client = Client::make({.connections_per_host_max = 2, .connect = Millis{20'000}});
  std::vector<std::thread> callers;
  most_inside = 0;
  for (int i = 0; i < 64; ++i) {
    callers.emplace_back([&, i] {
      const auto answer =
          run_at(static_cast<std::size_t>(i % 2), get(server.url(), i % 4 == 0 ? "/slow" : "/"));
      ASSERT_TRUE(answer) << answer.error().text();
    });
    EXPECT_LE(server.metric("cairn_http_connections"),
              4);  // two, and two that the server has not seen closed
  }
  for (auto& caller : callers) {
    caller.join();
  }
  EXPECT_EQ(most_inside, 2);
}

TEST_F(ClientTest, waiting_is_bounded_in_time_and_number) {
  client = Client::make({.connections_per_host_max = 1, .waiting_per_host_max = 1, .connect = Millis{200}});
  held = true;
  std::thread holder([&] { EXPECT_TRUE(run(get(server.url(), "/held"))); });
  while (inside == 0) {
    std::this_thread::sleep_for(Millis{1});
  }
  std::array<Result<Answer>, 2> answers{Answer{}, Answer{}};
  std::thread one([&] { answers[0] = run(get(server.url())); });
  std::thread other([&] { answers[1] = run(get(server.url())); });
  one.join();
  other.join();
  held = false;
  holder.join();
  ASSERT_FALSE(answers[0]);
  ASSERT_FALSE(answers[1]);
  EXPECT_THAT((std::array{answers[0].error().code, answers[1].error().code}),
              testing::UnorderedElementsAre(Errc::limit, Errc::unavailable));
  EXPECT_TRUE(run(get(server.url())));
}

TEST_F(ClientTest, says_what_is_wrong_with_a_request) {
  const std::string urls[] = {"",           "127.0.0.1",      "ftp://a",     "http://",
                              "http://a:0", "http://a:99999", "http://a:x",  "http://a/path",
                              "http://u@a", "http://a?b",     "http://[::1", "http://a b"};
  for (const auto& url : urls) {
    const auto answer = run(get(url));
    ASSERT_FALSE(answer) << url;
    EXPECT_EQ(answer.error().code, Errc::invalid) << url;
  }
  auto split = get(server.url());
  split.head.headers = {{"X", "a\r\nHost: evil"}};
  EXPECT_EQ(run(std::move(split)).error().code, Errc::invalid);
  EXPECT_EQ(run(get(server.url(), "/a b")).error().code, Errc::invalid);
  EXPECT_EQ(run(get(server.url(), "/a\r\nX: y")).error().code, Errc::invalid);
}

TEST_F(ClientTest, cannot_connect) {
  std::string gone;
  {
    TestServer other(mirror);
    gone = other.url();
  }
  EXPECT_EQ(run(get(gone)).error().code, Errc::unavailable);
  EXPECT_EQ(run(get("http://no-such-host.invalid")).error().code, Errc::unavailable);
}

TEST_F(ClientTest, finds_hosts_by_name) {
  const auto address = server.server->address();
  const auto answer = run(get("http://localhost" + address.substr(address.rfind(':'))));
  ASSERT_TRUE(answer) << answer.error().text();
  EXPECT_THAT(std::string(answer->headers.get("Got-Host")), StartsWith("localhost:"));
}

constexpr std::string_view kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

// The peer closes a kept connection at the very moment of its next use.
TEST_F(ClientTest, repeats_over_a_new_connection_when_a_kept_one_has_died) {
  RawServer peer([](RawSocket& socket, int number) {
    socket.read_until("\r\n\r\n");
    socket.send(kOk);
    if (number == 1) {
      socket.read_until("\r\n\r\n");  // takes the second request and says nothing
    } else {
      socket.read_to_end();
    }
  });
  EXPECT_TRUE(run(get(peer.url())));
  const auto again = run(post(peer.url(), "body"));
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(again->body, "ok");
  EXPECT_EQ(peer.accepted(), 2);
  client.reset();
}

TEST_F(ClientTest, does_not_repeat_what_must_not_be) {
  struct Once final : BodySource {
    Task<Result<std::span<const std::byte>>> read() override { co_return std::span<const std::byte>(); }
    std::optional<std::uint64_t> size() const override { return 0; }
  };
  for (const bool repeatable : {true, false}) {
    RawServer peer([](RawSocket& socket, int) {
      socket.read_until("\r\n\r\n");
      socket.send(kOk);
      socket.read_until("\r\n\r\n");
    });
    EXPECT_TRUE(run(get(peer.url())));
    auto request = get(peer.url());
    request.repeatable = repeatable;
    if (repeatable) {
      request.body = std::make_unique<Once>();
    }
    const auto again = run(std::move(request));
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, Errc::unavailable);
    EXPECT_EQ(peer.accepted(), 1);
  }
}

TEST_F(ClientTest, does_not_repeat_when_a_byte_came_back) {
  RawServer peer([](RawSocket& socket, int) {
    socket.read_until("\r\n\r\n");
    socket.send(kOk);
    socket.read_until("\r\n\r\n");
    socket.send("HTTP/1.1 2");
  });
  EXPECT_TRUE(run(get(peer.url())));
  EXPECT_FALSE(run(get(peer.url())));
  EXPECT_EQ(peer.accepted(), 1);
}

// Seen before it is used: no request is risked on it.
TEST_F(ClientTest, a_connection_closed_meanwhile_is_not_used) {
  RawServer peer([](RawSocket& socket, int) {
    socket.read_until("\r\n\r\n");
    socket.send(kOk);
  });
  for (int i = 1; i <= 3; ++i) {
    auto request = get(peer.url());
    request.repeatable = false;
    ASSERT_TRUE(run(std::move(request)));
    EXPECT_EQ(peer.accepted(), i);
    std::this_thread::sleep_for(Millis{30});
  }
}

struct Said {
  std::string name;
  std::string bytes;
  std::string expected;  // "status body", or part of the error
};

TEST_F(ClientTest, understands_or_refuses_what_servers_say) {
  const Said rows[] = {
      {"to the end", "HTTP/1.1 200 OK\r\n\r\nuntil closed", "200 until closed"},
      {"1.0", "HTTP/1.0 404 Not Found\r\nContent-Length: 3\r\n\r\nabc", "404 abc"},
      {"chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\nabc\r\n0\r\nT: u\r\n\r\n",
       "200 abc"},
      {"interim answers",
       "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 201 "
       "Created\r\nContent-Length: 0\r\n\r\n",
       "201 "},
      {"no reason", "HTTP/1.1 204 \r\n\r\n", "204 "},
      {"body cut short", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", "went away"},
      {"chunks cut short", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", "went away"},
      {"head cut short", "HTTP/1.1 200 OK\r\nContent-", "closed the connection"},
      {"nothing", "", "closed the connection"},
      {"not HTTP", "SSH-2.0-OpenSSH_9.2\r\n\r\n", "read answer"},
      {"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
       "Content-Length"},
      {"bad chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\nabc", "chunk"},
      {"endless head", "HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x'), "too large"},
      {"endless interim answers",
       [] {
         std::string interim;
         for (int i = 0; i < 100; ++i) {
           interim += "HTTP/1.1 102 Processing\r\n\r\n";
         }
         return interim;
       }(),
       "interim"},
  };
  for (const auto& row : rows) {
    RawServer peer([&row](RawSocket& socket, int) {
      socket.read_until("\r\n\r\n");
      socket.send(row.bytes);
    });
    const auto answer = run(get(peer.url()));
    const auto text = answer ? std::to_string(answer->status) + " " + answer->body : answer.error().text();
    EXPECT_THAT(text, HasSubstr(row.expected)) << row.name;
    EXPECT_EQ(answer.has_value(), row.expected[0] >= '0' && row.expected[0] <= '9') << row.name;
  }
}

TEST_F(ClientTest, silent_servers_time_out_and_are_not_asked_again) {
  client = Client::make({.stall = Millis{200}});
  const std::string_view said[] = {"", "HTTP/1.1 200 OK\r\n",
                                   "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"};
  for (const auto bytes : said) {
    RawServer peer([bytes](RawSocket& socket, int) {
      socket.send(bytes);
      socket.read_to_end();
    });
    const auto answer = run(get(peer.url()));
    ASSERT_FALSE(answer);
    EXPECT_THAT(answer.error().text(), HasSubstr("timed out"));
    EXPECT_EQ(peer.accepted(), 1);
  }
}

// S3 says 403 or 301 to a large PUT before it has come.
TEST_F(ClientTest, reads_an_answer_that_comes_before_the_request_is_sent) {
  RawServer peer([](RawSocket& socket, int) {
    socket.read_until("\r\n\r\n");
    socket.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno");
    socket.finish_sending();
    socket.read_bytes(1U << 20);
  });
  auto request = get(peer.url());
  request.head.method = "PUT";
  request.body = std::make_unique<PatternBody>(64U << 20, true);
  const auto answer = run(std::move(request));
  if (answer) {  // a reset may overtake the answer; then it is an error, not a wait
    EXPECT_EQ(answer->status, 403);
    EXPECT_EQ(answer->body, "no");
  } else {
    EXPECT_EQ(answer.error().code, Errc::unavailable);
  }
}

TEST_F(ClientTest, a_body_that_fails_ends_the_request) {
  struct Failing final : BodySource {
    explicit Failing(bool fails) : fails_(fails) {}
    Task<Result<std::span<const std::byte>>> read() override {
      co_return fails_ ? Result<std::span<const std::byte>>(Error{Errc::corrupt, "expected in this test"})
                       : std::span<const std::byte>();
    }
    std::optional<std::uint64_t> size() const override { return 10; }
    bool fails_;
  };
  for (const bool fails : {true, false}) {
    auto request = post(server.url(), "");
    request.body = std::make_unique<Failing>(fails);
    const auto answer = run(std::move(request));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, fails ? Errc::corrupt : Errc::invalid);
  }
  EXPECT_TRUE(run(post(server.url(), "well again")));
}

}  // namespace
}  // namespace cairn::http
