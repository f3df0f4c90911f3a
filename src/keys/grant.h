// Grants: leave for one principal to use one key, for some operations, with some encryption contexts.
//
//   kms/grant/ACCOUNT/REGION/KEY/ID
//
// The key's document counts its grants, so that a key without any costs nothing and the limit is decided
// under its version. A grant's id is never used again. Values; any thread. Errc::corrupt: not what was
// written. Tested by keys_test.cc.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "keys/ciphertext.h"
#include "keys/key.h"

namespace cairn::keys {

struct GrantLimits {
  static constexpr std::size_t grants_max = 1000;  // of a key: each use of it looks at all of them
};

struct Grant {
  std::string id{};  // 64 hexadecimal digits
  std::string account{};
  std::string region{};
  std::string key{};
  std::string name{};      // empty: none
  std::string grantee{};   // an ARN, or a service principal
  std::string retiring{};  // likewise; empty: nobody
  std::vector<std::string> operations{};
  std::optional<EncryptionContext> context_equals{};
  std::optional<EncryptionContext> context_subset{};
  std::string issuer{};  // the account that made it
  Time created{};

  bool allows(std::string_view operation) const;
  bool is_constrained() const { return context_equals || context_subset; }
  // What the constraints say of an encryption context.
  bool accepts(const EncryptionContext& context) const;

  friend bool operator==(const Grant&, const Grant&) = default;
};

std::string grant_prefix(const Key& key);
std::string grants_prefix(std::string_view account, std::string_view region);
std::string grant_key(const Grant& grant);

std::string encode(const Grant& grant);
Result<Grant> decode_grant(const catalog::Document& document);

// All of a key's, in the order of their ids.
Task<Result<std::vector<Stored<Grant>>>> grants_of(catalog::Catalog& catalog, Key key);

}  // namespace cairn::keys
