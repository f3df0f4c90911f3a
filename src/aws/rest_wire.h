// What the two REST protocols bind outside of the body: headers, the path's labels, the query string, the
// status.
#pragma once

#include <boost/json/object.hpp>

#include "aws/fault.h"
#include "aws/model.h"
#include "aws/protocol.h"
#include "codec/headers.h"
#include "codec/uri.h"

namespace cairn::aws {

// A request's members in path, query and headers.
Result<void, Fault> decode_bound(Family family, const Recognised& call, const codec::Headers& headers,
                                 boost::json::object& into);
// An answer's members in headers and status.
Result<void, Fault> decode_bound(const Shape& shape, const codec::ResponseHead& head,
                                 boost::json::object& into);

// Members that go into headers, for both directions.
void encode_headers(const Shape& shape, const boost::json::object& value, codec::Headers& headers);
// Path and query. Errors: Errc::invalid, a label is missing.
Result<std::string> encode_target(const Operation& operation, const boost::json::object& input);

}  // namespace cairn::aws
