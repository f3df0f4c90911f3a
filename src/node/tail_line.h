// A record as one line for somebody who watches.
#pragma once

#include <string>
#include <string_view>

namespace cairn::node {

// "12:00:01 ann iam:CreateUser mallory AccessDenied": when (UTC), who, what, on what, and what went wrong;
// with `colours` in a terminal's. No control character of the record's is in it.
std::string line_of(std::string_view record, bool colours);

// The record's own JSON, in which the control characters that JSON allows as they are (DEL, C1's) are
// escaped: it means the same, and no terminal obeys it.
std::string json_line_of(std::string_view record);

}  // namespace cairn::node
