// What a multipart upload's object has for checksums, from those of its parts: the ETag, and COMPOSITE (a
// checksum of the parts' checksums) or FULL_OBJECT (of all the bytes, CRCs only). Pure. Tested by
// part_checksums_test.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "aws/fault.h"
#include "base/result.h"

namespace cairn::services::s3 {

inline constexpr std::string_view kComposite = "COMPOSITE";
inline constexpr std::string_view kFullObject = "FULL_OBJECT";

struct PartSum {
  std::string value;  // as it is shown: hexadecimal of an MD5, base64 of the others
  std::uint64_t bytes = 0;
};

// "…-3".
std::string etag_of_parts(std::span<const PartSum> md5s);
// The object's checksum as it is shown, "…-3" if it is composite. REQUIRES: the type is of the algorithm, and
// the values are what Checksums computed.
std::string checksum_of_parts(std::string_view algorithm, std::string_view type,
                              std::span<const PartSum> parts);

// What an upload's checksums are, from what its beginning asks for (either may be empty). InvalidRequest.
struct ChecksumKind {
  std::string algorithm;  // empty: none
  std::string type;
};
Result<ChecksumKind, aws::Fault> checksum_kind(std::string_view algorithm, std::string_view type);

}  // namespace cairn::services::s3
