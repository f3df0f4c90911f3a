// A machine that dies at every commit, blob and put in turn, before it or just after it, and again during the
// recovery: what lies in the buckets in the end is each record exactly once, where its trail wanted it then.
#include "delivery/crash_testing.h"

namespace cairn::delivery::testing {
namespace {

class StoryTest : public CrashTest, public ::testing::WithParamInterface<Story::About> {};

INSTANTIATE_TEST_SUITE_P(Stories, StoryTest,
                         ::testing::Values(Story::About::logs, Story::About::organization,
                                           Story::About::echoes),
                         [](const auto& one) {
                           return one.param == Story::About::logs           ? "of_accounts"
                                  : one.param == Story::About::organization ? "of_an_organization"
                                                                            : "of_its_own_calls";
                         });

TEST_P(StoryTest, dies_at_every_step_once) {
  for (const bool after : {false, true}) {
    for (std::size_t step = 1;; ++step) {
      begin();
      Story story(7, GetParam());
      const auto entries = story.tell(150);
      machine.restart(step, after);
      const bool survived = live(entries, story);
      if (!survived) {
        machine.restart(0, false);
        ASSERT_TRUE(live(entries, story));
      }
      ASSERT_EQ(delivered(s3.puts()), entries.expected()) << step << (after ? " after" : " before");
      expect_status(entries);
      if (survived) {
        EXPECT_GT(step, 40U);
        break;
      }
    }
  }
}

TEST_P(StoryTest, dies_again_and_again) {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    begin();
    Story story(seed, GetParam());
    const auto entries = story.tell(120);
    bool survived = false;
    for (int life = 0; life < 200 && !survived; ++life) {
      machine.restart(life < 15 ? 1 + story.pick(25) : 0, story.pick(2) == 0);
      survived = live(entries, story);
    }
    ASSERT_TRUE(survived) << seed;
    ASSERT_EQ(delivered(s3.puts()), entries.expected()) << seed;
    expect_status(entries);
  }
}

}  // namespace
}  // namespace cairn::delivery::testing
