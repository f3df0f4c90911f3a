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

}  // namespace cairn::access
