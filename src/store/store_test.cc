// The store against a naive one: thousands of random queries while events arrive, are sealed and merged, the
// store is killed and old ones retire.
#include "store/store.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "store/store_testing.h"

namespace cairn::store::testing {
namespace {

class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}
  std::size_t below(std::size_t n) { return random_() % n; }

  // Mostly of now, some late by days or months, some past the retention, some of the future; times repeat.
  Time time(Time now) {
    switch (below(20)) {
      case 0:
        return now - std::chrono::hours(below(24 * 10));
      case 1:
        return now - std::chrono::hours(below(24 * 100));
      case 2:
        return now + std::chrono::hours(below(24 * 5));
      default:
        return now - std::chrono::seconds(below(40));
    }
  }

  Event event(Time now) {
    Event event;
    event.recorded = below(10) != 0;
    auto& v = event.view;
    v.event_id = fmt::format("id-{}", random_());
    v.time = time(now);
    v.source = pick("svc", 4) + ".amazonaws.com";
    v.name = pick("Op", 12);
    v.region = pick("region", 2);
    v.recipient_account = pick("account", 3);
    v.access_key_id = below(4) == 0 ? "" : pick("AKIA", 9);
    v.username = below(4) == 0 ? "" : pick("user", 15);
    v.error_code = below(5) == 0 ? "AccessDenied" : "";
    v.invoked_by = below(9) == 0 ? "config.amazonaws.com" : "";
    v.type = below(30) == 0 ? "AwsCloudTrailInsight" : "AwsApiCall";
    v.category = v.type == "AwsApiCall" ? event::Category::management : event::Category::insight;
    v.read_only = below(2) == 0;
    for (std::size_t i = below(4); i > 0; --i) {
      v.resources.push_back({below(3) == 0 ? "" : pick("AWS::Type::", 3), pick("name-ä'", 30)});
    }
    auto made = event_of(v, std::string(below(300), 'x'));
    made.recorded = event.recorded;
    return made;
  }

  Query query(Time now, const std::vector<Event>& journal) {
    static constexpr std::array kAttributes{Attribute::event_id,      Attribute::event_name,
                                            Attribute::read_only,     Attribute::username,
                                            Attribute::resource_type, Attribute::resource_name,
                                            Attribute::event_source,  Attribute::access_key_id};
    Query query;
    query.account = pick("account", 3);
    query.region = pick("region", 2);
    query.category = below(10) == 0 ? event::Category::insight : event::Category::management;
    query.limit = below(8) == 0 ? 10 + below(10) : 30 + below(200);
    if (below(2) == 0) {
      query.from = now - std::chrono::hours(below(24 * 120));
    }
    if (below(2) == 0) {
      query.to = now - std::chrono::seconds(below(100)) + std::chrono::hours(below(3) * 24);
    }
    if (below(3) != 0) {
      const auto attribute = kAttributes[below(kAttributes.size())];
      query.attribute = {attribute, value(attribute, journal)};
    }
    return query;
  }

 private:
  std::string pick(std::string_view stem, std::size_t n) { return fmt::format("{}{}", stem, below(n)); }

  std::string value(Attribute attribute, const std::vector<Event>& journal) {
    switch (attribute) {
      case Attribute::event_id:
        return std::string(journal.empty() ? "none" : journal[below(journal.size())].view.event_id.view());
      case Attribute::event_name:
        return pick("Op", 13);
      case Attribute::read_only:
        return std::array{"true", "false", "True", ""}[below(4)];
      case Attribute::username:
        return below(10) == 0 ? "" : pick("user", 16);
      case Attribute::resource_type:
        return below(10) == 0 ? "" : pick("AWS::Type::", 4);
      case Attribute::resource_name:
        return pick("name-ä'", 31);
      case Attribute::event_source:
        return pick("svc", 5) + ".amazonaws.com";
      case Attribute::access_key_id:
        return pick("AKIA", 10);
    }
    return {};
  }

  std::mt19937 random_;
};

std::vector<std::uint64_t> naive(const World& world, const Query& query) {
  std::vector<std::uint64_t> positions;
  naive_lookup(world.journal, world.journal.size(), query, world.clock.now() - world.options.retention.get(),
               positions);
  return positions;
}

