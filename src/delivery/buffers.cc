// Tested by delivery_test.cc.
#include "delivery/buffers.h"

namespace cairn::delivery {
namespace {

constexpr std::string_view kOpening = "{\"Records\":[";
constexpr std::string_view kClosing = "]}";

bool same_destination(const trail::Trail& a, const trail::Trail& b) {
  return a.bucket == b.bucket && a.prefix == b.prefix && a.created == b.created;
}

}  // namespace

void Buffers::add(const trail::Trail& trail, const event::View& view, std::string_view record_json) {
  auto& parts = buffers_[{trail.arn(), view.recipient_account, view.region}];
  const bool goes_on = !parts.empty() && same_destination(parts.back().trail, trail);
  const bool fits =
      goes_on && parts.back().json.size() + 1 + record_json.size() + kClosing.size() <= file_bytes_max_;
  if (!fits) {
    full_ = full_ || goes_on;
    parts.push_back({.trail = trail,
                     .account = view.recipient_account,
                     .region = view.region,
                     .json = std::string(kOpening)});
  }
  auto& part = parts.back();
  if (part.events > 0) {
    part.json += ',';
  }
  part.json += record_json;
  ++part.events;
  bytes_ += record_json.size() + 1;
}

std::vector<Closed> Buffers::close() {
  std::vector<Closed> all;
  for (auto& [key, parts] : buffers_) {
    for (auto& part : parts) {
      part.json += kClosing;
      all.push_back(std::move(part));
    }
  }
  buffers_.clear();
  bytes_ = 0;
  full_ = false;
  return all;
}

}  // namespace cairn::delivery
