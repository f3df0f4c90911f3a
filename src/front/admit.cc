// Who calls, and what: the half of the pipeline before the caller is known. Nothing that is refused here is
// recorded (nobody can be named); it is counted and logged.
//
// For S3 the body is checked while it streams; for all others it is small, read first, and its hash is part
// of what was signed.
#include <array>

#include "aws/aws_chunked.h"
#include "aws/sigv2.h"
#include "base/log.h"
#include "codec/base64.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "front/exchange.h"
#include "front/front.h"

namespace cairn::front {
namespace {

constexpr Millis kStandardSkew{5 * 60'000};
constexpr Millis kS3Skew{15 * 60'000};
constexpr std::string_view kS3 = "s3";
constexpr std::string_view kS3RequestIdAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
constexpr std::size_t kS3RequestIdChars = 16;
constexpr std::size_t kHostIdBytes = 48;

// Each line of it may name several; all lines count.
std::string announced_trailers(const codec::RequestHead& head) {
  std::string all;
  for (const auto& [name, value] : head.headers) {
    if (codec::equals_ignore_case(name, "x-amz-trailer")) {
      all += (all.empty() ? "" : ",") + value;
    }
  }
  return all;
}

// Records that are handed in may name any Region, and only a lookup signed for it finds them.
bool looks_up(const aws::Recognised& recognised) {
  return recognised.operation != nullptr && recognised.service->name == "cloudtrail" &&
         recognised.operation->name == "LookupEvents";
}

}  // namespace

void give_s3_ids(Front::Exchange& exchange) {
  exchange.request_id = crypto::random_text(kS3RequestIdChars, kS3RequestIdAlphabet);
  std::array<std::byte, kHostIdBytes> host_id{};
  crypto::random_bytes(host_id);
  exchange.host_id = codec::base64_encode(std::span<const std::byte>(host_id));
}

Result<PayloadProof, aws::Fault> unsigned_proof(const codec::RequestHead& head) {
  PayloadProof proof{.content_sha256 = std::string(head.headers.get("x-amz-content-sha256")),
                     .decoded_size = aws::decoded_size(head),
                     .seed = {},
                     .announced = announced_trailers(head)};
  const auto mode = aws::chunk_mode(proof.content_sha256);
  if (mode && *mode != aws::ChunkMode::unsigned_chunks_trailer) {
    return aws::fault::access_denied(aws::Family::s3);
  }
  if (proof.content_sha256.empty()) {
    proof.content_sha256 = aws::sigv4::kUnsignedPayload;
  }
  return proof;
}

aws::Fault body_fault(aws::Family family, const Error& error) {
  switch (error.code) {
    case Errc::limit:
      return aws::fault::request_too_large(family);
    case Errc::unavailable:
      return aws::fault::service_unavailable(family);
    default:
      return aws::fault::serialization(family);
  }
}

std::optional<aws::Fault> slowness_fault(const Front::Exchange& exchange) {
  if (!exchange.is_s3() || !exchange.body.too_slow()) {
    return std::nullopt;
  }
  return aws::Fault{"RequestTimeout", 400,
                    "Your socket connection to the server was not read from or written to within the timeout "
                    "period. Idle connections will be closed."};
}

Task<Result<void, aws::Fault>> Front::admit(Exchange& exchange) {
  if (aws::sigv2::signature_in(exchange.head) != aws::sigv2::Place::none) {
    co_return co_await admit_sigv2(exchange);
  }
  const auto authorization = aws::sigv4::parse_authorization(exchange.as_sent());
  if (!authorization) {
    co_return admit_unsigned(exchange, authorization.error());
  }
  expect(exchange, authorization->scope.service);
  std::optional<access::Key> key;
  if (aws::reads_form(exchange.head) && !exchange.is_s3()) {
    CAIRN_CO_TRY(key, co_await find_key(exchange, *authorization));
    CAIRN_CO_TRY_VOID(co_await read_unverified(exchange));
  }
  CAIRN_CO_TRY_VOID(recognise(exchange, authorization->scope.service));
  if (!key) {
    CAIRN_CO_TRY(key, co_await find_key(exchange, *authorization));
  }
  co_return co_await identify(exchange, *authorization, *std::move(key));
}

// Nobody's call: S3's, which a policy may grant to everybody, one that brings a proof of its own, or none. No
// body is read to find out.
Result<void, aws::Fault> Front::admit_unsigned(Exchange& exchange, const aws::sigv4::Refusal& refusal) {
  const auto recognised = recognise(exchange, "");
  const bool form = aws::reads_form(exchange.head);
  if (form && !(recognised && exchange.is_s3())) {
    exchange.refusal.reset();  // what the form would have said, nobody knows
    exchange.protocol = aws::Protocol::query;
    return aws::sigv4::to_fault(exchange.family(), refusal);
  }
  CAIRN_TRY_VOID(recognised);
  const auto region = unsigned_region(exchange);
  if (refusal.reason != aws::sigv4::Reason::missing || !region) {
    return aws::sigv4::to_fault(exchange.family(), refusal);
  }
  CAIRN_TRY(auto proof, unsigned_proof(exchange.head));
  exchange.payload = checked_payload(exchange.body, std::move(proof));
  exchange.region = *region;
  return {};
}

// Of a call that may come without a signature: S3's, and a GET that its service takes so.
std::optional<std::string> Front::unsigned_region(const Exchange& exchange) const {
  if (exchange.is_s3()) {
    return std::string(aws::kGlobalRegion);
  }
  const auto* service = service_of(*exchange.service);
  const auto region = service == nullptr || exchange.head.method != "GET"
                          ? std::nullopt
                          : service->region_unsigned(exchange.recognised);
  return region && on_.regions.contains(*region) ? region : std::nullopt;
}

// What a call for this service is taken for until it is recognised: whoever is refused before that is
// answered in his own protocol.
void Front::expect(Exchange& exchange, std::string_view scope_service) {
  exchange.service = aws::catalogue().by_signing_name(scope_service);
  const bool form = aws::reads_form(exchange.head);
  if (exchange.service != nullptr && !(form && exchange.service->speaks(aws::Protocol::query))) {
    exchange.protocol = exchange.service->protocol();
  } else if (form) {
    exchange.protocol = aws::Protocol::query;
  }
}

// A whole body before its signature could be checked.
Task<Result<void, aws::Fault>> Front::read_unverified(Exchange& exchange) {
  exchange.hold = Budget::Hold(budget_, exchange.source_address);
  auto body = co_await read_all(exchange.body, on_.limits.body_bytes_max, exchange.hold);
  if (!body) {
    co_return body_fault(exchange.family(), body.error());
  }
  exchange.form = *std::move(body);
  exchange.body_was_read = true;
  co_return Result<void, aws::Fault>{};
}

Result<void, aws::Fault> Front::recognise(Exchange& exchange, std::string_view scope_service) const {
  auto recognised = aws::recognise({.head = exchange.head,
                                    .scope_service = scope_service,
                                    .form = exchange.form,
                                    .s3_domains = on_.s3_domains});
  if (!recognised) {
    exchange.protocol = recognised.error().protocol;
    exchange.service = recognised.error().service;
    auto fault = recognised.error().fault;
    exchange.refusal = std::move(recognised).error();
    return fault;
  }
  exchange.recognised = *std::move(recognised);
  exchange.protocol = exchange.recognised.protocol;
  exchange.service = exchange.recognised.service;
  if (exchange.is_s3()) {
    give_s3_ids(exchange);
  }
  return {};
}

Task<Result<std::string, aws::Fault>> Front::signed_payload_hash(
    Exchange& exchange, const aws::sigv4::Authorization& authorization) {
  if (exchange.is_s3()) {
    auto named = aws::sigv4::s3_payload_hash(exchange.as_sent(), authorization);
    if (!named) {
      co_return aws::sigv4::to_fault(exchange.family(), named.error());
    }
    co_return *std::move(named);
  }
  if (!exchange.body_was_read) {
    CAIRN_CO_TRY_VOID(co_await read_unverified(exchange));
  }
  co_return codec::hex_encode(crypto::sha256(exchange.form));
}

// Limits that hold for each Region would not, could a caller make Regions up.
Result<void, aws::Fault> Front::check_scope(const Exchange& exchange,
                                            const aws::sigv4::Authorization& authorization) const {
  const auto& scope = authorization.scope;
  if (exchange.service != nullptr && exchange.service->signing_name != scope.service) {
    return aws::sigv4::to_fault(exchange.family(),
                                aws::sigv4::wrong_service(authorization, exchange.service->signing_name));
  }
  const bool global = scope.service == "iam" || scope.service == "organizations";
  const bool everywhere = global && scope.region == aws::kGlobalRegion;
  if (!everywhere && !looks_up(exchange.recognised) && !on_.regions.contains(scope.region)) {
    return aws::sigv4::to_fault(exchange.family(),
                                aws::sigv4::wrong_region(authorization, on_.regions.first()));
  }
  return {};
}

Task<Result<access::Key, aws::Fault>> Front::find_key(Exchange& exchange,
                                                      const aws::sigv4::Authorization& authorization) {
  CAIRN_CO_TRY_VOID(check_scope(exchange, authorization));
  co_return co_await known_key(exchange, authorization.access_key, authorization.security_token);
}

Task<Result<access::Key, aws::Fault>> Front::known_key(const Exchange& exchange, std::string access_key,
                                                       std::string security_token) {
  const auto family = exchange.family();
  auto key = co_await on_.directory.key(access_key, security_token);
  if (!key) {
    log::error("cannot look up an access key", {{"error", key.error().text()}});
    co_return aws::to_fault(family, key.error());
  }
  if (!*key || !(*key)->active) {
    co_return security_token.empty() ? aws::fault::unrecognized_client(family)
                                     : aws::fault::invalid_token(family);
  }
  if ((*key)->expired(exchange.time)) {
    co_return aws::fault::expired_token(family);
  }
  co_return std::move(**key);
}

Task<Result<void, aws::Fault>> Front::identify(Exchange& exchange,
                                               const aws::sigv4::Authorization& authorization,
                                               access::Key key) {
  const auto family = exchange.family();
  CAIRN_CO_TRY(const auto payload_hash, co_await signed_payload_hash(exchange, authorization));
  auto seed = aws::sigv4::verify({.head = exchange.as_sent(),
                                  .authorization = authorization,
                                  .secret = key.secret,
                                  .payload_hash = payload_hash,
                                  .now = exchange.time,
                                  .skew = exchange.is_s3() ? kS3Skew : kStandardSkew},
                                 keys_);
  if (!seed) {
    co_return aws::sigv4::to_fault(family, seed.error());
  }
  exchange.key = std::move(key);
  exchange.signature = {.where = authorization.presigned ? Signed::Where::query : Signed::Where::header,
                        .time = authorization.time};
  CAIRN_CO_TRY_VOID(co_await name_caller(exchange));
  exchange.region = authorization.scope.region;
  exchange.payload = checked_payload(exchange.body, {.content_sha256 = payload_hash,
                                                     .decoded_size = aws::decoded_size(exchange.head),
                                                     .seed = *std::move(seed),
                                                     .announced = announced_trailers(exchange.head)});
  co_return Result<void, aws::Fault>{};
}

// S3's old signatures: they say no Region, the body is not part of them, and no other service takes them.
Task<Result<void, aws::Fault>> Front::admit_sigv2(Exchange& exchange) {
  const auto recognised = recognise(exchange, kS3);
  if (!exchange.is_s3()) {
    co_return admit_unsigned(exchange, {.reason = aws::sigv4::Reason::unsupported});
  }
  CAIRN_CO_TRY_VOID(recognised);
  CAIRN_CO_TRY(const auto authorization, aws::sigv2::parse_authorization(exchange.head));
  CAIRN_CO_TRY(auto key,
               co_await known_key(exchange, authorization.access_key, authorization.security_token));
  CAIRN_CO_TRY_VOID(aws::sigv2::verify(
      {.head = exchange.head,
       .authorization = authorization,
       .secret = key.secret,
       .host_bucket = exchange.recognised.virtual_hosted ? exchange.recognised.bucket() : std::string_view(),
       .now = exchange.time,
       .skew = kS3Skew}));
  exchange.key = std::move(key);
  exchange.signature = {.where = authorization.presigned ? Signed::Where::query : Signed::Where::header,
                        .is_v2 = true};
  if (!authorization.presigned) {
    exchange.signature.time = authorization.time;
  }
  CAIRN_CO_TRY_VOID(co_await name_caller(exchange));
  exchange.region = on_.regions.contains(aws::kGlobalRegion) ? aws::kGlobalRegion : on_.regions.first();
  CAIRN_CO_TRY(auto proof, unsigned_proof(exchange.head));
  exchange.payload = checked_payload(exchange.body, std::move(proof));
  co_return Result<void, aws::Fault>{};
}

Task<Result<void, aws::Fault>> Front::name_caller(Exchange& exchange) {
  const auto family = exchange.family();
  exchange.hold.verified();
  auto caller = co_await on_.directory.caller(*exchange.key);
  if (!caller) {
    log::error("cannot look up a caller", {{"error", caller.error().text()}});
    co_return aws::to_fault(family, caller.error());
  }
  if (!*caller) {
    co_return aws::fault::unrecognized_client(family);
  }
  exchange.caller = *std::move(*caller);
  co_return Result<void, aws::Fault>{};
}

}  // namespace cairn::front
