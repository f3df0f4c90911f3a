#include "node/kept_time.h"

#include <gtest/gtest.h>

#include "async/loops.h"
#include "catalog/memory/memory_catalog.h"

namespace cairn::node {
namespace {

constexpr Time kNow{Millis{1'772'446'500'123}};

TEST(KeptTime, is_the_earlier_of_what_was_kept_and_now) {
  async::Loops loops(1);
  const auto run = [&](auto task) { return async::run(loops.at(0).get_executor(), std::move(task)); };
  catalog::memory::MemoryCatalog catalog(system_clock());
  EXPECT_EQ(run(kept_time(catalog, kNow)).value(), kNow) << "a first start believes its clock";
  ASSERT_TRUE(run(keep_time(catalog, kNow)));
  EXPECT_EQ(run(kept_time(catalog, kNow + std::chrono::hours(24))).value(), kNow);
  EXPECT_EQ(run(kept_time(catalog, kNow - Millis{1})).value(), kNow - Millis{1});
  ASSERT_TRUE(run(keep_time(catalog, kNow + Millis{5})));
  EXPECT_EQ(run(kept_time(catalog, kNow + std::chrono::hours(24))).value(), kNow + Millis{5});
}

}  // namespace
}  // namespace cairn::node
