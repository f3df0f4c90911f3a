// What is done to objects and their versions: one row an operation.
#include "services/s3/operation_table.h"

namespace cairn::services::s3 {
namespace {

constexpr bool kOfBucket = false;
constexpr bool kOfObject = true;

const std::vector<std::string_view>& read_members() {
  static const std::vector<std::string_view> kAll = {"IfMatch",
                                                     "IfNoneMatch",
                                                     "IfModifiedSince",
                                                     "IfUnmodifiedSince",
                                                     "PartNumber",
                                                     "Range",
                                                     "ChecksumMode",
                                                     "VersionId",
                                                     "ResponseCacheControl",
                                                     "ResponseContentDisposition",
                                                     "ResponseContentEncoding",
                                                     "ResponseContentLanguage",
                                                     "ResponseContentType",
                                                     "ResponseExpires"};
  return kAll;
}

const std::vector<std::string_view>& put_members() {
  static const std::vector<std::string_view> kAll = {"ACL",
                                                     "CacheControl",
                                                     "ContentDisposition",
                                                     "ContentEncoding",
                                                     "ContentLanguage",
                                                     "ContentLength",
                                                     "ContentMD5",
                                                     "ContentType",
                                                     "ChecksumAlgorithm",
                                                     "ChecksumCRC32",
                                                     "ChecksumCRC32C",
                                                     "ChecksumCRC64NVME",
                                                     "ChecksumSHA1",
                                                     "ChecksumSHA256",
                                                     "Expires",
                                                     "IfMatch",
                                                     "IfNoneMatch",
                                                     "Metadata",
                                                     "ObjectLockLegalHoldStatus",
                                                     "ObjectLockMode",
                                                     "ObjectLockRetainUntilDate",
                                                     "ServerSideEncryption",
                                                     "StorageClass",
                                                     "Tagging"};
  return kAll;
}

const std::vector<std::string_view>& copy_members() {
  static const std::vector<std::string_view> kAll = {"ACL",
                                                     "CacheControl",
                                                     "ContentDisposition",
                                                     "ContentEncoding",
                                                     "ContentLanguage",
                                                     "ContentType",
                                                     "CopySource",
                                                     "CopySourceIfMatch",
                                                     "CopySourceIfModifiedSince",
                                                     "CopySourceIfNoneMatch",
                                                     "CopySourceIfUnmodifiedSince",
                                                     "Expires",
                                                     "ExpectedSourceBucketOwner",
                                                     "IfMatch",
                                                     "IfNoneMatch",
                                                     "Metadata",
                                                     "MetadataDirective",
                                                     "ObjectLockLegalHoldStatus",
                                                     "ObjectLockMode",
                                                     "ObjectLockRetainUntilDate",
                                                     "ServerSideEncryption",
                                                     "StorageClass",
                                                     "Tagging",
                                                     "TaggingDirective"};
  return kAll;
}

}  // namespace

std::span<const Entry> object_operations() {
  static const std::vector<Entry> kAll = {
      {"CopyObject", copy_object, "s3:PutObject", kOfObject, copy_members()},
      {"DeleteObject",
       delete_object,
       "s3:DeleteObject",
       kOfObject,
       {"BypassGovernanceRetention", "VersionId"}},
      {"DeleteObjectTagging", delete_object_tagging, "s3:DeleteObjectTagging", kOfObject, {"VersionId"}},
      {"DeleteObjects",
       delete_objects,
       "s3:DeleteObject",
       kOfBucket,
       {"BypassGovernanceRetention", "ChecksumAlgorithm", "Delete"}},
      {"GetBucketVersioning", get_bucket_versioning, "s3:GetBucketVersioning", kOfBucket, {}},
      {"GetObject", get_object, "s3:GetObject", kOfObject, read_members()},
      {"GetObjectAttributes",
       get_object_attributes,
       "s3:GetObjectAttributes",
       kOfObject,
       {"MaxParts", "ObjectAttributes", "PartNumberMarker", "VersionId"}},
      {"GetObjectLegalHold", get_object_legal_hold, "s3:GetObjectLegalHold", kOfObject, {"VersionId"}},
      {"GetObjectLockConfiguration",
       get_object_lock_configuration,
       "s3:GetBucketObjectLockConfiguration",
       kOfBucket,
       {}},
      {"GetObjectRetention", get_object_retention, "s3:GetObjectRetention", kOfObject, {"VersionId"}},
      {"GetObjectTagging", get_object_tagging, "s3:GetObjectTagging", kOfObject, {"VersionId"}},
      {"HeadObject", head_object, "s3:GetObject", kOfObject, read_members()},
      {"ListObjectVersions",
       list_object_versions,
       "s3:ListBucketVersions",
       kOfBucket,
       {"Delimiter", "EncodingType", "KeyMarker", "MaxKeys", "Prefix", "VersionIdMarker"}},
      {"PutBucketVersioning",
       put_bucket_versioning,
       "s3:PutBucketVersioning",
       kOfBucket,
       {"VersioningConfiguration"}},
      {"PutObject", put_object, "s3:PutObject", kOfObject, put_members()},
      {"PutObjectLegalHold",
       put_object_legal_hold,
       "s3:PutObjectLegalHold",
       kOfObject,
       {"ChecksumAlgorithm", "ContentMD5", "LegalHold", "VersionId"}},
      {"PutObjectLockConfiguration",
       put_object_lock_configuration,
       "s3:PutBucketObjectLockConfiguration",
       kOfBucket,
       {"ChecksumAlgorithm", "ContentMD5", "ObjectLockConfiguration"}},
      {"PutObjectRetention",
       put_object_retention,
       "s3:PutObjectRetention",
       kOfObject,
       {"BypassGovernanceRetention", "ChecksumAlgorithm", "ContentMD5", "Retention", "VersionId"}},
      {"PutObjectTagging",
       put_object_tagging,
       "s3:PutObjectTagging",
       kOfObject,
       {"ChecksumAlgorithm", "ContentMD5", "Tagging", "VersionId"}},
  };
  return kAll;
}

}  // namespace cairn::services::s3
