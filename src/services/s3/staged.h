// What a call of ours keeps from its authorisation to its last run.
#pragma once

#include <optional>

#include "services/s3/documents.h"
#include "services/s3/leftovers.h"
#include "services/s3/s3.h"

namespace cairn::services::s3 {

struct Staged final : front::Staged {
  Staged() = default;
  ~Staged() override {
    if (leftovers != nullptr && object && !object->blob.empty()) {
      leftovers->add(object->blob);
    }
  }

  std::string bucket_id;         // whose policy was asked; empty: none was
  std::optional<Object> object;  // a put's, its bytes durable: a second run after a conflict uses it again
  Leftovers* leftovers = nullptr;
};

// The call's, made if there is none.
Staged& staged_of(front::Call& call);

}  // namespace cairn::services::s3
