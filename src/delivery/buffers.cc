// Tested by delivery_test.cc and bounds_test.cc.
#include "delivery/buffers.h"

#include <algorithm>
#include <utility>

#include "json/records.h"

namespace cairn::delivery {
namespace {

constexpr std::string_view kOpening = "{\"Records\":[";
constexpr std::string_view kClosing = "]}";
// Of a map's node and what the allocator adds, about.
constexpr std::uint64_t kNodeBytes = 128;

std::uint64_t bytes_of(const trail::Trail& trail) {
  return sizeof trail + trail.account.capacity() + trail.name.capacity() + trail.home_region.capacity() +
         trail.bucket.capacity() + trail.prefix.capacity() + trail.organization.capacity();
}

Echoes echoes_of(const std::string& arn, const Closed& part) {
  return {.trail_arn = arn,
          .account = part.account,
          .region = part.region,
          .folder = std::string(part.folder),
          .since = part.echoes_since.value_or(Time{}),
          .file = part.json.text() + std::string(kClosing)};
}

}  // namespace

bool same_destination(const trail::Trail& a, const trail::Trail& b) {
  return a.bucket == b.bucket && a.prefix == b.prefix && a.organization == b.organization &&
         a.created == b.created && a.validation == b.validation;
}

void Buffers::add(const std::string& arn, const trail::Trail& trail, const event::View& view,
                  std::string_view record_json, std::optional<Time> echo) {
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
  } else {
    part.echoes_since = echo;
  }
  if (!echo) {
    part.echoes_since.reset();
  }
  if (part.stored == Closed::Stored::all) {
    part.stored = Closed::Stored::partly;
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
  count(arn, part);
}

void Buffers::count(const std::string& arn, const Closed& part) {
  bytes_ += sizeof part + kNodeBytes + arn.size() + 2 * (part.account.capacity() + part.region.capacity()) +
            part.json.capacity();
  ++parts_;
}

Result<void> Buffers::load(const trail::Trail& trail, const Echoes& echoes) {
  std::vector<json::Record> records;
  if (const auto split = json::split_records(echoes.file, {}, records); !split) {
    return split.error().error();
  }
  for (const auto& one : records) {
    CAIRN_TRY(const auto view, event::borrowed_view(one.raw));
    add(echoes.trail_arn, trail, view, one.raw, echoes.since);
    auto& parts = parts_of(echoes.trail_arn, view);
    parts.front().stored = parts.size() == 1 ? Closed::Stored::all : Closed::Stored::partly;
  }
  return {};
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

std::vector<Closed> Buffers::close(const MayWait& may_wait) {
  std::vector<Closed> all;
  all.reserve(parts_);
  auto former = std::exchange(buffers_, {});
  trails_.clear();
  bytes_ = 0;
  parts_ = 0;
  full_ = false;
  for (auto& [key, parts] : former) {
    const auto& arn = std::get<0>(key);
    if (parts.size() == 1 && parts.front().echoes_since && may_wait(arn, parts.front())) {
      auto& part = buffers_.emplace(key, std::move(parts)).first->second.front();
      part.trail = kept(arn, *part.trail);
      count(arn, part);
      continue;
    }
    for (auto& part : parts) {
      part.json.append(kClosing);
      all.push_back(std::move(part));
    }
  }
  return all;
}

std::vector<catalog::Write> Buffers::store_echoes() {
  std::vector<catalog::Write> writes;
  for (auto& [key, parts] : buffers_) {
    for (auto& part : parts) {
      if (part.stored != Closed::Stored::all) {
        const auto echoes = echoes_of(std::get<0>(key), part);
        writes.push_back({echoes.catalog_key(), echoes.document(), std::nullopt});
        part.stored = Closed::Stored::all;
      }
    }
  }
  return writes;
}

std::optional<Time> Buffers::echoes_since() const {
  std::optional<Time> since;
  for (const auto& [key, parts] : buffers_) {
    const auto& begun = parts.front().echoes_since;
    if (begun && (!since || *begun < *since)) {
      since = begun;
    }
  }
  return since;
}

}  // namespace cairn::delivery
