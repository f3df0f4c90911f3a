// There and back: a call that may be relayed, its upstream's answer, and the record between the two.
//
// What is recorded when:
//   the answer is small, or the call changes something    before the status line
//   a read's answer that streams                          before its last byte
//   no answer came                                        before the error that the caller gets
//   the caller went away while he read                    behind him
#include <algorithm>

#include "base/log.h"
#include "gateway/call.h"

namespace cairn::gateway {
namespace {

constexpr int kOk = 200;

// The answer to a HEAD whose length nobody says.
class NoBody final : public http::BodySource {
 public:
  Task<Result<std::span<const std::byte>>> read() override { co_return std::span<const std::byte>(); }
  std::optional<std::uint64_t> size() const override { return std::nullopt; }
};

// The fields that Connection names, but Host, which it may not (ambiguity.h).
std::vector<std::string_view> named_by_connection(const codec::Headers& headers) {
  std::vector<std::string_view> named;
  for (const auto& [name, value] : headers) {
    if (!codec::equals_ignore_case(name, "connection")) {
      continue;
    }
    std::string_view rest = value;
    while (!rest.empty()) {
      const auto end = std::min(rest.find_first_of(", \t"), rest.size());
      if (end > 0 && !codec::equals_ignore_case(rest.substr(0, end), "host")) {
        named.push_back(rest.substr(0, end));
      }
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return named;
}

// What Connection names is the connection's, too (RFC 9110, 7.6.1).
codec::Headers without_hops(const codec::Headers& headers) {
  constexpr std::string_view kHops[] = {"te", "proxy-authenticate", "proxy-authorization"};
  const auto named = named_by_connection(headers);
  codec::Headers kept;
  for (const auto& [name, value] : headers) {
    const auto is_this = [&name = name](std::string_view hop) {
      return codec::equals_ignore_case(name, hop);
    };
    if (std::ranges::none_of(kHops, is_this) && std::ranges::none_of(named, is_this)) {
      kept.add(name, value);
    }
  }
  return kept;
}

// If its body is still here to be sent. What changes something is never sent twice, idempotent (RFC 9110,
// 9.2.2) or not: it may have been done before the connection died, and then there were two, and one record.
bool may_be_sent_twice(const Call& call) {
  constexpr std::string_view kSafe[] = {"GET", "HEAD", "OPTIONS"};
  return call.read_only && std::ranges::find(kSafe, call.head.method) != std::end(kSafe);
}

capture::Failure failure_of(const aws::Fault& fault) {
  return {fault.code, fault.message};
}

// Chunks that are taken apart are checked there (resign.cc).
std::unique_ptr<BodyProof> proof_of(const Call& call) {
  if (call.chunks && !call.is_taken_apart()) {
    return chunk_proof(*call.chunks);
  }
  return call.signed_hash.empty() ? nullptr : hash_proof(call.signed_hash);
}

// Why a call came to nothing, to its caller and to the trail.
struct End {
  aws::Fault fault;
  capture::Failure recorded;
};

End end_of(const Call& call, const Error& error) {
  const auto family = call.family();
  if (error.what == kNotAsSigned) {
    auto fault = aws::fault::invalid_signature(family);
    if (call.is_s3()) {
      fault = {"XAmzContentSHA256Mismatch", 400,
               "The provided 'x-amz-content-sha256' header does not match what was computed."};
    }
    return {fault, failure_of(fault)};
  }
  if (error.what == kBodyCut) {
    const aws::Fault fault{"IncompleteBody", 400, "The request body terminated unexpectedly."};
    return {fault, failure_of(fault)};
  }
  auto fault = aws::fault::service_unavailable(family);
  if (!call.reached) {
    return {fault, {fault.code, "The upstream cannot be reached."}};
  }
  fault.status = 502;
  if (call.read_only) {
    return {fault, {fault.code, "The upstream gave no answer."}};
  }
  return {fault, {"OutcomeUnknown", "The call was relayed, and the upstream gave no answer."}};
}

}  // namespace

Result<http::ClientRequest> Gateway::request_of(Call& call) const {
  http::ClientRequest request{.url = call.upstream.url,
                              .head = {call.head.method, call.head.target, without_hops(call.head.headers)},
                              .body = nullptr,
                              .repeatable = may_be_sent_twice(call),
                              .began = &call.reached};
  http::BodySource* source = &call.body;
  if (call.holds_body) {
    call.held_source = http::body_of(call.held);
    source = call.held_source.get();
  }
  const bool has_body = source->size() != std::uint64_t{0};
  auto proof = proof_of(call);
  if (!has_body && (call.chunks || (proof && !proof->finish()))) {  // chunks have at least a last one
    return Error{Errc::denied, std::string(kNotAsSigned)};
  }
  if (has_body) {
    request.body = std::make_unique<Upload>(*source, call.request, std::move(proof));
    request.repeatable &= call.holds_body;
    const bool asks = !call.holds_body && call.head.headers.contains("expect");
    request.expect_continue = asks ? settings_.limits.expect_continue : Millis{0};
  }
  if (call.upstream.resign) {
    CAIRN_TRY_VOID(sign_anew(call, request));
  }
  return request;
}

Task<http::Response> Gateway::relay(std::shared_ptr<Call> call, intents::Ticket ticket) {
  auto request = request_of(*call);
  if (!request) {
    co_return co_await fail(call, std::move(ticket), std::move(request).error());
  }
  auto response = co_await client_->send(*std::move(request));
  if (!response) {
    co_return co_await fail(call, std::move(ticket), std::move(response).error());
  }
  co_return co_await pass_on(call, std::move(ticket), *std::move(response));
}

Task<http::Response> Gateway::fail(std::shared_ptr<Call> call, intents::Ticket ticket, Error error) {
  auto measures = measures_of(*call);
  measures.failed.add();
  log::debug("a relayed call came to nothing",
             {{"upstream", call->upstream.service}, {"error", error.text()}});
  const auto end = end_of(*call, error);
  const auto settled = co_await settle(call, std::move(ticket), end.recorded);
  co_return refuse(*call, settled ? end.fault : aws::fault::service_unavailable(call->family()));
}

// Durable when it returns, unless it may be lost. Once a call.
Task<Result<void>> Gateway::settle(std::shared_ptr<Call> call, intents::Ticket ticket,
                                   std::optional<capture::Failure> failure) {
  if (std::exchange(call->settled, true) || !call->is_recorded) {
    co_return Result<void>();
  }
  auto entry = entry_of(*call, std::move(failure));
  co_return co_await ledger_.settle(std::move(ticket), std::move(entry));
}

// Until all of it is here (true), or more than is kept.
Task<Result<bool>> Gateway::read_ahead(Call& call, http::BodySource& from, std::string& begun) const {
  const auto size = from.size();
  while (begun.size() <= settings_.limits.kept_bytes_max && begun.size() != size) {
    CAIRN_CO_TRY(const auto piece, co_await from.read());
    if (piece.empty()) {
      co_return true;
    }
    call.response.add(piece);
    begun.append(reinterpret_cast<const char*>(piece.data()), piece.size());
  }
  co_return begun.size() == size;
}

Task<http::Response> Gateway::pass_on(std::shared_ptr<Call> call, intents::Ticket ticket,
                                      http::ClientResponse from) {
  auto measures = measures_of(*call);
  measures.answered.add();
  http::Response response{.status = from.head.status,
                          .headers = without_hops(from.head.headers),
                          .body = std::string(),
                          .relayed = true};
  call->answer = std::move(from.head);
  const auto most = settings_.limits.kept_bytes_max;
  call->response.bytes_max = response.status >= 300 ? most : call->response.bytes_max;
  const auto size = from.body->size();
  const bool is_kept = call->response.bytes_max > 0;  // of a stream of events nobody waits for the beginning
  std::string begun;
  bool whole = false;
  std::optional<capture::Failure> cut;
  if ((!call->read_only && is_kept) || asks_sts(*call) || (size && *size <= most)) {
    const auto read = co_await read_ahead(*call, *from.body, begun);
    whole = read && *read;
    if (!read) {
      cut = {"IncompleteResponse", "The upstream's answer ended early."};
    }
  }
  if (whole || cut || !call->read_only) {
    const auto settled = co_await settle(call, std::move(ticket), std::move(cut));
    if (!settled) {
      co_return refuse(*call, aws::fault::service_unavailable(call->family()));
    }
  }
  if (whole && asks_sts(*call)) {
    learn(*call);
  }
  if (call->head.method == "HEAD" && !response.headers.contains("content-length")) {
    response.body = std::make_unique<NoBody>();
    co_return response;
  }
  if (whole && from.body->fields_behind() == nullptr) {
    response.body = std::move(begun);
    co_return response;
  }
  co_return stream(call, std::move(response), std::move(begun), std::move(from.body));
}

// Is the answer STS' own word? Not where a store could give what somebody has put there: nothing is stored at
// the root, and no query says that it is.
bool Gateway::asks_sts(const Call& call) const {
  const auto& head = call.head;
  return call.service == "sts" && call.recognised && call.recognised->service->signing_name == "sts" &&
         head.target == "/" && aws::reads_form(head) && !head.headers.contains("x-http-method-override") &&
         aws::bucket_in_host(head.headers.get("host"), on_.s3_domains).empty();
}

// Who has temporary credentials from this answer, which is here whole.
void Gateway::learn(const Call& call) {
  if (call.answer->status != kOk || !call.response.whole()) {
    return;
  }
  const auto& asked = *call.recognised;
  const bool names_another = asked.operation->name.starts_with("AssumeRole");
  if (!call.verified && !names_another) {  // whose they are, nobody knows
    return;
  }
  if (std::ranges::count(asked.form, "RoleArn", &std::pair<std::string, std::string>::first) > 1) {
    return;  // nor which of them was meant
  }
  const auto input = aws::decode_request(asked, call.head, call.held);
  const auto output = aws::decode_response(asked.protocol, *asked.operation, *call.answer,
                                           call.response.bytes, aws::Reading::lenient);
  if (!input || !output) {
    return;
  }
  auto session = session_of({.operation = asked.operation->name,
                             .upstream = call.upstream.url,
                             .caller = call.identity,
                             .input = *input,
                             .output = *output,
                             .answer = call.response.bytes,
                             .now = call.time});
  if (session) {
    sessions_.learn(*std::move(session), call.time);
  }
}

// Most of the answer is with the caller already: what cannot be written now is tried again, and counted as
// lost if it fails once more.
Task<Result<void>> Gateway::settle_read(std::shared_ptr<Call> call, std::optional<capture::Failure> cut) {
  if (call->settled || !call->is_recorded) {
    co_return Result<void>();
  }
  intents::Ticket none;
  auto settled = co_await settle(call, std::move(none), cut);
  if (!settled) {
    ledger_.settle_later(executor_, entry_of(*call, std::move(cut)));
  }
  co_return settled;
}

http::Response Gateway::stream(const std::shared_ptr<Call>& call, http::Response response, std::string begun,
                               std::unique_ptr<http::BodySource> rest) {
  const auto before_end = [this, call](const Error* broken) {
    std::optional<capture::Failure> cut;
    if (broken != nullptr) {
      cut = {"IncompleteResponse", "The upstream's answer ended early."};
    }
    return settle_read(call, std::move(cut));
  };
  // The caller may be gone, and with him what the call points to: the record is made now and written later.
  const auto dropped = [this, call] {
    if (!std::exchange(call->settled, true) && call->is_recorded) {
      ledger_.settle_later(executor_, entry_of(*call, std::nullopt));
    }
  };
  response.body =
      std::make_unique<Download>(std::move(begun), std::move(rest), call->response, before_end, dropped);
  return response;
}

}  // namespace cairn::gateway
