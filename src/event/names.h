// The names of services and operations inside this folder: from a record's spelling back to the one the
// tables use. Pure.
#pragma once

#include <string_view>

namespace cairn::event {

// "s3.amazonaws.com" is "s3".
std::string_view source_service(std::string_view source);
// The name that the event source is made of: "cloudwatch" is "monitoring".
std::string_view canonical_service(std::string_view service);
// "UpdateFunctionCode20150331v2" is "UpdateFunctionCode".
std::string_view without_date(std::string_view name);

}  // namespace cairn::event
