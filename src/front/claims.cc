// Tested by claims_test.cc.
#include "front/claims.h"

#include <algorithm>

#include "event/record.h"
#include "front/request_facts.h"

namespace cairn::front {
namespace {

constexpr std::string_view kReserveAction = "cairn:UseReserve";

// Verbs of operations that leave less behind than they found, but for their record.
constexpr std::string_view kRemovals[] = {"Abort",      "Cancel",      "Deactivate", "Delete",
                                          "Deregister", "Detach",      "Purge",      "Remove",
                                          "Stop",       "Unsubscribe", "Untag"};

// What is received is deleted next: a consumer makes room.
bool empties(const Call& call) {
  return call.service.name == "sqs" && call.operation.name == "ReceiveMessage";
}

// Of a service on somebody's behalf. Messages of topics and buckets can wait where they are: they are sent
// again.
reserve::Claim claim_of_service(const Call& call) {
  const auto& by = call.caller.principal.name;
  const bool message = (call.service.name == "sqs" || call.service.name == "sns") &&
                       (by == "sns.amazonaws.com" || by == "s3.amazonaws.com");
  return message ? reserve::Claim::growth : reserve::Claim::own;
}

class Rationed final : public Payload {
 public:
  Rationed(std::unique_ptr<Payload> payload, const reserve::Room& room, reserve::Claim claim)
      : payload_(std::move(payload)), room_(room), claim_(claim) {}

  Task<Result<std::span<const std::byte>>> read() override {
    if (!room_.admits(claim_)) {
      refused_ = true;
      co_return Error{Errc::unavailable, "the disk is full"};
    }
    co_return co_await payload_->read();
  }
  std::optional<std::uint64_t> size() const override { return payload_->size(); }
  const codec::Headers& trailers() const override { return payload_->trailers(); }
  std::optional<aws::Fault> fault(aws::Family family) const override {
    return refused_ ? no_room(family) : payload_->fault(family);
  }

 private:
  const std::unique_ptr<Payload> payload_;
  const reserve::Room& room_;
  const reserve::Claim claim_;
  bool refused_ = false;
};

}  // namespace

reserve::Claim claim_of(const Call& call) {
  if (call.caller.principal.kind == access::PrincipalKind::service) {
    return claim_of_service(call);
  }
  const std::string_view operation = call.operation.name;
  if (empties(call) || event::classify(call.service.signing_name, operation).read_only) {
    return reserve::Claim::read;
  }
  const bool removes =
      std::ranges::any_of(kRemovals, [&](std::string_view verb) { return operation.starts_with(verb); });
  return removes ? reserve::Claim::removal : reserve::Claim::growth;
}

bool is_administrator(const Call& call) {
  access::Ask ask;
  ask.action = kReserveAction;
  ask.resource = "*";
  ask.resource_account = call.caller.principal.account;
  access::add_request_keys(ask.context, facts_of(call));
  return access::decide(call.caller, ask).allowed;
}

aws::Fault no_room(aws::Family family) {
  auto fault = aws::fault::service_unavailable(family);
  fault.message = "The disk is full: nothing more can be stored until there is room. Deleting still works.";
  return fault;
}

std::unique_ptr<Payload> rationed(std::unique_ptr<Payload> payload, const reserve::Room& room,
                                  reserve::Claim claim) {
  return std::make_unique<Rationed>(std::move(payload), room, claim);
}

}  // namespace cairn::front
