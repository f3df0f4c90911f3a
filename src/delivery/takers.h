// Which trails take a record: those whose account (or organization) and Regions it concerns, and one of whose rules (trail/selection.h)
// takes it. Made anew when a trail changes; what their rules ask of the record's text is asked for all at once, by
// the stream. Immutable; any thread.
//
// What trails ask for all together is bounded. A rule that finds no room asks nothing: its trail takes more than it wants,
// of its category, rather than that anybody loses a record; `crowded()` says so.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "stream/stream.h"
#include "trail/selection.h"
#include "trail/trail.h"

namespace cairn::delivery {

struct Taker {
  struct Rule {
    trail::Rule rule;
    // Of the patterns; 0: none.
    std::uint64_t wanted = 0;
    std::uint64_t unwanted = 0;
  };
  std::string arn;
  const trail::Trail* trail = nullptr;
  std::vector<Rule> rules;

  bool takes(const event::View& event, std::span<const match::Hit> hits) const;
};

struct TakerLimits {
  std::size_t patterns_max = 50'000;               // of all trails; half of what a matcher takes
  std::size_t pattern_bytes_max = 64U << 20;       // of their texts
};

class Takers {
 public:
  Takers() = default;
  // The trails outlive it, and do not change meanwhile. Those that do not log are left out.
  explicit Takers(const std::vector<const trail::Trail*>& trails, TakerLimits limits = {});

  // Rules that found no room.
  std::size_t crowded() const { return crowded_; }

  // Alike for trails that ask alike.
  const std::vector<stream::Patterns::One>& patterns() const { return patterns_; }
  // What makes another set of patterns another.
  const std::vector<std::string>& pattern_texts() const { return texts_; }

  // Calls take(const Taker&) for each. `hits`: of patterns(). `organization`: which the event's account is in; empty:
  // none. An organization's trails cost as much as the account's own, however many members there are.
  template <class F>
  void each(const event::View& event, std::span<const match::Hit> hits, F take,
            std::string_view organization = {}) const {
    each_at(event.recipient_account, event, hits, take, organization);
    if (!organization.empty()) {
      each_at(organization, event, hits, take, organization);
    }
  }

 private:
  // Of one owner: an account, or an organization.
  template <class F>
  void each_at(std::string_view owner, const event::View& event, std::span<const match::Hit> hits, F& take,
               std::string_view organization) const {
    for (const std::string_view region : {std::string_view(event.region), kEverywhere}) {
      const auto it = by_place_.find(std::pair(owner, region));
      for (std::size_t i = 0; it != by_place_.end() && i < it->second.size(); ++i) {
        const auto& taker = it->second[i];
        if (trail::concerns(*taker.trail, event, organization) && taker.takes(event, hits)) {
          take(taker);
        }
      }
    }
  }

  static constexpr std::string_view kEverywhere = "*";  // no Region's name
  struct ByPlace {
    using is_transparent = void;
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
      return std::pair<std::string_view, std::string_view>(a) < std::pair<std::string_view, std::string_view>(b);
    }
  };

  std::uint64_t id_of(const std::optional<trail::Condition>& condition, const TakerLimits& limits,
                      std::map<std::string, std::uint64_t>& known);

  std::map<std::pair<std::string, std::string>, std::vector<Taker>, ByPlace> by_place_;
  std::vector<stream::Patterns::One> patterns_;  // by id, from 1
  std::vector<std::string> texts_;
  std::size_t text_bytes_ = 0;
  std::size_t crowded_ = 0;
};

}  // namespace cairn::delivery
