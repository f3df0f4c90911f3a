// The fixture of delivery's tests: one Delivery over stores in memory, and the tests' vocabulary: say(),
// control(), take(), pass(), status_of(), ids().
#pragma once

#include "delivery/digests_testing.h"

namespace cairn::delivery::testing {

inline constexpr std::string_view kAccount = "111122223333";

class DeliveryTest : public ::testing::Test {
 protected:
  ~DeliveryTest() override { close(); }

  void open(Options options = quick()) {
    close();
    auto opened = run(Delivery::open(options, *catalog, *blob, s3, the_sealer(), executor(), clock, metrics));
    ASSERT_TRUE(opened) << opened.error().text();
    delivery = *std::move(opened);
    delivery->start();
    position = delivery->cursor(kPartition).raw();
  }
  void close() {
    if (delivery) {
      delivery->stop();
      delivery.reset();
    }
  }
  // As after a crash: what is durable, and nothing else.
  void reopen(Options options = quick()) {
    close();
    catalog = catalog->durable_copy();
    blob = blob->durable_copy();
    open(options);
  }

  template <class T>
  T run(Task<T> task) {
    return async::run(executor(), std::move(task));
  }
  async::Executor executor() { return loops.at(0).get_executor(); }

  void control(const trail::Trail& trail) { entries.add_control(trail::control_of(trail)); }
  void say(std::string_view id, std::string_view region = "eu-west-1", std::size_t padding = 0) {
    entries.add_record(record(id, kAccount, region, "Management", padding));
  }
  // Hands over what has come since, in one batch.
  Result<void> take() {
    const auto batch = entries.batch(position, entries.size());
    CAIRN_TRY_VOID(delivery->take(*batch));
    position = entries.size();
    return {};
  }
  Result<void> tick() { return delivery->tick(clock.now()); }
  // An interval passes.
  void pass() {
    EXPECT_TRUE(tick());
    clock.advance(Millis{60'000});
    const auto ticked = tick();
    EXPECT_TRUE(ticked) << (ticked ? "" : ticked.error().text());
  }
  std::size_t waiting() { return run(catalog->scan(std::string(kPlanPrefix), "", 1000))->size(); }
  std::size_t spooled() { return run(blob->list(std::string(kSpoolPrefix), "", 1000))->size(); }
  bool all_uploaded() {
    return eventually([this] { return waiting() == 0 && spooled() == 0; });
  }
  Status status_of(const trail::Trail& trail, const std::string& region = "eu-west-1") {
    return run(status(*catalog, trail, region)).value();
  }
  std::vector<std::string> ids(const std::string& bucket) {
    std::vector<std::string> all;
    for (const auto& put : s3.puts()) {
      if (put.bucket == bucket) {
        std::string line;
        for (const auto& text : records_of(put.body)) {
          line += (line.empty() ? "" : " ") + std::string(event::view(text)->event_id);
        }
        all.push_back(line);
      }
    }
    return all;
  }
  void expect_all_delivered() {
    EXPECT_TRUE(all_uploaded());
    EXPECT_EQ(delivered(s3.puts()), entries.expected());
  }

  FakeClock clock;
  std::unique_ptr<catalog::memory::MemoryCatalog> catalog =
      std::make_unique<catalog::memory::MemoryCatalog>(clock);
  std::unique_ptr<blob::memory::MemoryBlob> blob = std::make_unique<blob::memory::MemoryBlob>();
  FakeS3 s3;
  Metrics metrics;
  Entries entries;
  std::uint64_t position = 0;
  async::Loops loops{1};
  std::unique_ptr<Delivery> delivery;
};

}  // namespace cairn::delivery::testing
