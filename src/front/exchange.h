// One request on its way through the front. Inside front/ only.
#pragma once

#include <set>
#include <string>

#include "front/front.h"
#include "front/payload.h"
#include "front/service.h"

namespace cairn::front {

struct Front::Exchange {
  const codec::RequestHead& head;
  http::BodySource& body;
  std::string source_address;
  std::string request_id;
  Time time;
  std::optional<http::TlsFacts> tls{};  // of the connection
  // The head as it was signed, where headers that its query carries were added to `head`; null: it is `head`.
  const codec::RequestHead* sent = nullptr;
  bool is_form = false;  // as Call's

  std::string host_id{};  // S3's x-amz-id-2
  std::string form{};     // the body, where recognising needs it
  aws::Recognised recognised{};
  aws::Protocol protocol = aws::Protocol::json;
  const aws::Service* service = nullptr;  // also where no operation was recognised
  std::optional<aws::Refusal> refusal{};  // why none was

  Signed signature{};                // as Call's
  std::optional<access::Key> key{};  // that the call is signed with: its signature is right; none: unsigned
  access::Caller caller{};
  std::string via{};  // as Call's
  std::string region{};
  std::unique_ptr<Payload> payload{};  // the body, checked against the signature
  Budget::Hold hold{};                 // of the bytes below
  std::string whole_body{};            // of an operation whose payload does not stream
  bool body_was_read = false;
  bool recorded = false;           // or not to be recorded
  std::set<std::string> owners{};  // of what the call touches, but for the caller's own account

  aws::Family family() const { return aws::family_of(protocol); }
  const codec::RequestHead& as_sent() const { return sent == nullptr ? head : *sent; }
  bool is_s3() const { return service != nullptr && service->name == "s3"; }
  aws::RequestIds ids() const { return {request_id, host_id}; }
};

// S3's request id and x-amz-id-2, in its own form.
void give_s3_ids(Front::Exchange& exchange);
// Of a body that nobody signed: no chunk of it can be.
Result<PayloadProof, aws::Fault> unsigned_proof(const codec::RequestHead& head);
// Why a body could not be read, to its sender.
aws::Fault body_fault(aws::Family family, const Error& error);
// S3's own word for a body that came too slowly, which SDKs send again; nothing if it was something else.
std::optional<aws::Fault> slowness_fault(const Front::Exchange& exchange);

}  // namespace cairn::front
