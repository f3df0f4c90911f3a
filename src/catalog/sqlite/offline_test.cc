#include "catalog/sqlite/offline.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>

#include "async/loops.h"
#include "base/metrics.h"
#include "catalog/sqlite/sqlite_catalog.h"

namespace cairn::catalog::sqlite {
namespace {

class OfflineTest : public testing::Test {
 protected:
  OfflineTest() {
    auto name = (std::filesystem::temp_directory_path() / "cairn-offline-XXXXXX").native();
    folder_ = ::mkdtemp(name.data());
    catalog_ = sqlite::open({.file = file()}, system_clock(), metrics_).value();
    Transaction transaction;
    for (const auto* key : {"a/1", "a/2", "b"}) {
      transaction.writes.push_back({key, std::string("value of ") + key, 0});
    }
    transaction.outbox = {"one", "two", "three"};
    EXPECT_TRUE(wait(catalog_->commit(transaction)).has_value());
    EXPECT_TRUE(wait(catalog_->outbox_delete(3, {})).has_value());
  }
  ~OfflineTest() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path file() const { return folder_ / "catalog.sqlite"; }
  template <class T>
  T wait(Task<T> task) {
    return async::run(loops_.next().get_executor(), std::move(task));
  }
  static std::vector<std::string> keys(Offline& offline, std::string_view prefix) {
    std::vector<std::string> out;
    const auto count = offline.each(prefix, [&](const Document& document) -> Result<void> {
      EXPECT_EQ(document.value, "value of " + document.key);
      EXPECT_EQ(document.version, 1U);
      out.push_back(document.key);
      return {};
    });
    EXPECT_EQ(count.value(), out.size());
    return out;
  }

  std::filesystem::path folder_;
  Metrics metrics_;
  async::Loops loops_{1};
  std::unique_ptr<SqliteCatalog> catalog_;
};

TEST_F(OfflineTest, ReadsBesideARunningCatalogAndAfterIt) {
  for (int again = 0; again < 2; ++again) {
    auto offline = Offline::open(file()).value();
    EXPECT_TRUE(offline.check().has_value());
    EXPECT_EQ(offline.outbox_last().value(), 3U);
    EXPECT_EQ(offline.outbox_rows().value(), 0U);
    EXPECT_EQ(keys(offline, "a/"), (std::vector<std::string>{"a/1", "a/2"}));
    EXPECT_EQ(keys(offline, "").size(), 3U);
    EXPECT_EQ(offline.get("b").value()->value, "value of b");
    EXPECT_FALSE(offline.get("c").value().has_value());
    catalog_.reset();
  }
}

TEST_F(OfflineTest, ACopyHasTheNumbersToo) {
  const auto copy = folder_ / "it's a copy";
  auto offline = Offline::open(file()).value();
  ASSERT_TRUE(offline.copy_to(copy).has_value());
  EXPECT_EQ(offline.copy_to(copy).error().code, Errc::conflict);
  auto again = Offline::open(copy).value();
  EXPECT_TRUE(again.check().has_value());
  EXPECT_EQ(again.outbox_last().value(), 3U);
  EXPECT_EQ(keys(again, "").size(), 3U);
}

TEST_F(OfflineTest, WhatIsNoCatalog) {
  EXPECT_EQ(Offline::open(folder_ / "none").error().code, Errc::not_found);
  std::ofstream(folder_ / "text") << std::string(4096, 'x');
  EXPECT_EQ(Offline::open(folder_ / "text").error().code, Errc::corrupt);
  std::ofstream(folder_ / "empty");
  EXPECT_EQ(Offline::open(folder_ / "empty").error().code, Errc::not_found);
}

TEST_F(OfflineTest, ADamagedPageIsFound) {
  catalog_.reset();
  {
    std::fstream damaged(file(), std::ios::in | std::ios::out | std::ios::binary);
    damaged.seekp(2 * 4096 + 8);
    damaged << std::string(200, '\xff');
  }
  auto offline = Offline::open(file());
  EXPECT_EQ((offline ? offline->check() : Result<void>(offline.error())).error().code, Errc::corrupt);
}

}  // namespace
}  // namespace cairn::catalog::sqlite
