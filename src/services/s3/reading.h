// An object's bytes, or a range of them, wherever they lie: in its document, in a blob, in the parts of an
// upload. Memory is one buffer, whatever the size. Inside services/s3 only.
#pragma once

#include <memory>
#include <optional>

#include "crypto/secret.h"
#include "http/http.h"
#include "services/s3/documents.h"
#include "services/s3/s3.h"

namespace cairn::services::s3 {

struct Span {
  std::uint64_t first = 0;
  std::uint64_t length = 0;
};

// Errc::not_found: swept since the document was read; read that again. Of an upload's parts that may come
// later, from the source, if the object was replaced so long ago that they are swept.
// `data_key`: of an object that KMS has a say in (encryption.h); without it Errc::denied.
// REQUIRES: the span is inside the object, and the stores outlive the source.
Task<Result<std::unique_ptr<http::BodySource>>> open_object(const Dependencies& on, Object object, Span span,
                                                            std::optional<crypto::Secret> data_key);

struct Part {
  Span span;
  std::vector<Checksum> checksums;  // of its bytes
};

// An object's nth part, counted from 1; of an object that is not in parts the first is the whole. Nothing: it
// has no such part. Errors as open_object()'s.
Task<Result<std::optional<Part>>> part_of(const Dependencies& on, Object object, std::int64_t number);

}  // namespace cairn::services::s3
