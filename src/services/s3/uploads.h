// Multipart uploads in the catalog. An upload is a document from its beginning to its end; each part is one,
// too, and names its blob. Completing an upload writes the object's document, which says whose parts it is
// made of: neither bytes nor parts are touched, however many there are. Inside services/s3 only.
//
//   s3/upload/<bucket id>/<key>…<upload id>            an upload under way
//   s3/part/<bucket id>/<upload id>/<part number>      its parts, then the object's: five digits, so in order
//   s3/dropped/<bucket id>/<upload id>                 since when nobody needs these parts: aborted, replaced
//
// Every change of an upload's parts expects the upload's document, and ending an upload removes it: so of a
// part that comes and the upload's end one happens. An upload's id is its own for ever.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "services/s3/draft.h"
#include "services/s3/operations.h"

namespace cairn::services::s3 {

struct Upload {
  std::string id;
  Object object;          // what it is to become: key, headers, …; modified: when it was begun
  std::string algorithm;  // of its parts' checksums: "CRC32"; empty: none
  std::string checksum_type;
  std::string initiator;  // an ARN
};

inline constexpr std::string_view kUploadPrefix = "s3/upload/";
inline constexpr std::string_view kDroppedPrefix = "s3/dropped/";
inline constexpr std::int64_t kPartsMax = 10'000;

std::string new_upload_id(Time now);  // later ones sort behind
std::string uploads_prefix(const Bucket& bucket);
std::string upload_key(const Bucket& bucket, std::string_view key, std::string_view id);
// "<bucket id>/<upload id>": what objects and keys of parts say.
std::string upload_name(const Bucket& bucket, std::string_view id);
std::string parts_prefix(std::string_view upload_name);
std::string part_key(std::string_view upload_name, std::int64_t number);
std::int64_t number_of_part(std::string_view part_key);
std::string bucket_id_in(std::string_view upload_key);
std::string dropped_key(std::string_view upload_name);

std::string to_document(const Upload& upload);
Result<Upload> upload_from(std::string_view document);

// The upload that the call names, or nothing.
Task<Result<std::optional<Upload>, aws::Fault>> find_upload(Draft& draft, const Bucket& bucket, Call& call);

// The upload ends without an object: nobody needs its parts.
void drop_upload(Draft& draft, std::string upload_key, std::string_view upload_name, Time now);

Task<Answer> create_multipart_upload(const Dependencies& on, Call& call);
Task<Answer> upload_part(const Dependencies& on, Call& call);
Task<Answer> upload_part_copy(const Dependencies& on, Call& call);
Task<Answer> complete_multipart_upload(const Dependencies& on, Call& call);
Task<Answer> abort_multipart_upload(const Dependencies& on, Call& call);
Task<Answer> list_parts(const Dependencies& on, Call& call);
Task<Answer> list_multipart_uploads(const Dependencies& on, Call& call);

}  // namespace cairn::services::s3
