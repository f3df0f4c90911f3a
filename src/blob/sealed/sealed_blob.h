// A blob store that seals what another one keeps (crypto/sealed_file.h): a blob of the other is a sealed
// file, which opens under its own name and this master key alone. docs/formats/sealed.md, README.md.
//
// Sealed are the blobs whose names say so (blob/name.h); the others are handed on as they are: those that
// their owner has sealed himself, and those that an older version put.
//
// Thread-safe, as the port is. Sealing and opening are done where the task runs, 256 KiB at a time.
#pragma once

#include <functional>
#include <memory>

#include "blob/blob.h"
#include "blob/name.h"
#include "crypto/master_key.h"

namespace cairn::blob::sealed {

// Is a blob of this name to be sealed? The same answer each time.
using Which = std::function<bool(std::string_view name)>;

// The other store outlives it, or is its own. What is not a whole sealed blob, or another one's, is
// Errc::corrupt when it is read; a list says of it that it has no bytes. `bytes_max` is of the plain bytes of
// one that is sealed; the other's own limit is of what lies there.
std::unique_ptr<Blob> seal(std::unique_ptr<Blob> other, const crypto::MasterKey& key);
std::unique_ptr<Blob> seal(Blob& other, const crypto::MasterKey& key, Which which = wants_sealing,
                           std::uint64_t bytes_max = Limits{}.blob_bytes_max);

}  // namespace cairn::blob::sealed
