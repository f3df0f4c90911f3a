// SNS's exceptions, each spelt once.
#pragma once

#include <string>
#include <string_view>

#include "aws/fault.h"

namespace cairn::services::sns::fault {

aws::Fault invalid(std::string_view what);  // InvalidParameter: "Invalid parameter: …"
aws::Fault invalid_token();
aws::Fault invalid_attribute(std::string message);  // of a message: ParameterValueInvalid
aws::Fault no_such_topic();
aws::Fault no_such_subscription();
aws::Fault no_such_resource();  // of tags
aws::Fault too_many_topics();
aws::Fault too_many_subscriptions();
aws::Fault too_many_tags();
aws::Fault too_many_filters();
aws::Fault unsupported(std::string_view argument);  // UnsupportedOperation: it is named
aws::Fault throttled();
aws::Fault empty_batch();
aws::Fault too_many_entries();
aws::Fault entries_not_distinct();
aws::Fault invalid_entry(std::string message);
aws::Fault batch_too_long();
aws::Fault failure(const Error& error);

}  // namespace cairn::services::sns::fault
