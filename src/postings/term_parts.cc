#include <algorithm>
#include <bit>
#include <vector>

#include "postings/bits.h"
#include "postings/layout.h"
#include "postings/list.h"
#include "postings/parts.h"

namespace cairn::postings {

namespace {

struct Entry {
  std::uint32_t fingerprint;
  bool several;
  std::uint32_t value;
};

std::size_t count_terms(std::span<const std::uint64_t> postings) {
  std::size_t terms = postings.empty() ? 0 : 1;
  for (std::size_t i = 1; i < postings.size(); ++i) {
    terms += postings[i] >> 32 != postings[i - 1] >> 32 ? 1 : 0;
  }
  return terms;
}

// `kept`: of the fingerprint's bits, the upper ones. Terms that are the same in them become one.
std::vector<Entry> make_entries(std::span<const std::uint64_t> postings, unsigned kept, std::string& lists) {
  std::vector<Entry> entries;
  std::vector<Row> rows;
  while (!postings.empty()) {
    const auto print = postings.front() >> (64 - kept);
    const auto end = std::ranges::find_if(postings, [&](auto p) { return p >> (64 - kept) != print; });
    rows.assign(postings.begin(), end);  // keeps the lower half
    postings = {end, postings.end()};
    if (!std::ranges::is_sorted(rows)) {
      std::ranges::sort(rows);
    }
    rows.erase(std::ranges::unique(rows).begin(), rows.end());
    const bool several = rows.size() > 1;
    CAIRN_CHECK(lists.size() <= UINT32_MAX);
    entries.push_back({static_cast<std::uint32_t>(print), several,
                       several ? static_cast<std::uint32_t>(lists.size()) : rows.front()});
    if (several) {
      put_list(lists, rows);
    }
  }
  return entries;
}

unsigned bucket_bits(std::size_t terms) {
  const auto width = static_cast<unsigned>(std::bit_width(terms / kBucketEntries));
  return std::min(std::max(width, 1U) - 1, kBucketBitsMax);
}

std::string make_buckets(const std::vector<Entry>& entries, unsigned bits, unsigned value_bits) {
  std::string buckets;
  put(buckets, static_cast<std::uint32_t>(entries.size()));
  put(buckets, static_cast<std::uint8_t>(bits));
  put(buckets, static_cast<std::uint8_t>(value_bits));
  put(buckets, static_cast<std::uint8_t>(kRestBits));
  put(buckets, std::uint8_t{0});
  std::uint32_t at = 0;
  for (std::uint64_t bucket = 0; bucket <= std::uint64_t{1} << bits; ++bucket) {
    while (at < entries.size() && entries[at].fingerprint >> kRestBits < bucket) {
      ++at;
    }
    put(buckets, at);
  }
  return buckets;
}

}  // namespace

TermParts term_parts(std::span<const std::uint64_t> postings) {
  TermParts parts;
  const auto bits = bucket_bits(count_terms(postings));
  const auto entries = make_entries(postings, bits + kRestBits, parts.lists);
  unsigned value_bits = 0;
  for (const auto& entry : entries) {
    value_bits = std::max(value_bits, static_cast<unsigned>(std::bit_width(entry.value)));
  }
  parts.buckets = make_buckets(entries, bits, value_bits);
  BitWriter packed;
  for (const auto& entry : entries) {
    packed.put(low_bits(entry.fingerprint, kRestBits), kRestBits);
    packed.put(entry.several ? 1 : 0, 1);
    packed.put(entry.value, value_bits);
  }
  parts.entries = std::move(packed).take();
  return parts;
}

}  // namespace cairn::postings
