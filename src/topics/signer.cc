// Tested by signer_test.cc.
#include "topics/signer.h"

#include "codec/base64.h"
#include "crypto/certificate.h"
#include "crypto/hash.h"
#include "json/json.h"

namespace cairn::topics {
namespace {

constexpr std::string_view kPathBegin = "/SimpleNotificationService-";
constexpr std::string_view kPathEnd = ".pem";
constexpr std::size_t kPathDigits = 32;
constexpr std::chrono::days kCertificateHolds{3650};
constexpr std::string_view kCertificateName = "Cairn SNS";

std::string path_of(std::string_view certificate) {
  return std::string(kPathBegin) + codec::hex_encode(crypto::sha256(certificate)).substr(0, kPathDigits) +
         std::string(kPathEnd);
}

Error not_written() {
  return {Errc::corrupt, "read the key that signs messages: not what was written", std::string(kSignerKey)};
}

Result<std::shared_ptr<const Signing>> decode_signing(const catalog::Document& document,
                                                      const crypto::Sealer& sealer) {
  const auto object = json::parse_object(document.value);
  if (!object || json::find_int(*object, "v") != 1) {
    return not_written();
  }
  const auto sealed = codec::base64_decode(json::find_string(*object, "key").value_or(""));
  const auto certificate = json::find_string(*object, "certificate");
  if (!sealed || !certificate) {
    return not_written();
  }
  CAIRN_TRY(const auto der, sealer.open(*sealed, kSignerKey));
  auto key = crypto::RsaPrivateKey::from_der(der.bytes());
  if (!key) {
    return not_written();
  }
  return std::shared_ptr<const Signing>(std::make_shared<Signing>(Signing{
      .key = *std::move(key), .certificate = std::string(*certificate), .path = path_of(*certificate)}));
}

}  // namespace

bool is_certificate_path(std::string_view path) {
  return path.size() == kPathBegin.size() + kPathDigits + kPathEnd.size() && path.starts_with(kPathBegin) &&
         path.ends_with(kPathEnd);
}

std::shared_ptr<const Signing> Signer::kept() const {
  const std::lock_guard lock(mutex_);
  return signing_;
}

// Null: there is none yet.
Task<Result<std::shared_ptr<const Signing>>> Signer::load() {
  if (auto there = kept()) {
    co_return there;
  }
  CAIRN_CO_TRY(const auto document, co_await catalog_.get(std::string(kSignerKey)));
  if (!document) {
    co_return std::shared_ptr<const Signing>();
  }
  CAIRN_CO_TRY(auto read, decode_signing(*document, sealer_));
  const std::lock_guard lock(mutex_);
  signing_ = read;
  co_return read;
}

Task<Result<void>> Signer::make() {
  const auto generate = [] { return crypto::RsaPrivateKey::generate(); };
  CAIRN_CO_TRY(const auto key, co_await pool_.run(generate));
  const auto now = clock_.now();
  CAIRN_CO_TRY(const auto certificate,
               crypto::self_signed_certificate(
                   key, {.common_name = kCertificateName, .from = now, .until = now + kCertificateHolds}));
  const auto der = key.to_der();
  catalog::Transaction change;
  change.writes.push_back({.key = std::string(kSignerKey),
                           .value = json::serialize(json::object{
                               {"v", 1},
                               {"key", codec::base64_encode(sealer_.seal(der.bytes(), kSignerKey))},
                               {"certificate", certificate}}),
                           .expected = 0});
  const auto committed = co_await catalog_.commit(std::move(change));
  const bool another_was_faster = !committed && committed.error().code == Errc::conflict;
  if (!committed && !another_was_faster) {
    co_return committed.error();
  }
  co_return Result<void>();
}

Task<Result<std::shared_ptr<const Signing>>> Signer::signing() {
  CAIRN_CO_TRY(auto there, co_await load());
  if (there != nullptr) {
    co_return there;
  }
  CAIRN_CO_TRY_VOID(co_await make());
  CAIRN_CO_TRY(auto made, co_await load());
  if (made == nullptr) {
    co_return not_written();
  }
  co_return made;
}

Task<Result<std::string>> Signer::sign(std::string text, std::string version) {
  CAIRN_CO_TRY(const auto with, co_await signing());
  const auto hash = version == "2" ? crypto::Algorithm::sha256 : crypto::Algorithm::sha1;
  const auto work = [with, hash, text = std::move(text)] {
    return codec::base64_encode(with->key.sign(text, hash));
  };
  co_return co_await pool_.run(work);
}

Task<Result<std::optional<std::string>>> Signer::certificate(std::string path) {
  CAIRN_CO_TRY(const auto there, co_await load());
  if (there == nullptr || there->path != path) {
    co_return std::optional<std::string>();
  }
  co_return std::optional(there->certificate);
}

}  // namespace cairn::topics
