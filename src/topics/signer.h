// The signer: the RSA key that signs what SNS sends, and the certificate by which subscribers check it.
//
//   sns/signer    the key, sealed under the master key, and its certificate; made at the first signature
//
// Subscribers fetch the certificate from a path that names its bytes, so it never changes. Thread-safe: the
// key is read once and kept; signatures are made on the pool. Errc::corrupt, Errc::denied: not what was
// written, or under another master key. Tested by signer_test.cc.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "async/pool.h"
#include "async/task.h"
#include "base/time.h"
#include "catalog/catalog.h"
#include "crypto/rsa.h"
#include "crypto/sealer.h"

namespace cairn::topics {

inline constexpr std::string_view kSignerKey = "sns/signer";

struct Signing {
  crypto::RsaPrivateKey key;
  std::string certificate{};  // PEM
  std::string path{};         // "/SimpleNotificationService-….pem"
};

class Signer {
 public:
  // All outlive it.
  Signer(catalog::Catalog& catalog, const crypto::Sealer& sealer, async::Pool& pool, const Clock& clock)
      : catalog_(catalog), sealer_(sealer), pool_(pool), clock_(clock) {}

  // Makes the key if there is none yet.
  Task<Result<std::shared_ptr<const Signing>>> signing();
  // In base64: SHA-1 for version "1", SHA-256 for "2".
  Task<Result<std::string>> sign(std::string text, std::string version);
  // Of the certificate that lies under that path; makes none.
  Task<Result<std::optional<std::string>>> certificate(std::string path);

 private:
  std::shared_ptr<const Signing> kept() const;
  Task<Result<std::shared_ptr<const Signing>>> load();
  Task<Result<void>> make();

  catalog::Catalog& catalog_;
  const crypto::Sealer& sealer_;
  async::Pool& pool_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Signing> signing_;  // guarded by mutex_
};

bool is_certificate_path(std::string_view path);

}  // namespace cairn::topics
