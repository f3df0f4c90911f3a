// Who calls, and what: the half of the pipeline before the caller is known. Nothing that is refused here is
// recorded (nobody can be named); it is counted and logged.
//
// For S3 the body is checked while it streams; for all others it is small, read first, and its hash is part
// of what was signed.
#include <array>
#include <charconv>

#include "aws/aws_chunked.h"
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
constexpr std::string_view kS3RequestIdAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
constexpr std::size_t kS3RequestIdChars = 16;
constexpr std::size_t kHostIdBytes = 48;

std::optional<std::uint64_t> decoded_size(const codec::RequestHead& head) {
  const auto text = head.headers.get("x-amz-decoded-content-length");
  std::uint64_t size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  return error == std::errc{} && end == text.data() + text.size() && !text.empty() ? std::optional(size)
                                                                                   : std::nullopt;
}

// Of an anonymous caller: nothing was signed, so no chunk can be.
Result<PayloadProof, aws::Fault> unsigned_proof(const codec::RequestHead& head) {
  PayloadProof proof{.content_sha256 = std::string(head.headers.get("x-amz-content-sha256")),
                     .decoded_size = decoded_size(head),
                     .seed = {}};
  const auto mode = aws::chunk_mode(proof.content_sha256);
  if (mode && *mode != aws::ChunkMode::unsigned_chunks_trailer) {
    return aws::fault::access_denied(aws::Family::s3);
  }
  if (proof.content_sha256.empty()) {
    proof.content_sha256 = aws::sigv4::kUnsignedPayload;
  }
  return proof;
}

}  // namespace

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

Task<Result<void, aws::Fault>> Front::admit(Exchange& exchange) {
  if (aws::reads_form(exchange.head)) {
    exchange.hold = Budget::Hold(budget_);
    auto form = co_await read_all(exchange.body, on_.limits.body_bytes_max, exchange.hold);
    if (!form) {
      co_return body_fault(aws::Family::query, form.error());
    }
    exchange.form = *std::move(form);
    exchange.body_was_read = true;
  }
  const auto authorization = aws::sigv4::parse_authorization(exchange.head);
  CAIRN_CO_TRY_VOID(recognise(exchange, authorization ? authorization->scope.service : ""));
  if (authorization) {
    co_return co_await identify(exchange, *authorization);
  }
  if (authorization.error().reason == aws::sigv4::Reason::missing && exchange.is_s3()) {
    CAIRN_CO_TRY(auto proof, unsigned_proof(exchange.head));
    exchange.payload =
        checked_payload(exchange.body, std::move(proof));  // anonymous: what policies grant to everybody
    exchange.region = "us-east-1";
    co_return Result<void, aws::Fault>{};
  }
  co_return aws::sigv4::to_fault(exchange.family(), authorization.error());
}

Result<void, aws::Fault> Front::recognise(Exchange& exchange, std::string_view scope_service) {
  auto recognised = aws::recognise(
      {.head = exchange.head, .scope_service = scope_service, .form = exchange.form, .s3_domains = {}});
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
    exchange.request_id = crypto::random_text(kS3RequestIdChars, kS3RequestIdAlphabet);
    std::array<std::byte, kHostIdBytes> host_id{};
    crypto::random_bytes(host_id);
    exchange.host_id = codec::base64_encode(std::span<const std::byte>(host_id));
  }
  return {};
}

Task<Result<std::string, aws::Fault>> Front::signed_payload_hash(
    Exchange& exchange, const aws::sigv4::Authorization& authorization) {
  if (exchange.is_s3()) {
    auto named = aws::sigv4::s3_payload_hash(exchange.head, authorization);
    if (!named) {
      co_return aws::sigv4::to_fault(exchange.family(), named.error());
    }
    co_return *std::move(named);
  }
  if (!exchange.body_was_read) {
    exchange.hold = Budget::Hold(budget_);
    auto body = co_await read_all(exchange.body, on_.limits.body_bytes_max, exchange.hold);
    if (!body) {
      co_return body_fault(exchange.family(), body.error());
    }
    exchange.form = *std::move(body);
    exchange.body_was_read = true;
  }
  co_return codec::hex_encode(crypto::sha256(exchange.form));
}

Task<Result<void, aws::Fault>> Front::identify(Exchange& exchange,
                                               const aws::sigv4::Authorization& authorization) {
  const auto family = exchange.family();
  const auto key = co_await on_.directory.key(authorization.access_key);
  if (!key) {
    log::error("cannot look up an access key", {{"error", key.error().text()}});
    co_return aws::to_fault(family, key.error());
  }
  if (!*key || !(*key)->active || !authorization.security_token.empty()) {
    co_return aws::fault::unrecognized_client(family);
  }
  CAIRN_CO_TRY(const auto payload_hash, co_await signed_payload_hash(exchange, authorization));
  auto seed = aws::sigv4::verify({.head = exchange.head,
                                  .authorization = authorization,
                                  .secret = (*key)->secret,
                                  .payload_hash = payload_hash,
                                  .now = exchange.time,
                                  .skew = exchange.is_s3() ? kS3Skew : kStandardSkew},
                                 keys_);
  if (!seed) {
    co_return aws::sigv4::to_fault(family, seed.error());
  }
  auto caller = co_await on_.directory.caller(**key);
  if (!caller) {
    log::error("cannot look up a caller", {{"error", caller.error().text()}});
    co_return aws::to_fault(family, caller.error());
  }
  if (!*caller) {
    co_return aws::fault::unrecognized_client(family);
  }
  exchange.caller = *std::move(*caller);
  exchange.region = authorization.scope.region;
  exchange.payload = checked_payload(exchange.body, {.content_sha256 = payload_hash,
                                                     .decoded_size = decoded_size(exchange.head),
                                                     .seed = *std::move(seed)});
  co_return Result<void, aws::Fault>{};
}

}  // namespace cairn::front
