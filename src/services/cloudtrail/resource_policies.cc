// PutResourcePolicy, GetResourcePolicy and DeleteResourcePolicy: of event data stores, channels and dashboards, of which
// there are none. So each answers who asks for one that it is not there, and for a trail that trails have no policy.
#include <algorithm>

#include "aws/ids.h"
#include "json/json.h"
#include "services/cloudtrail/faults.h"
#include "services/cloudtrail/operations.h"

namespace cairn::services::cloudtrail {

Task<Answer> answer_resource_policy(const Dependencies&, Call& call) {
  constexpr std::string_view kWithPolicies[] = {"eventdatastore", "channel", "dashboard"};
  const auto text = json::find_string(call.input, "ResourceArn").value_or("");
  const auto arn = aws::Arn::parse(text);
  if (!arn || arn->service() != "cloudtrail" || arn->resource_id().empty()) {
    co_return fault::resource_arn_not_valid(text);
  }
  if (std::ranges::find(kWithPolicies, arn->resource_type()) == std::end(kWithPolicies)) {
    co_return fault::resource_type_not_supported(text);
  }
  co_return fault::resource_not_found(text);
}

}  // namespace cairn::services::cloudtrail
