// The sections that a builder makes of its scopes, keys and postings. docs/formats/postings.md. Internal to
// postings/. Pure.
#pragma once

#include <span>
#include <string>

#include "postings/postings.h"

namespace cairn::postings {

struct KeyParts {
  std::string blocks;
  std::string bits;
};
KeyParts key_parts(std::span<const Key> keys);

struct TermParts {
  std::string buckets;
  std::string entries;
  std::string lists;
};
// `postings`: fingerprint in the upper half, row in the lower. REQUIRES: sorted, each once.
TermParts term_parts(std::span<const std::uint64_t> postings);

}  // namespace cairn::postings
