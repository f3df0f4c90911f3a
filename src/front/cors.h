// CORS, as AWS's endpoints answer it (cloudtrail-reference 14.5): any origin, no credentials.
#pragma once

#include <optional>

#include "http/http.h"

namespace cairn::front {

// The answer to a preflight; nothing if the request is none. Needs no signature.
std::optional<http::Response> answer_preflight(const codec::RequestHead& head);
// Adds what lets a page read the answer, if the request came from one.
void allow_origin(const codec::RequestHead& head, http::Response& response);

}  // namespace cairn::front
