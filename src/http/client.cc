#include <algorithm>

#include "http/client_pool.h"
#include "http/dialer.h"
#include "http/head.h"
#include "http/head_writer.h"
#include "http/http.h"
#include "http/reach.h"
#include "http/wire_body.h"

namespace cairn::http {
namespace {

// 100, 102, 103, …: what may come before the answer.
constexpr int kInterimMax = 8;
// For an answer to a request that could not be sent to its end: it was sent before, or never will be.
constexpr Millis kEarlyAnswerPatience{1'000};

// An answer's body. Hands the connection back when it was read to its end.
class AnswerBody final : public BodySource {
 public:
  AnswerBody(Lease lease, const WireBody::Options& options, bool reusable)
      : lease_(std::move(lease)), body_(lease_.wire(), options), reusable_(reusable) {}
  ~AnswerBody() override {
    if (body_.finish() && reusable_ && lease_.wire().pending().empty()) {
      lease_.keep();
    }
  }
  Task<Result<std::span<const std::byte>>> read() override { return body_.read(); }
  std::optional<std::uint64_t> size() const override { return body_.size(); }
  const codec::Headers* fields_behind() const override { return body_.fields_behind(); }

 private:
  Lease lease_;
  WireBody body_;
  bool reusable_;
};

// One request and its answer over one connection.
class Exchange {
 public:
  Exchange(const ClientLimits& limits, const Origin& origin, ClientRequest& request, Lease lease)
      : limits_(limits),
        origin_(origin),
        request_(request),
        lease_(std::move(lease)),
        wire_(lease_.wire()),
        received_before_(wire_.received()) {
    wire_.set_end(instant_after(limits.total));
  }

  Task<Result<ClientResponse>> run();
  // The connection died before a byte came back: as a kept one does that the peer has closed.
  bool found_it_dead() const { return gone_ && !wire_.timed_out() && wire_.received() == received_before_; }

 private:
  Task<Result<void>> send_request();
  Task<Result<void>> ask_first();
  Task<Result<void>> send_body();
  Task<Result<void>> write(Pieces pieces, bool listens);
  Task<Result<void>> hear();
  bool is_final_head_there();
  Task<Result<ResponseFacts>> read_head(Instant until);
  Task<Result<std::size_t>> await_head(Instant until);
  ClientResponse respond(ResponseFacts facts, bool whole);

  const ClientLimits& limits_;
  const Origin& origin_;
  ClientRequest& request_;
  Lease lease_;
  Wire& wire_;
  std::uint64_t received_before_;
  std::string out_;
  bool gone_ = false;
  bool answered_ = false;  // before all of the request was sent
  bool body_began_ = false;
};

Task<Result<ClientResponse>> Exchange::run() {
  const auto sent = co_await send_request();
  if (!sent && !gone_) {
    co_return sent.error();
  }
  const auto patience = limits_.answer > Millis{0} ? limits_.answer : limits_.stall;
  const auto until = instant_after(sent ? patience : kEarlyAnswerPatience);
  auto facts = co_await read_head(until);
  if (!facts) {
    auto error = sent ? std::move(facts).error() : sent.error();
    error.subject = origin_.key;
    co_return error;
  }
  co_return respond(std::move(*facts), sent.has_value() && !answered_);
}

Task<Result<void>> Exchange::send_request() {
  OutFraming framing;
  if (request_.body) {
    framing.length = request_.body->size();
    framing.chunked = !framing.length;
  } else if (request_.head.headers.contains("content-length") || request_.head.method == "POST" ||
             request_.head.method == "PUT" || request_.head.method == "PATCH") {
    framing.length = 0;
  }
  framing.expect_continue = request_.body && request_.expect_continue > Millis{0};
  CAIRN_CO_TRY_VOID(append_request_head(out_, request_.head, framing, origin_.authority));
  if (!request_.body || framing.expect_continue) {
    const Pieces head{boost::asio::buffer(out_)};
    CAIRN_CO_TRY_VOID(co_await write(head, false));
    out_.clear();
  }
  if (framing.expect_continue) {
    CAIRN_CO_TRY_VOID(co_await ask_first());
  }
  if (!request_.body || answered_) {
    co_return Result<void>();
  }
  co_return co_await send_body();
}

// Until the peer says that it wants the body, or gives its answer, or has had time to.
Task<Result<void>> Exchange::ask_first() {
  const auto until = instant_after(request_.expect_continue);
  bool heard = false;
  while (!heard && !answered_) {
    const auto count = co_await wire_.fill(until, limits_.header_bytes_max);
    if (!count && wire_.timed_out()) {
      co_return Result<void>();
    }
    gone_ = !count || *count == 0;
    if (gone_) {
      co_return count ? Error{Errc::unavailable, "read answer: the peer closed the connection"}
                      : count.error();
    }
    const auto before = wire_.pending().size();
    answered_ = is_final_head_there();
    heard = wire_.pending().size() < before;
  }
  co_return Result<void>();
}

// Something came: an interim answer, which is dropped, or the answer, or a part of either.
bool Exchange::is_final_head_there() {
  for (int i = 0; i < kInterimMax; ++i) {
    HeadScan scan(limits_.header_bytes_max);
    const auto size = scan.look(wire_.pending());
    if (!size) {
      return true;  // whoever reads it will say what is wrong
    }
    if (*size == 0) {
      return false;
    }
    const auto facts = parse_response_head(wire_.pending().substr(0, *size), limits_.headers_max, false);
    if (!facts || facts->head.status >= 200) {
      return true;
    }
    wire_.consume(*size);
  }
  return true;
}

// The first piece goes with the head. In chunks where the size is not known.
Task<Result<void>> Exchange::send_body() {
  static constexpr std::string_view kLineEnd = "\r\n";
  auto left = request_.body->size();
  const bool chunked = !left;
  while (true) {
    CAIRN_CO_TRY(const auto piece, co_await request_.body->read());
    if (left && (piece.size() > *left || (piece.empty() && *left > 0))) {
      co_return Error{Errc::invalid, "a request's body is not as long as it said", origin_.key};
    }
    if (chunked && piece.empty()) {
      append_last_chunk(out_, request_.body->fields_behind());
    } else if (chunked) {
      append_chunk_size(out_, piece.size());
    } else {
      *left -= piece.size();
    }
    const Pieces pieces{
        boost::asio::buffer(out_), boost::asio::const_buffer(piece.data(), piece.size()),
        chunked && !piece.empty() ? boost::asio::buffer(kLineEnd) : boost::asio::const_buffer()};
    CAIRN_CO_TRY_VOID(co_await write(pieces, std::exchange(body_began_, true)));
    out_.clear();
    if (piece.empty() || answered_ || (left && *left == 0)) {
      co_return Result<void>();
    }
  }
}

// `listens`: stops when an answer is there.
Task<Result<void>> Exchange::write(Pieces pieces, bool listens) {
  if (request_.began != nullptr) {
    *request_.began = true;
  }
  if (!listens || !wire_.transport().is_plain()) {
    auto sent = co_await wire_.send(pieces, limits_.stall);
    gone_ = !sent;
    co_return sent;
  }
  if (wire_.readable()) {
    CAIRN_CO_TRY_VOID(co_await hear());
  }
  while (!answered_ && boost::asio::buffer_size(pieces) > 0) {
    if (auto sent = co_await wire_.send_until_heard(pieces, limits_.stall); !sent) {
      gone_ = true;
      co_return sent;
    }
    if (boost::asio::buffer_size(pieces) > 0) {
      CAIRN_CO_TRY_VOID(co_await hear());
    }
  }
  co_return Result<void>();
}

// Reads what is there.
Task<Result<void>> Exchange::hear() {
  if (wire_.pending().size() >= limits_.header_bytes_max) {
    co_return Error{Errc::unavailable, "read answer: its head is too long"};
  }
  const auto count = co_await wire_.fill(instant_after(limits_.stall), limits_.header_bytes_max);
  gone_ = !count || *count == 0;
  if (gone_) {
    co_return count ? Error{Errc::unavailable, "write to peer: it closed the connection"} : count.error();
  }
  answered_ = is_final_head_there();
  co_return Result<void>();
}

Task<Result<ResponseFacts>> Exchange::read_head(Instant until) {
  const bool to_head = request_.head.method == "HEAD";
  for (int i = 0; i < kInterimMax; ++i) {
    CAIRN_CO_TRY(const auto size, co_await await_head(until));
    auto facts = parse_response_head(wire_.pending().substr(0, size), limits_.headers_max, to_head);
    wire_.consume(size);
    if (!facts) {
      co_return Error{Errc::unavailable, "read answer: " + std::string(facts.error().what)};
    }
    if (facts->head.status >= 200) {
      co_return std::move(*facts);
    }
  }
  co_return Error{Errc::unavailable, "read answer: too many interim answers"};
}

Task<Result<std::size_t>> Exchange::await_head(Instant until) {
  HeadScan scan(limits_.header_bytes_max);
  while (true) {
    const auto size = scan.look(wire_.pending());
    if (!size) {
      co_return Error{Errc::unavailable, "read answer: " + std::string(size.error().what)};
    }
    if (*size > 0) {
      co_return *size;
    }
    const auto capacity =
        std::max(kHeadBuffer, std::min(2 * wire_.pending().size(), limits_.header_bytes_max));
    const auto count = co_await wire_.fill(until, capacity);
    gone_ = !count || *count == 0;
    if (gone_) {
      co_return count ? Error{Errc::unavailable, "read answer: the peer closed the connection"}
                      : count.error();
    }
  }
}

ClientResponse Exchange::respond(ResponseFacts facts, bool whole) {
  const WireBody::Options options{facts.body, std::numeric_limits<std::uint64_t>::max(), limits_.stall,
                                  false};
  const bool reusable = whole && facts.keep_alive;
  const bool empty =
      facts.body.kind == Framing::none || (facts.body.kind == Framing::length && facts.body.length == 0);
  ClientResponse response;
  response.head = std::move(facts.head);
  if (!empty) {
    response.body = std::make_unique<AnswerBody>(std::move(lease_), options, reusable);
    return response;
  }
  if (reusable && wire_.pending().empty()) {
    lease_.keep();
  }
  response.body = body_of({});
  return response;
}

class ClientImpl final : public Client {
 public:
  explicit ClientImpl(const ClientLimits& limits, bool public_only = false)
      : limits_(limits),
        pool_(std::make_shared<ClientPool>(limits)),
        dialer_(limits.connect, limits.link_local, public_only) {}

  Task<Result<ClientResponse>> send(ClientRequest request) override {
    CAIRN_CO_TRY(const auto origin, Origin::parse(request.url));
    for (bool again = false;; again = true) {
      CAIRN_CO_TRY(auto lease, co_await pool_->take(origin.key, again));
      const bool kept = lease.connected();
      if (!kept) {
        CAIRN_CO_TRY(auto wire, co_await dialer_.dial(origin));
        lease.attach(std::move(wire));
      }
      Exchange exchange(limits_, origin, request, std::move(lease));
      auto response = co_await exchange.run();
      const bool repeat = !response && kept && !again && request.repeatable && exchange.found_it_dead() &&
                          (!request.body || request.body->rewind());
      if (!repeat) {
        co_return response;
      }
    }
  }

 private:
  const ClientLimits limits_;
  std::shared_ptr<ClientPool> pool_;
  Dialer dialer_;
};

}  // namespace

std::unique_ptr<Client> Client::make(ClientLimits limits) {
  return std::make_unique<ClientImpl>(limits);
}

std::unique_ptr<Client> make_public_client(ClientLimits limits) {
  return std::make_unique<ClientImpl>(limits, true);
}

}  // namespace cairn::http
