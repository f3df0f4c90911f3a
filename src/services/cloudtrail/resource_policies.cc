// PutResourcePolicy, GetResourcePolicy and DeleteResourcePolicy: of event data stores, channels and dashboards, of which
// there are none. So each answers who asks for one that it is not there, and for a trail that trails have no policy.
#include <algorithm>

#include "aws/ids.h"
#include "json/json.h"
#include "services/cloudtrail/faults.h"
#include "services/cloudtrail/operations.h"

namespace cairn::services::cloudtrail {

bool is_absent_kind(std::string_view resource_type) {
  constexpr std::string_view kKinds[] = {"eventdatastore", "channel", "dashboard"};
  return std::ranges::find(kKinds, resource_type) != std::end(kKinds);
}

Task<Answer> answer_resource_policy(const Dependencies&, Call& call) {
  const auto text = json::find_string(call.input, "ResourceArn").value_or("");
  const auto arn = aws::Arn::parse(text);
  if (!arn || arn->service() != "cloudtrail" || arn->resource_id().empty()) {
    co_return fault::resource_arn_not_valid(text);
  }
  if (!is_absent_kind(arn->resource_type())) {
    co_return fault::resource_type_not_supported(text);
  }
  co_return fault::resource_not_found(text);
}

}  // namespace cairn::services::cloudtrail
