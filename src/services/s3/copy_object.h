// What a copy names as its source. Inside services/s3 only.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "services/s3/operations.h"

namespace cairn::services::s3 {

struct CopySource {
  std::string bucket;
  std::string key;
  std::optional<std::string> version;
};

// x-amz-copy-source: "bucket/key" or "/bucket/key", percent-encoded, with ?versionId=… perhaps.
// InvalidArgument.
Result<CopySource, aws::Fault> parse_copy_source(std::string_view text);

}  // namespace cairn::services::s3
