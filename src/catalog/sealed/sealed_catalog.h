// SealedCatalog: a catalog whose outbox rows, and documents below some prefixes, lie sealed in another one.
//
//   sealed value = mark 0x02, sealed message (crypto/messages.h), bound to "outbox" or to the document's key
//
// What does not begin with the mark was written before and is read as it is. Thread-safe. Errors are the
// other's; Errc::corrupt, or Errc::denied if it was sealed under another key: a document that does not open.
// A row that does not open is handed on as it lies there: who reads it finds it damaged.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/catalog.h"
#include "crypto/secret.h"

namespace cairn::catalog::sealed {

// What the key is derived from the master key for.
inline constexpr std::string_view kKeyPurpose = "catalog records";
// What a value grows by: the other's limit of a value is for what is sealed.
inline constexpr std::size_t kOverheadBytes = 41;

// `prefixes`: of the documents that are sealed; "" means all of them.
std::unique_ptr<Catalog> make_sealed(std::unique_ptr<Catalog> inner, crypto::Secret key,
                                     std::vector<std::string> prefixes);

}  // namespace cairn::catalog::sealed
