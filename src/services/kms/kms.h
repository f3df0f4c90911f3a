// KMS's API: keys, their policies, names and material, and what is encrypted with them. What it answers is
// the table in kms.cc; the front refuses the rest as not implemented.
//
// Key material is sealed under the master key and leaves this process in no form but what it encrypted. What
// encrypts or decrypts is in the trail, as are all other calls: with the encryption context, without
// plaintext and ciphertext.
#pragma once

#include <memory>
#include <string>

#include "async/pool.h"
#include "catalog/catalog.h"
#include "crypto/sealer.h"
#include "front/service.h"

namespace cairn::services::kms {

struct Limits {
  static constexpr std::size_t page_max = 1000;   // as AWS's
  static constexpr std::size_t page_usual = 100;  // where nobody says how long
  static constexpr std::size_t tags_page_usual = 50;
  static constexpr std::size_t context_bytes_max = 8U << 10;  // of an encryption context, as AWS's
};

class Workshop;
// What makes RSA keys, and signs and decrypts with them, on the pool's threads; which outlives it. None:
// where it is asked for.
std::shared_ptr<Workshop> make_workshop(async::Pool* pool);

// The references outlive the service.
struct Dependencies {
  catalog::Catalog& catalog;
  const crypto::Sealer& sealer;
  std::shared_ptr<Workshop> workshop = make_workshop(nullptr);
};

std::unique_ptr<front::Service> make_kms(Dependencies dependencies);

}  // namespace cairn::services::kms
