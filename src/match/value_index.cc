#include "match/value_index.h"

#include "base/check.h"

namespace cairn::match {
namespace {

void put(std::vector<Mark>& marks, Mark mark) {
  if (marks.empty() || marks.back() != mark) {  // a condition may have a test twice
    marks.push_back(mark);
  }
}

}  // namespace

void ValueIndexBuilder::add(const Test& test, Mark condition, std::uint32_t& exclusions) {
  if (test.op != Op::anything_but) {
    add_marked(test, condition);
    return;
  }
  const auto number = exclusions++;
  index_.exclusions_.push_back({.number = number, .condition = condition});
  for (const auto& excluded : test.excluded) {
    add_marked(excluded, number | kExclusion);
  }
}

void ValueIndexBuilder::add_marked(const Test& test, Mark mark) {
  switch (test.op) {
    case Op::equals:
    case Op::prefix:
    case Op::suffix:
      return add_text(test, mark);
    case Op::wildcard:
      return add_wildcard(test, mark);
    case Op::address:
      return add_address(test.addresses, mark);
    case Op::literal:
      return put(literals_[test.text], mark);
    case Op::number:
      return add_number(test.range, mark);
    case Op::number_text:
      return put(number_texts_[test.text], mark);
    case Op::exists:
      return put(index_.any_leaf_, mark);
    case Op::absent:
    case Op::anything_but:
      CAIRN_CHECK(false);
  }
}

void ValueIndexBuilder::add_text(const Test& test, Mark mark) {
  auto& affixes = test.ignore_case ? folded_ : plain_;
  auto& texts = test.op == Op::equals   ? affixes.equals
                : test.op == Op::prefix ? affixes.prefixes
                                        : affixes.suffixes;
  put(texts[test.ignore_case ? folded(test.text) : test.text], mark);
}

// "a*" and "*a" are a prefix and a suffix, which cost less.
void ValueIndexBuilder::add_wildcard(const Test& test, Mark mark) {
  const auto& segments = test.segments;
  if (segments.size() == 1) {
    put(plain_.equals[segments[0]], mark);
  } else if (segments.size() == 2 && segments[1].empty()) {
    put(plain_.prefixes[segments[0]], mark);
  } else if (segments.size() == 2 && segments[0].empty()) {
    put(plain_.suffixes[segments[1]], mark);
  } else {
    put(wildcards_[segments], mark);
  }
}

void ValueIndexBuilder::add_address(const AddressRange& range, Mark mark) {
  if (range.low == range.high) {
    put(addresses_[std::string(range.low.view())], mark);
  } else {
    index_.networks_.push_back({.what = range, .marks = {mark}});
  }
}

void ValueIndexBuilder::add_number(const Range& range, Mark mark) {
  if (range.low == range.high) {
    put(numbers_[std::string(ValueIndex::bytes_of(range.low))], mark);  // never -0: see comparable_number()
  } else {
    index_.ranges_.push_back({.what = range, .marks = {mark}});
  }
}

ValueIndex ValueIndexBuilder::build() && {
  auto& index = index_;
  for (auto& [segments, marks] : wildcards_) {
    index.wildcards_.push_back({.what = segments, .marks = marks});
  }
  index.texts_ = TextTable(plain_.equals);
  index.prefixes_ = PrefixTree(plain_.prefixes);
  index.suffixes_ = SuffixTree(plain_.suffixes);
  index.folded_texts_ = TextTable(folded_.equals);
  index.folded_prefixes_ = PrefixTree(folded_.prefixes);
  index.folded_suffixes_ = SuffixTree(folded_.suffixes);
  index.literals_ = TextTable(literals_);
  index.addresses_ = TextTable(addresses_);
  index.numbers_ = TextTable(numbers_);
  index.number_texts_ = TextTable(number_texts_);
  index.folds_asked_ = !(folded_.equals.empty() && folded_.prefixes.empty() && folded_.suffixes.empty());
  index.addresses_asked_ = !addresses_.empty() || !index.networks_.empty();
  index.numbers_asked_ = !numbers_.empty() || !number_texts_.empty() || !index.ranges_.empty();
  index.more_text_ = !plain_.prefixes.empty() || !plain_.suffixes.empty() || !wildcards_.empty() ||
                     index.folds_asked_ || index.addresses_asked_;
  return std::move(index);
}

}  // namespace cairn::match
