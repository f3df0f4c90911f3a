// TLS of the server: what is agreed on, who is turned away, and a pair that is changed while it runs.
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "http/http_testing.h"
#include "http/tls_testing.h"

namespace cairn::http {
namespace {

// Speaks TLS by hand, and takes any certificate. Blocks, but not for ever.
class TlsClient {
 public:
  TlsClient(const TestServer& server, int version = TLS1_3_VERSION)
      : socket_(server.connect()), context_(SSL_CTX_new(TLS_client_method())) {
    SSL_CTX_set_security_level(context_.get(), 0);
    SSL_CTX_set_min_proto_version(context_.get(), version);
    SSL_CTX_set_max_proto_version(context_.get(), version);
    session_.reset(SSL_new(context_.get()));
    const timeval patience{10, 0};
    ::setsockopt(socket_.descriptor(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    SSL_set_fd(session_.get(), socket_.descriptor());
  }
  void offer(std::string_view protocols) {
    SSL_set_alpn_protos(session_.get(), reinterpret_cast<const unsigned char*>(protocols.data()),
                        static_cast<unsigned>(protocols.size()));
  }
  // Before the handshake, in the clear.
  bool say(std::string_view bytes) { return socket_.send(bytes); }
  bool connect() { return SSL_connect(session_.get()) == 1; }
  void send(std::string_view bytes) {
    SSL_write(session_.get(), bytes.data(), static_cast<int>(bytes.size()));
  }
  // All until the end. Said goodbye: the end was the server's word, not a cut.
  std::string read_to_end(bool* said_goodbye = nullptr) {
    std::string all;
    std::array<char, 4096> bytes;
    int count = 0;
    while ((count = SSL_read(session_.get(), bytes.data(), bytes.size())) > 0) {
      all.append(bytes.data(), static_cast<std::size_t>(count));
    }
    if (said_goodbye != nullptr) {
      *said_goodbye = SSL_get_error(session_.get(), count) == SSL_ERROR_ZERO_RETURN;
    }
    return all;
  }
  std::string protocol() const {
    const unsigned char* data = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(session_.get(), &data, &size);
    return {reinterpret_cast<const char*>(data), size};
  }
  bool is_shown(const X509* certificate) const {
    const Certificate shown(SSL_get1_peer_certificate(session_.get()));
    return shown != nullptr && X509_cmp(shown.get(), certificate) == 0;
  }

 private:
  RawSocket socket_;
  std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>> context_;
  std::unique_ptr<SSL, Freed<SSL_free>> session_;
};

struct ServerTlsTest : testing::Test {
  ServerTlsTest() {
    std::signal(SIGPIPE, SIG_IGN);
    std::filesystem::create_directories(folder);
    write(*key, *certificate);
    auto loaded = TlsIdentity::load(files());
    EXPECT_TRUE(loaded) << loaded.error().text();
    identity = *std::move(loaded);
  }
  ~ServerTlsTest() override {
    ::unsetenv("SSL_CERT_FILE");
    std::filesystem::remove_all(folder);
  }
  TlsFiles files() const { return {folder / "cert.pem", folder / "key.pem"}; }
  void write(EVP_PKEY& k, X509& c) const {
    write_certificate(files().certificates, &c);
    write_key(files().key, &k);
  }
  // Who connects is a proxy.
  TestServer serve_proxies() {
    return TestServer(say_source, {}, 2, identity, [](const std::string&) { return true; });
  }
  static Task<Response> say_source(Request& request) {
    co_return Response{
        .status = 200, .headers = {}, .body = request.peer.address + (request.peer.tls ? " tls" : "")};
  }
  TestServer serve(ServerLimits limits = {}) { return TestServer(say_tls, limits, 2, identity); }

  static Task<Response> say_tls(Request& request) {
    CAIRN_CHECK(request.peer.tls);
    const auto what = std::string(request.peer.tls->version) + " " + std::string(request.peer.tls->cipher);
    co_return Response{.status = 200, .headers = {}, .body = what};
  }

  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("cairn_server_tls_" + std::to_string(::getpid()));
  const Key key{EVP_EC_gen("P-256")};
  const Certificate certificate = certify(key.get(), "DNS:localhost,IP:127.0.0.1");
  std::shared_ptr<TlsIdentity> identity;
};

constexpr std::string_view kAsk = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

TEST_F(ServerTlsTest, the_newest_version_and_what_the_handler_is_told) {
  const auto server = serve();
  for (const auto& [version, said] : std::map<int, std::string>{
           {TLS1_3_VERSION, "TLSv1.3 TLS_AES_128_GCM_SHA256"},
           {TLS1_2_VERSION, "TLSv1.2 ECDHE-ECDSA-AES128-GCM-SHA256"},
       }) {
    TlsClient client(server, version);
    ASSERT_TRUE(client.connect());
    client.send(kAsk);
    bool goodbye = false;
    EXPECT_THAT(client.read_to_end(&goodbye), testing::EndsWith("\r\n\r\n" + said));
    EXPECT_TRUE(goodbye);
  }
}

TEST_F(ServerTlsTest, a_proxys_header_comes_before_the_handshake) {
  const auto server = serve_proxies();
  TlsClient client(server);
  ASSERT_TRUE(client.say("PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n"));
  ASSERT_TRUE(client.connect());
  client.send(kAsk);
  EXPECT_THAT(client.read_to_end(), testing::EndsWith("\r\n\r\n192.0.2.7 tls"));
  TlsClient without(server);
  EXPECT_FALSE(without.connect());
}

TEST_F(ServerTlsTest, older_versions_are_refused) {
  const auto server = serve();
  for (const int version : {TLS1_VERSION, TLS1_1_VERSION}) {
    TlsClient client(server, version);
    EXPECT_FALSE(client.connect());
  }
  EXPECT_TRUE(server.metric_becomes("cairn_http_refused_total{reason=\"handshake\"}", 2));
}

TEST_F(ServerTlsTest, http_1_1_is_what_is_spoken) {
  const auto server = serve();
  TlsClient both(server);
  both.offer("\x02h2\x08http/1.1");
  ASSERT_TRUE(both.connect());
  EXPECT_EQ(both.protocol(), "http/1.1");
  TlsClient other(server);
  other.offer("\x02h2");
  EXPECT_FALSE(other.connect());
}

Task<Result<std::uint64_t>> send_pattern(Client& client, std::string url, std::uint64_t bytes) {
  ClientRequest request{.url = std::move(url), .head = {"POST", "/", {}}, .body = nullptr};
  request.body = std::make_unique<PatternBody>(bytes, false);
  CAIRN_CO_TRY(auto response, co_await client.send(std::move(request)));
  EXPECT_EQ(response.head.status, 200);
  co_return co_await check_pattern(*response.body);
}

TEST_F(ServerTlsTest, large_bodies_go_both_ways) {
  ::setenv("SSL_CERT_FILE", files().certificates.c_str(), 1);
  static constexpr std::uint64_t kBytes = 9'000'001;
  const Handler handler = [](Request& request) -> Task<Response> {
    const auto got = co_await check_pattern(request.body);
    if (!got || *got != kBytes) {
      co_return Response{.status = 400, .headers = {}, .body = ""};
    }
    co_return Response{.status = 200, .headers = {}, .body = std::make_unique<PatternBody>(kBytes, true)};
  };
  TestServer server(handler, {}, 2, identity);
  const auto client = Client::make({});
  for (int i = 0; i < 2; ++i) {
    const auto got =
        async::run(server.executor(), send_pattern(*client, "https://" + server.server->address(), kBytes));
    ASSERT_TRUE(got) << got.error().text();
    EXPECT_EQ(*got, kBytes);
  }
}

TEST_F(ServerTlsTest, who_speaks_plain_http_is_told) {
  const auto server = serve();
  const auto answer = server.ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(status_in(answer), 400);
  EXPECT_THAT(answer, testing::HasSubstr("https://"));
  EXPECT_TRUE(server.metric_becomes("cairn_http_refused_total{reason=\"handshake\"}", 1));
}

TEST_F(ServerTlsTest, garbage_behind_a_handshake_s_first_byte_is_refused) {
  const auto server = serve();
  auto socket = server.connect();
  socket.send(std::string("\x16\x03\x01\xff\xff garbage", 13));
  socket.send(std::string(70'000, 'x'));
  socket.read_to_end();
  EXPECT_TRUE(server.metric_becomes("cairn_http_refused_total{reason=\"handshake\"}", 1));
}

TEST_F(ServerTlsTest, a_handshake_has_its_time_and_its_place) {
  const auto server = serve({.handshakes_max = 1, .handshake = Millis{700}});
  auto silent = server.connect();
  auto half = server.connect();
  half.send("\x16");
  // One of the two has the only place; the other is closed at once, the one in time.
  EXPECT_EQ(silent.read_to_end() + half.read_to_end(), "");
  EXPECT_TRUE(server.metric_becomes("cairn_http_refused_total{reason=\"handshake\"}", 2));
  TlsClient client(server);
  EXPECT_TRUE(client.connect());
}

TEST_F(ServerTlsTest, a_drain_does_not_wait_for_handshakes) {
  const auto server = serve({.handshake = Millis{60'000}});
  auto silent = server.connect();
  auto half = server.connect();
  half.send("\x16\x03\x01");
  EXPECT_TRUE(server.metric_becomes("cairn_http_connections", 2));
  EXPECT_TRUE(server.server->drain(Millis{9'000}));
  EXPECT_EQ(silent.read_to_end() + half.read_to_end(), "");
}

TEST_F(ServerTlsTest, one_connection_too_many_is_told_so) {
  const auto server = serve({.connections_max = 1});
  TlsClient first(server);
  ASSERT_TRUE(first.connect());
  TlsClient second(server);
  ASSERT_TRUE(second.connect());
  EXPECT_EQ(status_in(second.read_to_end()), 503);
}

TEST_F(ServerTlsTest, a_new_pair_is_shown_to_who_comes_next_and_a_bad_one_to_nobody) {
  const auto server = serve();
  TlsClient before(server);
  ASSERT_TRUE(before.connect());
  EXPECT_TRUE(before.is_shown(certificate.get()));

  const Key next_key(EVP_EC_gen("P-256"));
  const auto next = certify(next_key.get(), "DNS:localhost");
  write_certificate(files().certificates, next.get());
  const auto half_way = identity->reload(files());  // the key is still the old one's
  ASSERT_FALSE(half_way);
  EXPECT_EQ(half_way.error().code, Errc::invalid);
  EXPECT_EQ(half_way.error().subject, files().key.string());
  TlsClient meanwhile(server);
  ASSERT_TRUE(meanwhile.connect());
  EXPECT_TRUE(meanwhile.is_shown(certificate.get()));

  write_key(files().key, next_key.get());
  ASSERT_TRUE(identity->reload(files()));
  TlsClient after(server);
  ASSERT_TRUE(after.connect());
  EXPECT_TRUE(after.is_shown(next.get()));
  before.send(kAsk);  // what stands goes on
  EXPECT_EQ(status_in(before.read_to_end()), 200);
}

TEST_F(ServerTlsTest, what_is_no_pair_is_refused_by_name) {
  const auto refused = [&](const std::filesystem::path& file) {
    const auto loaded = TlsIdentity::load(files());
    return !loaded && loaded.error().code == Errc::invalid && loaded.error().subject == file.string();
  };
  std::ofstream(files().certificates) << "no certificate\n";
  EXPECT_TRUE(refused(files().certificates));
  std::filesystem::remove(files().certificates);
  EXPECT_TRUE(refused(files().certificates));
  write(*key, *certificate);
  write_key(files().key, key.get(), "secret");  // and nobody is asked for the passphrase
  EXPECT_TRUE(refused(files().key));
  const Key weak(EVP_RSA_gen(512));
  const auto weak_one = certify(weak.get(), "DNS:localhost");
  write(*weak, *weak_one);
  EXPECT_TRUE(refused(files().certificates));
}

TEST_F(ServerTlsTest, the_certificate_s_end_is_known) {
  const auto hours =
      std::chrono::duration<double, std::ratio<3600>>(identity->valid_until() - system_clock().now());
  EXPECT_NEAR(hours.count(), 1.0, 0.5);
}

}  // namespace
}  // namespace cairn::http
