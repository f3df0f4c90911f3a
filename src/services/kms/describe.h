// A key as answers show it. Inside services/kms only.
#pragma once

#include <boost/json/object.hpp>

#include "keys/key.h"

namespace cairn::services::kms {

boost::json::object described(const keys::Key& key);  // KeyMetadata
// EncryptionAlgorithms, SigningAlgorithms or MacAlgorithms: one of them, by what the key is for.
void show_algorithms(const keys::Key& key, boost::json::object& shown);

}  // namespace cairn::services::kms
