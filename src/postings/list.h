// The rows of a term that has several, as bytes: docs/formats/postings.md, "Lists". Rows (postings.h) reads
// them. Internal to postings/. Pure.
#pragma once

#include <span>
#include <string>

#include "postings/postings.h"

namespace cairn::postings {

// Appends the list. REQUIRES: rows rise, and there is one at least.
void put_list(std::string& to, std::span<const Row> rows);

}  // namespace cairn::postings
