// SealedCatalog: a catalog whose outbox rows, and documents below some prefixes, lie sealed in another one.
//
//   sealed value = mark 0x02, sealed message (crypto/messages.h), bound to "outbox" or to the document's key
//
// What does not begin with the mark was written before and is read as it is; what is written with it is
// sealed already, and stays as it is. Thread-safe. Errors are the other's; Errc::corrupt: a document that
// does not open; Errc::denied: a document or row that was sealed under another key. A row that is damaged is
// handed on as it lies there: who reads it finds it so.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/catalog.h"
#include "crypto/messages.h"
#include "crypto/secret.h"

namespace cairn::catalog::sealed {

// What the key is derived from the master key for.
inline constexpr std::string_view kKeyPurpose = "catalog records";
// What a value grows by: the other's limit of a value is for what is sealed.
inline constexpr std::size_t kOverheadBytes = 41;

// Of a value as it lies in the other one.
bool is_sealed(std::string_view value);
// A document's. REQUIRES: it is sealed. Errc::corrupt, Errc::denied.
Result<std::string> open_document(crypto::MessageOpener& opener, const Document& document);

// `prefixes`: of the documents that are sealed; "" means all of them.
std::unique_ptr<Catalog> make_sealed(std::unique_ptr<Catalog> inner, crypto::Secret key,
                                     std::vector<std::string> prefixes);

}  // namespace cairn::catalog::sealed
