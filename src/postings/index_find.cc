// What is looked up in an index: scopes and terms by binary search, keys at computed places.
//
// Tested by index_test.cc and damage_test.cc.
#include "postings/bits.h"
#include "postings/layout.h"
#include "postings/postings.h"

namespace cairn::postings {

namespace {

Error senseless(std::string_view part) {
  return {Errc::corrupt, "read postings: " + std::string(part)};
}

struct ScopeLine {
  Range rows;
  std::uint32_t text_at = 0;
  std::uint32_t text_bytes = 0;
};
static_assert(sizeof(ScopeLine) == kScopeLineBytes);

// One packed entry: the rest of its fingerprint, and what it leads to.
class Entries {
 public:
  explicit Entries(const detail::Sections& sections)
      : bytes_(sections.part[kEntriesTag]),
        rest_bits_(sections.rest_bits),
        value_bits_(sections.value_bits) {}

  Result<std::uint64_t> rest(std::uint64_t entry) { return bits(entry, 0, rest_bits_); }
  Result<std::uint64_t> several(std::uint64_t entry) { return bits(entry, rest_bits_, 1); }
  Result<std::uint64_t> value(std::uint64_t entry) { return bits(entry, rest_bits_ + 1, value_bits_); }

 private:
  Result<std::uint64_t> bits(std::uint64_t entry, unsigned from, unsigned width) {
    return bytes_.get_bits(entry * (rest_bits_ + 1 + value_bits_) + from, width);
  }

  Window bytes_;
  unsigned rest_bits_;
  unsigned value_bits_;
};

// The rows' keys; keeps the blocks that it read last.
class Keys {
 public:
  explicit Keys(const detail::Sections& sections)
      : blocks_(sections.part[kKeyBlocksTag]), bits_(sections.part[kKeyBitsTag]) {}

  Result<Key> at(Row row) {
    CAIRN_TRY(const auto block, blocks_.get<KeyBlock>(std::uint64_t{row / kKeyBlockRows} * kKeyBlockBytes));
    const auto width = std::uint64_t{block.time_bits} + block.position_bits;
    if (block.at > bits_.size() * 8) {
      return senseless("a key is outside");
    }
    const auto at = block.at + row % kKeyBlockRows * width;
    CAIRN_TRY(const auto time, bits_.get_bits(at, block.time_bits));
    CAIRN_TRY(const auto position, bits_.get_bits(at + block.time_bits, block.position_bits));
    return Key{.time_ms = static_cast<std::int64_t>(block.time + time * block.unit),
               .position = block.position + position};
  }

 private:
  Window blocks_;
  Window bits_;
};

}  // namespace

Result<Range> Index::scope(std::string_view text) const {
  auto lines = sections_->part[kScopesTag].part(4, std::uint64_t{sections_->scopes} * kScopeLineBytes);
  auto texts = sections_->part[kScopesTag].part(4 + lines.size());
  std::uint32_t low = 0;
  std::uint32_t high = sections_->scopes;
  while (low < high) {
    const auto middle = low + (high - low) / 2;
    CAIRN_TRY(const auto line, lines.get<ScopeLine>(std::uint64_t{middle} * kScopeLineBytes));
    if (line.rows.begin > line.rows.end || line.rows.end > sections_->rows) {
      return senseless("a scope is outside");
    }
    CAIRN_TRY(const auto here, texts.text(line.text_at, line.text_bytes));
    if (here == text) {
      return line.rows;
    }
    here < text ? low = middle + 1 : high = middle;
  }
  return Range{};
}

Result<Rows> Index::find(Term term) const {
  const auto& s = *sections_;
  const auto print = term.raw() >> (64 - s.bucket_bits - s.rest_bits);
  const auto bucket = print >> s.rest_bits;
  auto buckets = s.part[kBucketsTag];
  CAIRN_TRY(auto low, buckets.get<std::uint32_t>(kBucketsHeadBytes + bucket * 4));
  CAIRN_TRY(const auto end, buckets.get<std::uint32_t>(kBucketsHeadBytes + (bucket + 1) * 4));
  if (low > end || end > s.terms) {
    return senseless("a bucket is outside");
  }
  Entries entries(s);
  const auto rest = low_bits(print, s.rest_bits);
  for (auto high = end; low < high;) {
    const auto middle = low + (high - low) / 2;
    CAIRN_TRY(const auto here, entries.rest(middle));
    here < rest ? low = middle + 1 : high = middle;
  }
  if (low == end) {
    return Rows();
  }
  CAIRN_TRY(const auto found, entries.rest(low));
  if (found != rest) {
    return Rows();
  }
  CAIRN_TRY(const auto several, entries.several(low));
  CAIRN_TRY(const auto value, entries.value(low));
  if (several != 0) {
    const auto& lists = s.part[kListsTag];
    return value < lists.size() ? Rows::list(lists.part(value), s.rows) : senseless("a list is outside");
  }
  return value < s.rows ? Result<Rows>(Rows::single(static_cast<Row>(value))) : senseless("a row is outside");
}

Result<Key> Index::key(Row row) const {
  CAIRN_CHECK(row < sections_->rows);
  return Keys(*sections_).at(row);
}

Result<Row> Index::lower_bound(Range range, const Key& key) const {
  CAIRN_CHECK(range.begin <= range.end && range.end <= sections_->rows);
  Keys keys(*sections_);
  while (range.begin < range.end) {
    const auto middle = range.begin + (range.end - range.begin) / 2;
    CAIRN_TRY(const auto here, keys.at(middle));
    here < key ? range.begin = middle + 1 : range.end = middle;
  }
  return range.begin;
}

}  // namespace cairn::postings
