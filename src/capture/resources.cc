// A row: where a call of the service names a resource, and what its ARN looks like if that is but a name.
// (S3's resources are s3_form's.) Tested by capture_test.cc.
#include "capture/resources.h"

#include <fmt/format.h>

#include <algorithm>

#include "json/json.h"

namespace cairn::capture {
namespace {

struct ResourceRow {
  std::string_view service;
  std::string_view operations;  // what their names begin with; empty: all
  bool in_output;
  std::string_view member;  // "KeyMetadata.Arn"
  std::string_view type;
  std::string_view arn;  // region, account, name; empty: only an ARN counts
};

constexpr std::string_view kKey = "AWS::KMS::Key";
constexpr std::string_view kQueue = "AWS::SQS::Queue";
constexpr std::string_view kTable = "AWS::DynamoDB::Table";
constexpr std::string_view kStream = "AWS::Kinesis::Stream";

// The first row that finds something counts.
constexpr ResourceRow kRows[] = {
    {"dynamodb", "", false, "TableName", kTable, "arn:aws:dynamodb:{}:{}:table/{}"},
    {"dynamodb", "", false, "ResourceArn", kTable, ""},
    {"kinesis", "", false, "StreamARN", kStream, ""},
    {"kinesis", "", false, "StreamName", kStream, "arn:aws:kinesis:{}:{}:stream/{}"},
    {"kms", "", true, "KeyId", kKey, ""},
    {"kms", "", true, "KeyMetadata.Arn", kKey, ""},
    {"kms", "", false, "KeyId", kKey, "arn:aws:kms:{}:{}:key/{}"},
    {"kms", "", false, "TargetKeyId", kKey, "arn:aws:kms:{}:{}:key/{}"},
    {"lambda", "Invoke", false, "FunctionName", "AWS::Lambda::Function", "arn:aws:lambda:{}:{}:function:{}"},
    {"sns", "", false, "TopicArn", "AWS::SNS::Topic", ""},
    {"sns", "", true, "TopicArn", "AWS::SNS::Topic", ""},
    {"sqs", "", false, "QueueUrl", kQueue, "arn:aws:sqs:{}:{}:{}"},
    {"sqs", "", true, "QueueUrl", kQueue, "arn:aws:sqs:{}:{}:{}"},
    {"sts", "Assume", false, "RoleArn", "AWS::IAM::Role", ""},
};

std::string_view member_text(const boost::json::object& from, std::string_view path) {
  const auto dot = path.find('.');
  if (dot == std::string_view::npos) {
    return json::find_string(from, path).value_or("");
  }
  const auto* inner = json::find_object(from, path.substr(0, dot));
  return inner == nullptr ? std::string_view{} : member_text(*inner, path.substr(dot + 1));
}

// The fifth part of an ARN.
std::string_view account_in(std::string_view arn) {
  for (int colons = 0; colons < 4; ++colons) {
    arn.remove_prefix(std::min(arn.find(':'), arn.size() - 1) + 1);
  }
  return arn.substr(0, arn.find(':'));
}

std::string arn_of(const ResourceRow& row, std::string_view name, const Touched& touched) {
  if (name.starts_with("arn:")) {
    return std::string(name);
  }
  if (row.type == kQueue) {  // "https://sqs.eu-west-1.amazonaws.com/111122223333/nest"
    name = name.substr(name.rfind('/') + 1);
  }
  const bool is_alias = row.type == kKey && name.starts_with("alias/");
  if (row.arn.empty() || name.empty() || is_alias) {
    return {};
  }
  return fmt::format(fmt::runtime(row.arn), touched.region, touched.account, name);
}

}  // namespace

std::vector<event::Resource> resources_of(const Touched& touched) {
  for (const auto& row : kRows) {
    if (row.service != touched.operation.service->name ||
        !touched.operation.name.starts_with(row.operations)) {
      continue;
    }
    auto arn = arn_of(row, member_text(row.in_output ? touched.output : touched.input, row.member), touched);
    if (arn.empty()) {
      continue;
    }
    const auto account = account_in(arn);
    return {{.arn = arn,
             .account_id = std::string(account.empty() ? touched.account : account),
             .type = std::string(row.type),
             .arn_prefix = ""}};
  }
  return {};
}

}  // namespace cairn::capture
