// AWS's commercial Regions, the default of the configuration's `regions`.
#pragma once

#include <span>
#include <string_view>

namespace cairn::aws {

// Codes, sorted. Every one is accepted by Region::parse().
std::span<const std::string_view> commercial_regions();

}  // namespace cairn::aws
