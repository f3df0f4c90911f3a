// A folder as a copy of a bucket, or of all below one prefix of it. An object's metadata are in a file beside
// it, FILE.metadata.json: {"signature": "…", "signature-algorithm": "SHA256withRSA"}, what `aws s3api
// head-object --query Metadata` prints; they may be missing. Blocks the loop that reads.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "integrity/objects.h"

namespace cairn::integrity {

// `prefix`: what is before the folder's names in the bucket, with its '/'; usually nothing. Links are not
// followed.
std::unique_ptr<Objects> folder_objects(std::filesystem::path folder, std::string prefix);

}  // namespace cairn::integrity
