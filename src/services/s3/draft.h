// What a call is about to change in the catalog: it reads through the draft, sees what it has changed itself,
// and everything it has read is expected to be the same when the changes are committed.
//
// For one call in one run; not thread-safe. Errors are the catalog's.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "catalog/catalog.h"

namespace cairn::services::s3 {

class Draft {
 public:
  explicit Draft(catalog::Catalog& catalog) : catalog_(catalog) {}

  // The document's value, as it is or will be. Read once from the catalog, and expected from then on.
  Task<Result<std::optional<std::string>>> get(std::string key);
  // The first document whose key starts with `prefix`, as it is or will be. What else comes under the prefix
  // meanwhile is not noticed: expect something that changes with it.
  Task<Result<std::optional<catalog::Document>>> first(std::string prefix);

  // Of what was read: provided that it is still the same. Of what was not: whatever is there.
  void put(std::string key, std::string value);
  void remove(std::string key);
  void expect(std::string key, catalog::Version version);

  bool changes() const;
  // Nothing, if nothing changes.
  catalog::Transaction take();

 private:
  struct Entry {
    std::optional<catalog::Version> version;  // that is expected
    std::optional<std::string> value;         // as it is or will be
    bool known = false;
    bool changed = false;
  };
  catalog::Catalog& catalog_;
  std::map<std::string, Entry> entries_;
};

}  // namespace cairn::services::s3
