// A head against the obvious one: all rows in a list, sorted.
#include "store/head.h"

#include <gtest/gtest.h>

#include <atomic>

#include "store/store_testing.h"

namespace cairn::store::testing {
namespace {

Criteria all_of(std::string account) {
  return {.account = std::move(account),
          .region = "us-east-1",
          .category = event::Category::management,
          .attribute = std::nullopt,
          .from = kTimeMin,
          .to = kTimeMax,
          .snapshot = journal::Position{1'000'000},
          .before = std::nullopt,
          .limit = 51};
}

std::vector<Event> random_events(std::size_t count) {
  std::mt19937 random(5);
  std::vector<Event> events;
  for (std::size_t i = 0; i < count; ++i) {
    auto view = simple_view(kStart + Millis(i / 10 * 1000 - random() % 20'000), fmt::format("id-{}", i));
    view.recipient_account = fmt::format("account{}", random() % 3);
    view.username = fmt::format("user{}", random() % 7 == 0 ? random() % 300 : random() % 3);
    events.push_back(event_of(view));
  }
  return events;
}

void append(Head& head, const std::vector<Event>& events, std::size_t begin, std::size_t end) {
  std::vector<Row> rows;
  for (auto i = begin; i < end; ++i) {
    rows.push_back({journal::Position{i}, events[i].view, events[i].json});
  }
  std::vector<const Row*> pointers;
  for (const auto& row : rows) {
    pointers.push_back(&row);
  }
  head.append(pointers, journal::Position{end});
}

std::vector<std::uint64_t> obvious(const std::vector<Event>& events, const Criteria& criteria,
                                   std::size_t count) {
  std::vector<Key> keys;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const Key key{.time = events[i].view.time, .position = journal::Position{i}};
    if (criteria.fits(events[i].view) && criteria.has(key)) {
      keys.push_back(key);
    }
  }
  std::ranges::sort(keys, std::greater());
  std::vector<std::uint64_t> positions;
  for (const auto& key : std::span(keys).first(std::min(count, keys.size()))) {
    positions.push_back(key.position.raw());
  }
  return positions;
}

std::vector<std::uint64_t> positions(const std::vector<HeadRow>& rows) {
  std::vector<std::uint64_t> positions;
  for (const auto& row : rows) {
    positions.push_back(row.key.position.raw());
  }
  return positions;
}

TEST(Head, finds_the_newest_rows_of_a_term_whatever_bounds_there_are) {
  const auto events = random_events(5000);
  Head head(journal::Position{0});
  append(head, events, 0, 1);
  append(head, events, 1, 700);
  append(head, events, 700, events.size());
  EXPECT_EQ(head.rows(), events.size());
  std::mt19937 random(6);
  for (int i = 0; i < 300; ++i) {
    auto criteria = all_of(fmt::format("account{}", random() % 4));
    if (random() % 3 != 0) {
      criteria.attribute = {Attribute::username, fmt::format("user{}", random() % 310)};
    }
    if (random() % 2 == 0) {
      criteria.from = kStart + Millis(random() % 500'000);
    }
    if (random() % 2 == 0) {
      criteria.to = kStart + Millis(random() % 500'000);
    }
    if (random() % 2 == 0) {
      criteria.snapshot = journal::Position{random() % 5000};
    }
    if (random() % 2 == 0) {
      criteria.before = Key{.time = kStart + Millis(random() % 500 * 1000), .position = journal::Position{random() % 5000}};
    }
    const auto count = 1 + random() % 80;
    ASSERT_EQ(positions(head.newest(criteria, count)), obvious(events, criteria, count)) << i;
  }
}

TEST(Head, gives_texts_that_stay_where_they_are) {
  const auto events = random_events(3000);
  Head head(journal::Position{0});
  append(head, events, 0, 10);
  const auto early = head.newest(all_of("account1"), 3);
  append(head, events, 10, events.size());
  ASSERT_EQ(early.size(), 3U);
  for (const auto& row : early) {
    EXPECT_EQ(row.text, events[row.key.position.raw()].json);
  }
}

TEST(Head, leaves_a_repeat_out_but_not_what_only_shares_its_id) {
  std::vector<Event> events(5);
  auto view = simple_view(kStart, "same");
  events[0] = event_of(view);
  events[1] = event_of(view);  // the repeat
  view.time += Millis{1};
  events[2] = event_of(view);
  view.region = "eu-west-1";
  events[3] = event_of(view);
  view.event_id = "other";
  events[4] = event_of(view);
  Head head(journal::Position{0});
  append(head, events, 0, events.size());
  EXPECT_EQ(head.rows(), 4U);
  EXPECT_EQ(positions(head.newest(all_of("111122223333"), 10)), (std::vector<std::uint64_t>{2, 0}));
}

TEST(Head, is_read_while_it_grows) {
  const auto events = random_events(20'000);
  Head head(journal::Position{0});
  std::atomic<bool> done{false};
  std::thread reader([&] {
    while (!done) {
      auto criteria = all_of("account1");
      criteria.attribute = {Attribute::username, "user1"};
      const auto rows = head.newest(criteria, 50);
      for (const auto& row : rows) {
        ASSERT_EQ(row.text, events[row.key.position.raw()].json);
      }
    }
  });
  for (std::size_t i = 0; i < events.size(); i += 500) {
    append(head, events, i, i + 500);
  }
  done = true;
  reader.join();
  EXPECT_EQ(head.rows(), events.size());
  EXPECT_GT(head.bytes(), head.text_bytes());
}

}  // namespace
}  // namespace cairn::store::testing
