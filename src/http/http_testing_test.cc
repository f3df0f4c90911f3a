#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/http_testing.h"

namespace cairn::http {

namespace {

// A connected socket, or -1.
int connect_to(const std::string& host_port) {
  const auto colon = host_port.rfind(':');
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(host_port.substr(colon + 1))));
  EXPECT_EQ(::inet_pton(AF_INET, host_port.substr(0, colon).c_str(), &address.sin_addr), 1);
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    return fd;
  }
  ::close(fd);
  return -1;
}

}  // namespace

RawSocket RawSocket::connect(const std::string& host_port) {
  const int fd = connect_to(host_port);
  EXPECT_GE(fd, 0) << host_port;
  return RawSocket(fd);
}

bool RawSocket::can_connect(const std::string& host_port) {
  return RawSocket(connect_to(host_port)).fd_ >= 0;
}

bool RawSocket::send(std::string_view bytes) {
  while (!bytes.empty()) {
    pollfd ready{fd_, POLLOUT, 0};
    if (::poll(&ready, 1, static_cast<int>(kPatience.count())) <= 0) {
      return false;
    }
    const auto count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count < 0 && errno == EAGAIN) {
      continue;
    }
    if (count < 0) {
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

std::size_t RawSocket::send_until_full(std::size_t bytes_max, Millis patience) {
  const std::string piece(64U << 10, 'x');
  std::size_t sent = 0;
  while (sent < bytes_max) {
    pollfd ready{fd_, POLLOUT, 0};
    if (::poll(&ready, 1, static_cast<int>(patience.count())) <= 0) {
      break;
    }
    const auto count =
        ::send(fd_, piece.data(), std::min(piece.size(), bytes_max - sent), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count < 0) {
      break;
    }
    sent += static_cast<std::size_t>(count);
  }
  return sent;
}

void RawSocket::finish_sending() {
  ::shutdown(fd_, SHUT_WR);
}

void RawSocket::reset() {
  const linger hard{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  close();
}

void RawSocket::close() {
  if (fd_ >= 0) {
    ::close(std::exchange(fd_, -1));
  }
}

bool RawSocket::more(Millis patience) {
  pollfd ready{fd_, POLLIN, 0};
  if (::poll(&ready, 1, static_cast<int>(patience.count())) <= 0) {
    return false;
  }
  std::array<char, 64U << 10> bytes;
  const auto count = ::recv(fd_, bytes.data(), bytes.size(), 0);
  read_.append(bytes.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  return count > 0;
}

std::string RawSocket::read_until(std::string_view mark) {
  std::size_t end;
  while ((end = read_.find(mark)) == std::string::npos) {
    if (!more()) {
      return std::exchange(read_, {});
    }
  }
  return read_bytes(end + mark.size());
}

std::string RawSocket::read_bytes(std::size_t count) {
  while (read_.size() < count && more()) {
  }
  auto bytes = read_.substr(0, count);
  read_.erase(0, bytes.size());
  return bytes;
}

std::string RawSocket::read_to_end() {
  while (more()) {
  }
  return std::exchange(read_, {});
}

std::string RawSocket::read_answer() {
  auto answer = read_until("\r\n\r\n");
  const auto length = header_of(answer, "Content-Length");
  return length.empty() ? answer : answer + read_bytes(std::stoul(length));
}

bool RawSocket::silent(Millis duration) {
  pollfd ready{fd_, POLLIN, 0};
  return read_.empty() && ::poll(&ready, 1, static_cast<int>(duration.count())) == 0;
}

std::string header_of(std::string_view answer, std::string_view name) {
  const auto at = answer.find("\r\n" + std::string(name) + ": ");
  if (at == std::string_view::npos) {
    return {};
  }
  const auto value = answer.substr(at + name.size() + 4);
  return std::string(value.substr(0, value.find("\r\n")));
}

TestServer::TestServer(Handler handler, ServerLimits limits, std::size_t count,
                       std::shared_ptr<const TlsIdentity> tls, IsProxy is_proxy)
    : loops(count) {
  auto listening = listen_behind_proxies(loops, "127.0.0.1:0", limits, std::move(handler), metrics,
                                         std::move(tls), std::move(is_proxy));
  EXPECT_TRUE(listening) << listening.error().text();
  server = std::move(*listening);
}

TestServer::~TestServer() {
  server.reset();
  loops.stop();
}

std::string TestServer::ask(std::string_view request) const {
  auto socket = connect();
  socket.send(request);
  return socket.read_to_end();
}

double TestServer::metric(std::string_view line_start) const {
  const auto text = "\n" + metrics.text();
  const auto at = text.find("\n" + std::string(line_start));
  return at == std::string::npos ? -1 : std::stod(text.substr(text.find(' ', at + 1)));
}

bool TestServer::metric_becomes(std::string_view line_start, double value) const {
  for (int i = 0; i < 500 && metric(line_start) != value; ++i) {
    std::this_thread::sleep_for(Millis{10});
  }
  return metric(line_start) == value;
}

RawServer::RawServer(Play play) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(::listen(fd_, 64), 0);
  socklen_t size = sizeof address;
  ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this, play = std::move(play)] {
    while (true) {
      const int connection = ::accept(fd_, nullptr, nullptr);
      if (connection < 0) {
        return;
      }
      RawSocket socket(connection);
      play(socket, ++accepted_);
    }
  });
}

RawServer::~RawServer() {
  ::shutdown(fd_, SHUT_RDWR);
  thread_.join();
  ::close(fd_);
}

namespace {

constexpr std::size_t kPeriod = 65'521;

// The pattern from byte `at` on, up to where it starts again.
std::span<const std::byte> pattern_at(std::uint64_t at) {
  static const auto period = [] {
    std::vector<std::byte> bytes(kPeriod);
    std::uint32_t state = 1;
    for (auto& byte : bytes) {
      state = state * 1103515245U + 12345U;
      byte = static_cast<std::byte>(state >> 16);
    }
    return bytes;
  }();
  return std::span(period).subspan(at % kPeriod);
}

}  // namespace

Task<Result<std::span<const std::byte>>> PatternBody::read() {
  const std::uint64_t given = *given_;
  const auto count = std::min<std::uint64_t>(bytes_ - given, piece_.size());
  for (std::size_t done = 0; done < count;) {
    const auto from = pattern_at(given + done);
    const auto here = std::min<std::size_t>(from.size(), count - done);
    std::memcpy(piece_.data() + done, from.data(), here);
    done += here;
  }
  *given_ = given + count;
  co_return std::span<const std::byte>(piece_.data(), count);
}

Task<Result<std::uint64_t>> check_pattern(BodySource& body) {
  std::uint64_t read = 0;
  while (true) {
    CAIRN_CO_TRY(auto piece, co_await body.read());
    if (piece.empty()) {
      co_return read;
    }
    while (!piece.empty()) {
      const auto expected = pattern_at(read);
      const auto here = std::min(expected.size(), piece.size());
      if (std::memcmp(expected.data(), piece.data(), here) != 0) {
        co_return Error{Errc::corrupt, "not the pattern's bytes", std::to_string(read)};
      }
      read += here;
      piece = piece.subspan(here);
    }
  }
}

}  // namespace cairn::http
