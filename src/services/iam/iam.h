// IAM's API: users, their access keys and inline policies. What it answers is the table in iam.cc; the front
// refuses the rest as not implemented. Users that the configuration declares are shown, but only the
// configuration changes them (UnmodifiableEntity).
#pragma once

#include <memory>

#include "catalog/catalog.h"
#include "crypto/sealer.h"
#include "front/service.h"

namespace cairn::services::iam {

// AWS's quotas. Not configurable there either, but for the number of users.
struct Limits {
  static constexpr std::uint64_t users_max = 5000;  // of an account
  static constexpr std::size_t keys_max = 2;        // of a user
  static constexpr std::size_t policy_characters_max =
      2048;                                         // of all inline policies of a user, white space aside
  static constexpr std::size_t policies_max = 100;  // of a user
  static constexpr std::size_t tags_max = 50;       // of a user
  static constexpr std::size_t page_default = 100;
  static constexpr std::size_t page_max = 1000;
};

// Both outlive the service.
std::unique_ptr<front::Service> make_iam(catalog::Catalog& catalog, const crypto::Sealer& sealer);

}  // namespace cairn::services::iam
