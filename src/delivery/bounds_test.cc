// What is held in memory and written in one commit is bounded, whatever comes: many Regions, many changes of
// trails, many small records.
#include <gmock/gmock.h>

#include "delivery/delivery_fixture.h"

namespace cairn::delivery::testing {
namespace {

std::string region_of(int number) {
  return "eu-west-" + std::to_string(number);
}

// ---- pieces ----

TEST(Pieces, give_back_what_was_appended_and_know_what_they_take) {
  std::mt19937 random(3);
  Pieces pieces;
  for (int round = 0; round < 2; ++round) {
    std::string all;
    while (all.size() < 3 * Pieces::kPieceBytesMax) {
      const std::string text(random() % (random() % 8 == 0 ? 300'000 : 900),
                             static_cast<char>('a' + random() % 26));
      pieces.append(text);
      all += text;
      ASSERT_EQ(pieces.size(), all.size());
      ASSERT_GE(pieces.capacity(), all.size());
      ASSERT_LE(
          pieces.capacity(),
          all.size() + std::max<std::uint64_t>(Pieces::kFirstBytes,
                                               std::min<std::uint64_t>(all.size(), Pieces::kPieceBytesMax)));
    }
    EXPECT_EQ(pieces.take(), all);
    EXPECT_EQ(pieces.size(), 0U);
    EXPECT_EQ(pieces.capacity(), 0U);
    EXPECT_EQ(pieces.take(), "");
  }
}

// ---- one commit ----

TEST_F(DeliveryTest, more_regions_than_a_commit_may_have_files_are_several_commits) {
  auto options = quick();
  options.files_max = 10;
  open(options);
  const auto one = make_trail("one", "one", "eu-west-1", true);
  const auto two = make_trail("two", "two", "eu-west-1", true);
  control(one);
  control(two);
  s3.unreachable(true);
  for (int i = 0; i < 23; ++i) {
    say(std::to_string(i), region_of(i));
  }
  ASSERT_TRUE(take());  // one batch
  EXPECT_EQ(waiting(), 40U);
  EXPECT_EQ(delivery->cursor(kPartition).raw(), 22U);
  reopen(options);
  EXPECT_EQ(position, 22U) << "within the batch";
  s3.unreachable(false);
  ASSERT_TRUE(take());
  pass();
  expect_all_delivered();
  EXPECT_EQ(s3.puts().size(), 46U);
}

// A catalog refuses what is too large for ever, and a follower that tries it for ever pins the journal.
TEST_F(DeliveryTest, no_commit_is_larger_than_the_catalog_takes) {
  catalog::Limits limits;
  limits.transaction_bytes_max = 40'000;
  close();
  catalog = std::make_unique<catalog::memory::MemoryCatalog>(clock, limits);
  auto options = quick();
  options.files_max = 30;
  open(options);
  const auto trail = make_trail("kestrel", "audit", "eu-west-1", true);
  control(trail);
  for (int i = 0; i < 200; ++i) {
    say(std::to_string(i), region_of(i));
  }
  ASSERT_TRUE(take());
  pass();
  expect_all_delivered();
}

TEST_F(DeliveryTest, many_changes_of_trails_are_several_commits) {
  auto options = quick();
  options.changes_bytes_max = 4000;
  open(options);
  for (int i = 0; i < 50; ++i) {
    control(make_trail("kestrel-" + std::to_string(i), "audit"));
  }
  ASSERT_TRUE(take());
  EXPECT_GT(delivery->cursor(kPartition).raw(), 30U);
  say("1");
  ASSERT_TRUE(take());
  reopen(options);
  ASSERT_TRUE(take());
  pass();
  expect_all_delivered();
  EXPECT_EQ(s3.puts().size(), 50U);
}

// The longest names there are, in every file of the largest commit.
TEST(Bounds, the_largest_commit_is_within_the_catalogs_limit) {
  auto trail = make_trail(std::string(128, 'n'), std::string(63, 'b'), "ap-southeast-1");
  trail.prefix = std::string(200, 'p');
  const std::string region(event::ViewLimits::region_bytes_max, 'r');
  const Plan plan{.number = ~0ULL >> 1,
                  .trail_arn = trail.arn(),
                  .trail_created = trail.created,
                  .account = trail.account,
                  .region = region,
                  .home_region = trail.home_region,
                  .bucket = trail.bucket,
                  .key = trail::log_file_key(trail, trail.account, "CloudTrail", region, kStart, std::string(16, 'u')),
                  .spool = std::string(64, 's'),
                  .bytes = ~0ULL >> 1,
                  .events = ~0ULL >> 1,
                  .crc32c = ~0U,
                  .made = kStart,
                  .refused = kStart,
                  .unreadable = kStart};
  const Options options;
  constexpr std::size_t kTrailsOfARecord = 1000;  // whose files one record begins
  EXPECT_LT((plan.catalog_key().size() + to_document(plan).size()) * (options.files_max + kTrailsOfARecord) +
                options.changes_bytes_max + 2 * options.echoes_bytes_max,
            catalog::Limits{}.transaction_bytes_max);
}

// ---- memory ----

// A small record's text is little beside what its buffer takes.
TEST_F(DeliveryTest, what_a_buffer_takes_is_counted_and_not_its_text_alone) {
  auto options = quick();
  options.buffer_bytes_max = 100'000;
  open(options);
  control(make_trail("kestrel", "audit", "eu-west-1", true));
  for (int i = 0; i < 60; ++i) {
    say(std::to_string(i), region_of(i));
  }
  ASSERT_TRUE(take());
  EXPECT_GT(delivery->cursor(kPartition).raw(), 30U);
  pass();
  expect_all_delivered();
}

TEST(Bounds, memory_is_counted_record_by_record_not_batch_by_batch) {
  Buffers buffers(50U << 20);
  const auto trail = make_trail("kestrel", "audit", "eu-west-1", true);
  std::uint64_t text = 0;
  for (int i = 0; i < 5000; ++i) {
    const auto body = record(std::to_string(i), "111122223333", region_of(i % 18), "Management", 900);
    buffers.add(trail.arn(), trail, *event::view(body), body);
    text += body.size();
    ASSERT_GE(buffers.bytes(), text);
    ASSERT_LE(buffers.bytes(), 2 * text + 18 * 4096);
  }
  EXPECT_EQ(buffers.parts(), 18U);
}

}  // namespace
}  // namespace cairn::delivery::testing
