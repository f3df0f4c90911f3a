// S3's own errors, each spelt once.
#pragma once

#include <string>
#include <string_view>

#include "aws/fault.h"

namespace cairn::services::s3::fault {

aws::Fault no_such_bucket(std::string_view bucket);
aws::Fault no_such_bucket_policy(std::string_view bucket);
aws::Fault no_such_cors(std::string_view bucket);
aws::Fault no_such_lifecycle(std::string_view bucket);
aws::Fault no_such_tag_set(std::string_view bucket);
aws::Fault no_such_public_access_block(std::string_view bucket);
aws::Fault no_such_website(std::string_view bucket);
aws::Fault no_replication(std::string_view bucket);
aws::Fault no_ownership_controls(std::string_view bucket);
aws::Fault no_such_key(std::string_view key);
aws::Fault no_such_upload(std::string_view id);
aws::Fault invalid_part(std::string_view upload, std::int64_t number, std::string_view etag);
aws::Fault invalid_part_order(std::string_view upload);
aws::Fault entity_too_small(std::uint64_t size, std::uint64_t bytes_min, std::int64_t number,
                            std::string_view etag);
aws::Fault bucket_not_empty(std::string_view bucket);
aws::Fault bucket_already_exists(std::string_view bucket);
aws::Fault bucket_already_owned_by_you(std::string_view bucket);
aws::Fault invalid_bucket_name(std::string_view bucket);
aws::Fault too_many_buckets();
aws::Fault illegal_location_constraint(std::string_view wanted);
aws::Fault malformed_xml();
aws::Fault malformed_acl();
aws::Fault invalid_tag(std::string message);
aws::Fault invalid_target_bucket(std::string_view bucket);
aws::Fault cross_location_logging(std::string_view region);
aws::Fault missing_security_header(std::string_view header);
aws::Fault malformed_policy(std::string message);
aws::Fault bad_digest(std::string_view algorithm);
aws::Fault bad_md5();
aws::Fault invalid_digest();
aws::Fault invalid_argument(std::string message);
aws::Fault invalid_request(std::string message);
aws::Fault invalid_uri();
aws::Fault precondition_failed(std::string_view condition);
aws::Fault invalid_range(std::uint64_t size);
aws::Fault key_too_long(std::size_t size);
aws::Fault entity_too_large(std::uint64_t bytes_max);
aws::Fault metadata_too_large();
aws::Fault incomplete_body();
aws::Fault acl_not_supported();
aws::Fault not_implemented(std::string_view member);
aws::Fault no_such_version(std::string_view key, std::string_view version);
aws::Fault method_not_allowed(std::string_view resource);  // of a delete marker
aws::Fault no_object_lock(std::string_view bucket);
aws::Fault no_object_lock_configuration(std::string_view bucket);
aws::Fault no_lock_on_object();
// A HEAD's: no code but the status.
aws::Fault not_found();

}  // namespace cairn::services::s3::fault
