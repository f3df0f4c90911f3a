// What a call leaves in the trail, at each moment of its way.
#include <algorithm>

#include "gateway/call.h"

namespace cairn::gateway {
namespace {

// The slot of an intent may have no room for one that is longer.
constexpr std::size_t kLongRecord = 4'000;

}  // namespace

Entry entry_of(const Call& call, std::optional<capture::Failure> failure) {
  const capture::Subject subject{.call = call.recognised ? &*call.recognised : nullptr,
                                 .refusal = call.refusal ? &*call.refusal : nullptr,
                                 .scope_service = call.scope_service};
  // A body that was held is there whole, whatever is kept of others.
  const capture::Part asked =
      call.holds_body ? capture::Part{call.held, true}
                      : capture::Part{call.request.bytes, call.request.ended && call.request.whole()};
  const capture::Wire wire{.request = call.head,
                           .request_body = asked,
                           .response = call.answer ? &*call.answer : nullptr,
                           .response_body = {call.response.bytes, call.response.whole()},
                           .bytes_in = call.holds_body ? call.held.size() : call.request.total,
                           .bytes_out = call.response.total};
  capture::Circumstances around{.identity = call.identity,
                                .account = call.account,
                                .region = call.region,
                                .time = call.time,
                                .event_id = call.event_id,
                                .source_address = call.source_address,
                                .request_id = call.request_id,
                                .failure = std::move(failure)};
  if (call.tls) {
    around.tls_version = call.tls->version;
    around.tls_cipher = call.tls->cipher;
  }
  if (!call.verified) {
    around.additional["identityVerified"] = false;
  }
  auto record = capture::record_of(subject, wire, around);
  Entry entry{.account = call.account, .event_id = call.event_id, .record = event::to_json(record)};
  if (!call.read_only && entry.record.size() > kLongRecord) {
    record.request_parameters = nullptr;
    record.response_elements = nullptr;
    record.user_agent.resize(std::min<std::size_t>(record.user_agent.size(), 256));
    entry.short_record = event::to_json(record);
  }
  return entry;
}

}  // namespace cairn::gateway
