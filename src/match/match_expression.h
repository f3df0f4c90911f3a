// One element of a field's array in an event pattern: a value, or an object with an operator. Used by
// eventbridge.cc.
#pragma once

#include <string>
#include <string_view>

#include "match/document.h"
#include "match/pattern.h"

namespace cairn::match {

Result<Test> read_test(const Node& node);

inline Error refused(std::string why) {
  return Error{Errc::invalid, std::move(why)};
}

inline Error beyond(std::string_view before, std::size_t limit, std::string_view after) {
  return Error{Errc::limit, std::string(before) + std::to_string(limit) + std::string(after)};
}

}  // namespace cairn::match
