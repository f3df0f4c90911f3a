#include "services/s3/faults.h"

#include <fmt/format.h>

namespace cairn::services::s3::fault {

using aws::Fault;

namespace {

Fault of_bucket(std::string code, int status, std::string message, std::string_view bucket) {
  return Fault{std::move(code), status, std::move(message)}.with("BucketName", std::string(bucket));
}

}  // namespace

Fault no_such_bucket(std::string_view bucket) {
  return Fault{"NoSuchBucket", 404, "The specified bucket does not exist"}.with("BucketName",
                                                                                std::string(bucket));
}
Fault no_such_bucket_policy(std::string_view bucket) {
  return Fault{"NoSuchBucketPolicy", 404, "The bucket policy does not exist"}.with("BucketName",
                                                                                   std::string(bucket));
}
Fault no_such_cors(std::string_view bucket) {
  return of_bucket("NoSuchCORSConfiguration", 404, "The CORS configuration does not exist", bucket);
}
Fault no_such_lifecycle(std::string_view bucket) {
  return of_bucket("NoSuchLifecycleConfiguration", 404, "The lifecycle configuration does not exist", bucket);
}
Fault no_such_tag_set(std::string_view bucket) {
  return of_bucket("NoSuchTagSet", 404, "The TagSet does not exist", bucket);
}
Fault no_such_public_access_block(std::string_view bucket) {
  return of_bucket("NoSuchPublicAccessBlockConfiguration", 404,
                   "The public access block configuration was not found", bucket);
}
Fault no_such_website(std::string_view bucket) {
  return of_bucket("NoSuchWebsiteConfiguration", 404,
                   "The specified bucket does not have a website configuration", bucket);
}
Fault no_replication(std::string_view bucket) {
  return of_bucket("ReplicationConfigurationNotFoundError", 404,
                   "The replication configuration was not found", bucket);
}
Fault no_ownership_controls(std::string_view bucket) {
  return of_bucket("OwnershipControlsNotFoundError", 404, "The bucket ownership controls were not found",
                   bucket);
}
Fault no_such_key(std::string_view key) {
  return Fault{"NoSuchKey", 404, "The specified key does not exist."}.with("Key", std::string(key));
}
Fault no_such_upload(std::string_view id) {
  return Fault{"NoSuchUpload", 404,
               "The specified upload does not exist. The upload ID may be invalid, or the upload may have been "
               "aborted or completed."}
      .with("UploadId", std::string(id.substr(0, 256)));
}
Fault invalid_part(std::string_view upload, std::int64_t number, std::string_view etag) {
  return Fault{"InvalidPart", 400,
               "One or more of the specified parts could not be found.  The part may not have been uploaded, "
               "or the specified entity tag may not match the part's entity tag."}
      .with("UploadId", std::string(upload))
      .with("PartNumber", std::to_string(number))
      .with("ETag", std::string(etag));
}
Fault invalid_part_order(std::string_view upload) {
  return Fault{"InvalidPartOrder", 400,
               "The list of parts was not in ascending order. Parts must be ordered by part number."}
      .with("UploadId", std::string(upload));
}
Fault entity_too_small(std::uint64_t size, std::uint64_t bytes_min, std::int64_t number,
                       std::string_view etag) {
  return Fault{"EntityTooSmall", 400, "Your proposed upload is smaller than the minimum allowed size"}
      .with("ProposedSize", std::to_string(size))
      .with("MinSizeAllowed", std::to_string(bytes_min))
      .with("PartNumber", std::to_string(number))
      .with("ETag", std::string(etag));
}
Fault bucket_not_empty(std::string_view bucket) {
  return Fault{"BucketNotEmpty", 409, "The bucket you tried to delete is not empty"}.with(
      "BucketName", std::string(bucket));
}
Fault bucket_already_exists(std::string_view bucket) {
  return Fault{"BucketAlreadyExists", 409,
               "The requested bucket name is not available. The bucket namespace is shared by all users of "
               "the system. Please select a "
               "different name and try again."}
      .with("BucketName", std::string(bucket));
}
Fault bucket_already_owned_by_you(std::string_view bucket) {
  return Fault{"BucketAlreadyOwnedByYou", 409,
               "Your previous request to create the named bucket succeeded and you already own it."}
      .with("BucketName", std::string(bucket));
}
Fault invalid_bucket_name(std::string_view bucket) {
  return Fault{"InvalidBucketName", 400, "The specified bucket is not valid."}.with(
      "BucketName", std::string(bucket.substr(0, 256)));
}
Fault too_many_buckets() {
  return {"TooManyBuckets", 400, "You have attempted to create more buckets than allowed"};
}
Fault illegal_location_constraint(std::string_view wanted) {
  return {"IllegalLocationConstraintException", 400,
          fmt::format("The {} location constraint is incompatible for the region specific endpoint this "
                      "request was sent to.",
                      wanted)};
}
Fault malformed_xml() {
  return aws::fault::serialization(aws::Family::s3);
}
Fault malformed_acl() {
  return {"MalformedACLError", 400,
          "The XML you provided was not well-formed or did not validate against our published schema"};
}
Fault invalid_tag(std::string message) {
  return {"InvalidTag", 400, std::move(message)};
}
Fault invalid_target_bucket(std::string_view bucket) {
  return Fault{"InvalidTargetBucketForLogging", 400, "The target bucket for logging does not exist"}.with(
      "TargetBucket", std::string(bucket));
}
Fault cross_location_logging(std::string_view region) {
  return Fault{"CrossLocationLoggingProhibitted", 403, "Cross S3 location logging not allowed. "}.with(
      "TargetBucketLocation", std::string(region));
}
Fault missing_security_header(std::string_view header) {
  return Fault{"MissingSecurityHeader", 400, "Your request was missing a required header"}.with(
      "MissingHeaderName", std::string(header));
}
Fault malformed_policy(std::string message) {
  return {"MalformedPolicy", 400, std::move(message)};
}
Fault bad_digest(std::string_view algorithm) {
  return {"BadDigest", 400,
          fmt::format("The {} you specified did not match the calculated checksum.", algorithm)};
}
Fault bad_md5() {
  return {"BadDigest", 400, "The Content-MD5 you specified did not match what we received."};
}
Fault invalid_uri() {
  return {"InvalidURI", 400, "Couldn't parse the specified URI."};
}
Fault precondition_failed(std::string_view condition) {
  return Fault{"PreconditionFailed", 412, "At least one of the pre-conditions you specified did not hold"}
      .with("Condition", std::string(condition));
}
Fault invalid_digest() {
  return {"InvalidDigest", 400, "The Content-MD5 you specified is not valid."};
}
Fault invalid_argument(std::string message) {
  return {"InvalidArgument", 400, std::move(message)};
}
Fault invalid_request(std::string message) {
  return {"InvalidRequest", 400, std::move(message)};
}
Fault invalid_range(std::uint64_t size) {
  return Fault{"InvalidRange", 416, "The requested range is not satisfiable"}.with("ActualObjectSize",
                                                                                   std::to_string(size));
}
Fault key_too_long(std::size_t size) {
  return Fault{"KeyTooLongError", 400, "Your key is too long"}
      .with("Size", std::to_string(size))
      .with("MaxSizeAllowed", "1024");
}
Fault entity_too_large(std::uint64_t bytes_max) {
  return Fault{"EntityTooLarge", 400, "Your proposed upload exceeds the maximum allowed size"}.with(
      "MaxSizeAllowed", std::to_string(bytes_max));
}
Fault metadata_too_large() {
  return {"MetadataTooLarge", 400, "Your metadata headers exceed the maximum allowed metadata size"};
}
Fault incomplete_body() {
  return {"IncompleteBody", 400,
          "You did not provide the number of bytes specified by the Content-Length HTTP header"};
}
Fault acl_not_supported() {
  return {"AccessControlListNotSupported", 400, "The bucket does not allow ACLs"};
}
Fault not_implemented(std::string_view member) {
  return {"NotImplemented", 501,
          fmt::format("A header you provided implies functionality that is not implemented: {}", member)};
}
Fault no_such_version(std::string_view key, std::string_view version) {
  return Fault{"NoSuchVersion", 404, "The specified version does not exist."}
      .with("Key", std::string(key))
      .with("VersionId", std::string(version));
}
Fault method_not_allowed(std::string_view resource) {
  return Fault{"MethodNotAllowed", 405, "The specified method is not allowed against this resource."}
      .with("ResourceType", std::string(resource));
}
Fault no_object_lock(std::string_view bucket) {
  return Fault{"InvalidRequest", 400, "Bucket is missing Object Lock Configuration"}.with(
      "BucketName", std::string(bucket));
}
Fault no_object_lock_configuration(std::string_view bucket) {
  return Fault{"ObjectLockConfigurationNotFoundError", 404,
               "Object Lock configuration does not exist for this bucket"}
      .with("BucketName", std::string(bucket));
}
Fault no_lock_on_object() {
  return {"NoSuchObjectLockConfiguration", 404,
          "The specified object does not have a ObjectLock configuration"};
}
Fault not_found() {
  return {"404", 404, "Not Found"};
}

}  // namespace cairn::services::s3::fault
