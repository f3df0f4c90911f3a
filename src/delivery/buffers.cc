// Tested by delivery_test.cc and bounds_test.cc.
#include "delivery/buffers.h"

#include <algorithm>

namespace cairn::delivery {
namespace {

constexpr std::string_view kOpening = "{\"Records\":[";
constexpr std::string_view kClosing = "]}";
// Of a map's node and what the allocator adds, about.
constexpr std::uint64_t kNodeBytes = 128;

bool same_destination(const trail::Trail& a, const trail::Trail& b) {
  return a.bucket == b.bucket && a.prefix == b.prefix && a.organization == b.organization &&
         a.created == b.created && a.validation == b.validation;
}

std::uint64_t bytes_of(const trail::Trail& trail) {
  return sizeof trail + trail.account.capacity() + trail.name.capacity() + trail.home_region.capacity() +
         trail.bucket.capacity() + trail.prefix.capacity() + trail.organization.capacity();
}

}  // namespace

void Buffers::add(const std::string& arn, const trail::Trail& trail, const event::View& view,
                  std::string_view record_json) {
  auto& parts = parts_of(arn, view);
  const bool goes_on = !parts.empty() && same_destination(*parts.back().trail, trail);
  const bool fits =
      goes_on && parts.back().json.size() + 1 + record_json.size() + kClosing.size() <= file_bytes_max_;
  if (!fits) {
    full_ = full_ || goes_on;
    begin_part(parts, arn, trail, view);
  }
  auto& part = parts.back();
  const auto before = part.json.capacity();
  if (part.events > 0) {
    part.json.append(",");
  }
  part.json.append(record_json);
  ++part.events;
  part.newest = std::max(part.newest.value_or(view.time), view.time);
  part.oldest = std::min(part.oldest.value_or(view.time), view.time);
  bytes_ += part.json.capacity() - before;
}

Buffers::Parts& Buffers::parts_of(std::string_view arn, const event::View& view) {
  const auto folder = trail::folder_of(view.category);
  const std::tuple<std::string_view, std::string_view, std::string_view, std::string_view> key(
      arn, view.recipient_account, folder, view.region);
  if (const auto found = buffers_.find(key); found != buffers_.end()) {
    return found->second;
  }
  return buffers_[{std::string(arn), std::string(view.recipient_account), folder, std::string(view.region)}];
}

void Buffers::begin_part(Parts& parts, const std::string& arn, const trail::Trail& trail,
                         const event::View& view) {
  parts.push_back({.trail = kept(arn, trail),
                   .account = std::string(view.recipient_account),
                   .folder = trail::folder_of(view.category),
                   .region = std::string(view.region)});
  auto& part = parts.back();
  part.json.append(kOpening);
  bytes_ += sizeof part + kNodeBytes + arn.size() + 2 * (part.account.capacity() + part.region.capacity()) +
            part.json.capacity();
  ++parts_;
}

// One for all of a trail's parts: it is the trail, many times over, that would fill the memory.
std::shared_ptr<const trail::Trail> Buffers::kept(const std::string& arn, const trail::Trail& trail) {
  auto& last = trails_[arn];
  if (!last || !same_destination(*last, trail)) {
    auto copy = std::make_shared<trail::Trail>(trail);
    copy->tags.clear();
    copy->selectors.reset();
    bytes_ += bytes_of(*copy) + kNodeBytes + arn.size();
    last = std::move(copy);
  }
  return last;
}

std::vector<Closed> Buffers::close() {
  std::vector<Closed> all;
  all.reserve(parts_);
  for (auto& [key, parts] : buffers_) {
    for (auto& part : parts) {
      part.json.append(kClosing);
      all.push_back(std::move(part));
    }
  }
  buffers_.clear();
  trails_.clear();
  bytes_ = 0;
  parts_ = 0;
  full_ = false;
  return all;
}

}  // namespace cairn::delivery
