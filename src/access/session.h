// Temporary credentials: what STS hands out, and what comes back with each call. Nothing of them is stored:
// the session token carries the secret and all that the session is, sealed under the master key and bound to
// the access key's id (ASIA…). So they cannot be listed or called back; they end with their time, or with the
// role or user they were made for.
//
// A token, version 1: base64 of a seal (crypto/sealer.h) over
//   the secret, 40 characters | gzip of a JSON object {"v": 1, "kind": …}
// Associated data: "access/session/" and the access key's id.
//
// Values; any thread. Tested by session_test.cc; fuzzed by session_fuzz.cc.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/documents.h"
#include "base/result.h"
#include "base/time.h"
#include "crypto/sealer.h"
#include "crypto/secret.h"

namespace cairn::access {

struct SessionLimits {
  // Policies and tags as they lie in the token; PackedPolicySize is in percent of it. A token must fit into a
  // header.
  static constexpr std::size_t packed_bytes_max = 6144;
  static constexpr std::size_t token_bytes_max = 32768;     // of what callers send
  static constexpr std::size_t content_bytes_max = 262144;  // of what is in it, unpacked
};

enum class SessionKind {
  user,       // GetSessionToken: the user himself, or root
  role,       // AssumeRole
  federated,  // GetFederationToken: what the user, or root, let somebody do
};

struct Session {
  SessionKind kind = SessionKind::role;
  std::string account{};   // of the role or user
  std::string owner{};     // the role's or user's name; empty: root
  std::string owner_id{};  // another of the same name is not the same; root: the account
  std::string name{};      // of the session: RoleSessionName, or the federated user's
  Time issued{};
  Time expires{};
  std::vector<std::string> policies{};     // session policies: documents
  std::vector<std::string> policy_arns{};  // and managed ones
  bool limited = false;                    // session policies were passed, or none and that is what counts
  std::vector<Tag> tags{};
  std::vector<std::string> transitive{};  // keys among them
  std::string source_identity{};
};

struct SealedSession {
  std::string token;
  std::size_t packed_bytes = 0;  // of policies and tags
};

// ASIA and 16 characters of base32.
std::string new_session_key_id();

SealedSession seal_session(const crypto::Sealer& sealer, std::string_view key_id,
                           const crypto::Secret& secret, const Session& session);

struct OpenedSession {
  crypto::Secret secret;
  Session session;
};
// None: not one of ours, or of another key. Whether it has expired is for the caller to see.
std::optional<OpenedSession> open_session(const crypto::Sealer& sealer, std::string_view key_id,
                                          std::string_view token);

}  // namespace cairn::access
