// Requests over loopback: one loop serves, the measuring thread writes a request on each of so many kept
// connections and reads the answers. Both share the machine, so that a core's worth is a little more than
// half of what two cores show.
#include <arpa/inet.h>
#include <benchmark/benchmark.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "async/loops.h"
#include "http/head.h"
#include "http/http.h"

namespace cairn::http {
namespace {

constexpr std::string_view kRequest =
    "POST / HTTP/1.1\r\nHost: 127.0.0.1:4586\r\nAccept-Encoding: identity\r\nContent-Type: "
    "application/x-amz-json-1.1\r\n"
    "X-Amz-Target: CloudTrail_20131101.LookupEvents\r\nUser-Agent: Boto3/1.34.0 Python/3.11.2 Linux/6.1 "
    "Botocore/1.34.0\r\n"
    "X-Amz-Date: 20260302T101500Z\r\nAuthorization: AWS4-HMAC-SHA256 "
    "Credential=AKIAEXAMPLE00000001/20260302/us-east-1/"
    "cloudtrail/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target, "
    "Signature=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\r\nContent-Length: "
    "2\r\n\r\n{}";

Task<Response> trivial(Request& request) {
  (void)co_await read_all(request.body, 1000);
  Response response;
  response.headers.add("Content-Type", "application/x-amz-json-1.1");
  response.body = R"({"Events":[]})";
  co_return response;
}

int connect_to(const std::string& host_port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(host_port.substr(host_port.rfind(':') + 1))));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ? fd : -1;
}

// Processor time that the loop's thread has used: what a request costs whatever else the machine does.
Task<double> thread_seconds() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  co_return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}
double loop_seconds(async::Loops& loops) {
  return async::run(loops.at(0).get_executor(), thread_seconds());
}

// Everything up to and with the answer's body, which is always the same.
void read_answer(int fd) {
  std::array<char, 4096> bytes;
  std::size_t size = 0;
  while (!std::string_view(bytes.data(), size).ends_with("]}")) {
    const auto count = ::recv(fd, bytes.data() + size, bytes.size() - size, 0);
    if (count <= 0) {
      std::abort();
    }
    size += static_cast<std::size_t>(count);
  }
}

void BM_server_keep_alive(benchmark::State& state) {
  async::Loops loops(1);
  Metrics metrics;
  auto server = Server::listen(loops, "127.0.0.1:0", {}, trivial, metrics).value();
  std::vector<int> sockets;
  for (int i = 0; i < state.range(0); ++i) {
    sockets.push_back(connect_to(server->address()));
  }
  const auto before = loop_seconds(loops);
  for (auto _ : state) {
    for (const int fd : sockets) {
      ::send(fd, kRequest.data(), kRequest.size(), MSG_NOSIGNAL);
    }
    for (const int fd : sockets) {
      read_answer(fd);
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.counters["server_us"] =
      1e6 * (loop_seconds(loops) - before) / static_cast<double>(state.iterations() * state.range(0));
  for (const int fd : sockets) {
    ::close(fd);
  }
  server.reset();
}
BENCHMARK(BM_server_keep_alive)->Arg(1)->Arg(32)->Arg(256)->UseRealTime();

Task<int> ask(Client& client, std::string url) {
  ClientRequest request{.url = std::move(url), .head = {"POST", "/", {}}, .body = body_of("{}")};
  auto response = (co_await client.send(std::move(request))).value();
  (void)co_await read_all(*response.body, 1000);
  co_return response.head.status;
}

// Our client and our server on one loop each.
void BM_client_keep_alive(benchmark::State& state) {
  async::Loops loops(2);
  Metrics metrics;
  auto server = Server::listen(loops, "127.0.0.1:0", {}, trivial, metrics).value();
  const auto client = Client::make({});
  const auto url = "http://" + server->address();
  for (auto _ : state) {
    benchmark::DoNotOptimize(async::run(loops.at(0).get_executor(), ask(*client, url)));
  }
  state.SetItemsProcessed(state.iterations());
  server.reset();
}
BENCHMARK(BM_client_keep_alive)->UseRealTime();

// A large answer read as fast as it comes.
void BM_server_stream(benchmark::State& state) {
  static constexpr std::uint64_t kBytes = 64U << 20;
  struct Zeros final : BodySource {
    Task<Result<std::span<const std::byte>>> read() override {
      const auto count = std::min<std::uint64_t>(left, piece.size());
      left -= count;
      co_return std::span<const std::byte>(piece.data(), count);
    }
    std::optional<std::uint64_t> size() const override { return kBytes; }
    std::uint64_t left = kBytes;
    std::vector<std::byte> piece = std::vector<std::byte>(64U << 10);
  };
  const auto handler = [](Request&) -> Task<Response> {
    Response response;
    response.body = std::make_unique<Zeros>();
    co_return response;
  };
  async::Loops loops(1);
  Metrics metrics;
  auto server = Server::listen(loops, "127.0.0.1:0", {}, handler, metrics).value();
  const int fd = connect_to(server->address());
  std::vector<char> bytes(256U << 10);
  for (auto _ : state) {
    ::send(fd, kRequest.data(), kRequest.size(), MSG_NOSIGNAL);
    for (std::uint64_t read = 0; read < kBytes;) {
      read += static_cast<std::uint64_t>(::recv(fd, bytes.data(), bytes.size(), 0));
    }
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(kBytes));
  ::close(fd);
  server.reset();
}
BENCHMARK(BM_server_stream)->UseRealTime();

void BM_head_parse(benchmark::State& state) {
  for (auto _ : state) {
    HeadScan scan(64U << 10);
    const auto size = scan.look(kRequest);
    benchmark::DoNotOptimize(parse_request_head(kRequest.substr(0, *size), 200));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_head_parse);

}  // namespace
}  // namespace cairn::http
