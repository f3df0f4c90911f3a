#include "services/s3/operation_table.h"
#include "services/s3/uploads.h"

namespace cairn::services::s3 {

std::span<const Entry> multipart_operations() {
  static const std::vector<Entry> kAll = {
      {"AbortMultipartUpload", abort_multipart_upload, "s3:AbortMultipartUpload", true, {"UploadId"}},
      {"CompleteMultipartUpload",
       complete_multipart_upload,
       "s3:PutObject",
       true,
       {"UploadId", "MultipartUpload", "ChecksumCRC32", "ChecksumCRC32C", "ChecksumCRC64NVME", "ChecksumSHA1",
        "ChecksumSHA256", "ChecksumType", "MpuObjectSize", "IfMatch", "IfNoneMatch"}},
      {"CreateMultipartUpload",
       create_multipart_upload,
       "s3:PutObject",
       true,
       {"ACL", "CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage", "ContentType",
        "ChecksumAlgorithm", "ChecksumType", "Metadata", "ObjectLockLegalHoldStatus", "ObjectLockMode",
        "ObjectLockRetainUntilDate", "ServerSideEncryption", "StorageClass", "Tagging"}},
      {"ListMultipartUploads",
       list_multipart_uploads,
       "s3:ListBucketMultipartUploads",
       false,
       {"Delimiter", "EncodingType", "KeyMarker", "MaxUploads", "Prefix", "UploadIdMarker"}},
      {"ListParts",
       list_parts,
       "s3:ListMultipartUploadParts",
       true,
       {"MaxParts", "PartNumberMarker", "UploadId"}},
      {"UploadPart",
       upload_part,
       "s3:PutObject",
       true,
       {"ContentLength", "ChecksumCRC32", "ChecksumCRC32C", "ChecksumCRC64NVME", "ChecksumSHA1",
        "ChecksumSHA256", "PartNumber", "UploadId"}},
      {"UploadPartCopy",
       upload_part_copy,
       "s3:PutObject",
       true,
       {"CopySource", "CopySourceIfMatch", "CopySourceIfModifiedSince", "CopySourceIfNoneMatch",
        "CopySourceIfUnmodifiedSince", "CopySourceRange", "ExpectedSourceBucketOwner", "PartNumber",
        "UploadId"}},
  };
  return kAll;
}

}  // namespace cairn::services::s3
