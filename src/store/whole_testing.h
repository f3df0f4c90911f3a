// What tests of the store's troubles share: events whose seal makes several segments, and the question whether
// everything is there.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "store/store_testing.h"

namespace cairn::store::testing {

inline void add(World& world, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const auto n = world.journal.size();
    // Of today, of yesterday and of last month: a seal has several segments.
    const Millis age = n % 3 == 0 ? 0ms : n % 3 == 1 ? Millis(86'400'000) : Millis(30LL * 86'400'000);
    world.journal.push_back(simple_event(world.clock.now() - age - Millis(n), fmt::format("id-{}", n)));
  }
  ASSERT_TRUE(world.follow().has_value());
}

// Everything is there, exactly once.
inline void expect_whole(World& world) {
  auto query = everything();
  query.limit = 1000;
  auto found = world.all(query);
  std::ranges::sort(found);
  ASSERT_EQ(found.size(), world.journal.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    ASSERT_EQ(found[i], i);
  }
}

}  // namespace cairn::store::testing
