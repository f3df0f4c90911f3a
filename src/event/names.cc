// How records spell services and operations (docs/reference/choices.md). Tested by classify_test.cc.
#include <algorithm>
#include <array>
#include <cstdint>

#include "event/names.h"
#include "event/record.h"

namespace cairn::event {
namespace {

struct Pair {
  std::string_view from;
  std::string_view to;
};

// The services whose event source is not their signing name, and the names under which a caller may know
// them.
constexpr Pair kSources[] = {
    {"applicationinsights", "application-insights"},
    {"bedrock-agent", "bedrock"},
    {"bedrock-agent-runtime", "bedrock"},
    {"bedrock-runtime", "bedrock"},
    {"cloudwatch", "monitoring"},
    {"cost-explorer", "ce"},
    {"dynamodbstreams", "dynamodb"},
    {"email", "ses"},
    {"eventbridge", "events"},
    {"mq", "amazonmq"},
    {"opensearch", "es"},
    {"s3-control", "s3"},
    {"sesv2", "ses"},
    {"stepfunctions", "states"},
};

constexpr Pair kS3Names[] = {
    {"DeletePublicAccessBlock", "DeleteBucketPublicAccessBlock"},
    {"GetBucketAccelerateConfiguration", "GetAccelerateConfiguration"},
    {"GetBucketLifecycleConfiguration", "GetBucketLifecycle"},
    {"GetBucketNotificationConfiguration", "GetBucketNotification"},
    {"GetObjectLockConfiguration", "GetBucketObjectLockConfiguration"},
    {"GetPublicAccessBlock", "GetBucketPublicAccessBlock"},
    {"ListObjectsV2", "ListObjects"},
    {"PutBucketAccelerateConfiguration", "PutAccelerateConfiguration"},
    {"PutBucketLifecycleConfiguration", "PutBucketLifecycle"},
    {"PutBucketNotificationConfiguration", "PutBucketNotification"},
    {"PutObjectLockConfiguration", "PutBucketObjectLockConfiguration"},
    {"PutPublicAccessBlock", "PutBucketPublicAccessBlock"},
};

// S3 Control's, of an account: S3's own are of a bucket.
constexpr Pair kS3ControlNames[] = {
    {"DeletePublicAccessBlock", "DeleteAccountPublicAccessBlock"},
    {"GetPublicAccessBlock", "GetAccountPublicAccessBlock"},
    {"PutPublicAccessBlock", "PutAccountPublicAccessBlock"},
};

// Services whose records have apiVersion, and what it looks like.
enum class VersionForm : std::uint8_t { dashes, underscores, digits };
struct VersionRow {
  std::string_view service;
  VersionForm form;
  std::string_view instead{};  // where records have another version than the model
};
constexpr VersionRow kVersions[] = {
    {"appmesh", VersionForm::dashes},
    {"cloudfront", VersionForm::underscores},
    {"dynamodb", VersionForm::dashes},
    {"elasticfilesystem", VersionForm::dashes},
    {"elasticloadbalancing", VersionForm::dashes},
    {"events", VersionForm::dashes},
    {"logs", VersionForm::digits},
    {"route53", VersionForm::dashes},
    {"wafv2", VersionForm::dashes, "2019-04-23"},
};

// Lambda's operations carry the date of the API in which they came; newer ones do not.
constexpr Pair kLambdaNames[] = {
    {"AddLayerVersionPermission", "20181031"},
    {"AddPermission", "20150331v2"},
    {"CreateAlias", "20150331"},
    {"CreateEventSourceMapping", "20150331"},
    {"CreateFunction", "20150331"},
    {"DeleteAlias", "20150331"},
    {"DeleteEventSourceMapping", "20150331"},
    {"DeleteFunction", "20150331"},
    {"DeleteFunctionConcurrency", "20171031"},
    {"DeleteLayerVersion", "20181031"},
    {"GetAlias", "20150331"},
    {"GetEventSourceMapping", "20150331"},
    {"GetFunction", "20150331v2"},
    {"GetFunctionConfiguration", "20150331v2"},
    {"GetLayerVersion", "20181031"},
    {"GetLayerVersionPolicy", "20181031"},
    {"GetPolicy", "20150331v2"},
    {"ListAliases", "20150331"},
    {"ListEventSourceMappings", "20150331"},
    {"ListFunctions", "20150331"},
    {"ListLayerVersions", "20181031"},
    {"ListLayers", "20181031"},
    {"ListTags", "20170331"},
    {"ListVersionsByFunction", "20150331"},
    {"PublishLayerVersion", "20181031"},
    {"PublishVersion", "20150331"},
    {"PutFunctionConcurrency", "20171031"},
    {"RemoveLayerVersionPermission", "20181031"},
    {"RemovePermission", "20150331v2"},
    {"TagResource", "20170331v2"},
    {"UntagResource", "20170331v2"},
    {"UpdateAlias", "20150331"},
    {"UpdateEventSourceMapping", "20150331"},
    {"UpdateFunctionCode", "20150331v2"},
    {"UpdateFunctionConfiguration", "20150331v2"},
};

static_assert(std::ranges::is_sorted(kSources, {}, &Pair::from));
static_assert(std::ranges::is_sorted(kS3Names, {}, &Pair::from));
static_assert(std::ranges::is_sorted(kS3ControlNames, {}, &Pair::from));
static_assert(std::ranges::is_sorted(kLambdaNames, {}, &Pair::from));

constexpr std::string_view kS3Control = "s3-control";

template <std::size_t Size>
const Pair* find(const Pair (&table)[Size], std::string_view from) {
  const auto* const pair = std::ranges::lower_bound(table, from, {}, &Pair::from);
  return pair != std::end(table) && pair->from == from ? pair : nullptr;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

std::string_view source_service(std::string_view source) {
  constexpr std::string_view kSuffix = ".amazonaws.com";
  if (source.ends_with(kSuffix)) {
    source.remove_suffix(kSuffix.size());
  }
  return source;
}

std::string_view canonical_service(std::string_view service) {
  const auto* const pair = find(kSources, service);
  return pair == nullptr ? service : pair->to;
}

std::string_view without_date(std::string_view name) {
  constexpr std::size_t kDateDigits = 8;
  auto bare = name;
  if (bare.size() > 2 && bare[bare.size() - 2] == 'v' && is_digit(bare.back())) {
    bare.remove_suffix(2);
  }
  if (bare.size() <= kDateDigits || !std::ranges::all_of(bare.substr(bare.size() - kDateDigits), is_digit)) {
    return name;
  }
  return bare.substr(0, bare.size() - kDateDigits);
}

std::string_view service_name(const aws::Service& service) {
  return service.name == "s3control" ? kS3Control : std::string_view(service.signing_name);
}

std::string api_version(const aws::Service& service) {
  const auto* const row = std::ranges::find(kVersions, service.signing_name, &VersionRow::service);
  if (row == std::end(kVersions)) {
    return {};
  }
  auto version = row->instead.empty() ? service.api_version : std::string(row->instead);
  if (row->form == VersionForm::underscores) {
    std::ranges::replace(version, '-', '_');
  } else if (row->form == VersionForm::digits) {
    std::erase(version, '-');
  }
  return version;
}

std::string event_source(std::string_view service) {
  return std::string(canonical_service(service)) + ".amazonaws.com";
}

std::string event_name(std::string_view service, std::string_view operation) {
  if (service == "s3") {
    const auto* const pair = find(kS3Names, operation);
    return std::string(pair == nullptr ? operation : pair->to);
  }
  if (service == kS3Control) {
    const auto* const pair = find(kS3ControlNames, operation);
    return std::string(pair == nullptr ? operation : pair->to);
  }
  if (service == "lambda") {
    const auto* const pair = find(kLambdaNames, operation);
    return std::string(operation).append(pair == nullptr ? std::string_view() : pair->to);
  }
  return std::string(operation);
}

}  // namespace cairn::event
