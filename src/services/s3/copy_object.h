// What a copy names as its source, and its bytes. Inside services/s3 only.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/http.h"
#include "services/s3/checksums.h"
#include "services/s3/operations.h"
#include "services/s3/upload.h"

namespace cairn::services::s3 {

struct CopySource {
  std::string bucket;
  std::string key;
  std::optional<std::string> version;
};

// x-amz-copy-source: "bucket/key" or "/bucket/key", percent-encoded, with ?versionId=… perhaps.
// InvalidArgument.
Result<CopySource, aws::Fault> parse_copy_source(std::string_view text);

// The bytes of the version that the call copies from, or `range` of them ("bytes=a-b"; empty: all). Its
// conditions hold (x-amz-copy-source-if-…). PreconditionFailed, InvalidArgument, NoSuchKey, ….
Task<Result<std::unique_ptr<http::BodySource>, aws::Fault>> open_source(const Dependencies& on, Call& call,
                                                                        std::string_view range);

// Takes all of `from` to the object's place, and sets its size, ETag and, if any are computed, checksums.
Task<Result<void, aws::Fault>> copy_bytes(const Dependencies& on, http::BodySource& from, Place& place,
                                          Object& object, Checksums& checksums);

}  // namespace cairn::services::s3
