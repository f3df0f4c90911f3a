// A key as answers show it. Inside services/kms only.
#pragma once

#include <boost/json/object.hpp>

#include "keys/key.h"

namespace cairn::services::kms {

boost::json::object described(const keys::Key& key);  // KeyMetadata

}  // namespace cairn::services::kms
