// Who calls, and what: before anything is relayed. A signature by a key that is known here is checked, and a
// wrong one always refused; calls of other keys are refused or relayed as `gateway.unverified` says.
#include <algorithm>
#include <array>

#include "aws/sigv2.h"
#include "base/log.h"
#include "codec/base64.h"
#include "crypto/hash.h"
#include "gateway/access_key.h"
#include "gateway/ambiguity.h"
#include "gateway/call.h"

namespace cairn::gateway {
namespace {

constexpr Millis kStandardSkew{5 * 60'000};
constexpr Millis kS3Skew{15 * 60'000};
constexpr std::string_view kGlobalRegion = "us-east-1";
constexpr std::size_t kSha256Digits = 64;

bool is_sha256(std::string_view text) {
  return text.size() == kSha256Digits &&
         text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

// IAM's and Organizations' events are in us-east-1, wherever the request was signed for.
std::string region_of(const aws::sigv4::Scope& scope) {
  const bool global = scope.service == "iam" || scope.service == "organizations";
  return global ? std::string(kGlobalRegion) : scope.region;
}

// One that nobody knows here. What is known of him is his key.
event::Identity identity_of_key(const std::string& access_key) {
  event::Identity identity;
  const auto account = account_of(access_key);
  identity.type = account ? "AWSAccount" : "Unknown";
  identity.principal_id = access_key;
  identity.account_id = account.value_or("");
  identity.access_key_id = access_key;
  return identity;
}

aws::Fault ambiguous(std::string_view why) {
  return {"InvalidRequest", 400, std::string(why)};
}

aws::Fault body_fault(aws::Family family, const Error& error) {
  return error.code == Errc::limit         ? aws::fault::request_too_large(family)
         : error.code == Errc::unavailable ? aws::fault::service_unavailable(family)
                                           : aws::fault::serialization(family);
}

}  // namespace

// Whoever is refused before his call is recognised is answered in the protocol that it seems to be in.
void Gateway::expect(Call& call) const {
  call.model = aws::everything().by_signing_name(call.service);
  const bool form = aws::reads_form(call.head);
  const bool is_query = form && (call.model == nullptr || call.model->speaks(aws::Protocol::query));
  if (is_query) {
    call.protocol = aws::Protocol::query;
  } else if (call.model != nullptr) {
    call.protocol = call.model->protocol();
  } else {
    call.protocol =
        call.head.headers.contains("x-amz-target") ? aws::Protocol::json : aws::Protocol::rest_json;
  }
}

Task<Gateway::Admitted> Gateway::admit(Call& call, const Asked& asked) {
  expect(call);
  if (const auto why = ambiguity_of(call.head); !why.empty()) {
    co_return ambiguous(why);
  }
  call.region = kGlobalRegion;
  if (asked.version_2 != aws::sigv2::Place::none) {
    call.scope_service = call.service;
    recognise(call);
    co_return co_await admit_v2(call);
  }
  if (const auto& authorization = asked.authorization) {
    call.scope_service = authorization->scope.service;
    call.region = region_of(authorization->scope);
    co_return co_await admit_v4(call, *authorization);
  }
  const auto refused = aws::sigv4::to_fault(call.family(), asked.authorization.error());
  const bool has_none = asked.authorization.error().reason == aws::sigv4::Reason::missing;
  if (!has_none) {
    CAIRN_CO_TRY_VOID(admit_unverified(call, refused, std::string()));
  }
  if (aws::reads_form(call.head)) {
    CAIRN_CO_TRY_VOID(co_await hold_body(call));
  }
  recognise(call);
  co_return has_none ? admit_unsigned(call, refused) : Admitted{};
}

// Some operations have no signature by their model: who signs in (AssumeRoleWithSAML, Cognito's SignUp) has
// no key yet. Their upstream decides on what they bring instead.
Gateway::Admitted Gateway::admit_unsigned(Call& call, const aws::Fault& refused) const {
  const bool needs_none = call.recognised && call.recognised->operation->unsigned_call &&
                          call.recognised->service->signing_name == call.service;
  if (!needs_none || call.upstream.resign) {
    return admit_unverified(call, refused, std::string());
  }
  call.identity.type = "Unknown";
  call.account = on_.first_account;
  return {};
}

Task<Gateway::Admitted> Gateway::admit_v4(Call& call, const aws::sigv4::Authorization& authorization) {
  CAIRN_CO_TRY(auto key, co_await find_key(call, authorization.access_key, authorization.security_token));
  if (!key) {
    const auto fault = authorization.security_token.empty() ? aws::fault::unrecognized_client(call.family())
                                                            : aws::fault::invalid_token(call.family());
    CAIRN_CO_TRY_VOID(admit_unverified(call, fault, authorization.access_key));
  }
  if (aws::reads_form(call.head) && !call.is_s3()) {
    CAIRN_CO_TRY_VOID(co_await hold_body(call));
  }
  recognise(call);
  if (!key) {
    co_return Admitted{};
  }
  CAIRN_CO_TRY(const auto hash, co_await payload_hash(call, authorization));
  auto seed = aws::sigv4::verify({.head = call.head,
                                  .authorization = authorization,
                                  .secret = key->secret,
                                  .payload_hash = hash,
                                  .now = call.time,
                                  .skew = call.is_s3() ? kS3Skew : kStandardSkew},
                                 keys_);
  if (!seed) {
    co_return aws::sigv4::to_fault(call.family(), seed.error());
  }
  if (const auto mode = aws::chunk_mode(hash)) {
    call.chunks = {.mode = *mode, .seed = *std::move(seed), .decoded_size = aws::decoded_size(call.head)};
  } else if (is_sha256(hash) && !call.holds_body) {
    call.signed_hash = hash;
  }
  co_return co_await name_caller(call, *std::move(key));
}

Task<Gateway::Admitted> Gateway::admit_v2(Call& call) {
  CAIRN_CO_TRY(const auto authorization, aws::sigv2::parse_authorization(call.head));
  CAIRN_CO_TRY(auto key, co_await find_key(call, authorization.access_key, authorization.security_token));
  if (!key) {
    co_return admit_unverified(call, aws::fault::unrecognized_client(call.family()),
                               authorization.access_key);
  }
  const bool in_host = call.recognised && call.recognised->virtual_hosted;
  CAIRN_CO_TRY_VOID(
      aws::sigv2::verify({.head = call.head,
                          .authorization = authorization,
                          .secret = key->secret,
                          .host_bucket = in_host ? call.recognised->bucket() : std::string_view(),
                          .now = call.time,
                          .skew = kS3Skew}));
  co_return co_await name_caller(call, *std::move(key));
}

// His events are the account's that his key names, if it is one of ours; else the first account's, whose
// gateway this is.
Gateway::Admitted Gateway::admit_unverified(Call& call, aws::Fault fault, std::string access_key) const {
  // Nobody gets a key of ours to his call who has shown none of his own.
  const bool may = (settings_.relay_unverified || call.is_preflight) && !call.upstream.resign;
  if (!may) {
    return fault;
  }
  if (access_key.empty()) {
    call.identity.type = "AWSAccount";
    call.identity.account_id = "ANONYMOUS_PRINCIPAL";
  } else {
    call.identity = identity_of_key(access_key);
  }
  const auto& account = call.identity.account_id;
  call.account = on_.is_account(account) ? account : on_.first_account;
  return {};
}

Task<Result<std::optional<access::Key>, aws::Fault>> Gateway::find_key(Call& call, std::string access_key,
                                                                       std::string token) const {
  CAIRN_CO_TRY(auto key, co_await own_key(call, access_key, token));
  if (!key) {
    co_return find_session(call, access_key, token);
  }
  co_return std::move(key);
}

Task<Result<std::optional<access::Key>, aws::Fault>> Gateway::own_key(const Call& call,
                                                                      std::string access_key,
                                                                      std::string token) const {
  auto key = co_await on_.directory.key(std::move(access_key), std::move(token));
  if (!key) {
    log::error("cannot look up an access key", {{"error", key.error().text()}});
    co_return aws::to_fault(call.family(), key.error());
  }
  if (*key && !(*key)->active) {
    co_return aws::fault::unrecognized_client(call.family());
  }
  if (*key && (*key)->expired(call.time)) {
    co_return aws::fault::expired_token(call.family());
  }
  co_return *std::move(key);
}

// A session is its own upstream's alone, and no reason to give anybody the key that calls are signed anew
// with.
Result<std::optional<access::Key>, aws::Fault> Gateway::find_session(Call& call,
                                                                     const std::string& access_key,
                                                                     const std::string& token) const {
  auto session = call.upstream.resign ? nullptr : sessions_.find(access_key, token);
  if (!session || session->upstream != call.upstream.url) {
    return std::optional<access::Key>();
  }
  if (call.time >= session->expires) {
    return aws::fault::expired_token(call.family());
  }
  call.session = std::move(session);
  access::Key key{.id = access_key, .account = call.session->identity.account_id, .user = {}, .secret = {}};
  key.secret = call.session->secret.clone();
  return std::optional(std::move(key));
}

Task<Gateway::Admitted> Gateway::name_caller(Call& call, access::Key key) const {
  call.hold.verified();
  if (call.session) {
    co_return co_await name_session(call);
  }
  CAIRN_CO_TRY(const auto caller, co_await own_caller(call, key));
  call.identity = front::identity_of(caller.principal);
  call.account = caller.principal.account;
  call.verified = true;
  co_return Admitted{};
}

// It ends with the key of ours that asked for it.
Task<Gateway::Admitted> Gateway::name_session(Call& call) const {
  const auto& session = *call.session;
  if (!session.owner.empty()) {
    CAIRN_CO_TRY(const auto key, co_await own_key(call, session.owner, std::string()));
    if (!key) {
      co_return aws::fault::unrecognized_client(call.family());
    }
    CAIRN_CO_TRY_VOID(co_await own_caller(call, *key));
  }
  call.identity = session.identity;
  const auto& account = call.identity.account_id;
  call.account = on_.is_account(account) ? account : on_.first_account;
  call.verified = true;
  co_return Admitted{};
}

Task<Result<access::Caller, aws::Fault>> Gateway::own_caller(const Call& call, const access::Key& key) const {
  auto caller = co_await on_.directory.caller(key);
  if (!caller) {
    log::error("cannot look up a caller", {{"error", caller.error().text()}});
    co_return aws::to_fault(call.family(), caller.error());
  }
  if (!*caller) {
    co_return aws::fault::unrecognized_client(call.family());
  }
  co_return **std::move(caller);
}

// S3 takes what a header says, and so may others whose callers send that header, signed; the body is compared
// with it on its way. Of all others the body must be here to know its hash.
Task<Result<std::string, aws::Fault>> Gateway::payload_hash(Call& call,
                                                            const aws::sigv4::Authorization& authorization) {
  if (call.is_s3()) {
    auto named = aws::sigv4::s3_payload_hash(call.head, authorization);
    if (!named) {
      co_return aws::sigv4::to_fault(call.family(), named.error());
    }
    co_return *std::move(named);
  }
  const auto said = call.head.headers.get("x-amz-content-sha256");
  const bool is_signed = std::ranges::find(authorization.signed_headers, "x-amz-content-sha256") !=
                         authorization.signed_headers.end();
  if (!call.holds_body && is_signed && (is_sha256(said) || said == aws::sigv4::kUnsignedPayload)) {
    co_return std::string(said);
  }
  CAIRN_CO_TRY_VOID(co_await hold_body(call));
  co_return codec::hex_encode(crypto::sha256(call.held));
}

Task<Gateway::Admitted> Gateway::hold_body(Call& call) {
  if (std::exchange(call.holds_body, true)) {
    co_return Admitted{};
  }
  call.hold = front::Budget::Hold(budget_, call.source_address);
  auto body = co_await front::read_all(call.body, settings_.limits.held_body_bytes_max, call.hold);
  if (!body) {
    co_return body_fault(call.family(), body.error());
  }
  call.held = *std::move(body);
  const auto why = aws::reads_form(call.head) ? ambiguity_of_form(call.head, call.held) : std::string_view();
  co_return why.empty() ? Admitted{} : Admitted(ambiguous(why));
}

void Gateway::recognise(Call& call) const {
  auto recognised = aws::recognise({.head = call.head,
                                    .scope_service = call.scope_service,
                                    .form = call.held,
                                    .s3_domains = on_.s3_domains,
                                    .among = aws::everything(),
                                    .lenient = true});
  if (recognised) {
    call.recognised = *std::move(recognised);
    call.protocol = call.recognised->protocol;
    call.model = call.recognised->service;
  } else {
    call.refusal = std::move(recognised).error();
    call.model = call.refusal->service != nullptr ? call.refusal->service : call.model;
  }
  const capture::Subject subject{.call = call.recognised ? &*call.recognised : nullptr,
                                 .refusal = call.refusal ? &*call.refusal : nullptr,
                                 .scope_service = call.scope_service};
  call.read_only = capture::is_read_only(subject, call.head, call.held);
  const bool streams = call.recognised && call.recognised->operation->streaming_input() != nullptr;
  call.request.bytes_max = streams ? 0 : settings_.limits.kept_bytes_max;
  const bool streams_back = call.recognised && call.recognised->operation->streaming_output() != nullptr;
  call.response.bytes_max = streams_back ? 0 : settings_.limits.kept_bytes_max;
}

}  // namespace cairn::gateway
