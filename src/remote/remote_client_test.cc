// A client against a server that verifies what was signed, and against servers that behave badly.
#include "remote/remote_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/base64.h"
#include "crypto/hash.h"
#include "json/json.h"

namespace cairn::remote {
namespace {

constexpr Time kNow{Millis{1'772'446'500'000}};

class FixedClock final : public Clock {
 public:
  Time now() const override { return kNow; }
};

const std::string kSecret = "a secret of the test";

aws::sigv4::Credentials credentials(const std::string& secret = kSecret) {
  return {.access_key = "AKIATEST", .secret = crypto::Secret(ByteView(secret)), .session_token = ""};
}

// "ok", or why the signature is wrong.
std::string verified(const codec::RequestHead& head, const std::string& body) {
  const auto authorization = aws::sigv4::parse_authorization(head);
  if (!authorization) {
    return "unreadable: " + authorization.error().detail;
  }
  const auto hash = aws::sigv4::s3_payload_hash(head, *authorization);
  if (!hash || *hash != codec::hex_encode(crypto::sha256(body))) {
    return "the body is not what was signed";
  }
  aws::sigv4::KeyCache cache;
  const crypto::Secret secret{ByteView(kSecret)};
  const auto right = aws::sigv4::verify({.head = head,
                                         .authorization = *authorization,
                                         .secret = secret,
                                         .payload_hash = *hash,
                                         .now = kNow},
                                        cache);
  return right ? "ok" : "mismatch";
}

http::Response answer(int status, std::string body) {
  http::Response response{.status = status, .headers = {}, .body = std::move(body)};
  response.headers.add("Content-Type", "application/xml");
  return response;
}

struct Seen {
  std::string line;
  std::string verdict;
  std::string body;
  std::string scope_region;
  std::string md5;
};

class RemoteClientTest : public ::testing::Test {
 protected:
  RemoteClientTest() {
    auto listening = http::Server::listen(
        loops_, "127.0.0.1:0", {}, [this](http::Request& request) { return handle(request); }, metrics_);
    CAIRN_CHECK(listening.has_value());
    server_ = *std::move(listening);
  }
  ~RemoteClientTest() override {
    client_.reset();
    server_.reset();
  }

