// The plain bytes of a sealed blob, as an answer's body. A long one's are opened on a thread of the pool,
// some blocks at a time, while those before are sent: opening takes as long as sending.
//
// A source is one task's. Inside services/s3 only.
#pragma once

#include <memory>
#include <string>

#include "async/pool.h"
#include "blob/blob.h"
#include "crypto/secret.h"
#include "http/http.h"

namespace cairn::services::s3 {

struct SealedPlace {
  blob::Blob& blob;
  async::Pool* pool = nullptr;  // none: all is opened where it is read
};

// The plain bytes from `first`, `length` of them, of a sealed blob that has `size` plain ones. Errc::corrupt:
// it has another size, or, from the source, was changed. Other errors are the blob's.
Task<Result<std::unique_ptr<http::BodySource>>> open_sealed(SealedPlace place, std::string name,
                                                            crypto::Secret key, std::uint64_t first,
                                                            std::uint64_t length, std::uint64_t size);

}  // namespace cairn::services::s3
