// Bodies larger than memory should hold, both ways: right to the last byte, and never far ahead of whoever
// reads them.
#include <fstream>

#include "http/http_testing.h"

namespace cairn::http {
namespace {

constexpr std::uint64_t kLarge = 64U << 20;
// Socket buffers of both ends, one piece in each hand.
constexpr std::uint64_t kAheadMax = 16U << 20;

// Takes a pattern's bytes and says how many, or makes as many as the target says.
Task<Response> pattern_both_ways(Request& request) {
  Response response;
  if (request.head.method == "GET") {
    response.body = std::make_unique<PatternBody>(std::stoull(request.head.target.substr(2)),
                                                  request.head.target[1] == 's');
    co_return response;
  }
  const auto count = co_await check_pattern(request.body);
  response.status = count ? 200 : 400;
  response.body = count ? std::to_string(*count) : count.error().text();
  co_return response;
}

Task<Result<std::uint64_t>> download(Client& client, std::string url, std::string target) {
  ClientRequest request{.url = std::move(url), .head = {"GET", std::move(target), {}}, .body = nullptr};
  CAIRN_CO_TRY(auto response, co_await client.send(std::move(request)));
  co_return co_await check_pattern(*response.body);
}

Task<Result<std::string>> upload(Client& client, std::string url, std::unique_ptr<BodySource> body) {
  ClientRequest request{.url = std::move(url), .head = {"PUT", "/", {}}, .body = std::move(body)};
  CAIRN_CO_TRY(auto response, co_await client.send(std::move(request)));
  co_return co_await read_all(*response.body, 1000);
}

// The client goes before the loops it was used on.
struct Streams : testing::Test {
  TestServer server{pattern_both_ways};
  std::unique_ptr<Client> client = Client::make({});
  template <class T>
  T run(Task<T> task) {
    return async::run(server.executor(), std::move(task));
  }
};

TEST_F(Streams, large_answers_arrive_whole) {
  for (const std::string kind : {"s", "c"}) {
    const auto read = run(download(*client, server.url(), "/" + kind + std::to_string(kLarge)));
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(*read, kLarge);
  }
}

TEST_F(Streams, large_requests_arrive_whole) {
  for (const bool sized : {true, false}) {
    const auto answer = run(upload(*client, server.url(), std::make_unique<PatternBody>(kLarge, sized)));
    ASSERT_TRUE(answer) << answer.error().text();
    EXPECT_EQ(*answer, std::to_string(kLarge));
  }
}

TEST_F(Streams, sizes_around_the_buffers_arrive_whole) {
  for (const std::uint64_t size :
       {0UL, 1UL, 8191UL, 8192UL, 8193UL, 65535UL, 65536UL, 65537UL, 1'000'003UL}) {
    for (const std::string kind : {"s", "c"}) {
      const auto read = run(download(*client, server.url(), "/" + kind + std::to_string(size)));
      ASSERT_TRUE(read) << read.error().text();
      EXPECT_EQ(*read, size);
      const auto answer =
          run(upload(*client, server.url(), std::make_unique<PatternBody>(size, kind == "s", 1 + size / 3)));
      ASSERT_TRUE(answer) << answer.error().text();
      EXPECT_EQ(*answer, std::to_string(size));
    }
  }
}

// One byte each, in the least comfortable framing.
TEST_F(Streams, pieces_of_one_byte) {
  const auto answer = run(upload(*client, server.url(), std::make_unique<PatternBody>(5000, false, 1)));
  ASSERT_TRUE(answer) << answer.error().text();
  EXPECT_EQ(*answer, "5000");
}

Task<Response> answer_with(std::unique_ptr<BodySource> body) {
  Response response;
  response.body = std::move(body);
  co_return response;
}

TEST(ServerStream, does_not_run_ahead_of_a_client_that_reads_slowly) {
  auto source = std::make_unique<PatternBody>(1ULL << 40, true);
  const auto given = source->given();
  TestServer server([&source](Request&) { return answer_with(std::move(source)); });
  auto socket = server.connect();
  socket.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  socket.read_until("\r\n\r\n");
  std::this_thread::sleep_for(Millis{500});
  EXPECT_LT(*given, kAheadMax);
  const std::uint64_t before = *given;
  socket.read_bytes(20U << 20);
  EXPECT_GT(*given, before);
}

TEST(ServerStream, does_not_take_what_the_handler_does_not_read) {
  const auto handler = [](Request& request) -> Task<Response> {
    co_await async::sleep(Millis{700});
    const auto body = co_await read_all(request.body, 1);
    co_return Response{};
  };
  TestServer server(handler);
  auto socket = server.connect();
  socket.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000000\r\n\r\n");
  EXPECT_LT(socket.send_until_full(1'000'000'000, Millis{300}), kAheadMax);
}

// An answer made from the request as it arrives.
class Echo final : public BodySource {
 public:
  explicit Echo(BodySource& from) : from_(from) {}
  Task<Result<std::span<const std::byte>>> read() override { return from_.read(); }
  std::optional<std::uint64_t> size() const override { return std::nullopt; }

 private:
  BodySource& from_;
};

TEST(ServerStream, an_answer_may_be_made_from_the_request) {
  const auto handler = [](Request& request) -> Task<Response> {
    Response response;
    response.body = std::make_unique<Echo>(request.body);
    co_return response;
  };
  TestServer server(handler);
  auto socket = server.connect();
  for (int round = 0; round < 2; ++round) {
    socket.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\n");
    socket.read_until("\r\n\r\n");
    socket.send("abc");
    EXPECT_EQ(socket.read_until("c\r\n"), "3\r\nabc\r\n");
    socket.send("def");
    EXPECT_EQ(socket.read_until("0\r\n\r\n"), "3\r\ndef\r\n0\r\n\r\n");
  }
}

// A source that fails, or ends too early, must not look like the end of the answer.
class Broken final : public BodySource {
 public:
  Broken(std::optional<std::uint64_t> size, bool fails) : size_(size), fails_(fails) {}
  Task<Result<std::span<const std::byte>>> read() override {
    static constexpr std::string_view kPiece = "piece";
    if (std::exchange(given_, true)) {
      co_return fails_ ? Result<std::span<const std::byte>>(Error{Errc::unavailable, "expected in this test"})
                       : std::span<const std::byte>();
    }
    co_return std::as_bytes(std::span(kPiece));
  }
  std::optional<std::uint64_t> size() const override { return size_; }

 private:
  std::optional<std::uint64_t> size_;
  bool fails_;
  bool given_ = false;
};

TEST(ServerStream, a_source_that_fails_cuts_the_connection) {
  const auto handler = [](Request& request) -> Task<Response> {
    const auto& target = request.head.target;
    Response response;
    response.body = std::make_unique<Broken>(
        target == "/chunked" ? std::nullopt : std::optional<std::uint64_t>(10), target != "/short");
    co_return response;
  };
  TestServer server(handler);
  for (const std::string target : {"/sized", "/short"}) {
    EXPECT_EQ(body_in(server.ask("GET " + target + " HTTP/1.1\r\nHost: h\r\n\r\n")), "piece");
  }
  EXPECT_EQ(body_in(server.ask("GET /chunked HTTP/1.1\r\nHost: h\r\n\r\n")), "5\r\npiece\r\n");
}

// As the gateway does: what came from one server goes out as it is, trailers, date and all.
TEST(Relayed, an_answer_keeps_its_date_and_trailers) {
  TestServer far([](Request& request) -> Task<Response> {
    (void)co_await read_all(request.body, 100);
    const auto* trailers = request.body.fields_behind();
    Response response;
    response.relayed = true;
    response.headers = {{"Date", "Mon, 02 Mar 2026 10:15:00 GMT"}, {"Server", "far"}};
    response.body = trailers == nullptr ? "none" : std::string(trailers->get("x-sum"));
    co_return response;
  });
  const auto answer = far.ask(
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nx-sum: 12\r\n\r\n");
  EXPECT_THAT(answer, testing::HasSubstr("\r\nDate: Mon, 02 Mar 2026 10:15:00 GMT\r\nServer: far\r\n"));
  EXPECT_THAT(answer, testing::Not(testing::HasSubstr("cairn")));
  EXPECT_EQ(body_in(answer), "12");
}

#ifndef CAIRN_SANITIZED  // its own memory would be measured

// The most memory that was resident since the last call.
std::uint64_t resident_peak() {
  std::ifstream status("/proc/self/status");
  std::string word;
  std::uint64_t kilobytes = 0;
  while (status >> word && word != "VmHWM:") {
  }
  status >> kilobytes;
  std::ofstream("/proc/self/clear_refs") << "5";
  return kilobytes << 10;
}

// The whole way, 64 MiB up and down with eight clients at once, in less memory than one of the bodies.
TEST_F(Streams, memory_stays_bounded) {
  run(download(*client, server.url(), "/s1000000")).value();
  resident_peak();
  const auto before = resident_peak();
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      EXPECT_EQ(run(download(*client, server.url(), "/s" + std::to_string(kLarge))).value(), kLarge);
      EXPECT_EQ(run(upload(*client, server.url(), std::make_unique<PatternBody>(kLarge, true))).value(),
                std::to_string(kLarge));
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  EXPECT_LT(resident_peak() - before, 16U << 20);
}

#endif

}  // namespace
}  // namespace cairn::http