  // A bucket's name says what the server does.
  Task<http::Response> handle(http::Request& request) {
    const auto read = co_await http::read_all(request.body, 1U << 20);
    const auto body = read ? *read : std::string("cut off");
    const auto authorization = aws::sigv4::parse_authorization(request.head);
    seen_.push_back({request.head.method + " " + request.head.target, verified(request.head, body),
                     body, authorization ? authorization->scope.region : "",
                     std::string(request.head.headers.get("content-md5"))});
    const auto path = request.head.path();
    if (path.starts_with("/denied")) {
      co_return answer(403, "<Error><Code>AccessDenied</Code><Message>no</Message></Error>");
    }
    if (path.starts_with("/busy")) {
      co_return answer(503, "<Error><Code>SlowDown</Code><Message>later</Message></Error>");
    }
    if (path.starts_with("/proxy")) {
      co_return answer(502, "<html>Bad gateway</html>");
    }
    if (path.starts_with("/elsewhere")) {
      co_return answer(301, "<Error><Code>PermanentRedirect</Code><Message>there</Message></Error>");
    }
    if (path.starts_with("/talks")) {
      co_return answer(400, "<Error><Code>" + std::string(1'000, 'c') + "</Code><Message>" + std::string(2'000, 'm') +
                                "</Message></Error>");
    }
    if (path.starts_with("/broken")) {
      co_return answer(200, "<not><an>answer");
    }
    if (path.starts_with("/silent")) {
      co_await async::sleep(Millis{2'000});
    }
    if (path.starts_with("/large")) {
      co_return answer(200, std::string(5'000, 'x'));
    }
    co_return answer(200, "");
  }

  aws::Client& client(Endpoint endpoint) {
    auto made = connect(std::move(endpoint), clock_,
                        {.answer_bytes_max = 4'000, .http = {.connect = Millis{2'000}, .stall = Millis{300}}});
    CAIRN_CHECK(made.has_value());
    client_ = *std::move(made);
    return *client_;
  }
  aws::Client& client() { return client({.url = url(), .region = "eu-central-1", .credentials = credentials()}); }
  std::string url() const { return "http://" + server_->address(); }

  static aws::ClientCall put(const std::string& bucket, const std::string& body = "the bytes") {
    aws::ClientCall call;
    call.service = "s3";
    call.operation = "PutObject";
    call.region = "us-east-1";
    call.input = {{"Bucket", bucket}, {"Key", "a key/with ümlaut+.gz"}, {"ACL", "bucket-owner-full-control"}};
    call.body = body;
    return call;
  }
  Result<aws::ClientAnswer, aws::Fault> ask(aws::Client& client, aws::ClientCall call) {
    return async::run(loops_.next().get_executor(), client.call(std::move(call)));
  }
  std::string code_of(const Result<aws::ClientAnswer, aws::Fault>& answer) {
    return answer ? "" : answer.error().code;
  }

  FixedClock clock_;
  Metrics metrics_;
  async::Loops loops_{2};
  std::vector<Seen> seen_;
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<aws::Client> client_;
};

TEST_F(RemoteClientTest, what_is_sent_is_signed_and_whole) {
  EXPECT_EQ(code_of(ask(client(), put("good"))), "");
  ASSERT_EQ(seen_.size(), 1U);
  EXPECT_EQ(seen_[0].line, "PUT /good/a%20key/with%20%C3%BCmlaut%2B.gz");
  EXPECT_EQ(seen_[0].verdict, "ok");
  EXPECT_EQ(seen_[0].body, "the bytes");
  EXPECT_EQ(seen_[0].scope_region, "eu-central-1");
  EXPECT_EQ(seen_[0].md5, codec::base64_encode(crypto::md5("the bytes")));
}

TEST_F(RemoteClientTest, without_a_region_of_its_own_the_calls_is_signed) {
  EXPECT_EQ(code_of(ask(client({.url = url(), .region = "", .credentials = credentials()}), put("good", ""))), "");
  EXPECT_EQ(seen_.at(0).scope_region, "us-east-1");
  EXPECT_EQ(seen_.at(0).verdict, "ok");
}

TEST_F(RemoteClientTest, another_secret_is_not_verified) {
  EXPECT_TRUE(ask(client({.url = url(), .region = "", .credentials = credentials("another")}), put("good")));
  EXPECT_EQ(seen_.at(0).verdict, "mismatch");
}

TEST_F(RemoteClientTest, a_refusal_is_the_services_own) {
  EXPECT_EQ(code_of(ask(client(), put("denied"))), "AccessDenied");
}

TEST_F(RemoteClientTest, what_the_far_end_says_of_itself_is_no_refusal) {
  for (const auto* bucket : {"busy", "proxy", "elsewhere"}) {
    EXPECT_EQ(code_of(ask(client(), put(bucket))), aws::kUnreachable) << bucket;
  }
}

TEST_F(RemoteClientTest, what_it_says_is_cut) {
  const auto answer = ask(client(), put("talks"));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code.size(), 128U);
  EXPECT_EQ(answer.error().message.size(), 1024U);
}

TEST_F(RemoteClientTest, what_is_no_answer_is_none) {
  auto acl = put("broken");
  acl.operation = "GetBucketAcl";
  acl.input = {{"Bucket", "broken"}};
  acl.body.clear();
  EXPECT_EQ(code_of(ask(client(), std::move(acl))), aws::kUnreachable);
}

TEST_F(RemoteClientTest, what_says_nothing_or_too_much_or_is_not_there_is_unreachable) {
  EXPECT_EQ(code_of(ask(client(), put("silent"))), aws::kUnreachable);
  EXPECT_EQ(code_of(ask(client(), put("large"))), aws::kUnreachable);
  const auto gone = url();
  client_.reset();
  server_.reset();
  EXPECT_EQ(code_of(ask(client({.url = gone, .region = "", .credentials = credentials()}), put("good"))),
            aws::kUnreachable);
}

TEST(RemoteClient, a_url_has_no_path) {
  const FixedClock clock;
  for (const auto* url : {"", "s3.example.com", "ftp://x", "http://x/path", "http://user@x"}) {
    EXPECT_FALSE(connect({.url = url, .region = "", .credentials = credentials()}, clock)) << url;
  }
  EXPECT_TRUE(connect({.url = "https://s3.example.com", .region = "", .credentials = credentials()}, clock));
}

}  // namespace
}  // namespace cairn::remote
