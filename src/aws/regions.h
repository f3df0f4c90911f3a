// AWS's commercial Regions, which Regions are answered for, and what may stand where a record or a signature
// names one. Pure; a value of Regions may be read from many threads.
#pragma once

#include <functional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::aws {

inline constexpr std::size_t kRegionMax = 64;  // characters of a region

// The one whose service is everybody's: IAM's calls are in it.
inline constexpr std::string_view kGlobalRegion = "us-east-1";

// Codes, sorted. Every one is accepted by Region::parse().
std::span<const std::string_view> commercial_regions();

// A plain word, because object keys and metric labels are made of it: letters, digits, - and _. The one rule
// for the Region of a signature, which becomes a record's awsRegion, and for the awsRegion of a record that
// is read: were they two, a call could be recorded and never be shown. (Real records have words here that
// Region::parse() would not take.)
bool is_region_word(std::string_view text);

// The Regions that calls may be signed for.
class Regions {
 public:
  // None named: AWS's commercial list, and us-east-1 the first of it.
  explicit Regions(std::vector<std::string> named = {});

  bool contains(std::string_view region) const { return all_.contains(region); }
  const std::string& first() const { return first_; }

 private:
  std::set<std::string, std::less<>> all_;
  std::string first_;
};

}  // namespace cairn::aws
