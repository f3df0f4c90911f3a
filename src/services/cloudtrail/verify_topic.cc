// AWS verifies a trail's topic by really publishing to it as CloudTrail. Tested by topic_test.cc.
#include "aws/ids.h"
#include "json/json.h"
#include "services/cloudtrail/faults.h"
#include "services/cloudtrail/operations.h"

namespace cairn::services::cloudtrail {
namespace {

constexpr std::string_view kTestMessage = "CloudTrail validation message.";

aws::Fault topic_fault(const aws::Fault& fault) {
  if (fault.code == "AuthorizationError" || fault.code == "NotFound" || fault.code == "InvalidParameter") {
    return fault::insufficient_topic_policy();
  }
  return aws::fault::service_unavailable(aws::Family::json);
}

}  // namespace

Result<void, aws::Fault> take_topic(trail::Trail& trail, const Call& call) {
  const auto given = json::find_string(call.input, "SnsTopicName");
  if (!given) {
    return {};
  }
  trail.topic_name = *given;
  trail.topic_arn.clear();
  if (!given->empty()) {
    CAIRN_TRY(trail.topic_arn, trail::topic_arn_of(trail, *given));
  }
  return {};
}

Task<Result<void, aws::Fault>> verify_topic(const Dependencies& on, trail::Trail trail) {
  if (trail.topic_arn.empty()) {
    co_return Result<void, aws::Fault>{};
  }
  aws::ClientCall call;
  call.service = "sns";
  call.operation = "Publish";
  call.region = trail.home_region;
  call.input = {{"TopicArn", trail.topic_arn}, {"Message", kTestMessage}};
  call.on_behalf = {.service_principal = "cloudtrail.amazonaws.com",
                    .source_arn = trail.arn(),
                    .source_account = trail.account};
  const auto published = co_await on.s3.call(std::move(call));
  if (!published) {
    co_return topic_fault(published.error());
  }
  co_return Result<void, aws::Fault>{};
}

}  // namespace cairn::services::cloudtrail
