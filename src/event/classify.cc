// What a call is to CloudTrail: recorded or not, management or data, read-only or not
// (docs/reference/choices.md). AWS assigns it operation by operation; here are the data events as a
// table, read-only as a rule over the name's verb, and the exceptions from the rule. Tested by
// classify_test.cc, against real records.
#include <algorithm>
#include <span>

#include "event/names.h"
#include "event/record.h"

namespace cairn::event {
namespace {

using Names = std::span<const std::string_view>;

struct Service {
  std::string_view name;
  Names operations;
};

constexpr std::string_view kS3Data[] = {
    "AbortMultipartUpload",
    "CompleteMultipartUpload",
    "CopyObject",
    "CreateMultipartUpload",
    "DeleteObject",
    "DeleteObjectTagging",
    "DeleteObjects",
    "GetObject",
    "GetObjectAcl",
    "GetObjectAttributes",
    "GetObjectLegalHold",
    "GetObjectRetention",
    "GetObjectTagging",
    "GetObjectTorrent",
    "HeadBucket",
    "HeadObject",
    "ListObjectVersions",
    "ListObjects",
    "ListObjectsV2",
    "ListParts",
    "PutObject",
    "PutObjectAcl",
    "PutObjectLegalHold",
    "PutObjectRetention",
    "PutObjectTagging",
    "RestoreObject",
    "SelectObjectContent",
    "UpdateObjectEncryption",
    "UploadPart",
    "UploadPartCopy",
};
constexpr std::string_view kS3ExpressData[] = {
    "AbortMultipartUpload",
    "CompleteMultipartUpload",
    "CopyObject",
    "CreateMultipartUpload",
    "CreateSession",
    "DeleteObject",
    "DeleteObjects",
    "GetObject",
    "GetObjectAttributes",
    "HeadBucket",
    "HeadObject",
    "ListMultipartUploads",
    "ListObjectsV2",
    "ListParts",
    "PutObject",
    "UploadPart",
    "UploadPartCopy",
};
constexpr std::string_view kLambdaData[] = {"Invoke", "InvokeAsync", "InvokeWithResponseStream"};
constexpr std::string_view kDynamoDbData[] = {
    "BatchExecuteStatement",
    "BatchGetItem",
    "BatchWriteItem",
    "DeleteItem",
    "ExecuteStatement",
    "ExecuteTransaction",
    "GetItem",
    "GetRecords",
    "GetShardIterator",
    "PutItem",
    "Query",
    "Scan",
    "SearchVectors",
    "TransactGetItems",
    "TransactWriteItems",
    "UpdateItem",
};
constexpr std::string_view kSqsData[] = {
    "ChangeMessageVisibility",
    "ChangeMessageVisibilityBatch",
    "DeleteMessage",
    "DeleteMessageBatch",
    "GetQueueAttributes",
    "GetQueueUrl",
    "ListDeadLetterSourceQueues",
    "ListQueueTags",
    "ListQueues",
    "ReceiveMessage",
    "SendMessage",
    "SendMessageBatch",
};
constexpr std::string_view kSnsData[] = {"Publish", "PublishBatch"};
constexpr std::string_view kMonitoringData[] = {
    "GetMetricData", "GetMetricStatistics", "GetMetricWidgetImage", "ListMetrics", "PutMetricData",
};
constexpr std::string_view kEventsData[] = {"PutEvents"};
constexpr std::string_view kCloudTrailData[] = {"PutAuditEvents"};
constexpr std::string_view kKinesisData[] = {"GetRecords", "GetShardIterator", "PutRecord", "PutRecords",
                                             "SubscribeToShard"};
constexpr std::string_view kCognitoData[] = {"GetCredentialsForIdentity", "GetId", "GetOpenIdToken",
                                             "GetOpenIdTokenForDeveloperIdentity", "UnlinkIdentity"};

constexpr Service kData[] = {
    {"cloudtrail", kCloudTrailData},
    {"cloudtrail-data", kCloudTrailData},
    {"cognito-identity", kCognitoData},
    {"dynamodb", kDynamoDbData},
    {"events", kEventsData},
    {"kinesis", kKinesisData},
    {"lambda", kLambdaData},
    {"monitoring", kMonitoringData},
    {"s3", kS3Data},
    {"s3express", kS3ExpressData},
    {"sns", kSnsData},
    {"sqs", kSqsData},
};

constexpr std::string_view kLogsUnrecorded[] = {"PutLogEvents"};
constexpr Service kUnrecorded[] = {{"logs", kLogsUnrecorded}};

// Read-only by decision of the service, though the verb does not say so.
constexpr std::string_view kKmsReads[] = {
    "Decrypt",
    "DeriveSharedSecret",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "GenerateDataKeyWithoutPlaintext",
    "GenerateMac",
    "GenerateRandom",
    "ReEncrypt",
    "Sign",
    "Verify",
    "VerifyMac",
};
constexpr std::string_view kStsReads[] = {"AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity",
                                          "DecodeAuthorizationMessage"};
constexpr std::string_view kBedrockReads[] = {"Converse", "ConverseStream", "InvokeModel",
                                              "InvokeModelWithResponseStream"};
constexpr std::string_view kDynamoDbReads[] = {"TransactGetItems"};
constexpr std::string_view kIamReads[] = {"GenerateCredentialReport", "GenerateServiceLastAccessedDetails",
                                          "SimulateCustomPolicy", "SimulatePrincipalPolicy"};
constexpr std::string_view kLogsReads[] = {"FilterLogEvents"};
constexpr Service kReads[] = {
    {"bedrock", kBedrockReads}, {"dynamodb", kDynamoDbReads}, {"iam", kIamReads},
    {"kms", kKmsReads},         {"logs", kLogsReads},         {"sts", kStsReads},
};

// Not read-only, though the verb says so.
constexpr std::string_view kStsWrites[] = {"GetFederationToken", "GetSessionToken"};
constexpr std::string_view kLicenseWrites[] = {"CheckInLicense"};
constexpr std::string_view kEcsWrites[] = {"DiscoverPollEndpoint"};
constexpr Service kWrites[] = {{"ecs", kEcsWrites}, {"license-manager", kLicenseWrites}, {"sts", kStsWrites}};

constexpr std::string_view kReadVerbs[] = {"BatchGet", "Check",    "Compare", "Count", "Describe", "Detect",
                                           "Discover", "Estimate", "Get",     "Head",  "Is",       "List",
                                           "Lookup",   "Preview",  "Query",   "Scan",  "Search",   "Select",
                                           "Test",     "Validate", "View"};

bool contains(std::span<const Service> services, std::string_view service, std::string_view operation) {
  const auto found = std::ranges::find(services, service, &Service::name);
  return found != services.end() &&
         std::ranges::find(found->operations, operation) != found->operations.end();
}

// The verb ends where the next word begins: "Get" is one of GetObject, not of GettyImages.
bool begins_with_verb(std::string_view operation, std::string_view verb) {
  return operation.starts_with(verb) && (operation.size() == verb.size() ||
                                         !(operation[verb.size()] >= 'a' && operation[verb.size()] <= 'z'));
}

bool is_read(std::string_view service, std::string_view operation) {
  if (contains(kReads, service, operation)) {
    return true;
  }
  if (contains(kWrites, service, operation)) {
    return false;
  }
  return std::ranges::any_of(kReadVerbs, [&](auto verb) { return begins_with_verb(operation, verb); });
}

}  // namespace

Classification classify(std::string_view service, std::string_view operation) {
  service = canonical_service(service);
  operation = without_date(operation);
  return Classification{
      .recorded = service != "execute-api" && !contains(kUnrecorded, service, operation),
      .category = contains(kData, service, operation) ? Category::data : Category::management,
      .read_only = is_read(service, operation),
  };
}

}  // namespace cairn::event
