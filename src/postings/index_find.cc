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

  std::uint64_t rest(std::uint64_t entry) const { return bits(entry, 0, rest_bits_); }
  bool several(std::uint64_t entry) const { return bits(entry, rest_bits_, 1) != 0; }
  std::uint64_t value(std::uint64_t entry) const { return bits(entry, rest_bits_ + 1, value_bits_); }

 private:
  // The section's size was checked against the number of entries.
  std::uint64_t bits(std::uint64_t entry, unsigned from, unsigned width) const {
    std::uint64_t value = 0;
    CAIRN_CHECK(get_bits(bytes_, entry * (rest_bits_ + 1 + value_bits_) + from, width, value));
    return value;
  }

  std::string_view bytes_;
  unsigned rest_bits_;
  unsigned value_bits_;
};

}  // namespace

Result<Range> Index::scope(std::string_view text) const {
  const auto part = sections_->part[kScopesTag];
  const auto texts = part.substr(4 + std::size_t{sections_->scopes} * kScopeLineBytes);
  std::uint32_t low = 0;
  std::uint32_t high = sections_->scopes;
  while (low < high) {
    const auto middle = low + (high - low) / 2;
    ScopeLine line;
    get(part, 4 + std::size_t{middle} * kScopeLineBytes, line);
    if (line.text_at > texts.size() || texts.size() - line.text_at < line.text_bytes ||
        line.rows.begin > line.rows.end || line.rows.end > sections_->rows) {
      return senseless("a scope is outside");
    }
    const auto here = texts.substr(line.text_at, line.text_bytes);
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
  std::uint32_t low = 0;
  std::uint32_t end = 0;
  get(s.part[kBucketsTag], kBucketsHeadBytes + bucket * 4, low);
  get(s.part[kBucketsTag], kBucketsHeadBytes + (bucket + 1) * 4, end);
  if (low > end || end > s.terms) {
    return senseless("a bucket is outside");
  }
  const Entries entries(s);
  const auto rest = low_bits(print, s.rest_bits);
  for (auto high = end; low < high;) {
    const auto middle = low + (high - low) / 2;
    entries.rest(middle) < rest ? low = middle + 1 : high = middle;
  }
  if (low == end || entries.rest(low) != rest) {
    return Rows();
  }
  const auto value = entries.value(low);
  if (entries.several(low)) {
    const auto lists = s.part[kListsTag];
    return value < lists.size() ? Rows::list(lists.substr(value), s.rows) : senseless("a list is outside");
  }
  return value < s.rows ? Result<Rows>(Rows::single(static_cast<Row>(value))) : senseless("a row is outside");
}

Result<Key> Index::key(Row row) const {
  CAIRN_CHECK(row < sections_->rows);
  KeyBlock block;
  get(sections_->part[kKeyBlocksTag], std::size_t{row / kKeyBlockRows} * kKeyBlockBytes, block);
  const auto bits = sections_->part[kKeyBitsTag];
  const auto width = std::uint64_t{block.time_bits} + block.position_bits;
  std::uint64_t time = 0;
  std::uint64_t position = 0;
  if (block.at > bits.size() * 8) {
    return senseless("a key is outside");
  }
  const auto at = block.at + row % kKeyBlockRows * width;
  if (!get_bits(bits, at, block.time_bits, time) ||
      !get_bits(bits, at + block.time_bits, block.position_bits, position)) {
    return senseless("a key is outside");
  }
  return Key{.time_ms = static_cast<std::int64_t>(block.time + time * block.unit),
             .position = block.position + position};
}

Result<Row> Index::lower_bound(Range range, const Key& key) const {
  CAIRN_CHECK(range.begin <= range.end && range.end <= sections_->rows);
  while (range.begin < range.end) {
    const auto middle = range.begin + (range.end - range.begin) / 2;
    CAIRN_TRY(const auto here, this->key(middle));
    here < key ? range.begin = middle + 1 : range.end = middle;
  }
  return range.begin;
}

}  // namespace cairn::postings
