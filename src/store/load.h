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
  std::vector<Aside> aside;  // by position
};

// A segment with a blob that is missing or has another size is among them: reading it is an error, and the
// others are there. Errc::corrupt: a document cannot be read.
Task<Result<Loaded>> load(std::string name, catalog::Catalog& catalog, blob::Blob& blob);

void sort_newest_first(Segments& segments);

std::string segment_prefix(const std::string& store);  // of the documents' keys
std::string aside_key(const std::string& store, journal::Position position);
std::string blob_prefix(const std::string& store);
std::string cursor_key(const std::string& store);

}  // namespace cairn::store
