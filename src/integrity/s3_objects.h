// A bucket, or all below a prefix of it, by calls to S3: ListObjectsV2 and GetObject. What cannot be reached
// is tried again a few times.
#pragma once

#include <memory>
#include <string>

#include "aws/client.h"
#include "integrity/objects.h"
#include "integrity/public_key.h"
#include "integrity/report.h"

namespace cairn::integrity {

// `prefix`: of keys, as S3 takes it. The client outlives it; its answers may have kObjectBytesMax.
std::unique_ptr<Objects> s3_objects(aws::Client& client, std::string region, std::string bucket,
                                    std::string prefix);

// By ListPublicKeys in a Region.
Task<Result<PublicKeys>> listed_public_keys(aws::Client& client, std::string region, Interval time);

}  // namespace cairn::integrity
