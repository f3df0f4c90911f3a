// CloudTrail's own exceptions, each spelt once. Messages: cloudtrail-reference 1.19 and data/wire.
#pragma once

#include <string>
#include <string_view>

#include "aws/fault.h"

namespace cairn::services::cloudtrail::fault {

aws::Fault trail_not_found(std::string_view arn, std::string_view account);
aws::Fault trail_already_exists(std::string_view name, std::string_view account);
aws::Fault maximum_number_of_trails(std::string_view account, std::uint64_t count, std::string_view region);
aws::Fault arn_invalid(std::string_view arn);
aws::Fault invalid_home_region(std::string_view home_region);
aws::Fault bucket_does_not_exist(std::string_view bucket);
aws::Fault insufficient_bucket_policy(std::string_view bucket);
// The same exception, with what S3 says that is not of the policy.
aws::Fault bucket_refuses(std::string_view bucket, std::string_view code, std::string_view message);
aws::Fault insufficient_topic_policy();
aws::Fault insufficient_encryption_policy(std::string_view key);
aws::Fault kms_key_not_found(std::string_view key);
aws::Fault kms(std::string_view what);
aws::Fault invalid_parameter_combination(std::string message);
aws::Fault unsupported(std::string_view argument);
aws::Fault resource_not_found(std::string_view arn);
aws::Fault resource_arn_not_valid(std::string_view arn);
aws::Fault event_data_store_arn_invalid(std::string_view arn);
aws::Fault event_data_store_not_found(std::string_view arn);
aws::Fault invalid_insight_selectors(std::string message);
aws::Fault insight_not_enabled(std::string_view trail_arn);
aws::Fault resource_type_not_supported(std::string_view arn);
aws::Fault invalid_tag_parameter(std::string message);
aws::Fault tags_limit_exceeded(std::string_view arn);
aws::Fault invalid_lookup_attributes(std::string message);
aws::Fault invalid_time_range(std::string message);
aws::Fault invalid_max_results();
aws::Fault invalid_next_token();
aws::Fault invalid_token();
aws::Fault invalid_event_category(std::string_view category);
aws::Fault not_ready();
// Of organizations' trails and delegated administrators.
aws::Fault organizations_not_in_use();
aws::Fault not_in_all_features_mode();
aws::Fault not_organization_master();      // to change its trails
aws::Fault not_organization_management();  // to say who administers
aws::Fault access_not_enabled();
aws::Fault insufficient_dependency_permission(std::string_view action);
aws::Fault no_management_account_role();
aws::Fault account_not_found(std::string_view account);
aws::Fault account_registered(std::string_view account);
aws::Fault account_not_registered(std::string_view account);
aws::Fault cannot_delegate_management();
aws::Fault delegated_admin_limit();

}  // namespace cairn::services::cloudtrail::fault
