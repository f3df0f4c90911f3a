// What a store finds when it opens: the catalog's documents are the truth, and what no document names is
// removed. Internal to store/.
#pragma once

#include "blob/blob.h"
#include "catalog/catalog.h"
#include "store/lookup.h"

namespace cairn::store {

struct Loaded {
  journal::Position cursor;
  catalog::Version cursor_version = 0;
  Segments segments;  // newest first
};

// Errc::corrupt: a document cannot be read, or names a blob that is missing or has another size.
Task<Result<Loaded>> load(std::string name, catalog::Catalog& catalog, blob::Blob& blob);

void sort_newest_first(Segments& segments);

std::string segment_prefix(const std::string& store);  // of the documents' keys
std::string blob_prefix(const std::string& store);
std::string cursor_key(const std::string& store);

}  // namespace cairn::store
