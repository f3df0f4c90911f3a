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

Takers::Takers(const std::vector<const trail::Trail*>& trails) {
  std::map<std::string, std::uint64_t> known;
  for (const auto* trail : trails) {
    if (!trail->logging) {
      continue;
    }
    Taker taker{.arn = trail->arn(), .trail = trail, .rules = {}};
    for (auto& rule : trail::rules_of(trail->selected())) {
      const auto wanted = id_of(rule.wanted, known);
      const auto unwanted = id_of(rule.unwanted, known);
      taker.rules.push_back({.rule = std::move(rule), .wanted = wanted, .unwanted = unwanted});
    }
    const std::string place(trail->multi_region ? kEverywhere : std::string_view(trail->home_region));
    by_place_[{trail->account, place}].push_back(std::move(taker));
  }
}

std::uint64_t Takers::id_of(const std::optional<trail::Condition>& condition,
                            std::map<std::string, std::uint64_t>& known) {
  if (!condition) {
    return 0;
  }
  const auto [it, is_new] = known.try_emplace(condition->text, patterns_.size() + 1);
  if (is_new) {
    patterns_.push_back({.id = it->second, .pattern = condition->pattern});
    texts_.push_back(condition->text);
  }
  return it->second;
}

}  // namespace cairn::delivery
