// CORS as buckets have it set: what a browser may send for a page of another origin, and which answers it
// shows that page. Inside services/s3 only. Tested by cross_origin_test.cc.
#pragma once

#include <boost/json/object.hpp>
#include <optional>

#include "services/s3/operations.h"

namespace cairn::services::s3 {

// The Access-Control- headers by the first rule that allows origin, method and every header; nothing: none
// does. Pure. REQUIRES: check_cors() took the configuration.
std::optional<codec::Headers> cross_origin_headers(const boost::json::object& configuration,
                                                   const front::PageRequest& page);

// The same of a bucket. AccessForbidden: it is not there, has no rules, or none allows it.
Task<Result<codec::Headers, aws::Fault>> cross_origin_of(const Dependencies& on, front::PageRequest page);

}  // namespace cairn::services::s3
