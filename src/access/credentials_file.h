// <data>/credentials: an AWS profile file with the keys of what apply_declared() answered. [default] is the
// first account's administrator, [ID] that account's, [ID.USER] a declared user. Pure but for the write,
// which blocks.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "access/bootstrap.h"
#include "base/result.h"

namespace cairn::access {

crypto::Secret credentials_text(const std::vector<Credential>& credentials, std::string_view region);

// Whole or not at all, readable by the owner alone (0600), also while it is being written. Replaces what is
// there; writes nothing where it is there already, so that a full disk does not keep a server from starting.
Result<void> write_credentials(const std::filesystem::path& path, const std::vector<Credential>& credentials,
                               std::string_view region);

struct ReadCredential {
  std::string key_id;
  crypto::Secret secret;
};
// The key of one profile, as write_credentials() wrote it. Errc::not_found: no such file, or no such profile in it.
Result<ReadCredential> read_credentials(const std::filesystem::path& path, std::string_view profile);

}  // namespace cairn::access
