// Segments that earlier versions wrote stay readable: compat/ has one sample a format version.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "store/segment.h"
#include "store/store_testing.h"

namespace cairn::store::testing {
namespace {

std::string sample(const std::string& name) {
  return std::string(CAIRN_SOURCE_DIR) + "/src/store/compat/" + name;
}

std::string read_file(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::vector<Event> sample_events() {
  std::vector<Event> events;
  for (int i = 0; i < 5; ++i) {
    auto event = simple_event(kStart - std::chrono::seconds(i), fmt::format("id-{}", i));
    event.view.read_only = i % 2 == 1;
    event.view.resources = {{"AWS::S3::Bucket", fmt::format("bucket-{}", i)}, {"", "arn:aws:s3:::ä"}};
    if (i == 3) {
      event.view.username = "";
      event.view.error_code = "AccessDenied";
    }
    events.push_back(event_of(event.view));
  }
  return events;
}

TEST(StoreCompat, reads_a_segment_of_format_2) {
  World world;
  const auto document = read_file(sample("segment_v2.json"));
  const auto segment =
      parse_segment({.key = "store/history/segment/sample", .value = document, .version = 1});
  ASSERT_TRUE(segment.has_value()) << segment.error().text();
  for (const auto& [name, file] : {std::pair(segment->blob, "segment_v2.parquet"),
                                   std::pair(segment->postings, "segment_v2.postings")}) {
    const auto bytes = read_file(sample(file));
    ASSERT_TRUE(world.run(world.real_blob->put(name, std::as_bytes(std::span(bytes)))).has_value());
  }
  catalog::Transaction transaction;
  transaction.writes.push_back({segment->key, document, 0});
  transaction.writes.push_back({"store/history/cursor", R"({"format":2,"position":5,"seal":"sample"})", 0});
  ASSERT_TRUE(world.run(world.catalog->commit(std::move(transaction))).has_value());
  ASSERT_TRUE(world.open().has_value());
  EXPECT_EQ(world.store->cursor().raw(), 5U);
  const auto page = world.lookup(everything());
  ASSERT_TRUE(page.has_value()) << page.error().text();
  const auto expected = sample_events();
  ASSERT_EQ(page->events.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(page->events[i].view.event_id, expected[i].view.event_id);
    EXPECT_EQ(page->events[i].view.error_code, expected[i].view.error_code);
    EXPECT_EQ(page->events[i].view.resources.back().name, expected[i].view.resources.back().name);
    EXPECT_EQ(page->events[i].json, expected[i].json);
  }
}

TEST(StoreCompat, reads_a_record_that_was_set_aside_in_format_2) {
  World world;
  catalog::Transaction transaction;
  transaction.writes.push_back(
      {"store/history/aside/00000000000000000017", read_file(sample("aside_v2.json")), 0});
  transaction.writes.push_back({"store/history/cursor", R"({"format":2,"position":18,"seal":"sample"})", 0});
  ASSERT_TRUE(world.run(world.catalog->commit(std::move(transaction))).has_value());
  ASSERT_TRUE(world.open().has_value());
  const auto page = world.lookup(everything());
  ASSERT_TRUE(page.has_value()) << page.error().text();
  ASSERT_EQ(page->events.size(), 1U);
  EXPECT_EQ(page->events[0].view.event_id, "set-aside");
  EXPECT_EQ(page->events[0].position.raw(), 17U);
}

TEST(StoreCompat, refuses_format_1_which_was_never_released) {
  World world;
  catalog::Transaction transaction;
  transaction.writes.push_back({"store/history/cursor", R"({"format":1,"position":5,"seal":"sample"})", 0});
  ASSERT_TRUE(world.run(world.catalog->commit(std::move(transaction))).has_value());
  const auto opened = world.open();
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, Errc::invalid);
}

// Run by hand when the format gets a new version: --gtest_also_run_disabled_tests. Never to change a sample
// that is there.
TEST(StoreCompat, DISABLED_write_the_sample) {
  World world;
  world.journal = sample_events();
  ASSERT_TRUE(world.open().has_value());
  ASSERT_TRUE(world.follow().has_value());
  ASSERT_TRUE(world.store->seal().has_value());
  const auto documents = world.run(world.catalog->scan("store/history/segment/", "", 10));
  ASSERT_EQ(documents->size(), 1U);
  const auto version = std::to_string(kSegmentFormat);
  std::ofstream(sample("segment_v" + version + ".json")) << documents->front().value;
  for (const auto& name : world.blob_names()) {
    const auto bytes = world.run(world.blob->get(name)).value();
    const auto plain = name.substr(0, name.size() - blob::kSealedSuffix.size());
    std::ofstream(sample("segment_v" + version + plain.substr(plain.rfind('.'))), std::ios::binary) << bytes;
  }
}

}  // namespace
}  // namespace cairn::store::testing