void expect_same(const event::View& found, const event::View& expected) {
  EXPECT_EQ(found.event_id, expected.event_id);
  EXPECT_EQ(found.time, expected.time);
  EXPECT_EQ(found.source, expected.source);
  EXPECT_EQ(found.name, expected.name);
  EXPECT_EQ(found.region, expected.region);
  EXPECT_EQ(found.recipient_account, expected.recipient_account);
  EXPECT_EQ(found.access_key_id, expected.access_key_id);
  EXPECT_EQ(found.username, expected.username);
  EXPECT_EQ(found.invoked_by, expected.invoked_by);
  EXPECT_EQ(found.error_code, expected.error_code);
  EXPECT_EQ(found.type, expected.type);
  EXPECT_EQ(found.category, expected.category);
  EXPECT_EQ(found.read_only, expected.read_only);
  ASSERT_EQ(found.resources.size(), expected.resources.size());
  for (std::size_t i = 0; i < expected.resources.size(); ++i) {
    EXPECT_EQ(found.resources[i].type, expected.resources[i].type);
    EXPECT_EQ(found.resources[i].name, expected.resources[i].name);
  }
}

TEST(Store, finds_in_the_head_what_was_appended_and_gives_it_back_whole) {
  World world;
  ASSERT_TRUE(world.open().has_value());
  Generator generator(1);
  for (int i = 0; i < 3000; ++i) {
    world.journal.push_back(generator.event(kStart));
  }
  ASSERT_TRUE(world.follow(7).has_value());
  for (const bool sealed : {false, true}) {
    if (sealed) {
      ASSERT_TRUE(world.store->seal().has_value());
      EXPECT_EQ(world.store->cursor(), world.store->end());
    }
    Query query;
    query.account = "account1";
    query.region = "region1";
    query.limit = 1000;
    const auto page = world.lookup(query);
    ASSERT_TRUE(page.has_value()) << page.error().text();
    const auto expected = naive(world, query);
    ASSERT_EQ(page->events.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      EXPECT_EQ(page->events[i].position.raw(), expected[i]);
      expect_same(page->events[i].view, world.journal[expected[i]].view);
      EXPECT_EQ(page->events[i].json, world.journal[expected[i]].json);
    }
    EXPECT_FALSE(page->next.has_value());
  }
}

// CAIRN_TEST_ROUNDS makes the comparison longer.
int rounds() {
  const char* wanted = std::getenv("CAIRN_TEST_ROUNDS");
  return wanted == nullptr ? 8 : std::atoi(wanted);
}

// The first page, or all of them.
void compare(World& world, const Query& query, bool all_pages) {
  auto expected = naive(world, query);
  if (all_pages) {
    ASSERT_EQ(world.all(query), expected);
    return;
  }
  const auto page = world.lookup(query);
  ASSERT_TRUE(page.has_value()) << page.error().text();
  ASSERT_EQ(page->next.has_value(), expected.size() > query.limit);
  expected.resize(std::min(expected.size(), query.limit));
  ASSERT_EQ(World::positions(*page), expected);
}

// The whole promise of lookup(), seed by seed: whatever happened in between, every page of every query is
// what the naive store says.
class StoreOracle : public ::testing::TestWithParam<unsigned> {};

TEST_P(StoreOracle, answers_as_the_naive_store_through_seals_restarts_and_retention) {
  Options options;
  options.seal_rows = 400;
  options.retention = std::chrono::hours(24 * 60);
  World world(options);
  ASSERT_TRUE(world.open().has_value());
  Generator generator(GetParam());
  for (int round = 0; round < rounds(); ++round) {
    for (auto n = generator.below(250); n > 0; --n) {
      world.journal.push_back(generator.event(world.clock.now()));
    }
    ASSERT_TRUE(world.follow(1 + generator.below(200)).has_value());
    world.clock.advance(std::chrono::minutes(generator.below(generator.below(8) == 0 ? 6000 : 8)));
    ASSERT_TRUE(world.maintain().has_value());
    if (generator.below(10) == 0) {
      ASSERT_TRUE(world.restart().has_value());
    }
    for (int i = 0; i < 10; ++i) {
      const auto query = generator.query(world.clock.now(), world.journal);
      ASSERT_NO_FATAL_FAILURE(compare(world, query, i % 5 == 0)) << "round " << round << " query " << i;
    }
  }
  // Whatever was merged and retired, each segment has its blob and each blob its segment.
  EXPECT_TRUE(world.tidy());
}

INSTANTIATE_TEST_SUITE_P(Seeds, StoreOracle, ::testing::Range(1U, 4U));

}  // namespace
}  // namespace cairn::store::testing
