// Tested by notices_test.cc.
#include "services/s3/destinations.h"

#include <fmt/format.h>

#include "aws/ids.h"
#include "json/json.h"
#include "services/s3/faults.h"
#include "services/s3/notification_rules.h"

namespace cairn::services::s3 {
namespace {

constexpr int kServersFault = 500;
constexpr int kTooMany = 429;
constexpr std::string_view kQueues = "sqs";
constexpr std::string_view kThrottled = "Throttl";

aws::Fault refused(const std::string& target, std::string why) {
  return fault::invalid_argument("Unable to validate the following destination configurations")
      .with("ArgumentName1", target)
      .with("ArgumentValue1", std::move(why));
}

bool is_of_the_moment(const aws::Fault& fault) {
  return fault.status >= kServersFault || fault.status == kTooMany || fault.code.starts_with(kThrottled);
}

aws::Fault no_destination(const std::string& target, const aws::Fault& why) {
  if (is_of_the_moment(why)) {
    return {"ServiceUnavailable", 503, "The destination of notifications cannot be asked: " + why.message};
  }
  const std::string_view kind = aws::Arn::parse(target)->service() == kQueues ? "queue" : "topic";
  const bool missing = why.code.ends_with("NonExistentQueue") || why.code == "QueueDoesNotExist" ||
                       why.code == "NotFound" || why.code == "NotFoundException";
  return refused(target, missing ? fmt::format("The destination {} does not exist", kind)
                                 : fmt::format("Permissions on the destination {} do not allow S3 to publish "
                                               "notifications from this bucket",
                                               kind));
}

std::string test_event(const Call& call, const Bucket& bucket) {
  return json::serialize(json::object{{"Service", "Amazon S3"},
                                      {"Event", "s3:TestEvent"},
                                      {"Time", rfc3339_millis(call.time)},
                                      {"Bucket", bucket.name},
                                      {"RequestId", call.request_id},
                                      {"HostId", call.host_id}});
}

}  // namespace

Result<aws::ClientCall> call_of(const Telling& telling) {
  CAIRN_TRY(const auto arn, aws::Arn::parse(telling.target));
  aws::ClientCall call;
  call.region = std::string(arn.region());
  call.on_behalf = {.service_principal = "s3.amazonaws.com",
                    .source_arn = telling.bucket,
                    .source_account = telling.account};
  if (arn.service() == kQueues) {
    const auto url = fmt::format("https://sqs.{}.amazonaws.com/{}/{}", std::string(arn.region()),
                                 std::string(arn.account()), std::string(arn.resource()));
    call.service = "sqs";
    call.operation = "SendMessage";
    call.input = {{"QueueUrl", url}, {"MessageBody", telling.text}};
  } else {
    call.service = "sns";
    call.operation = "Publish";
    call.input = {
        {"TopicArn", telling.target}, {"Subject", "Amazon S3 Notification"}, {"Message", telling.text}};
  }
  return call;
}

Task<Result<void, aws::Fault>> check_destinations(const Dependencies& on, const Call& call, Bucket bucket,
                                                  boost::json::object configuration) {
  for (const auto& rule : notification_rules(configuration)) {
    const auto arn = aws::Arn::parse(rule.target);
    if (!arn) {
      co_return refused(rule.target, "The ARN is not well formed");
    }
    if (arn->region() != bucket.region) {
      co_return refused(rule.target,
                        "The notification destination service region is not valid for the bucket location "
                        "constraint");
    }
    auto test = call_of({.target = rule.target,
                         .bucket = bucket.arn(),
                         .account = bucket.account,
                         .text = test_event(call, bucket)});
    const auto sent = co_await on.telling->call(*std::move(test));
    if (!sent) {
      co_return no_destination(rule.target, sent.error());
    }
  }
  co_return Result<void, aws::Fault>{};
}

}  // namespace cairn::services::s3
