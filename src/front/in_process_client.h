// Calls to the front in process: no socket and no signature, but the same decoding, authorisation, recording
// and encoding as any other call.
#pragma once

#include "aws/client.h"
#include "front/forwarding.h"
#include "front/front.h"

namespace cairn::front {

class InProcessClient final : public aws::Client, public Forwarding {
 public:
  // The front may be set later (it needs its services, and they need a client), but before the first call.
  void connect(Front& front) { front_ = &front; }

  Task<Result<aws::ClientAnswer, aws::Fault>> call(aws::ClientCall call) override;
  Task<Result<aws::ClientAnswer, aws::Fault>> forward(const Call& from, ForwardedCall call) override;

 private:
  Task<Result<aws::ClientAnswer, aws::Fault>> perform(aws::ClientCall call, const Call* forwarded);

  Front* front_ = nullptr;
};

}  // namespace cairn::front
