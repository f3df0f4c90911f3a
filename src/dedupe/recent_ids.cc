#include "dedupe/recent_ids.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/check.h"

namespace cairn::dedupe {
namespace {

constexpr std::size_t kBucketIds = 9;   // on the average, at most
constexpr std::size_t kBucketsMost = 16;  // that an id looks into for room
constexpr unsigned kPlaceBitsMax = 31;

std::size_t buckets_for(std::size_t ids) {
  return std::bit_ceil(ids / kBucketIds + 1);
}

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

// Twice as many places as ids, so that an entry is known to be old for long enough to be used again. One that
// stays longer looks as if it were another id's: it takes room until that one is gone, and is never mistaken.
RecentIds::RecentIds(std::size_t ids_max, Secret secret)
    : ids_max_(ids_max),
      secret_(secret),
      place_bits_(std::min(static_cast<unsigned>(std::bit_width(ids_max)) + 1, kPlaceBitsMax)),
      table_(1) {
  CAIRN_CHECK(ids_max > 0 && ids_max <= kIdsMax);
}

RecentIds::Entry RecentIds::entry(std::uint64_t number, std::uint64_t hashed) const {
  return static_cast<Entry>((hashed >> 32) << (place_bits_ + 1) | ((number & place_mask()) + 1));
}

std::size_t RecentIds::index_of(Entry entry) const {
  const auto place = (entry & (2 * place_mask() + 1)) - 1;
  return (place - oldest_) & place_mask();
}

bool RecentIds::has_passed_on(const Bucket& bucket) const {
  return bucket.passed_on != 0 &&
         static_cast<std::uint32_t>(bucket.passed_on - 1 - static_cast<std::uint32_t>(oldest_)) < ids_.size();
}

bool RecentIds::holds(const Bucket& bucket, const Id& id, std::uint64_t hashed) const {
  const auto shift = place_bits_ + 1;
  const auto wanted = std::uint64_t{entry(0, hashed)} >> shift;
  return std::ranges::any_of(bucket.entries, [&](Entry there) {
    return std::uint64_t{there} >> shift == wanted && !is_free(there) && ids_[index_of(there)] == id;
  });
}

bool RecentIds::find(const Id& id, std::uint64_t hashed) const {
  const auto mask = table_.size() - 1;
  auto at = hashed & mask;
  for (std::size_t looked = 0; looked < table_.size(); ++looked, at = (at + 1) & mask) {
    if (holds(table_[at], id, hashed)) {
      return true;
    }
    if (!has_passed_on(table_[at])) {
      return false;
    }
  }
  return false;
}

bool RecentIds::insert(const Id& id) {
  const auto hashed = hash(id, secret_);
  if (find(id, hashed)) {
    return false;
  }
  if (ids_.size() == ids_max_) {
    ids_.pop_front();
    ++oldest_;
  }
  ids_.push_back(id);
  if (ids_.size() > table_.size() * kBucketIds || !put(next_number() - 1, hashed)) {
    resize_table(buckets_for(ids_.size()));
  }
  return true;
}

// False: there is no room near where it belongs.
bool RecentIds::put(std::uint64_t number, std::uint64_t hashed) {
  const auto mask = table_.size() - 1;
  auto at = hashed & mask;
  for (std::size_t looked = 0; looked < std::min(table_.size(), kBucketsMost); ++looked, at = (at + 1) & mask) {
    auto& bucket = table_[at];
    // From another entry on each time, so that none stays for ever.
    for (std::size_t i = 0; i < kEntries; ++i) {
      if (auto& there = bucket.entries[(number + i) % kEntries]; is_free(there)) {
        there = entry(number, hashed);
        return true;
      }
    }
    // Of the one number whose bits are all 1 it says the next, which there is in a moment.
    bucket.passed_on = std::max(static_cast<std::uint32_t>(number + 1), 1U);
  }
  return false;
}

void RecentIds::forget(std::size_t count) {
  count = std::min(count, ids_.size());
  ids_.erase(ids_.begin(), ids_.begin() + static_cast<std::ptrdiff_t>(count));
  oldest_ += count;
  if (ids_.size() * 4 < table_.size() * kBucketIds) {
    ids_.shrink_to_fit();
    resize_table(buckets_for(ids_.size()));
  }
}

void RecentIds::resize_table(std::size_t buckets) {
  for (bool fits = false; !fits; buckets *= 2) {
    table_ = std::vector<Bucket>(buckets);
    fits = true;
    for (std::size_t i = 0; fits && i < ids_.size(); ++i) {
      fits = put(oldest_ + i, hash(ids_[i], secret_));
    }
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
