// IAM's API: users, groups, roles, instance profiles, their policies, access keys and tags, managed policies
// and the account's own settings. What it answers is the table in iam.cc; the front
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
  // Of an account.
  static constexpr std::uint64_t users_max = 5000;
  static constexpr std::uint64_t groups_max = 300;
  static constexpr std::uint64_t roles_max = 1000;
  static constexpr std::uint64_t instance_profiles_max = 1000;
  static constexpr std::uint64_t managed_policies_max = 1500;
  // Of a user.
  static constexpr std::size_t keys_max = 2;
  static constexpr std::size_t groups_of_user_max = 10;
  // Of a user, a group or a role.
  static constexpr std::size_t attached_max = 10;   // managed policies
  static constexpr std::size_t policies_max = 100;  // inline
  static constexpr std::size_t tags_max = 50;
  // Characters, white space aside: of all inline policies of one, of a managed policy, of a role's trust.
  static constexpr std::size_t policy_characters_max = 2048;  // a user's
  static constexpr std::size_t group_policy_characters_max = 5120;
  static constexpr std::size_t role_policy_characters_max = 10240;
  static constexpr std::size_t managed_policy_characters_max = 6144;
  static constexpr std::size_t trust_characters_max = 2048;
  static constexpr std::size_t policy_versions_max = 5;  // of a managed policy
  static constexpr std::size_t page_default = 100;
  static constexpr std::size_t page_max = 1000;
};

// Both outlive the service.
std::unique_ptr<front::Service> make_iam(catalog::Catalog& catalog, const crypto::Sealer& sealer);

}  // namespace cairn::services::iam
