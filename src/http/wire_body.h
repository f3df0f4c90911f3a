// The body of a message that arrives on a wire, as a BodySource. Both sides use it.
#pragma once

#include <optional>

#include "http/framing.h"
#include "http/http.h"
#include "http/patience.h"
#include "http/wire.h"

namespace cairn::http {

class WireBody final : public BodySource {
 public:
  struct Options {
    BodyFraming framing;
    std::uint64_t bytes_max;
    Millis stall;
    bool continue_first;                 // the peer waits for "100 Continue" before it sends
    std::optional<Patience> patience{};  // none: only a stall ends it
  };

  // REQUIRES: the wire's next bytes are the body's first.
  WireBody(Wire& wire, const Options& options);

  Task<Result<std::span<const std::byte>>> read() override;
  std::optional<std::uint64_t> size() const override { return size_; }
  const codec::Headers* fields_behind() const override {
    return decoder_.trailers().size() > 0 ? &decoder_.trailers() : nullptr;
  }

  // "100 Continue", once, to a peer that waits for it. read() says it where there is something to read.
  Task<Result<void>> say_continue();
  // Everything has arrived and was taken off the wire; what read() gave last is no longer valid.
  bool finish();
  // What is still to come, where that is known.
  std::optional<std::uint64_t> remaining() const { return decoder_.remaining(); }
  bool too_slow() const override { return broken_ && wire_.timed_out(); }
  bool done() const { return decoder_.done(); }
  bool broken() const { return broken_.has_value(); }
  // What broke it, if it was what the peer sent.
  const std::optional<Refusal>& refusal() const { return refusal_; }
  // The peer still waits to be asked for it.
  bool unasked() const { return continue_first_ && !done(); }

 private:
  Task<Result<void>> more();
  Task<Result<std::size_t>> fill();
  Error fail(Error error);

  Wire& wire_;
  BodyDecoder decoder_;
  std::optional<std::uint64_t> size_;
  Millis stall_;
  bool continue_first_;
  std::optional<Patience> patience_;
  std::size_t held_ = 0;  // what read() gave last; still pending on the wire
  std::optional<Error> broken_;
  std::optional<Refusal> refusal_;
};

}  // namespace cairn::http
