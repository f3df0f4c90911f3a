// What lies on the disk: no record in the clear, and nothing in another's place. And what lay there before.
#include <gtest/gtest.h>

#include "crypto/sealed_file.h"
#include "store/segment.h"
#include "store/store_testing.h"

namespace cairn::store::testing {
namespace {

constexpr std::string_view kSecretWord = "kestrel-nests-are-nobodys-business";

std::string bytes_of_file(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// Files of the world's folder that show what is in them.
std::vector<std::string> plain_files(const World& world) {
  std::vector<std::string> found;
  std::error_code gone;
  const std::filesystem::recursive_directory_iterator all(world.folder.path(""), gone);
  for (auto at = begin(all); at != end(all); at.increment(gone)) {
    if (!at->is_regular_file(gone)) {
      continue;
    }
    const auto bytes = bytes_of_file(at->path());
    for (const auto word : {kSecretWord, std::string_view("PAR1"), std::string_view("cairnidx"),
                            std::string_view("111122223333"), std::string_view("eventJson")}) {
      if (bytes.find(word) != bytes.npos) {
        found.push_back(at->path().string() + ": " + std::string(word));
      }
    }
  }
  return found;
}

void add_events(World& world, int count, int day = 0) {
  for (int i = 0; i < count; ++i) {
    const auto number = world.journal.size();
    auto view = simple_view(kStart - std::chrono::hours(24 * day) + std::chrono::seconds(number),
                            fmt::format("id-{}", number));
    view.username = kSecretWord;
    world.journal.push_back(event_of(view, fmt::format("{}-{}", kSecretWord, number)));
  }
  CAIRN_CHECK(world.follow().has_value());
}

TEST(StoreSealed, no_record_lies_in_the_clear_while_a_job_runs_or_after_it) {
  World world;
  ASSERT_TRUE(world.open().has_value());
  for (int round = 0; round < 3; ++round) {
    add_events(world, 1000);
    std::atomic<bool> done{false};
    std::vector<std::string> seen;
    std::thread looking([&] {
      while (!done) {
        std::ranges::move(plain_files(world), std::back_inserter(seen));
        std::this_thread::sleep_for(1ms);
      }
    });
    ASSERT_TRUE(world.store->seal().has_value());
    ASSERT_TRUE(world.maintain().has_value());
    done = true;
    looking.join();
    EXPECT_EQ(seen, std::vector<std::string>());
  }
  EXPECT_EQ(plain_files(world), std::vector<std::string>());
  for (const auto& name : world.blob_names()) {
    EXPECT_TRUE(name.ends_with(".sealed")) << name;
  }
  auto query = everything();
  query.attribute = {Attribute::username, std::string(kSecretWord)};
  EXPECT_EQ(world.all(query).size(), 3000U);
}

TEST(StoreSealed, a_file_in_anothers_place_is_an_error_of_the_lookup) {
  World world;
  ASSERT_TRUE(world.open().has_value());
  for (const int day : {1, 0}) {  // alike to the byte but for their days
    add_events(world, 100, day);
    ASSERT_TRUE(world.store->seal().has_value());
  }
  world.crash();
  for (const std::string_view kind : {".parquet.sealed", ".postings.sealed"}) {
    std::vector<std::filesystem::path> paths;
    for (const auto& name : world.blob_names()) {
      if (name.ends_with(kind)) {
        paths.emplace_back(world.run(world.real_blob->local_file(name))->path);
      }
    }
    ASSERT_EQ(paths.size(), 2U);
    const auto kept = bytes_of_file(paths[0]);
    const auto other = bytes_of_file(paths[1]);
    auto moved = other;
    moved.resize(kept.size());  // the size is right
    const auto write = [&](const std::string& bytes) { std::ofstream(paths[0], std::ios::binary) << bytes; };
    for (const auto& wrong : {moved, std::string(kept.size(), 'x'), "PAR1" + kept.substr(4)}) {
      write(wrong);
      ASSERT_TRUE(world.open().has_value());
      auto query = everything();
      query.limit = 1000;
      const auto page = world.lookup(query);
      EXPECT_EQ(page ? "ok" : std::string(to_string(page.error().code)), "corrupt") << kind;
      world.crash();
    }
    write(kept);
  }
  ASSERT_TRUE(world.open().has_value());
  EXPECT_EQ(world.all(everything()).size(), 200U);
}

// As a data folder of an earlier Cairn has them.
TEST(StoreSealed, segments_that_lie_in_the_clear_are_read_and_merged_into_one_that_does_not) {
  World world;
  ASSERT_TRUE(world.open().has_value());
  add_events(world, 50);
  ASSERT_TRUE(world.store->seal().has_value());
  world.crash();
  const auto documents = world.run(world.catalog->scan("store/history/segment/", "", 10)).value();
  ASSERT_EQ(documents.size(), 1U);
  auto value = documents[0].value;
  for (const auto& name : world.blob_names()) {
    const auto bytes = world.run(world.blob->get(name)).value();
    const auto plain = name.substr(0, name.size() - std::string_view(".sealed").size());
    ASSERT_TRUE(world.run(world.real_blob->put(plain, std::as_bytes(std::span(bytes)))).has_value());
    ASSERT_TRUE(world.run(world.real_blob->remove(name)).has_value());
    value.replace(value.find(name), name.size(), plain);
  }
  value.replace(value.find("\"format\":3"), 10, "\"format\":2");
  catalog::Transaction transaction;
  transaction.writes.push_back({documents[0].key, value, documents[0].version});
  ASSERT_TRUE(world.run(world.catalog->commit(std::move(transaction))).has_value());
  ASSERT_FALSE(plain_files(world).empty());

  ASSERT_TRUE(world.open().has_value());
  EXPECT_EQ(world.all(everything()).size(), 50U);
  add_events(world, 40);
  ASSERT_TRUE(world.store->seal().has_value());
  ASSERT_TRUE(world.maintain().has_value());
  EXPECT_EQ(world.segments(), 1U) << "two small ones of a day are merged";
  EXPECT_EQ(world.all(everything()).size(), 90U);
  EXPECT_TRUE(world.tidy());
  EXPECT_EQ(plain_files(world), std::vector<std::string>());
}

}  // namespace
}  // namespace cairn::store::testing
