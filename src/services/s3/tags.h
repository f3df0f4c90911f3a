// Tags of objects: at most ten, as S3 allows them. Inside services/s3 only.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "services/s3/operations.h"

namespace cairn::services::s3 {

using Tags = std::map<std::string, std::string>;

// x-amz-tagging: "a=b&c=d", percent-encoded. InvalidArgument, InvalidTag, BadRequest (too many).
Result<Tags, aws::Fault> tags_of_header(std::string_view text);
// A TagSet of the model's. InvalidTag, BadRequest.
Result<Tags, aws::Fault> tags_of_set(const boost::json::object& tagging);

}  // namespace cairn::services::s3
