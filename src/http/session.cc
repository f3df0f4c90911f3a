#include "http/session.h"

#include <algorithm>

#include "base/log.h"

namespace cairn::http {
namespace {

constexpr Refusal kTooSlow{408, Reason::slow, "the header did not arrive in time"};
constexpr Refusal kBodyTooLong{413, Reason::body_size, "the body is too long"};
constexpr Refusal kNotTls{400, Reason::handshake, "this port speaks TLS: ask it with https://"};
constexpr Refusal kTooMany{503, Reason::connections, "too many connections"};

Response plain_answer(int status, std::string_view what) {
  Response response;
  response.status = status;
  response.headers.add("Content-Type", "text/plain");
  response.headers.add("Connection", "close");
  response.body =
      std::to_string(status) + " " + std::string(reason_phrase(status)) + ": " + std::string(what) + "\n";
  return response;
}

}  // namespace

Session::Session(const Place& place, LoopSide& side, std::unique_ptr<Transport> transport, Peer peer)
    : core_(*place.core()),
      side_(side),
      wire_(std::move(transport)),
      peer_(std::move(peer)),
      next_(side.sessions) {
  if (next_ != nullptr) {
    next_->previous_ = this;
  }
  side_.sessions = this;
}

Session::~Session() {
  count_bytes();
  (previous_ != nullptr ? previous_->next_ : side_.sessions) = next_;
  if (next_ != nullptr) {
    next_->previous_ = previous_;
  }
}

void Session::wake_if_idle() {
  if (idle_) {
    boost::system::error_code ignored;
    wire_.socket().cancel(ignored);
  }
}

void Session::cut() {
  cut_ = true;
  wire_.close();
}

Task<void> Session::run() {
  bool more = co_await open();
  while (more && !cut_) {
    more = co_await serve_next();
    count_bytes();
  }
  if (lingers_) {
    co_await linger();
  }
}

Task<void> Session::turn_away() {
  if (co_await open()) {
    co_await refuse(kTooMany);
  }
  if (lingers_) {
    co_await linger();
  }
}

Task<bool> Session::open() {
  if (!wire_.transport().must_open()) {
    co_return true;
  }
  const auto opened = co_await shake_hands();
  if (opened == Transport::Opened::plain) {
    co_await refuse(kNotTls);
  } else if (opened == Transport::Opened::failed && !core_.draining) {
    core_.metrics.refused(Reason::handshake);
  }
  if (auto source = wire_.transport().source()) {
    peer_ = *std::move(source);
  }
  peer_.tls = wire_.transport().tls();
  co_return opened == Transport::Opened::yes && !cut_;
}

// Ended by drain() as a wait for a request is: nothing was asked yet.
Task<Transport::Opened> Session::shake_hands() {
  auto opened = Transport::Opened::failed;
  if (core_.handshakes.fetch_add(1) < limits().handshakes_max && !core_.draining) {
    idle_ = true;
    opened = co_await wire_.open(instant_after(limits().handshake));
    idle_ = false;
  }
  core_.handshakes.fetch_sub(1);
  co_return opened;
}

Task<bool> Session::serve_next() {
  const auto arrival = co_await await_head();
  if (arrival.refusal) {
    co_await refuse(*arrival.refusal);
    co_return false;
  }
  if (arrival.size == 0) {
    co_return false;
  }
  auto facts = parse_request_head(wire_.pending().substr(0, arrival.size), limits().headers_max);
  wire_.consume(arrival.size);
  if (facts && facts->body.length > limits().body_bytes_max) {
    facts = kBodyTooLong;
  }
  if (!facts) {
    co_await refuse(facts.error());
    co_return false;
  }
  wire_.set_end(instant_after(limits().total));
  co_return co_await answer(std::move(*facts));
}

Task<Session::Arrival> Session::await_head() {
  wire_.set_end(Instant::max());
  Arrival arrival;
  if (!co_await await_first_byte()) {
    co_return arrival;
  }
  const auto until = instant_after(limits().head);
  HeadScan scan(limits().header_bytes_max);
  while (true) {
    const auto size = scan.look(wire_.pending());
    if (!size || *size > 0) {
      arrival.size = size ? *size : 0;
      arrival.refusal = size ? std::nullopt : std::optional(size.error());
      co_return arrival;
    }
    const auto capacity =
        std::max(kHeadBuffer, std::min(2 * wire_.pending().size(), limits().header_bytes_max));
    const auto count = co_await wire_.fill(until, capacity);
    if (!count && wire_.timed_out()) {
      arrival.refusal = kTooSlow;
    }
    if (!count || *count == 0) {
      co_return arrival;
    }
  }
}

Task<bool> Session::await_first_byte() {
  if (!wire_.pending().empty()) {
    co_return true;
  }
  wire_.shrink();
  const auto until = instant_after(limits().idle);
  // The second time: drain() woke it, and a request had arrived by then.
  for (int attempt = 0; attempt < 2; ++attempt) {
    if (cut_ || (core_.draining && !wire_.readable())) {
      co_return false;
    }
    idle_ = true;
    const auto count = co_await wire_.fill(until, kHeadBuffer);
    idle_ = false;
    if (count) {
      co_return *count > 0;
    }
    if (wire_.timed_out() || !core_.draining) {
      co_return false;
    }
  }
  co_return false;
}

Task<bool> Session::answer(RequestFacts facts) {
  const auto began = std::chrono::steady_clock::now();
  const WireBody::Options options{facts.body, limits().body_bytes_max, limits().stall, facts.expects_continue,
                                  Patience(limits().body, limits().body_bytes_a_second)};
  WireBody body(wire_, options);
  // Of an empty body, too: botocore, once answered without it, takes the connection's next answer for that one.
  if (body.done() && !co_await body.say_continue()) {
    co_return false;
  }
  Request request{std::move(facts.head), peer_, body};
  auto response = co_await call_handler(request);
  if (body.refusal()) {
    core_.metrics.refused(body.refusal()->reason);
  }
  AnswerWriter::Context context;
  context.to_head = request.head.method == "HEAD";
  context.http_1_0 = facts.http_1_0;
  context.close = must_close(facts, body, response);
  AnswerWriter writer(wire_, side_, limits().stall, out_, context);
  const auto sent = co_await writer.send(response);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  core_.metrics.answered(sent ? sent->status : response.status, took.count());
  lingers_ = sent.has_value();
  if (!sent || sent->close) {
    co_return false;
  }
  co_return co_await drain(body);
}

Task<Response> Session::call_handler(Request& request) {
  try {
    co_return co_await core_.handler(request);
  } catch (const std::exception& e) {
    log::error("a handler threw", {{"what", e.what()}, {"method", request.head.method}});
  } catch (...) {
    log::error("a handler threw", {{"method", request.head.method}});
  }
  co_return plain_answer(500, "the request could not be handled");
}

bool Session::must_close(const RequestFacts& facts, const WireBody& body, const Response& response) const {
  return !facts.keep_alive || core_.draining || body.broken() || body.unasked() ||
         body.remaining().value_or(0) > kDrainBytesMax ||
         codec::equals_ignore_case(response.headers.get("connection"), "close");
}

Task<void> Session::refuse(Refusal refusal) {
  core_.metrics.refused(refusal.reason);
  wire_.set_end(instant_after(kLingerTotal));
  auto response = plain_answer(refusal.status, refusal.what);
  AnswerWriter::Context context;
  context.close = true;
  AnswerWriter writer(wire_, side_, limits().stall, out_, context);
  const auto sent = co_await writer.send(response);
  lingers_ = sent.has_value();
}

// What the handler left of the body. False: too much of it, or broken; the connection cannot go on.
Task<bool> Session::drain(WireBody& body) {
  wire_.set_end(instant_after(kLingerTotal));
  std::size_t dropped = 0;
  while (!body.done()) {
    const auto piece = co_await body.read();
    dropped += piece ? piece->size() : 0;
    if (!piece || dropped > kDrainBytesMax) {
      co_return false;
    }
  }
  co_return body.finish();
}

// Closing a socket with bytes unread resets the connection, and the peer may lose the answer. So: say that no
// more comes, and read on.
Task<void> Session::linger() {
  wire_.shut_down_sending();
  wire_.set_end(instant_after(kLingerTotal));
  while (!cut_) {
    wire_.consume(wire_.pending().size());
    const auto until = instant_after(core_.draining ? kLingerStallDraining : kLingerStall);
    const auto count = co_await wire_.fill(until, kHeadBuffer);
    if (!count || *count == 0) {
      co_return;
    }
  }
}

void Session::count_bytes() {
  core_.metrics.moved(wire_.received() - std::exchange(received_counted_, wire_.received()),
                      wire_.sent() - std::exchange(sent_counted_, wire_.sent()));
}

}  // namespace cairn::http
