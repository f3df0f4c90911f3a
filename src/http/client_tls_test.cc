// TLS: who is let through, and who is not. The certificate is made here and trusted through SSL_CERT_FILE.
#include <openssl/ssl.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "http/http_testing.h"
#include "http/tls_testing.h"

namespace cairn::http {
namespace {

// Plays one TLS connection: a handshake, then an answer to each request that ends in an empty line. Says
// which name was asked for.
class TlsPeer {
 public:
  explicit TlsPeer(const char* names)
      : key_(EVP_EC_gen("P-256")),
        certificate_(certify(key_.get(), names)),
        context_(SSL_CTX_new(TLS_server_method())) {
    SSL_CTX_use_certificate(context_.get(), certificate_.get());
    SSL_CTX_use_PrivateKey(context_.get(), key_.get());
  }

  void play(int fd) {
    const std::unique_ptr<SSL, Freed<SSL_free>> session(SSL_new(context_.get()));
    SSL_set_fd(session.get(), fd);
    if (SSL_accept(session.get()) != 1) {
      return;
    }
    const auto* const name = SSL_get_servername(session.get(), TLSEXT_NAMETYPE_host_name);
    const std::string body = name != nullptr ? name : "none";
    const auto answer =
        "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    std::string request;
    std::array<char, 4096> bytes;
    for (int count; (count = SSL_read(session.get(), bytes.data(), bytes.size())) > 0;) {
      request.append(bytes.data(), static_cast<std::size_t>(count));
      if (request.ends_with("\r\n\r\n") || request.ends_with("the body")) {
        SSL_write(session.get(), answer.data(), static_cast<int>(answer.size()));
        request.clear();
      }
    }
  }

  void trust(const std::filesystem::path& file) const {
    write_certificate(file, certificate_.get());
    ::setenv("SSL_CERT_FILE", file.c_str(), 1);
  }

 private:
  Key key_;
  Certificate certificate_;
  std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>> context_;
};

Task<Result<std::string>> ask(Client& client, std::string url, std::string body) {
  ClientRequest request{
      .url = std::move(url), .head = {body.empty() ? "GET" : "POST", "/", {}}, .body = nullptr};
  if (!body.empty()) {
    request.body = body_of(std::move(body));
  }
  CAIRN_CO_TRY(auto response, co_await client.send(std::move(request)));
  co_return co_await read_all(*response.body, 1000);
}

struct TlsTest : testing::Test {
  TlsTest() { std::filesystem::create_directories(folder); }
  ~TlsTest() override {
    ::unsetenv("SSL_CERT_FILE");
    std::filesystem::remove_all(folder);
  }
  std::string https(const RawServer& server, const std::string& host) {
    return "https://" + host + server.url().substr(server.url().rfind(':'));
  }

  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("cairn_tls_" + std::to_string(::getpid()));
  async::Loops loops{1};
};

TEST_F(TlsTest, verified_peer_is_spoken_to) {
  TlsPeer peer("DNS:localhost,IP:127.0.0.1");
  peer.trust(folder / "ca.pem");
  RawServer server([&](RawSocket& socket, int) { peer.play(socket.descriptor()); });
  const auto client = Client::make({});
  const auto executor = loops.at(0).get_executor();
  for (int i = 0; i < 3; ++i) {
    const auto answer =
        async::run(executor, ask(*client, https(server, "localhost"), i == 1 ? "the body" : ""));
    ASSERT_TRUE(answer) << answer.error().text();
    EXPECT_EQ(*answer, "localhost");
  }
  EXPECT_EQ(server.accepted(), 1);
}

TEST_F(TlsTest, an_address_is_verified_too_and_not_sent_as_a_name) {
  TlsPeer peer("IP:127.0.0.1");
  peer.trust(folder / "ca.pem");
  RawServer server([&](RawSocket& socket, int) { peer.play(socket.descriptor()); });
  const auto client = Client::make({});
  const auto answer = async::run(loops.at(0).get_executor(), ask(*client, https(server, "127.0.0.1"), ""));
  ASSERT_TRUE(answer) << answer.error().text();
  EXPECT_EQ(*answer, "none");
}

TEST_F(TlsTest, strangers_and_liars_are_not) {
  TlsPeer trusted("DNS:example.org");
  trusted.trust(folder / "ca.pem");
  TlsPeer stranger("DNS:localhost");
  for (auto* const peer : {&trusted, &stranger}) {
    RawServer server([&](RawSocket& socket, int) { peer->play(socket.descriptor()); });
    const auto client = Client::make({});
    const auto answer = async::run(loops.at(0).get_executor(), ask(*client, https(server, "localhost"), ""));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, Errc::unavailable);
    EXPECT_THAT(answer.error().text(), testing::HasSubstr("TLS handshake"));
  }
}

TEST_F(TlsTest, a_peer_that_speaks_no_tls_is_an_error_and_a_silent_one_a_time_out) {
  for (const std::string said : {"HTTP/1.1 400 Bad Request\r\n\r\n", ""}) {
    RawServer server([&](RawSocket& socket, int) {
      socket.send(said);
      socket.read_to_end();
    });
    const auto client = Client::make({.connect = Millis{300}});
    const auto answer = async::run(loops.at(0).get_executor(), ask(*client, https(server, "localhost"), ""));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, Errc::unavailable);
  }
}

}  // namespace
}  // namespace cairn::http
