// ValueIndex: every test that any pattern makes at one path, asked about one value at once. Exact texts and
// numbers cost one look-up however many there are, prefixes and suffixes one walk; ranges, networks and
// wildcards are asked one by one. Immutable once made; thread-safe.
#pragma once

#include <bit>
#include <string>
#include <string_view>
#include <vector>

#include "match/affix_tree.h"
#include "match/fold.h"
#include "match/number.h"
#include "match/pattern.h"
#include "match/text_table.h"
#include "match/wildcard.h"

namespace cairn::match {

enum class LeafKind : std::uint8_t { string, number, literal };

struct Leaf {
  LeafKind kind;
  std::string_view text;  // a string's unescaped content; a number's or literal's text
};

class ValueIndex {
 public:
  // The mark of an anything-but: which condition holds unless its exclusion comes up.
  struct Exclusion {
    std::uint32_t number;
    Mark condition;
  };

  // Calls each(Marks) with the marks of every test that the leaf passes. What kExclusion marks say is up to
  // the caller: see exclusions(). `buffer` is overwritten.
  template <class Each>
  void ask(const Leaf& leaf, std::string& buffer, Each each) const {
    const auto some = [&](Marks marks) {
      if (!marks.empty()) {
        each(marks);
      }
    };
    some(any_leaf_);
    switch (leaf.kind) {
      case LeafKind::string:
        some(texts_.find(leaf.text));
        if (more_text_) {
          ask_more(leaf.text, buffer, some);
        }
        break;
      case LeafKind::number:
        if (numbers_asked_) {
          ask_number(leaf.text, some);
        }
        break;
      case LeafKind::literal:
        some(literals_.find(leaf.text));
        break;
    }
  }

  std::span<const Exclusion> exclusions() const { return exclusions_; }

 private:
  friend class ValueIndexBuilder;
  template <class T>
  struct Marked {
    T what;
    std::vector<Mark> marks;
  };

  template <class Some>
  void ask_more(std::string_view text, std::string& buffer, Some some) const {
    prefixes_.walk(text, some);
    suffixes_.walk(text, some);
    for (const auto& wildcard : wildcards_) {
      if (wildcard_matches(wildcard.what, text)) {
        some(wildcard.marks);
      }
    }
    if (folds_asked_) {
      fold_into(text, buffer);
      some(folded_texts_.find(buffer));
      folded_prefixes_.walk(buffer, some);
      folded_suffixes_.walk(buffer, some);
    }
    if (addresses_asked_) {
      ask_address(text, some);
    }
  }

  template <class Some>
  void ask_address(std::string_view text, Some some) const {
    const auto address = parse_address(text);
    if (!address) {
      return;
    }
    some(addresses_.find(address->view()));
    for (const auto& network : networks_) {
      if (network.what.has(*address)) {
        some(network.marks);
      }
    }
  }

  template <class Some>
  void ask_number(std::string_view text, Some some) const {
    some(number_texts_.find(text));
    const auto number = comparable_number(text);
    if (!number) {
      return;
    }
    some(numbers_.find(bytes_of(*number)));
    for (const auto& range : ranges_) {
      if (range.what.has(*number)) {
        some(range.marks);
      }
    }
  }

  static std::string_view bytes_of(const double& number) {
    return {reinterpret_cast<const char*>(&number), sizeof number};
  }

  std::vector<Mark> any_leaf_;
  TextTable texts_;
  bool more_text_ = false;
  bool numbers_asked_ = false;
  bool folds_asked_ = false;
  bool addresses_asked_ = false;
  TextTable literals_;
  PrefixTree prefixes_;
  SuffixTree suffixes_;
  std::vector<Marked<std::vector<std::string>>> wildcards_;
  TextTable folded_texts_;
  PrefixTree folded_prefixes_;
  SuffixTree folded_suffixes_;
  TextTable addresses_;
  std::vector<Marked<AddressRange>> networks_;
  TextTable numbers_;
  TextTable number_texts_;
  std::vector<Marked<Range>> ranges_;
  std::vector<Exclusion> exclusions_;
};

class ValueIndexBuilder {
 public:
  // Every test of a condition but Op::absent, which asks about no value.
  void add(const Test& test, Mark condition, std::uint32_t& exclusions);
  ValueIndex build() &&;

 private:
  void add_marked(const Test& test, Mark mark);
  void add_text(const Test& test, Mark mark);
  void add_address(const AddressRange& range, Mark mark);
  void add_number(const Range& range, Mark mark);
  void add_wildcard(const Test& test, Mark mark);

  struct Affixes {
    MarkedTexts equals;
    MarkedTexts prefixes;
    MarkedTexts suffixes;
  };
  Affixes plain_;
  Affixes folded_;
  MarkedTexts literals_;
  MarkedTexts addresses_;
  MarkedTexts numbers_;
  MarkedTexts number_texts_;
  std::map<std::vector<std::string>, std::vector<Mark>> wildcards_;
  ValueIndex index_;
};

}  // namespace cairn::match
