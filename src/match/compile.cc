// Tested by match_test.cc, match_data_test.cc, match_differential_test.cc.
#include <algorithm>
#include <bit>
#include <limits>
#include <map>
#include <optional>
#include <tuple>

#include "match/compiled.h"

namespace cairn::match {
namespace {

// A text that two tests have in common if and only if they are the same.
void identify(const Test& test, std::string& out) {
  const auto put_text = [&](std::string_view text) {
    out += std::to_string(text.size());
    out += ':';
    out += text;
  };
  const auto put_bytes = [&](const void* at, std::size_t size) {
    out.append(static_cast<const char*>(at), size);
  };
  out += static_cast<char>('A' + static_cast<int>(test.op));
  out += test.ignore_case ? 'i' : '-';
  put_text(test.text);
  put_text(std::to_string(test.segments.size()));
  for (const auto& segment : test.segments) {
    put_text(segment);
  }
  put_bytes(&test.range.low, sizeof test.range.low);
  put_bytes(&test.range.high, sizeof test.range.high);
  out += static_cast<char>(1 + (test.range.open_low ? 1 : 0) + (test.range.open_high ? 2 : 0));
  put_bytes(&test.addresses, sizeof test.addresses);
  put_text(std::to_string(test.excluded.size()));
  for (const auto& excluded : test.excluded) {
    identify(excluded, out);
  }
}

// How rarely a test is expected to pass; higher is rarer.
constexpr int kSelectsByValue = 4;
int rarity(const Test& test) {
  switch (test.op) {
    case Op::equals:
    case Op::number_text:
      return 5;
    case Op::address:
    case Op::wildcard:
    case Op::prefix:
    case Op::suffix:
    case Op::number:
      return 4;
    case Op::literal:
      return 3;
    case Op::exists:
      return 2;
    case Op::anything_but:
      return 1;
    case Op::absent:
      return 0;
  }
  return 0;
}

int rarity(const Field& field) {
  int lowest = std::numeric_limits<int>::max();
  for (const auto& test : field.any_of) {
    lowest = std::min(lowest, rarity(test));
  }
  return lowest;
}

class Compiler {
 public:
  explicit Compiler(std::span<const OwnedPattern> patterns) : patterns_(patterns) {}

  std::unique_ptr<const Matcher::Compiled> compile() {
    for (std::size_t i = 0; i < patterns_.size(); ++i) {
      const auto& owned = patterns_[i];
      out_->hits.push_back({.owner = owned.owner, .id = owned.id});
      if (owned.envelope) {
        out_->envelopes.push_back(owned.envelope);
      }
      for (const auto& branch : owned.pattern->branches) {
        add(branch, static_cast<std::uint32_t>(i), owned.envelope.get());
      }
    }
    choose_entries();
    build_locations();
    return std::move(out_);
  }

 private:
  // Where a path of a pattern lies: at a place in the record, or nowhere, or it is always the same.
  struct Spot {
    std::optional<std::string> path;
    const Derived* rewrite = nullptr;
    const Constant* constant = nullptr;
  };
  struct GrowingLocation {
    std::string path;
    const Derived* rewrite;
    ValueIndexBuilder index;
    std::vector<Mark> held_by_absence;
  };
  struct GrowingCondition {
    int rarity;
    std::uint32_t branches = 0;  // that have it
    std::vector<std::uint32_t> entered;
  };

  static Spot spot_of(std::string_view path, const Envelope* envelope) {
    if (envelope == nullptr) {
      return {.path = std::string(path)};
    }
    for (const auto& constant : envelope->constants) {
      if (constant.path == path) {
        return {.constant = &constant};
      }
    }
    for (const auto& derived : envelope->derived) {
      if (derived.path == path) {
        const bool as_is = derived.table.empty() && derived.remove_suffix.empty() && derived.prepend.empty();
        return {.path = derived.from, .rewrite = as_is ? nullptr : &derived};
      }
    }
    const auto& inner = envelope->inner;
    if (inner.empty()) {
      return {.path = std::string(path)};
    }
    if (path.size() > inner.size() && path.starts_with(inner) && path[inner.size()] == '.') {
      return {.path = std::string(path.substr(inner.size() + 1))};
    }
    return {};
  }

  // Does a field hold whatever the record is, or never? Nothing: it depends.
  static std::optional<bool> settled(const Field& field, const Spot& spot) {
    if (spot.path) {
      return std::nullopt;
    }
    if (spot.constant == nullptr) {
      return std::ranges::any_of(field.any_of, [](const Test& test) { return test.op == Op::absent; });
    }
    ValueIndexBuilder builder;
    std::uint32_t exclusions = 0;
    for (const auto& test : field.any_of) {
      if (test.op != Op::absent) {
        builder.add(test, 0, exclusions);
      }
    }
    std::vector<bool> excluded(exclusions, false);
    bool holds = false;
    std::string buffer;
    const auto index = std::move(builder).build();
    index.ask({.kind = LeafKind::string, .text = spot.constant->value}, buffer, [&](Marks marks) {
      for (const auto mark : marks) {
        if ((mark & kExclusion) != 0) {
          excluded[mark & ~kExclusion] = true;
        } else {
          holds = true;
        }
      }
    });
    return holds || std::ranges::find(excluded, false) != excluded.end();
  }

