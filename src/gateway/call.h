// One call on its way through the gateway. Inside gateway/ only.
#pragma once

#include "aws/protocol.h"
#include "aws/recognise.h"
#include "capture/capture.h"
#include "gateway/bodies.h"
#include "gateway/gateway.h"

namespace cairn::gateway {

struct Call {
  const codec::RequestHead& head;
  http::BodySource& body;
  const Upstream& upstream;
  std::string service;  // that was asked for
  std::string source_address;
  std::optional<http::TlsFacts> tls{};
  Time time;
  std::chrono::steady_clock::time_point began = std::chrono::steady_clock::now();
  std::string request_id{};
  std::string event_id{};
  bool is_preflight = false;  // a browser's question, which nobody records

  // What it is.
  const aws::Service* model = nullptr;  // for faults in the caller's own protocol
  aws::Protocol protocol = aws::Protocol::json;
  std::string scope_service{};
  std::string region{};
  std::optional<aws::Recognised> recognised{};
  std::optional<aws::Refusal> refusal{};  // or why it is not
  bool read_only = false;

  // Who asks.
  event::Identity identity{};
  std::string account{};
  bool verified = false;
  std::shared_ptr<const Session> session{};  // of another's STS, whose key signed the call

  // The bodies.
  front::Budget::Hold hold{};
  bool holds_body = false;
  std::string held{};
  std::unique_ptr<http::BodySource> held_source{};
  std::string signed_hash{};                           // of the body; empty: nobody signed it
  std::optional<aws::ChunkedDecoder::Setup> chunks{};  // or of each of its chunks
  Kept request{};
  std::optional<codec::ResponseHead> answer{};
  Kept response{};
  bool reached = false;  // the upstream may have seen something of it
  bool is_recorded = true;
  bool settled = false;

  aws::Family family() const { return aws::family_of(protocol); }
  bool is_s3() const { return service == "s3"; }
  // Chunks that are signed with the caller's key cannot go on under another.
  bool is_taken_apart() const {
    return chunks && upstream.resign && chunks->mode != aws::ChunkMode::unsigned_chunks_trailer;
  }
};

// The record as it stands; `failure` in place of an answer.
Entry entry_of(const Call& call, std::optional<capture::Failure> failure);

}  // namespace cairn::gateway
