// CORS. AWS's endpoints take any origin, without credentials (cloudtrail-reference 14.5); of S3's buckets each
// has rules of its own (Service::cross_origin()).
#pragma once

#include <optional>
#include <span>
#include <string>

#include "front/service.h"
#include "http/http.h"

namespace cairn::front {

// An endpoint's answer to a preflight; nothing if the request is none. Needs no signature.
std::optional<http::Response> answer_preflight(const codec::RequestHead& head);
// Adds what lets a page read an endpoint's answer, if the request came from one.
void allow_origin(const codec::RequestHead& head, http::Response& response);

// Which page asks what of which bucket, by an OPTIONS or by the request itself. Nothing: host and path name
// no bucket. Origin and method may be empty: the head does not say.
std::optional<PageRequest> page_request(const codec::RequestHead& head,
                                        std::span<const std::string> s3_domains);

}  // namespace cairn::front
