// Tested by takers_test.cc.
#include "delivery/takers.h"

#include <algorithm>

namespace cairn::delivery {
namespace {

// Hits come in the order of the patterns.
bool is_hit(std::uint64_t id, std::span<const match::Hit> hits) {
  return std::ranges::binary_search(hits, id, {}, &match::Hit::id);
}

}  // namespace

bool Taker::takes(const event::View& event, std::span<const match::Hit> hits) const {
  return std::ranges::any_of(rules, [&](const Rule& one) {
    return one.rule.may_take(event) && (one.wanted == 0 || is_hit(one.wanted, hits)) &&
           (one.unwanted == 0 || !is_hit(one.unwanted, hits));
  });
}

Takers::Takers(const std::vector<const trail::Trail*>& trails, TakerLimits limits) {
  std::map<std::string, std::uint64_t> known;
  for (const auto* trail : trails) {
    if (!trail->logging) {
      continue;
    }
    Taker taker{.arn = trail->arn(), .trail = trail, .rules = {}};
    for (auto& rule : trail::rules_of(trail->selected())) {
      const auto wanted = id_of(rule.wanted, limits, known);
      const auto unwanted = id_of(rule.unwanted, limits, known);
      taker.rules.push_back({.rule = std::move(rule), .wanted = wanted, .unwanted = unwanted});
    }
    const std::string place(trail->multi_region ? kEverywhere : std::string_view(trail->home_region));
    const auto& owner = trail->organization.empty() ? trail->account : trail->organization;
    by_place_[{owner, place}].push_back(std::move(taker));
  }
}

std::uint64_t Takers::id_of(const std::optional<trail::Condition>& condition, const TakerLimits& limits,
                            std::map<std::string, std::uint64_t>& known) {
  if (!condition) {
    return 0;
  }
  if (const auto it = known.find(condition->text); it != known.end()) {
    return it->second;
  }
  const auto bytes = text_bytes_ + condition->text.size();
  if (patterns_.size() >= limits.patterns_max || bytes > limits.pattern_bytes_max) {
    ++crowded_;
    return 0;
  }
  text_bytes_ = bytes;
  patterns_.push_back({.id = patterns_.size() + 1, .pattern = condition->pattern});
  texts_.push_back(condition->text);
  known.emplace(condition->text, patterns_.size());
  return patterns_.size();
}

}  // namespace cairn::delivery
