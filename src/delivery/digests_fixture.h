// The fixture of the tests of digests: a trail with validation, digests every two minutes, and an auditor.
#pragma once

#include <gmock/gmock.h>

#include "delivery/chain.h"
#include "delivery/delivery_fixture.h"
#include "delivery/digests_testing.h"

namespace cairn::delivery::testing {

inline constexpr const char* kHome = "111122223333 eu-west-1 kestrel";
inline constexpr const char* kElsewhere = "111122223333 us-east-1 kestrel";

class DigestsTest : public DeliveryTest {
 protected:
  // Every two minutes; log files come every minute.
  static Options options() {
    auto options = quick();
    options.digest_interval = Millis{120'500};  // in whole seconds
    return options;
  }
  // With keys that are there already; delivery is opened with the_sealer().
  void open_with_keys() {
    for (const auto& [place, key] : made_keys()) {
      catalog::Transaction kept;
      kept.writes.push_back({place, key, 0});
      ASSERT_TRUE(run(catalog->commit(std::move(kept))));
    }
    open(options());
  }
  trail::Trail validated(bool multi_region = false) {
    auto trail = make_trail("kestrel", "audit", "eu-west-1", multi_region);
    trail.started = kStart;
    trail.validation = true;
    trail.validated = kStart;
    return trail;
  }
  // An interval passes, and all is where it belongs.
  void pass_and_deliver() {
    ASSERT_TRUE(take());
    pass();
    ASSERT_TRUE(all_uploaded());
  }
  Audit audited() {
    auto audit = testing::audit(s3.puts(), [this](const std::string& region) {
      return run(signing::list_keys(*catalog, region, Time{}, kStart + std::chrono::days(400))).value();
    });
    EXPECT_THAT(audit.faults, ::testing::IsEmpty());
    return audit;
  }
  std::size_t undigested() { return run(catalog->scan(std::string(kUndigestedPrefix), "", 1000))->size(); }
};

}  // namespace cairn::delivery::testing
