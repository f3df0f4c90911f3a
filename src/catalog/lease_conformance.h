// The part of catalog_conformance.h that is about leases.
#pragma once

#include "catalog/catalog_fixture.h"

namespace cairn::catalog::conformance {

TEST_P(CatalogConformance, a_lease_has_one_holder_and_its_epoch_rises_with_each_taking) {
  const auto first = acquire("node-a/1").value();
  EXPECT_EQ(first.epoch, 1U);
  EXPECT_EQ(first.expires, clock_.now() + Millis(10'000));
  EXPECT_EQ(acquire("node-b/1").error().code, Errc::conflict);

  clock_.advance(Millis(9'000));
  const auto renewed = acquire("node-a/1").value();
  EXPECT_EQ(renewed.epoch, 1U);
  EXPECT_EQ(renewed.version, first.version);
  clock_.advance(Millis(9'000));
  EXPECT_EQ(acquire("node-b/1").error().code, Errc::conflict);

  clock_.advance(Millis(1'000));  // expired
  const auto second = acquire("node-b/1").value();
  EXPECT_EQ(second.epoch, 2U);
  EXPECT_EQ(acquire("node-a/1").error().code, Errc::conflict);
  EXPECT_EQ(said(wait(catalog().release(renewed))), "conflict");  // no longer its own

  EXPECT_EQ(said(wait(catalog().release(second))), "ok");
  EXPECT_EQ(acquire("node-b/1").value().epoch, 3U);
  reopen();
  EXPECT_EQ(acquire("node-a/1").error().code, Errc::conflict);
  clock_.advance(Millis(10'001));
  EXPECT_EQ(acquire("node-b/1").value().epoch, 4U);  // expired: the same name, but perhaps another process
}

TEST_P(CatalogConformance, a_former_holder_is_fenced_and_a_renewal_fences_nobody) {
  const auto held = acquire("a").value();
  Transaction fenced;
  fenced.writes.push_back({"work", "x", std::nullopt});
  fenced.expectations.push_back({lease_key(held.name), held.version});
  EXPECT_EQ(commit(fenced), "ok");
  ASSERT_TRUE(acquire("a").has_value());
  EXPECT_EQ(commit(fenced), "ok");
  clock_.advance(Millis(10'001));
  EXPECT_EQ(commit(fenced), "ok");  // expired, but nobody else's
  ASSERT_TRUE(acquire("b").has_value());
  EXPECT_EQ(commit(fenced), "conflict");
  EXPECT_EQ(version("work"), 3U);
}

TEST_P(CatalogConformance, of_many_who_take_a_lease_one_gets_it) {
  constexpr int kTakers = 16;
  std::atomic<int> taken{0};
  std::vector<std::thread> takers;
  for (int i = 0; i < kTakers; ++i) {
    takers.emplace_back([this, i, &taken] {
      const auto lease = acquire("taker-" + std::to_string(i));
      taken += lease.has_value() ? 1 : 0;
      EXPECT_TRUE(lease.has_value() || lease.error().code == Errc::conflict);
    });
  }
  for (auto& taker : takers) {
    taker.join();
  }
  EXPECT_EQ(taken.load(), 1);
}

TEST_P(CatalogConformance, a_damaged_lease_is_corrupt) {
  for (const auto* damaged : {"", "1 ", "2 1 a", "1 x a", "1 -1 a", "1 7a"}) {
    ASSERT_EQ(write(lease_key("forwarder"), damaged), "ok");
    EXPECT_EQ(said(acquire("a")), "corrupt") << damaged;
  }
}

}  // namespace cairn::catalog::conformance
