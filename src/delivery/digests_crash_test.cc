// The same machine, of trails with validation: whatever it died at, each chain goes on without a break and
// verifies, and each log file that was delivered is in one digest, or waits for it.
#include "delivery/crash_testing.h"

namespace cairn::delivery::testing {
namespace {

using ::testing::IsEmpty;

class DigestsCrashTest : public CrashTest {
 protected:
  // Until the story is told, with deaths as `life` says; what it comes to.
  void expect_unbroken(const Entries& entries, const std::string& when) {
    ASSERT_EQ(delivered(s3.puts()), entries.expected()) << when;
    const auto found = audit(s3.puts(), [this](const std::string& region) {
      return run(signing::list_keys(*machine.catalog, region, Time{}, kStart + std::chrono::days(400)))
          .value();
    });
    ASSERT_THAT(found.faults, IsEmpty()) << when;
    std::multiset<std::string> known = found.listed;
    const auto waiting = run(machine.catalog->scan(std::string(kUndigestedPrefix), "", 1000)).value();
    for (const auto& document : waiting) {
      const auto file = undigested_from(document);
      ASSERT_TRUE(file) << when;
      known.insert(file->bucket + "/" + file->key);
    }
    ASSERT_EQ(known, std::multiset<std::string>(found.delivered.begin(), found.delivered.end())) << when;
    ASSERT_GT(found.listed.size(), found.delivered.size() / 2) << when;
    ASSERT_GE(found.lanes.size(), 3U) << when;
  }
};

TEST_F(DigestsCrashTest, dies_at_every_step_once) {
  for (const bool after : {false, true}) {
    for (std::size_t step = 1;; ++step) {
      begin(made_keys());
      Story story(11, Story::About::digests);
      const auto entries = story.tell(50);
      machine.restart(step, after);
      const bool survived = live(entries, story);
      if (!survived) {
        machine.restart(0, false);
        ASSERT_TRUE(live(entries, story));
      }
      expect_unbroken(entries, std::to_string(step) + (after ? " after" : " before"));
      if (survived || HasFatalFailure()) {
        EXPECT_GT(step, 40U);
        break;
      }
    }
  }
}

TEST_F(DigestsCrashTest, dies_again_and_again) {
  for (unsigned seed = 1; seed <= 15 && !HasFatalFailure(); ++seed) {
    begin(made_keys());
    Story story(seed, Story::About::digests);
    const auto entries = story.tell(100);
    bool survived = false;
    for (int life = 0; life < 200 && !survived; ++life) {
      machine.restart(life < 15 ? 1 + story.pick(25) : 0, story.pick(2) == 0);
      survived = live(entries, story);
    }
    ASSERT_TRUE(survived) << seed;
    expect_unbroken(entries, std::to_string(seed));
  }
}

}  // namespace
}  // namespace cairn::delivery::testing
