#include "aws/regions.h"

#include <algorithm>
#include <array>

namespace cairn::aws {

std::span<const std::string_view> commercial_regions() {
  static constexpr std::array<std::string_view, 34> kRegions = {
      "af-south-1",     "ap-east-1",      "ap-east-2",      "ap-northeast-1", "ap-northeast-2",
      "ap-northeast-3", "ap-south-1",     "ap-south-2",     "ap-southeast-1", "ap-southeast-2",
      "ap-southeast-3", "ap-southeast-4", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7",
      "ca-central-1",   "ca-west-1",      "eu-central-1",   "eu-central-2",   "eu-north-1",
      "eu-south-1",     "eu-south-2",     "eu-west-1",      "eu-west-2",      "eu-west-3",
      "il-central-1",   "me-central-1",   "me-south-1",     "mx-central-1",   "sa-east-1",
      "us-east-1",      "us-east-2",      "us-west-1",      "us-west-2",
  };
  return kRegions;
}

bool is_region_word(std::string_view text) {
  return !text.empty() && text.size() <= kRegionMax && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

Regions::Regions(std::vector<std::string> named)
    : first_(named.empty() ? std::string(kGlobalRegion) : named.front()) {
  all_.insert(named.begin(), named.end());
  if (named.empty()) {
    all_.insert(commercial_regions().begin(), commercial_regions().end());
  }
}

}  // namespace cairn::aws
