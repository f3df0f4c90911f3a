// What the indexes over values give back. A mark is the number of a condition that holds; or, with kExclusion
// set, of an anything-but that does not. Used inside match/ alone.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace cairn::match {

using Mark = std::uint32_t;
using Marks = std::span<const Mark>;
inline constexpr Mark kExclusion = 1U << 31;

using MarkedTexts = std::map<std::string, std::vector<Mark>, std::less<>>;

}  // namespace cairn::match
