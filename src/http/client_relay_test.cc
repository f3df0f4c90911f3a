// What a client that relays needs: answers that come early, bodies that are asked for first, fields behind
// bodies.
#include "http/http_testing.h"

namespace cairn::http {
namespace {

using testing::HasSubstr;

struct Answer {
  int status = 0;
  std::string body;
};

ClientRequest get(std::string url) {
  return ClientRequest{.url = std::move(url), .head = {"GET", "/", {}}, .body = nullptr};
}

ClientRequest post(std::string url, std::string body) {
  return ClientRequest{.url = std::move(url), .head = {"POST", "/", {}}, .body = body_of(std::move(body))};
}

Task<Result<Answer>> exchange(Client& client, ClientRequest request) {
  CAIRN_CO_TRY(auto response, co_await client.send(std::move(request)));
  Answer answer{response.head.status, {}};
  CAIRN_CO_TRY(answer.body, co_await read_all(*response.body, 1U << 20));
  co_return answer;
}

// The client goes before the loop it was used on.
struct ClientRelayTest : testing::Test {
  async::Loops loops{1};
  std::unique_ptr<Client> client = Client::make({.connect = Millis{500}, .stall = Millis{10'000}});

  Result<Answer> run(ClientRequest request) {
    return async::run(loops.at(0).get_executor(), exchange(*client, std::move(request)));
  }
};

// The peer answers after the first bytes and reads no more: the sender, whose socket is full by then, must
// not wait for it.
TEST_F(ClientRelayTest, an_answer_that_comes_while_the_body_is_sent_ends_the_sending) {
  std::atomic<bool> done{false};
  RawServer other([&](RawSocket& socket, int) {
    socket.read_until("\r\n\r\n");
    socket.send("HTTP/1.1 102 Processing\r\n\r\n");
    socket.read_bytes(1000);
    socket.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
    while (!done) {
      std::this_thread::sleep_for(Millis{10});
    }
    done = false;
  });
  for (const bool sized : {true, false}) {
    auto body = std::make_unique<PatternBody>(64U << 20, sized);
    const auto given = body->given();
    auto request = post(other.url(), "");
    request.body = std::move(body);
    const auto answer = run(std::move(request));
    done = true;
    ASSERT_TRUE(answer) << answer.error().text();
    EXPECT_EQ(answer->status, 403);
    EXPECT_EQ(answer->body, "no");
    EXPECT_LT(*given, 64U << 20);
  }
}

TEST_F(ClientRelayTest, asks_first_whether_the_body_is_wanted) {
  struct Row {
    const char* says;
    int status;
    bool sends;
  };
  static const Row kRows[] = {{"HTTP/1.1 100 Continue\r\n\r\n", 200, true},
                              {"HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n", 417, false},
                              {"", 200, true}};
  for (const auto& row : kRows) {
    std::string head;
    RawServer other([&](RawSocket& socket, int) {
      head = socket.read_until("\r\n\r\n");
      EXPECT_TRUE(socket.silent(Millis{50}));
      socket.send(row.says);
      if (row.sends) {
        EXPECT_EQ(socket.read_bytes(4), "body");
        socket.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
      }
    });
    auto request = post(other.url(), "body");
    request.head.headers.add("Expect", "100-continue");
    request.expect_continue = Millis{200};
    bool began = false;
    request.began = &began;
    const auto answer = run(std::move(request));
    ASSERT_TRUE(answer) << answer.error().text();
    EXPECT_EQ(answer->status, row.status);
    EXPECT_THAT(head, HasSubstr("Expect: 100-continue\r\n"));
    EXPECT_TRUE(began);
  }
}

TEST_F(ClientRelayTest, says_whether_a_byte_went_out) {
  bool began = false;
  auto request = get("http://127.0.0.1:1");
  request.began = &began;
  EXPECT_FALSE(run(std::move(request)));
  EXPECT_FALSE(began);
}

// A source with fields behind it, as a body in chunks has them.
class WithTrailers final : public BodySource {
 public:
  Task<Result<std::span<const std::byte>>> read() override { return inner_->read(); }
  std::optional<std::uint64_t> size() const override { return std::nullopt; }
  const codec::Headers* fields_behind() const override { return &trailers_; }

 private:
  std::unique_ptr<BodySource> inner_ = body_of("abc");
  codec::Headers trailers_{{"x-sum", "1"}, {"x-other", "2"}};
};

TEST_F(ClientRelayTest, trailers_go_and_come) {
  RawServer other([](RawSocket& socket, int) {
    socket.read_until("\r\n\r\n");
    EXPECT_EQ(socket.read_until("\r\n\r\n"), "3\r\nabc\r\n0\r\nx-sum: 1\r\nx-other: 2\r\n\r\n");
    socket.send(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nz\r\n0\r\nX-A:  b c \r\nContent-Length: "
        "9\r\n\r\n");
  });
  auto request = post(other.url(), "");
  request.body = std::make_unique<WithTrailers>();
  const auto ask = [](Client& client, ClientRequest what) -> Task<Result<std::string>> {
    CAIRN_CO_TRY(auto response, co_await client.send(std::move(what)));
    CAIRN_CO_TRY_VOID(co_await read_all(*response.body, 100));
    std::string all;
    const auto* trailers = response.body->fields_behind();
    for (const auto& [name, value] : trailers != nullptr ? *trailers : codec::Headers()) {
      all += name + "=" + value + ";";
    }
    co_return all;
  };
  const auto all = async::run(loops.at(0).get_executor(), ask(*client, std::move(request)));
  ASSERT_TRUE(all);
  EXPECT_EQ(*all, "X-A=b c;");
}

}  // namespace
}  // namespace cairn::http
