#include "json/json.h"
#include "services/cloudtrail/faults.h"
#include "services/cloudtrail/operations.h"

namespace cairn::services::cloudtrail {
namespace {

// Arguments of features that are not there. An empty text or false asks for nothing.
constexpr std::string_view kAbsent[] = {
    "CloudWatchLogsLogGroupArn", "CloudWatchLogsRoleArn"};

bool asks_for_something(const boost::json::value& value) {
  return (value.is_string() && !value.get_string().empty()) || (value.is_bool() && value.get_bool());
}

}  // namespace

Result<void, aws::Fault> check_supported(const Call& call) {
  for (const auto argument : kAbsent) {
    const auto* value = call.input.if_contains(argument);
    if (value != nullptr && asks_for_something(*value)) {
      return fault::unsupported(argument);
    }
  }
  return {};
}

}  // namespace cairn::services::cloudtrail
