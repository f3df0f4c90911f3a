// Headers that a presigned URL carries in its query. SDKs put them there, so that whoever has the URL need
// not send them, and S3 takes them as if they had been sent. Pure.
#pragma once

#include <optional>
#include <string_view>

#include "codec/headers.h"

namespace cairn::aws {

// Does S3 take this pair of a presigned query for a header? "x-amz-…" in any case, but what belongs to the
// signature, the body's hash and checksums (which it does not heed there), and encryption (which it wants in
// headers alone).
bool is_header_of_query(std::string_view name);

// The head with the headers that its query carries. Nothing: the query has no signature for S3, or no such
// pair. A header that was sent wins over the query's; a value that no header can hold stays where it is. The
// signature is that of the head as it came.
std::optional<codec::RequestHead> with_headers_of_query(const codec::RequestHead& head);

}  // namespace cairn::aws