  void add(const Branch& branch, std::uint32_t pattern, const Envelope* envelope) {
    std::vector<Mark> conditions;
    for (const auto& field : branch) {
      const auto spot = spot_of(field->path, envelope);
      const auto known = settled(*field, spot);
      if (known == false) {
        return;
      }
      if (!known) {
        conditions.push_back(condition_of(*field, spot));
      }
    }
    out_->branches.push_back({.pattern = pattern,
                              .conditions = static_cast<std::uint32_t>(out_->branch_conditions.size()),
                              .conditions_count = static_cast<std::uint32_t>(conditions.size())});
    for (const auto condition : conditions) {
      ++growing_conditions_[condition].branches;
      out_->branch_conditions.push_back(condition);
    }
  }

  Mark condition_of(const Field& field, const Spot& spot) {
    const auto location = location_of(*spot.path, spot.rewrite);
    std::string identity = std::to_string(location) + '/';
    for (const auto& test : field.any_of) {
      identify(test, identity);
    }
    const auto fresh = static_cast<Mark>(out_->conditions.size());
    const auto [known, is_new] = condition_by_identity_.try_emplace(std::move(identity), fresh);
    if (is_new) {
      add_condition(field, location, fresh);
    }
    return known->second;
  }

  void add_condition(const Field& field, std::uint32_t location, Mark number) {
    Condition condition{.location = location};
    auto& growing = growing_locations_[location];
    for (const auto& test : field.any_of) {
      if (test.op != Op::absent) {
        growing.index.add(test, number, out_->exclusions);
        condition.may_hold = true;
      } else if (!condition.may_absent) {
        growing.held_by_absence.push_back(number);
        condition.may_absent = true;
      }
    }
    out_->conditions.push_back(condition);
    growing_conditions_.push_back({.rarity = rarity(field)});
  }

  std::uint32_t location_of(const std::string& path, const Derived* rewrite) {
    const auto fresh = static_cast<std::uint32_t>(growing_locations_.size());
    const auto [known, is_new] = location_by_spot_.try_emplace(std::pair(path, rewrite), fresh);
    if (is_new) {
      growing_locations_.push_back({.path = path, .rewrite = rewrite, .index = {}, .held_by_absence = {}});
    }
    return known->second;
  }

  // Of a branch's conditions the rarest kind, and of those the one that the fewest branches have. What selects by a
  // value is told from what does not; within that the kind counts for less the more branches have the condition: what
  // a thousand ask for is common, though it be a whole text (a resource's type beside the beginning of its ARN).
  static auto expected_rarity(int rarity, std::uint32_t branches) {
    constexpr int kDoublings = 3;  // of the branches, that outweigh the next rarer kind
    return std::tuple(std::min(rarity, kSelectsByValue), rarity * kDoublings - static_cast<int>(std::bit_width(branches)),
                      -static_cast<std::int64_t>(branches));
  }

  void choose_entries() {
    for (std::uint32_t i = 0; i < out_->branches.size(); ++i) {
      const auto& branch = out_->branches[i];
      const auto conditions =
          std::span(out_->branch_conditions).subspan(branch.conditions, branch.conditions_count);
      if (conditions.empty()) {
        out_->always.push_back(i);
        continue;
      }
      const auto entry = std::ranges::max_element(conditions, {}, [&](Mark mark) {
        const auto& condition = growing_conditions_[mark];
        return expected_rarity(condition.rarity, condition.branches);
      });
      growing_conditions_[*entry].entered.push_back(i);
    }
    for (std::size_t i = 0; i < out_->conditions.size(); ++i) {
      const auto& entered = growing_conditions_[i].entered;
      out_->conditions[i].entered = static_cast<std::uint32_t>(out_->entered.size());
      out_->conditions[i].entered_count = static_cast<std::uint32_t>(entered.size());
      out_->entered.insert(out_->entered.end(), entered.begin(), entered.end());
    }
  }

  void build_locations() {
    std::map<std::string, std::vector<std::uint32_t>> leaves;
    for (std::uint32_t i = 0; i < growing_locations_.size(); ++i) {
      auto& growing = growing_locations_[i];
      leaves[growing.path].push_back(i);
      if (!growing.held_by_absence.empty()) {
        out_->absence_locations.push_back(i);
      }
      out_->locations.push_back({.index = std::move(growing.index).build(),
                                 .rewrite = growing.rewrite,
                                 .held_by_absence = std::move(growing.held_by_absence)});
    }
    out_->names = NameTree(leaves);
  }

  std::span<const OwnedPattern> patterns_;
  std::unique_ptr<Matcher::Compiled> out_ = std::make_unique<Matcher::Compiled>();
  std::map<std::pair<std::string, const Derived*>, std::uint32_t> location_by_spot_;
  std::map<std::string, Mark> condition_by_identity_;
  std::vector<GrowingLocation> growing_locations_;
  std::vector<GrowingCondition> growing_conditions_;
};

}  // namespace

Result<std::shared_ptr<const Matcher>> compile(std::span<const OwnedPattern> patterns) {
  if (patterns.size() > Limits::patterns_max) {
    return Error{Errc::limit, "more than " + std::to_string(Limits::patterns_max) + " patterns at once"};
  }
  return std::shared_ptr<const Matcher>(std::make_shared<Matcher>(Compiler(patterns).compile()));
}

}  // namespace cairn::match
