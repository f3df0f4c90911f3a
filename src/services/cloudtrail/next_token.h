// LookupEvents' NextToken: where the page stopped and a hash of what was asked, so that a token is no good
// for other parameters.
//
//   token = base64(version u8 | snapshot u64 | time i64 ms | position u64 | first 8 bytes of SHA-256 of the
//   parameters), little endian
#pragma once

#include <string>
#include <string_view>

#include "aws/fault.h"
#include "base/result.h"
#include "store/store.h"

namespace cairn::services::cloudtrail {

std::string write_token(const store::Bookmark& bookmark, const store::Query& query);
// InvalidNextTokenException for anything that write_token did not write for this query.
Result<store::Bookmark, aws::Fault> read_token(std::string_view token, const store::Query& query);

}  // namespace cairn::services::cloudtrail
