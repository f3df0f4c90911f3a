// What permission a call takes, and which keys it is about. Inside services/kms only.
#pragma once

#include <vector>

#include "services/kms/operations.h"

namespace cairn::services::kms {

enum class About {
  nothing,     // "*"
  own_key,     // KeyId: an id or an ARN, of the caller's account
  key_by_id,   // KeyId: an id, or an ARN, of another account, too
  grant,       // RetireGrant: GrantToken, or KeyId and GrantId
  any_key,     // KeyId: an alias, too; other accounts' by their ARNs
  ciphertext,  // Decrypt: the key that it names
  two_keys,    // ReEncrypt
  new_key,     // CreateKey
  alias,       // AliasName, what it is for, and TargetKeyId where there is one
  aliases,     // ListAliases: of a key, or all
};

struct Question {
  std::vector<access::Ask> asks{};
  Asked asked{};
};

// NotFoundException and the like, where what is named is not there. The record names the caller's own keys: other
// accounts' only when he may use them, since what is there and what is not must look alike.
Task<Found<Question>> ask(const Dependencies& on, Call& call, About about);

}  // namespace cairn::services::kms
