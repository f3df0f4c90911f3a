// For this folder's tests: a server with a handler in one line, and bare sockets that say exactly what a test
// wants said.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "async/loops.h"
#include "http/behind_proxies.h"
#include "http/http.h"

namespace cairn::http {

// A blocking socket. Everything ends after kPatience, so that a broken test fails rather than hangs.
class RawSocket {
 public:
  static constexpr Millis kPatience{10'000};

  static RawSocket connect(const std::string& host_port);
  static bool can_connect(const std::string& host_port);
  explicit RawSocket(int fd) : fd_(fd) {}
  RawSocket(RawSocket&& other) noexcept : fd_(std::exchange(other.fd_, -1)), read_(std::move(other.read_)) {}
  RawSocket& operator=(RawSocket&&) = delete;
  ~RawSocket() { close(); }

  bool send(std::string_view bytes);
  // As much as goes without waiting longer than `patience` at a time.
  std::size_t send_until_full(std::size_t bytes_max, Millis patience);
  void finish_sending();
  void reset();  // closes so that the peer sees a reset
  void close();
  int descriptor() const { return fd_; }

  // Up to and with the mark. What came, if the connection ended before it.
  std::string read_until(std::string_view mark);
  std::string read_bytes(std::size_t count);
  std::string read_to_end();
  // A head and as much body as its Content-Length says.
  std::string read_answer();
  // Nothing comes for that long, and the connection stands.
  bool silent(Millis duration);

 private:
  bool more(Millis patience = kPatience);

  int fd_;
  std::string read_;
};

// "Content-Length" of a head in text.
std::string header_of(std::string_view answer, std::string_view name);
inline int status_in(std::string_view answer) {
  return answer.size() < 12 ? 0 : std::stoi(std::string(answer.substr(9, 3)));
}
inline std::string body_in(const std::string& answer) {
  return answer.substr(answer.find("\r\n\r\n") + 4);
}

// Two loops and a server on a port of its own.
class TestServer {
 public:
  explicit TestServer(Handler handler, ServerLimits limits = {}, std::size_t loops = 2,
                      std::shared_ptr<const TlsIdentity> tls = nullptr, IsProxy is_proxy = nullptr);
  ~TestServer();

  RawSocket connect() const { return RawSocket::connect(server->address()); }
  std::string url() const { return "http://" + server->address(); }
  // One request on a connection of its own.
  std::string ask(std::string_view request) const;
  async::Executor executor() { return loops.next().get_executor(); }
  // The value behind a line of the metrics' text that begins so; -1 if there is none.
  double metric(std::string_view line_start) const;
  // What is counted behind an answer may come after it: waits for the value.
  bool metric_becomes(std::string_view line_start, double value) const;

  Metrics metrics;
  async::Loops loops;
  std::unique_ptr<Server> server;
};

// A listening socket whose connections a test plays by hand, one after the other, on a thread of its own.
class RawServer {
 public:
  using Play = std::function<void(RawSocket&, int number)>;
  explicit RawServer(Play play);
  ~RawServer();
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  int accepted() const { return accepted_; }

 private:
  int fd_;
  int port_;
  std::atomic<int> accepted_{0};
  std::thread thread_;
};

// Bytes made as they are asked for, repeating only after a number of bytes that no buffer has.
class PatternBody final : public BodySource {
 public:
  using Count = std::shared_ptr<std::atomic<std::uint64_t>>;

  PatternBody(std::uint64_t bytes, bool sized, std::size_t piece = 64U << 10)
      : bytes_(bytes), sized_(sized), piece_(piece) {}
  Task<Result<std::span<const std::byte>>> read() override;
  std::optional<std::uint64_t> size() const override { return sized_ ? std::optional(bytes_) : std::nullopt; }
  // How many bytes were asked for; a test may look on while they are.
  Count given() const { return given_; }

 private:
  std::uint64_t bytes_;
  bool sized_;
  std::vector<std::byte> piece_;
  Count given_ = std::make_shared<std::atomic<std::uint64_t>>(0);
};
// Reads to the end; how many bytes, or an error if they are not the pattern's.
Task<Result<std::uint64_t>> check_pattern(BodySource& body);

}  // namespace cairn::http
