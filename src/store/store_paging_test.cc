// Pages that stay what they were while the store changes under them, and lookups while the follower works.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <set>

#include "store/store_testing.h"

namespace cairn::store::testing {
namespace {

Options small(std::size_t seal_rows) {
  Options options;
  options.seal_rows = seal_rows;
  return options;
}

void add(World& world, std::size_t count, Millis spread = 1000ms) {
  std::mt19937 random(static_cast<unsigned>(world.journal.size()));
  for (std::size_t i = 0; i < count; ++i) {
    const auto time = world.clock.now() - Millis(random() % static_cast<unsigned>(spread.count()));
    world.journal.push_back(simple_event(time, fmt::format("id-{}", world.journal.size())));
  }
  ASSERT_TRUE(world.follow().has_value());
}

std::vector<std::uint64_t> naive(const World& world, std::size_t end, const Query& query) {
  std::vector<std::uint64_t> positions;
  naive_lookup(world.journal, end, query, world.clock.now() - world.options.retention.get(), positions);
  return positions;
}

double metric(const World& world, const std::string& name) {
  const auto text = world.metrics.text();
  const auto line = text.find("\n" + name + "{");
  CAIRN_CHECK(line != std::string::npos);
  return std::stod(text.substr(text.find(' ', line) + 1));
}

// Between any two pages something else happens: events arrive (newer and older ones), are sealed, merged, and
// the process restarts.
TEST(StorePaging, shows_what_was_there_at_the_first_page_whatever_happens_between) {
  World world(small(300));
  ASSERT_TRUE(world.open().has_value());
  for (int i = 0; i < 5; ++i) {
    add(world, 200, 3'600'000ms);
    ASSERT_TRUE(world.maintain().has_value());
  }
  auto query = everything();
  query.limit = 70;
  const auto expected = naive(world, world.journal.size(), query);
  std::vector<std::uint64_t> found;
  std::optional<Bookmark> after;
  int turn = 0;
  do {
    const auto page = world.lookup(query, after);
    ASSERT_TRUE(page.has_value()) << page.error().text();
    const auto here = World::positions(*page);
    found.insert(found.end(), here.begin(), here.end());
    after = page->next;
    add(world, 60, 3'600'000ms);
    switch (turn++ % 4) {
      case 0:
        ASSERT_TRUE(world.store->seal().has_value());
        break;
      case 1:
        ASSERT_TRUE(world.maintain().has_value());
        break;
      case 2:
        ASSERT_TRUE(world.restart().has_value());
        break;
      default:
        break;
    }
  } while (after);
  EXPECT_EQ(found, expected);
  EXPECT_GE(turn, 15);
}

// Many events of one millisecond: the position decides the order, and a page's end may lie among them.
TEST(StorePaging, pages_through_events_of_the_same_time) {
  World world(small(40));
  ASSERT_TRUE(world.open().has_value());
  for (int i = 0; i < 10; ++i) {
    add(world, 15, 1ms);
    ASSERT_TRUE(world.maintain().has_value());
  }
  auto query = everything();
  query.limit = 7;
  std::vector<std::uint64_t> expected(world.journal.size());
  std::iota(expected.rbegin(), expected.rend(), 0);
  EXPECT_EQ(world.all(query), expected);
}

TEST(StorePaging, a_full_last_page_has_no_next) {
  World world;
  ASSERT_TRUE(world.open().has_value());
  add(world, 10);
  auto query = everything();
  for (const auto& [limit, next] : {std::pair{9, true}, {10, false}, {11, false}}) {
    query.limit = static_cast<std::size_t>(limit);
    const auto page = world.lookup(query);
    ASSERT_TRUE(page.has_value());
    EXPECT_EQ(page->next.has_value(), next) << limit;
  }
}

// An event that is handed in twice is shown once, at its first position, wherever pages end and whatever
// seals and merges have dropped meanwhile.
TEST(StorePaging, shows_an_event_once_that_came_twice_wherever_a_page_ends) {
  for (const std::size_t limit : {1U, 3U, 10U, 64U}) {
    SCOPED_TRACE(limit);
    World world(small(120));
    ASSERT_TRUE(world.open().has_value());
    std::mt19937 random(static_cast<unsigned>(limit));
    const auto arrive = [&](std::size_t count) {
      for (std::size_t i = 0; i < count; ++i) {
        auto event = simple_event(world.clock.now() - std::chrono::seconds(random() % 20),
                                  fmt::format("id-{}", world.journal.size()));
        if (!world.journal.empty() && random() % 3 == 0) {
          event = world.journal[world.journal.size() - 1 -
                                random() % std::min<std::size_t>(world.journal.size(), 200)];
        }
        if (random() % 10 == 0) {  // the same id at another time is another event
          event.view.time += 1s;
          event = event_of(event.view);
        }
        world.journal.push_back(std::move(event));
      }
      ASSERT_TRUE(world.follow().has_value());
    };
    for (int i = 0; i < 4; ++i) {
      arrive(130);
      ASSERT_TRUE(world.maintain().has_value());
    }
    arrive(50);
    auto query = everything();
    query.limit = limit;
    std::set<std::pair<Time, std::string>> seen;
    auto expected = naive(world, world.journal.size(), query);
    std::ranges::sort(expected);
    std::erase_if(expected, [&](auto position) {
      const auto& view = world.journal[position].view;
      return !seen.emplace(view.time, view.event_id).second;
    });
    std::ranges::sort(expected, std::greater(),
                      [&](auto position) { return std::pair(world.journal[position].view.time, position); });
    std::vector<std::uint64_t> found;
    std::optional<Bookmark> after;
    int turn = 0;
    do {
      const auto page = world.lookup(query, after);
      ASSERT_TRUE(page.has_value()) << page.error().text();
      const auto here = World::positions(*page);
      found.insert(found.end(), here.begin(), here.end());
      after = page->next;
      if (turn % 7 == 3) {
        arrive(5);
      }
      if (turn++ % 20 == 10) {
        ASSERT_TRUE(turn % 2 == 0 ? world.store->seal().has_value() : world.maintain().has_value());
      }
    } while (after);
    EXPECT_EQ(found, expected);
  }
}

TEST(StorePaging, a_lookup_that_takes_too_long_is_told_to_come_again) {
  auto options = small(100);
  options.lookup_deadline = 0ms;
  World world(options);
  ASSERT_TRUE(world.open().has_value());
  add(world, 300);
  ASSERT_TRUE(world.maintain().has_value());
  const auto page = world.lookup(everything());
  ASSERT_FALSE(page.has_value());
  EXPECT_EQ(page.error().code, Errc::limit);
}

// Deliveries and objects' bodies use the other pool: neither waits for the other.
TEST(StorePaging, lookups_have_threads_of_their_own) {
  World world(small(100));
  ASSERT_TRUE(world.open().has_value());
  add(world, 300);
  ASSERT_TRUE(world.maintain().has_value());
  std::promise<void> answered;
  const auto busy = answered.get_future().share();
  for (int i = 0; i < 8; ++i) {
    world.pool.post([busy] { busy.wait(); });
  }
  EXPECT_TRUE(world.lookup(everything()).has_value());
  answered.set_value();
}

// One value in each of many segments, so that helpers read too; and caches that have room for little.
TEST(StorePaging, reads_many_segments_with_whatever_room_its_caches_have) {
  for (const std::size_t bytes_max : {std::size_t{0}, std::size_t{30'000}, std::size_t{16} << 20}) {
    auto options = small(50);
    options.postings_cache_bytes_max = bytes_max;
    options.segment_cache_bytes_max = bytes_max;
    World world(options);
    ASSERT_TRUE(world.open().has_value());
    for (int day = 0; day < 12; ++day) {
      add(world, 20);
      world.journal.push_back(simple_event(world.clock.now(), "id-of-them-all"));
      ASSERT_TRUE(world.follow().has_value());
      ASSERT_TRUE(world.store->seal().has_value());
      world.clock.advance(24h);
    }
    ASSERT_EQ(world.segments(), 12U);
    auto query = everything();
    query.attribute = {{Attribute::event_id, "id-of-them-all"}};
    for (int i = 0; i < 3; ++i) {
      const auto page = world.lookup(query);
      ASSERT_TRUE(page.has_value()) << page.error().text();
      EXPECT_EQ(World::positions(*page), naive(world, world.journal.size(), query));
    }
    const auto kept = metric(world, "cairn_store_cache_bytes");
    EXPECT_LE(kept, 2.0 * static_cast<double>(bytes_max));
    EXPECT_EQ(kept > 0, bytes_max > 0);
  }
}

TEST(StorePaging, a_bookmark_of_before_a_restart_waits_until_the_head_is_rebuilt) {
  World world;
  ASSERT_TRUE(world.open().has_value());
  add(world, 100);
  auto query = everything();
  query.limit = 10;
  const auto page = world.lookup(query);
  ASSERT_TRUE(page.has_value());
  ASSERT_TRUE(page->next.has_value());
  world.crash();
  ASSERT_TRUE(world.open().has_value());
  const auto early = world.lookup(query, page->next);
  ASSERT_FALSE(early.has_value());
  EXPECT_EQ(early.error().code, Errc::unavailable);
  ASSERT_TRUE(world.follow().has_value());
  const auto later = world.lookup(query, page->next);
  ASSERT_TRUE(later.has_value());
  EXPECT_EQ(later->events.size(), 10U);
}

TEST(StorePaging, refuses_limits_beyond_the_largest_page) {
  World world;
  ASSERT_TRUE(world.open().has_value());
  auto query = everything();
  for (const std::size_t limit : {std::size_t{0}, world.options.page_rows_max + 1}) {
    query.limit = limit;
    const auto page = world.lookup(query);
    ASSERT_FALSE(page.has_value());
    EXPECT_EQ(page.error().code, Errc::invalid);
  }
}

// Readers on several threads while the follower appends, seals, merges and retires. Each whole reading must
// be exactly the events before its snapshot (nothing twice, nothing missing), in order; and an event is there
// as soon as append() has returned.
TEST(StorePaging, readers_and_the_follower_do_not_disturb_each_other) {
  World world(small(500));
  ASSERT_TRUE(world.open().has_value());
  add(world, 200);
  std::atomic<bool> done{false};
  std::atomic<int> readings{0};
  const auto read = [&] {
    auto query = everything();
    query.limit = 400;
    while (!done) {
      const auto end_before = world.store->end().raw();
      std::vector<std::uint64_t> found;
      std::optional<Bookmark> after;
      std::uint64_t snapshot = 0;
      do {
        const auto page = world.lookup(query, after);
        ASSERT_TRUE(page.has_value()) << page.error().text();
        const auto here = World::positions(*page);
        found.insert(found.end(), here.begin(), here.end());
        after = page->next;
        snapshot = after ? after->snapshot.raw() : snapshot;
      } while (after);
      std::ranges::sort(found);
      ASSERT_GE(found.size(), end_before);
      if (snapshot != 0) {
        ASSERT_EQ(found.size(), snapshot);
      }
      for (std::size_t i = 0; i < found.size(); ++i) {
        ASSERT_EQ(found[i], i);
      }
      ++readings;
    }
  };
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back(read);
  }
  // The journal is only read by this thread: readers compare with positions alone.
  while (world.journal.size() < 6000 || readings < 6) {
    if (world.journal.size() < 6000) {
      add(world, 150);
    }
    world.clock.advance(1000ms);
    ASSERT_TRUE(world.store->maintain(world.clock.now()).has_value());
  }
  done = true;
  for (auto& reader : readers) {
    reader.join();
  }
}

TEST(StorePaging, too_many_lookups_are_refused_and_the_others_wait_their_turn) {
  auto options = small(1000);
  options.lookups_max = 1;
  options.lookups_waiting_max = 2;
  World world(options);
  ASSERT_TRUE(world.open().has_value());
  add(world, 500);
  std::atomic<int> answered{0};
  std::atomic<int> refused{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 12; ++i) {
    threads.emplace_back([&] {
      const auto page = world.lookup(everything());
      if (page) {
        ++answered;
      } else {
        EXPECT_EQ(page.error().code, Errc::limit);
        ++refused;
      }
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(answered + refused, 12);
  EXPECT_GE(answered, 3);
  EXPECT_TRUE(world.lookup(everything()).has_value());
}

}  // namespace
}  // namespace cairn::store::testing
