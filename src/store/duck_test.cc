// What DuckDB may not do in our process, and that values come back as they went in.
#include "store/duck.h"

#include <gtest/gtest.h>

#include "store/store_testing.h"

namespace cairn::store::duck {
namespace {

using store::testing::Folder;

Settings settings(const Folder& folder) {
  return {.memory_bytes_max = 64U << 20, .folders = {folder.path("in/")}};
}

TEST(Duck, reaches_nothing_outside_its_folders_and_cannot_be_talked_out_of_it) {
  const Folder folder;
  std::filesystem::create_directories(folder.path("in"));
  std::ofstream(folder.path("in/a.csv")) << "a\n1\n";
  std::ofstream(folder.path("b.csv")) << "a\n1\n";
  const auto database = Database::open(settings(folder));
  ASSERT_TRUE(database.has_value()) << database.error().text();
  const auto connection = (*database)->connect();
  ASSERT_TRUE(connection.has_value());
  const auto allowed = [&](const std::string& sql) { return (*connection)->run(sql).has_value(); };
  EXPECT_TRUE(allowed("SELECT * FROM read_csv(" + literal(folder.path("in/a.csv")) + ")"));
  EXPECT_TRUE(allowed("COPY (SELECT 1) TO " + literal(folder.path("in/c.parquet"))));
  for (const auto& sql : {
           "SELECT * FROM read_csv(" + literal(folder.path("b.csv")) + ")",
           "SELECT * FROM read_csv(" + literal(folder.path("in/../b.csv")) + ")",
           "COPY (SELECT 1) TO " + literal(folder.path("d.parquet")),
           std::string("SELECT * FROM read_text('/etc/hostname')"),
           "ATTACH " + literal(folder.path("e.db")),
           std::string("INSTALL httpfs"),
           std::string("LOAD httpfs"),
           std::string("SET enable_external_access = true"),
           std::string("SET memory_limit = '1TB'"),
           std::string("SET allowed_directories = ['/']"),
       }) {
    EXPECT_FALSE(allowed(sql)) << sql;
  }
}

// In files they would lie as they are.
TEST(Duck, rows_that_memory_has_no_room_for_are_an_error_and_in_no_file) {
  const Folder folder;
  std::filesystem::create_directories(folder.path("in"));
  const auto database = Database::open(settings(folder));
  ASSERT_TRUE(database.has_value()) << database.error().text();
  const auto connection = (*database)->connect();
  const auto made = (*connection)
                        ->run(
                            "CREATE TEMP TABLE t AS SELECT 'kestrel-nests ' || i || md5(i::VARCHAR) AS s "
                            "FROM range(4000000) r(i)");
  ASSERT_FALSE(made.has_value());
  EXPECT_EQ(made.error().code, Errc::limit) << made.error().text();
  const std::filesystem::recursive_directory_iterator all(folder.path(""));
  EXPECT_TRUE(std::ranges::none_of(all, [](const auto& entry) { return entry.is_regular_file(); }));
}

TEST(Duck, gives_values_back_as_they_were_bound) {
  const Folder folder;
  const auto database = Database::open(settings(folder));
  ASSERT_TRUE(database.has_value());
  const auto connection = (*database)->connect();
  const Time time{std::chrono::sys_days(std::chrono::year{2026} / 3 / 20) +
                  std::chrono::milliseconds(12'345)};
  const std::vector<Value> values{
      true, std::uint64_t{18'446'744'073'709'551'615ULL}, time, std::string("it's \0 ä", 9),
      std::vector<std::string>{"a", "", "it's a much longer text than twelve bytes"}};
  auto rows =
      (*connection)
          ->query("SELECT ?, ?::UBIGINT, ?, ?, ?, NULL::VARCHAR, NULL::VARCHAR[], ['x', NULL]", values);
  ASSERT_TRUE(rows.has_value()) << rows.error().text();
  ASSERT_TRUE(rows->next());
  EXPECT_TRUE(rows->boolean(0));
  EXPECT_EQ(rows->number(1), std::get<1>(values[1]));
  EXPECT_EQ(rows->time(2), time);
  EXPECT_EQ(rows->text(3), std::get<std::string>(values[3]));
  EXPECT_EQ(rows->texts(4), std::get<std::vector<std::string>>(values[4]));
  EXPECT_EQ(rows->text(5), "");
  EXPECT_TRUE(rows->texts(6).empty());
  EXPECT_EQ(rows->texts(7), (std::vector<std::string>{"x", ""}));
  EXPECT_FALSE(rows->next());
}

TEST(Duck, reads_many_chunks) {
  const Folder folder;
  const auto database = Database::open(settings(folder));
  ASSERT_TRUE(database.has_value());
  const auto connection = (*database)->connect();
  auto rows =
      (*connection)->query("SELECT i::UBIGINT, 'text number ' || i FROM range(10000) t(i) ORDER BY i");
  ASSERT_TRUE(rows.has_value());
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    ASSERT_TRUE(rows->next());
    ASSERT_EQ(rows->number(0), i);
    ASSERT_EQ(rows->text(1), "text number " + std::to_string(i));
  }
  EXPECT_FALSE(rows->next());
}

TEST(Duck, says_what_is_wrong) {
  const Folder folder;
  const auto database = Database::open(settings(folder));
  ASSERT_TRUE(database.has_value());
  const auto connection = (*database)->connect();
  const auto run = (*connection)->run("SELECT nonsense");
  ASSERT_FALSE(run.has_value());
  EXPECT_NE(run.error().what.find("nonsense"), std::string::npos);
  EXPECT_FALSE((*connection)->query("SELECT nonsense").has_value());
  const auto large = (*connection)->query("SELECT list(i) FROM range(100000000) t(i)");
  ASSERT_FALSE(large.has_value());
  EXPECT_EQ(large.error().code, Errc::limit) << large.error().text();
}

}  // namespace
}  // namespace cairn::store::duck
