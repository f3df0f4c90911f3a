#include "http/wire_body.h"

#include <algorithm>

namespace cairn::http {
namespace {

std::optional<std::uint64_t> size_of(const BodyFraming& framing) {
  switch (framing.kind) {
    case Framing::none:
      return 0;
    case Framing::length:
      return framing.length;
    default:
      return std::nullopt;
  }
}

constexpr Refusal kBodyTooSlow{408, Reason::slow, "the body comes too slowly"};

}  // namespace

WireBody::WireBody(Wire& wire, const Options& options)
    : wire_(wire),
      decoder_(options.framing, options.bytes_max),
      size_(size_of(options.framing)),
      stall_(options.stall),
      continue_first_(options.continue_first),
      patience_(options.patience) {}

Task<Result<std::span<const std::byte>>> WireBody::read() {
  wire_.consume(std::exchange(held_, 0));
  while (!broken_ && !decoder_.done()) {
    const auto step = decoder_.step(wire_.pending());
    if (!step) {
      refusal_ = step.error();
      co_return fail(to_error(step.error()));
    }
    if (!step->piece.empty()) {
      held_ = step->used;
      co_return std::as_bytes(std::span(step->piece));
    }
    wire_.consume(step->used);
    if (step->used == 0) {
      CAIRN_CO_TRY_VOID(co_await more());
    }
  }
  if (broken_) {
    co_return *broken_;
  }
  co_return std::span<const std::byte>();
}

Task<Result<void>> WireBody::more() {
  CAIRN_CO_TRY_VOID(co_await say_continue());
  auto count = co_await fill();
  if (!count) {
    co_return fail(std::move(count).error());
  }
  if (*count == 0 && !decoder_.end()) {
    co_return fail(Error{Errc::unavailable, "the peer went away before the body's end"});
  }
  co_return Result<void>();
}

Task<Result<void>> WireBody::say_continue() {
  // A peer that did not wait (RFC 9110 lets it) needs no answer to its question.
  if (!std::exchange(continue_first_, false) || !wire_.pending().empty() || wire_.readable()) {
    co_return Result<void>();
  }
  static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  const Pieces pieces{boost::asio::buffer(kContinue)};
  if (auto sent = co_await wire_.send(pieces, stall_); !sent) {
    co_return fail(std::move(sent).error());
  }
  co_return Result<void>();
}

Task<Result<std::size_t>> WireBody::fill() {
  const auto began = std::chrono::steady_clock::now();
  auto until = instant_after(stall_);
  if (patience_) {
    until = std::min(until, began + patience_->left());
  }
  auto count = co_await wire_.fill(until, kBodyBuffer);
  if (patience_) {
    patience_->waited(std::chrono::steady_clock::now() - began, count ? *count : 0);
    if (!count && wire_.timed_out() && patience_->over()) {
      refusal_ = kBodyTooSlow;
      co_return Error{Errc::unavailable, std::string(kBodyTooSlow.what)};
    }
  }
  co_return count;
}

Error WireBody::fail(Error error) {
  broken_ = std::move(error);
  return *broken_;
}

bool WireBody::finish() {
  wire_.consume(std::exchange(held_, 0));
  return decoder_.done() && !broken_;
}

}  // namespace cairn::http
