// Texts that keys encrypt. Inside services/kms only.
#pragma once

#include <string>

#include "services/kms/operations.h"

namespace cairn::services::kms {

// By the key's newest material, in base64. REQUIRES: a symmetric key.
Found<std::string> sealed_text(const Dependencies& on, const keys::Key& key,
                               const keys::EncryptionContext& context, ByteView plaintext);
// Data keys are made by symmetric keys, and say nothing of an algorithm.
Found<void> check_generates(Call& call, const keys::Key& key);

}  // namespace cairn::services::kms
