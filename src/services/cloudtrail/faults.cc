#include "services/cloudtrail/faults.h"

#include <fmt/format.h>

#include "codec/utf8.h"

namespace cairn::services::cloudtrail::fault {
namespace {

// Modelled statuses differ (403, 404); on the wire CloudTrail was seen to answer 400.
aws::Fault bad_request(std::string_view code, std::string message) {
  return {std::string(code), 400, std::move(message)};
}

}  // namespace

aws::Fault trail_not_found(std::string_view arn, std::string_view account) {
  return bad_request("TrailNotFoundException",
                     fmt::format("Unknown trail: {} for the user: {}", arn, account));
}
aws::Fault trail_already_exists(std::string_view name, std::string_view account) {
  return bad_request("TrailAlreadyExistsException",
                     fmt::format("Trail {} already exists for customer: {}", name, account));
}
aws::Fault maximum_number_of_trails(std::string_view account, std::uint64_t count, std::string_view region) {
  return bad_request("MaximumNumberOfTrailsExceededException",
                     fmt::format("User: {} already has {} trails in {}.", account, count, region));
}
aws::Fault arn_invalid(std::string_view arn) {
  return bad_request("CloudTrailARNInvalidException",
                     fmt::format("The specified ARN is not valid: {}", arn.substr(0, 256)));
}
aws::Fault invalid_home_region(std::string_view home_region) {
  return bad_request(
      "InvalidHomeRegionException",
      fmt::format("The trail can only be changed from its home Region, which is {}.", home_region));
}
aws::Fault bucket_does_not_exist(std::string_view bucket) {
  return bad_request("S3BucketDoesNotExistException", fmt::format("S3 bucket {} does not exist!", bucket));
}
aws::Fault insufficient_bucket_policy(std::string_view bucket) {
  return bad_request("InsufficientS3BucketPolicyException",
                     fmt::format("Incorrect S3 bucket policy is detected for bucket: {}", bucket));
}
aws::Fault bucket_refuses(std::string_view bucket, std::string_view code, std::string_view message) {
  auto fault = insufficient_bucket_policy(bucket);
  fault.message += fmt::format(" ({}: {})", code, message);
  return fault;
}
aws::Fault insufficient_topic_policy() {
  return bad_request("InsufficientSnsTopicPolicyException",
                     "SNS Topic does not exist or the topic policy is incorrect!");
}
aws::Fault insufficient_encryption_policy(std::string_view key) {
  return bad_request("InsufficientEncryptionPolicyException",
                     fmt::format("Insufficient permissions to access S3 bucket or KMS key {}.", key));
}
aws::Fault kms_key_not_found(std::string_view key) {
  return bad_request("KmsKeyNotFoundException",
                     fmt::format("KMS key {} does not exist, or it is not in the same Region as the bucket.", key));
}
aws::Fault kms(std::string_view what) {
  return bad_request("KmsException", fmt::format("There is an issue with the KMS key: {}", what));
}
aws::Fault invalid_parameter_combination(std::string message) {
  return bad_request("InvalidParameterCombinationException", std::move(message));
}
aws::Fault unsupported(std::string_view argument) {
  return bad_request("UnsupportedOperationException",
                     fmt::format("This Cairn does not support {} yet.", argument));
}
aws::Fault resource_not_found(std::string_view arn) {
  return bad_request("ResourceNotFoundException", fmt::format("Resource not found: {}", arn));
}
aws::Fault resource_arn_not_valid(std::string_view arn) {
  return bad_request("ResourceARNNotValidException",
                     fmt::format("The resource ARN is not valid: {}", codec::utf8_prefix(arn, 256)));
}
aws::Fault event_data_store_arn_invalid(std::string_view arn) {
  return bad_request("EventDataStoreARNInvalidException",
                     fmt::format("The event data store's ARN or id is not valid: {}", codec::utf8_prefix(arn, 256)));
}
aws::Fault event_data_store_not_found(std::string_view arn) {
  return bad_request("EventDataStoreNotFoundException", fmt::format("Event data store not found: {}", arn));
}
aws::Fault invalid_insight_selectors(std::string message) {
  return bad_request("InvalidInsightSelectorsException", std::move(message));
}
aws::Fault insight_not_enabled(std::string_view trail_arn) {
  return bad_request("InsightNotEnabledException",
                     fmt::format("Trail {} does not have Insights enabled. Edit the trail settings to enable Insights, "
                                 "and then try the operation again.",
                                 trail_arn));
}
aws::Fault resource_type_not_supported(std::string_view arn) {
  return bad_request("ResourceTypeNotSupportedException",
                     fmt::format("The resource type is not supported: {}", arn));
}
aws::Fault invalid_tag_parameter(std::string message) {
  return bad_request("InvalidTagParameterException", std::move(message));
}
aws::Fault tags_limit_exceeded(std::string_view arn) {
  return bad_request("TagsLimitExceededException",
                     fmt::format("Resource {} would have more than 50 tags.", arn));
}
aws::Fault invalid_lookup_attributes(std::string message) {
  return bad_request("InvalidLookupAttributesException", std::move(message));
}
aws::Fault invalid_time_range(std::string message) {
  return bad_request("InvalidTimeRangeException", std::move(message));
}
aws::Fault invalid_max_results() {
  return bad_request("InvalidMaxResultsException", "The MaxResults value must be between 1 and 50.");
}
aws::Fault invalid_next_token() {
  return bad_request("InvalidNextTokenException",
                     "The NextToken is not valid, or was given for a request with other parameters.");
}
aws::Fault invalid_token() {
  return bad_request("InvalidTokenException", "The token is not valid: there is no further page.");
}
aws::Fault invalid_event_category(std::string_view category) {
  return bad_request("InvalidEventCategoryException",
                     fmt::format("Invalid event category: {}", category.substr(0, 100)));
}
aws::Fault not_ready() {
  return {"ServiceUnavailable", 503, "The event history is still being read; try again in a moment.", false};
}

aws::Fault organizations_not_in_use() {
  return bad_request("OrganizationsNotInUseException",
                     "The request was made from an AWS account that is not a member of an organization.");
}
aws::Fault not_in_all_features_mode() {
  return bad_request("OrganizationNotInAllFeaturesModeException",
                     "AWS Organizations is not configured to support all features.");
}
aws::Fault not_organization_master() {
  return bad_request("NotOrganizationMasterAccountException",
                     "The account making the request is not the organization's management account or a delegated "
                     "administrator account.");
}
aws::Fault not_organization_management() {
  return bad_request("NotOrganizationManagementAccountException",
                     "The account making the request is not the organization's management account.");
}
aws::Fault access_not_enabled() {
  return bad_request("CloudTrailAccessNotEnabledException",
                     "Trusted access has not been enabled between AWS CloudTrail and AWS Organizations.");
}
aws::Fault insufficient_dependency_permission(std::string_view action) {
  return bad_request("InsufficientDependencyServiceAccessPermissionException",
                     fmt::format("The IAM identity that is used to create the organization resource lacks the "
                                 "permission organizations:{}.",
                                 action));
}
aws::Fault no_management_account_role() {
  return bad_request("NoManagementAccountSLRExistsException",
                     "The management account does not have the service-linked role AWSServiceRoleForCloudTrail.");
}
aws::Fault account_not_found(std::string_view account) {
  return bad_request("AccountNotFoundException",
                     fmt::format("The account {} was not found or is not part of the organization.", account));
}
aws::Fault account_registered(std::string_view account) {
  return bad_request("AccountRegisteredException",
                     fmt::format("The account {} is already registered as the CloudTrail delegated administrator.",
                                 account));
}
aws::Fault account_not_registered(std::string_view account) {
  return bad_request("AccountNotRegisteredException",
                     fmt::format("The account {} is not registered as the CloudTrail delegated administrator.", account));
}
aws::Fault cannot_delegate_management() {
  return bad_request("CannotDelegateManagementAccountException",
                     "The management account of an organization cannot be its delegated administrator.");
}
aws::Fault delegated_admin_limit() {
  return bad_request("DelegatedAdminAccountLimitExceededException",
                     "The maximum number of CloudTrail delegated administrators is reached.");
}

}  // namespace cairn::services::cloudtrail::fault
