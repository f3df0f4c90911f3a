// A JSON text as a tree that keeps what patterns need and a json::value does not: members that occur twice,
// and numbers as they are written. For patterns, which are small and read rarely.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace cairn::match {

enum class Kind : std::uint8_t { object, array, string, number, literal };

struct Node {
  Kind kind;
  std::string text;                // a string's content; a number or literal as it is written
  std::vector<std::string> names;  // of an object's members, in their order
  std::vector<Node> items;         // the members' values, or an array's elements
};

// Errc::invalid: not well-formed, not UTF-8, too deep, or a number beyond a double.
Result<Node> read_document(std::string_view text, std::size_t depth_max);

}  // namespace cairn::match
