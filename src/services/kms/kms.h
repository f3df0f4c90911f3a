// KMS's API: keys, their policies, names and material, and what is encrypted with them. What it answers is the table in
// kms.cc; the front refuses the rest as not implemented.
//
// Key material is sealed under the master key and leaves this process in no form but what it encrypted. What encrypts
// or decrypts is in the trail, as are all other calls: with the encryption context, without plaintext and ciphertext.
#pragma once

#include <memory>
#include <string>

#include "catalog/catalog.h"
#include "crypto/sealer.h"
#include "front/service.h"

namespace cairn::services::kms {

struct Limits {
  static constexpr std::size_t page_max = 1000;     // as AWS's
  static constexpr std::size_t page_usual = 100;    // where nobody says how long
  static constexpr std::size_t tags_page_usual = 50;
  static constexpr std::size_t context_bytes_max = 8U << 10;  // of an encryption context, as AWS's
};

// Both outlive the service.
struct Dependencies {
  catalog::Catalog& catalog;
  const crypto::Sealer& sealer;
};

std::unique_ptr<front::Service> make_kms(Dependencies dependencies);

}  // namespace cairn::services::kms
