// From the journal to a page: records go through a real stream into a real store.
#include "history/history.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <random>

#include "blob/dir/dir_blob.h"
#include "catalog/memory/memory_catalog.h"
#include "event/entry.h"
#include "journal/memory/memory_journal.h"
#include "store/job_runner.h"

namespace cairn::history {
namespace {

using namespace std::chrono_literals;

struct Made {
  std::string_view id;
  std::string_view category;
  event::Kind kind;
};

std::string record(const Made& made) {
  return fmt::format(
      R"({{"eventVersion":"1.11","userIdentity":{{"type":"IAMUser","userName":"ann","accountId":"111122223333"}},"eventTime":"{}",)"
      R"("eventSource":"s3.amazonaws.com","eventName":"CreateBucket","awsRegion":"us-east-1","sourceIPAddress":"10.0.0.1",)"
      R"("userAgent":"test","requestParameters":null,"responseElements":null,"requestID":"r","eventID":"{}","readOnly":false,)"
      R"("eventType":"AwsApiCall","managementEvent":{},"recipientAccountId":"111122223333","eventCategory":"{}"}})",
      rfc3339(system_clock().now()), made.id, made.category == "Management", made.category);
}

class HistoryTest : public ::testing::Test {
 protected:
  HistoryTest() {
    folder_ =
        std::filesystem::temp_directory_path() / fmt::format("cairn_history_{}", std::random_device{}());
    std::filesystem::create_directories(folder_);
    blob_ = blob::dir::open({.folder = folder_ / "blobs"}, pool_, metrics_).value();
  }
  ~HistoryTest() override {
    stop();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  void start() {
    store::Options options;
    options.scratch = folder_ / "scratch";
    auto opened = run(store::Store::open(options, *catalog_, *blob_, pool_, pool_, executor(), *runner_,
                                         system_clock(), metrics_));
    ASSERT_TRUE(opened.has_value()) << opened.error().text();
    store_ = *std::move(opened);
    history_ = std::make_unique<History>(*store_);
    stream_ = stream::Stream::make(journal_, {history_.get()}, system_clock(), {}, metrics_);
    stream_->start();
  }
  void stop() {
    stream_.reset();
    history_.reset();
    store_.reset();
  }
  void kill_and_restart() {
    stop();
    catalog_ = catalog_->durable_copy();
    start();
  }

  void append(std::vector<Made> all) {
    std::vector<std::string> payloads;
    for (const auto& made : all) {
      const auto body =
          made.kind == event::Kind::control ? std::string(R"({"type":"nothing"})") : record(made);
      payloads.push_back(event::encode_entry(made.kind, 0, body));
    }
    ASSERT_TRUE(run(journal_.append(journal::Partition{0}, payloads)).has_value());
  }
  void wait_until_reached() {
    for (int i = 0; i < 2000 && history_->reached() < journal_.end(journal::Partition{0}); ++i) {
      std::this_thread::sleep_for(5ms);
    }
    ASSERT_GE(history_->reached(), journal_.end(journal::Partition{0}));
  }
  std::vector<std::string> found(event::Category category) {
    store::Query query;
    query.account = "111122223333";
    query.region = "us-east-1";
    query.category = category;
    const auto page = run(store_->lookup(query, {}));
    EXPECT_TRUE(page.has_value()) << page.error().text();
    std::vector<std::string> ids;
    for (const auto& event : page->events) {
      ids.emplace_back(event.view.event_id);
    }
    std::ranges::sort(ids);
    return ids;
  }

  async::Executor executor() { return loops_.at(0).get_executor(); }
  template <class T>
  T run(Task<T> task) {
    return async::run(executor(), std::move(task));
  }

  std::filesystem::path folder_;
  Metrics metrics_;
  async::Loops loops_{1};  // before the pool: what the pool finishes last is told to a loop
  async::Pool pool_{2};
  std::unique_ptr<blob::Blob> blob_;
  std::unique_ptr<catalog::memory::MemoryCatalog> catalog_ =
      std::make_unique<catalog::memory::MemoryCatalog>(system_clock());
  journal::MemoryJournal journal_;
  std::unique_ptr<store::JobRunner> runner_ =
      store::in_process_runner({.journal = [this](journal::Partition partition, journal::Position from) {
        return journal_.reader(partition, from);
      }});
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<History> history_;
  std::unique_ptr<stream::Stream> stream_;
};

using Ids = std::vector<std::string>;
using event::Kind;

TEST_F(HistoryTest, keeps_management_and_insight_events_and_outcomes_and_nothing_else) {
  start();
  append({{"1", "Management", Kind::record},
          {"2", "Data", Kind::record},
          {"3", "Insight", Kind::record},
          {"4", "NetworkActivity", Kind::record},
          {"5", "Management", Kind::intent},
          {"5", "Management", Kind::outcome},
          {"", "", Kind::control},
          {"6", "Management", Kind::record}});
  wait_until_reached();
  EXPECT_EQ(found(event::Category::management), (Ids{"1", "5", "6"}));
  EXPECT_EQ(found(event::Category::insight), (Ids{"3"}));
}

TEST_F(HistoryTest, is_rebuilt_from_the_journal_from_its_cursor_on) {
  start();
  append({{"1", "Management", Kind::record}, {"2", "Management", Kind::record}});
  wait_until_reached();
  stream_->stop();
  ASSERT_TRUE(store_->seal().has_value());
  EXPECT_EQ(history_->cursor(journal::Partition{0}).raw(), 2U);
  append({{"3", "Management", Kind::record}});
  kill_and_restart();
  append({{"4", "Management", Kind::record}});
  wait_until_reached();
  EXPECT_EQ(history_->cursor(journal::Partition{0}).raw(), 2U);
  EXPECT_EQ(found(event::Category::management), (Ids{"1", "2", "3", "4"}));
}

}  // namespace
}  // namespace cairn::history
