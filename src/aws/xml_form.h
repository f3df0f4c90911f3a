// XML as records show it: elements become members, repeated ones lists, attributes members beside them; text
// that is a number or a truth value becomes one. Pure.
#pragma once

#include <boost/json/object.hpp>
#include <string_view>

namespace cairn::aws {

// {"VersioningConfiguration":{"Status":"Enabled","xmlns":"…"}}; empty if it cannot be read.
boost::json::object xml_form(std::string_view text);

}  // namespace cairn::aws
