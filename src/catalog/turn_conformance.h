// The turns of catalog_conformance.h's suite: reads of one task do not keep others of its loop waiting.
#pragma once

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include "async/turn.h"
#include "catalog/catalog_fixture.h"

namespace cairn::catalog::conformance {

// How many reads were done when somebody else of the same loop had his turn.
inline Task<std::size_t> reads_before_a_turn(Catalog& catalog, bool scans, std::size_t count) {
  const auto executor = co_await boost::asio::this_coro::executor;
  std::size_t done = 0;
  std::size_t seen = count;
  boost::asio::post(executor, [&] { seen = done; });
  for (; done < count; ++done) {
    if (scans) {
      static_cast<void>(co_await catalog.scan("many/", "", 100));
    } else {
      static_cast<void>(co_await catalog.get("many/1"));
    }
  }
  co_await async::turn();
  co_return seen;
}

TEST_P(CatalogConformance, who_reads_much_lets_others_have_the_loop) {
  Transaction many;
  for (int i = 0; i < 100; ++i) {
    many.writes.push_back({"many/" + std::to_string(i), "x", 0});
  }
  ASSERT_EQ(commit(std::move(many)), "ok");
  EXPECT_LT(wait(reads_before_a_turn(catalog(), true, 100)), 10U);
  EXPECT_LT(wait(reads_before_a_turn(catalog(), false, 2000)), 500U);
}

}  // namespace cairn::catalog::conformance
