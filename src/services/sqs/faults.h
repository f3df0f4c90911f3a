// SQS's exceptions, each spelt once. On the query protocol's wire some have other names: the model has them.
#pragma once

#include <string>
#include <string_view>

#include "aws/fault.h"

namespace cairn::services::sqs::fault {

aws::Fault no_such_queue();
aws::Fault no_such_queue_or_no_access();  // of another account
aws::Fault queue_exists(std::string_view attribute);
aws::Fault invalid_address(std::string_view url);
aws::Fault unknown_attribute(std::string_view name);
aws::Fault invalid_attribute(std::string_view name, std::string_view why = {});
aws::Fault invalid_parameter(std::string_view name, std::string_view value, std::string_view why);
aws::Fault missing_parameter(std::string_view name);
aws::Fault unsupported(std::string_view what);
aws::Fault invalid_contents();
aws::Fault too_long(std::int64_t bytes);
aws::Fault invalid_receipt(std::string_view handle);
aws::Fault not_in_flight();
aws::Fault purge_in_progress(std::string_view name);
aws::Fault in_flight_limit();
aws::Fault limit(std::string message);
aws::Fault full(std::string_view what);
aws::Fault empty_batch();
aws::Fault too_many_entries(std::size_t count);
aws::Fault invalid_entry_id();
aws::Fault repeated_entry_id(std::string_view id);
aws::Fault batch_too_long(std::size_t bytes);
aws::Fault failure(const Error& error);

}  // namespace cairn::services::sqs::fault
