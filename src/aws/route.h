// Which operation of a REST service a method, a path and a query mean.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "aws/model.h"
#include "codec/headers.h"
#include "codec/uri.h"

namespace cairn::aws {

struct Route {
  const Operation* operation = nullptr;
  codec::QueryPairs labels;  // raw, not yet decoded
};

struct RouteQuestion {
  const Service& service;
  std::string_view method;
  std::string_view path;  // raw, with the bucket in front
  const codec::QueryPairs& query;
  const codec::Headers& headers;
};

// The most specific of the operations that fit. Literal query keys count most (?acl), then the required keys
// and headers that are there: so x-amz-copy-source makes a PutObject a CopyObject, and uploadId and
// partNumber an UploadPart. S3's operations without a literal key of their own fit only if all that they
// require is there.
std::optional<Route> route(const RouteQuestion& question);

}  // namespace cairn::aws
