#include "integrity/judge.h"

#include <fmt/format.h>

#include "codec/gzip.h"
#include "integrity/signature.h"

namespace cairn::integrity {
namespace {

Verdict invalid(std::string why) {
  return {State::invalid, std::move(why)};
}

Verdict of_get(const Error& error) {
  if (error.code == Errc::not_found) {
    return invalid("not found");
  }
  if (error.code == Errc::limit) {
    return invalid(fmt::format("larger than {} bytes", kObjectBytesMax));
  }
  return {State::unlooked, error.text()};
}

Verdict of_gzip(const Error& error) {
  return invalid(error.code == Errc::limit ? "invalid format: " + error.text() : "invalid format");
}

bool is_where_it_says(const JudgedDigest& judged) {
  return judged.digest->key == judged.key &&
         (judged.bucket.empty() || judged.digest->bucket == judged.bucket);
}

std::optional<std::string> signature_in(const std::map<std::string, std::string>& metadata) {
  const auto signature = metadata.find(std::string(kSignatureMetadata));
  const auto algorithm = metadata.find(std::string(kSignatureAlgorithmMetadata));
  if (signature == metadata.end() || algorithm == metadata.end() ||
      algorithm->second != kSignatureAlgorithm) {
    return std::nullopt;
  }
  return signature->second;
}

Verdict signature_verdict(const JudgedDigest& judged, std::string_view signature, const PublicKeys& keys) {
  const auto key = keys.find(judged.digest->fingerprint);
  if (key == keys.end()) {
    return invalid(fmt::format("public key not found in region {} for fingerprint {}",
                               judged.name.home_region, judged.digest->fingerprint));
  }
  if (!verifies_hash(key->second, *judged.digest, judged.hash, signature)) {
    return invalid("signature verification failed");
  }
  return {};
}

Verdict verdict_of(JudgedDigest& judged, const Object& object, const PublicKeys& keys) {
  const auto text = codec::gzip_decompress(object.bytes, kDigestBytesMax);
  if (!text) {
    return of_gzip(text.error());
  }
  judged.hash = sha256_hex(*text);
  auto digest = digest_from(*text);
  if (!digest) {
    return invalid("invalid format: " + digest.error().text());
  }
  judged.digest = *std::move(digest);
  if (!is_where_it_says(judged)) {
    return invalid("has been moved from its original location");
  }
  if (!object.metadata) {
    return {State::unattested, "no signature is kept with it"};
  }
  const auto signature = signature_in(*object.metadata);
  if (!signature) {
    return invalid("signature verification failed: its metadata has none");
  }
  judged.signature = *signature;
  return signature_verdict(judged, *signature, keys);
}

}  // namespace

Task<JudgedDigest> judge_digest(Objects& objects, const PublicKeys& keys, std::string bucket, std::string key,
                                DigestName name) {
  JudgedDigest judged;
  judged.key = std::move(key);
  judged.name = std::move(name);
  judged.bucket = std::move(bucket);
  const auto object = co_await objects.get(judged.bucket, judged.key);
  judged.verdict = object ? verdict_of(judged, *object, keys) : of_get(object.error());
  co_return judged;
}

void judge_by(JudgedDigest& judged, std::string_view signature, const PublicKeys& keys) {
  judged.signature = signature;
  judged.verdict = signature_verdict(judged, signature, keys);
}

Task<Verdict> judge_log_file(Objects& objects, LogFile file) {
  const auto object = co_await objects.get(file.bucket, file.key);
  if (!object) {
    co_return of_get(object.error());
  }
  const auto text = codec::gzip_decompress(object->bytes, kLogTextBytesMax);
  if (!text) {
    co_return of_gzip(text.error());
  }
  if (sha256_hex(*text) != file.hash) {
    co_return invalid("hash value doesn't match");
  }
  co_return Verdict{};
}

}  // namespace cairn::integrity
