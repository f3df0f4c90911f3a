#include "dedupe/recent_ids.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/check.h"

namespace cairn::dedupe {
namespace {

constexpr std::size_t kSlotsMin = 16;
constexpr std::uint64_t kPlaceMask =
    (1ULL << 31) - 1;  // more places than there are ids, so that each is known by its low bits

__extension__ using Wide = unsigned __int128;

}  // namespace

std::uint64_t hash(const Id& id, const Secret& secret) {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  std::memcpy(&low, id.data(), sizeof low);
  std::memcpy(&high, id.data() + sizeof low, sizeof high);
  const auto product = Wide{low ^ secret.first} * Wide{high ^ secret.second};
  const auto folded = static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  const auto again = Wide{folded ^ secret.second} * Wide{secret.first | 1};
  return static_cast<std::uint64_t>(again) ^ static_cast<std::uint64_t>(again >> 64);
}

RecentIds::RecentIds(std::size_t ids_max, Secret secret)
    : ids_max_(ids_max), secret_(secret), table_(kSlotsMin, kEmpty) {
  CAIRN_CHECK(ids_max > 0 && ids_max <= kIdsMax);
}

const Id& RecentIds::at(std::uint32_t place) const {
  return ids_[(place - 1 - oldest_) & kPlaceMask];
}

std::size_t RecentIds::find(const Id& id) const {
  const auto mask = table_.size() - 1;
  auto slot = hash(id, secret_) & mask;
  while (table_[slot] != kEmpty && at(table_[slot]) != id) {
    slot = (slot + 1) & mask;
  }
  return slot;
}

bool RecentIds::insert(const Id& id) {
  if (contains(id)) {
    return false;
  }
  if (ids_.size() == ids_max_) {
    evict();
  }
  if ((ids_.size() + 1) * 4 > table_.size() * 3) {
    resize_table(table_.size() * 2);
  }
  const auto number = next_number();
  table_[find(id)] = static_cast<std::uint32_t>(number & kPlaceMask) + 1;
  ids_.push_back(id);
  return true;
}

void RecentIds::evict() {
  erase(find(ids_.front()));
  ids_.pop_front();
  ++oldest_;
}

// Closes the gap: each id behind it moves up, unless that would put it before its own first slot.
void RecentIds::erase(std::size_t slot) {
  const auto mask = table_.size() - 1;
  auto gap = slot;
  for (auto next = (gap + 1) & mask; table_[next] != kEmpty; next = (next + 1) & mask) {
    const auto home = hash(at(table_[next]), secret_) & mask;
    if (((next - home) & mask) >= ((next - gap) & mask)) {
      table_[gap] = table_[next];
      gap = next;
    }
  }
  table_[gap] = kEmpty;
}

void RecentIds::forget(std::size_t count) {
  for (count = std::min(count, ids_.size()); count > 0; --count) {
    evict();
  }
  if (ids_.size() * 8 < table_.size() && table_.size() > kSlotsMin) {
    ids_.shrink_to_fit();
    resize_table(std::max(kSlotsMin, std::bit_ceil(ids_.size() * 2)));
  }
}

void RecentIds::resize_table(std::size_t slots) {
  table_ = std::vector<std::uint32_t>(slots, kEmpty);
  const auto mask = table_.size() - 1;
  auto number = oldest_;
  for (const auto& id : ids_) {
    auto slot = hash(id, secret_) & mask;
    while (table_[slot] != kEmpty) {
      slot = (slot + 1) & mask;
    }
    table_[slot] = static_cast<std::uint32_t>(number++ & kPlaceMask) + 1;
  }
}

void RecentIds::copy(std::uint64_t from, std::size_t count, std::vector<Id>& out) const {
  const auto first = std::max(from, oldest_);
  const auto last = std::clamp(from + count, first, std::max(first, next_number()));
  for (auto number = first; number < last; ++number) {
    out.push_back(ids_[number - oldest_]);
  }
}

}  // namespace cairn::dedupe
