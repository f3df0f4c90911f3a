// Where a chain's intervals lie, and its document.
#include "delivery/chain.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace cairn::delivery {
namespace {

constexpr Millis kHour{3'600'000};
constexpr Time kSince{Millis{1'772'446'500'123}};  // 2026-03-02T10:15:00.123Z

Time at(const char* time) {
  return *parse_rfc3339(std::string("2026-03-02T") + time + "Z");
}
Lane lane() {
  return {.trail_arn = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/kestrel",
          .account = "111122223333",
          .region = "us-east-1"};
}
Origin origin() {
  return {.created = kSince - kHour, .since = kSince};
}
const integrity::PreviousDigest kMade{
    .bucket = "audit", .key = "AWSLogs/x.json.gz", .hash = "00ff", .signature = "ff00"};

std::string interval(const Chain& chain) {
  return rfc3339(chain.start).substr(11, 8) + "-" + rfc3339(chain.end).substr(11, 8);
}

TEST(Chain, at_home_it_begins_with_an_hour_that_ends_as_logging_began) {
  auto chain = chain_at_home(lane(), origin(), {.bucket = "audit"}, kHour, nullptr);
  EXPECT_EQ(interval(chain), "09:15:00-10:15:00");
  EXPECT_FALSE(chain.previous);
  chain.advance(kMade, kHour, at("10:20:00"), false);
  EXPECT_EQ(interval(chain), "10:15:00-11:15:00");
  EXPECT_EQ(chain.previous, kMade);
  chain.advance(kMade, kHour, at("11:15:00"), false);
  EXPECT_EQ(interval(chain), "11:15:00-12:15:00");
}

TEST(Chain, elsewhere_it_begins_with_the_step_of_its_first_file) {
  const auto begun = [](const char* delivered) {
    return interval(chain_from_file(lane(), origin(), {.bucket = "audit"}, at(delivered), kHour, nullptr));
  };
  EXPECT_EQ(begun("10:15:00"), "10:15:00-11:15:00");
  EXPECT_EQ(begun("11:14:59"), "10:15:00-11:15:00");
  EXPECT_EQ(begun("11:15:00"), "11:15:00-12:15:00");
  EXPECT_EQ(begun("10:14:59"), "09:15:00-10:15:00") << "a clock that stepped back";
}

TEST(Chain, is_after_the_former_one) {
  auto former = chain_at_home(lane(), origin(), {.bucket = "audit"}, kHour, nullptr);
  former.end = at("10:00:00");
  EXPECT_EQ(interval(chain_at_home(lane(), origin(), {}, kHour, &former)), "10:00:00-10:15:00");
  former.end = at("10:15:00");
  EXPECT_EQ(interval(chain_at_home(lane(), origin(), {}, kHour, &former)), "10:15:00-10:15:01");
  former.end = at("10:20:00");
  auto chain = chain_at_home(lane(), origin(), {}, kHour, &former);
  EXPECT_EQ(interval(chain), "10:20:00-10:20:01");
  chain.advance(kMade, kHour, at("10:20:05"), false);
  EXPECT_EQ(interval(chain), "10:20:01-11:15:00");
  EXPECT_EQ(interval(chain_from_file(lane(), origin(), {}, at("10:20:00"), kHour, &former)),
            "10:20:00-11:15:00");
}

TEST(Chain, what_nobody_was_there_for_is_in_one_digest) {
  auto chain = chain_at_home(lane(), origin(), {.bucket = "audit"}, kHour, nullptr);
  chain.advance(kMade, kHour, at("14:00:00"), false);
  EXPECT_EQ(interval(chain), "10:15:00-13:15:00");
  chain.advance(kMade, kHour, at("14:00:00"), false);
  EXPECT_EQ(interval(chain), "13:15:00-14:15:00");
}

TEST(Chain, what_one_digest_cannot_hold_is_in_the_next_at_once) {
  auto chain = chain_at_home(lane(), origin(), {.bucket = "audit"}, kHour, nullptr);
  chain.advance(kMade, kHour, at("14:00:00"), true);
  EXPECT_EQ(interval(chain), "10:15:00-10:15:01");
  chain.advance(kMade, kHour, at("10:16:00"), false);
  EXPECT_EQ(interval(chain), "10:15:01-11:15:00");
}

// An interval may have been opened by a clock that was put back since.
TEST(Chain, ends_by_what_the_clock_says_now) {
  auto chain = chain_at_home(lane(), origin(), {.bucket = "audit"}, kHour, nullptr);
  const auto ends = [&](const char* now) { return rfc3339(chain.ends(kHour, at(now))).substr(11, 8); };
  EXPECT_EQ(ends("10:00:00"), "10:15:00");
  EXPECT_EQ(ends("10:15:30"), "10:15:00");
  EXPECT_EQ(ends("09:00:00"), "09:15:01") << "behind its beginning";
  chain.advance(kMade, kHour, at("14:00:00"), false);
  ASSERT_EQ(interval(chain), "10:15:00-13:15:00");
  EXPECT_EQ(ends("14:00:00"), "13:15:00");
  EXPECT_EQ(ends("13:00:00"), "12:15:00");
  EXPECT_EQ(ends("10:20:00"), "11:15:00");
  EXPECT_EQ(ends("09:00:00"), "10:15:01");
  chain.advance(kMade, kHour, at("14:00:00"), true);
  EXPECT_EQ(ends("13:30:00"), "13:15:01") << "one that is shorter stays so";
  chain.end_now(at("13:40:00"));
  EXPECT_EQ(interval(chain), "13:15:00-13:40:00");
  chain.end_now(at("10:00:00"));
  EXPECT_EQ(interval(chain), "13:15:00-13:15:01");
}

TEST(Chain, documents_are_read_and_written_alike) {
  auto chain = chain_at_home(lane(), origin(), {.bucket = "audit", .prefix = "p", .organization = "o-1"},
                             kHour, nullptr);
  const auto read = [](const Chain& of) {
    return chain_from({.key = of.catalog_key(), .value = of.document(), .version = 1});
  };
  EXPECT_EQ(chain.catalog_key(),
            "delivery/chain/arn:aws:cloudtrail:eu-west-1:111122223333:trail/kestrel/111122223333/us-east-1");
  EXPECT_EQ(read(chain).value(), chain);
  chain.advance(kMade, kHour, kSince, false);
  chain.close(kMade);
  EXPECT_EQ(read(chain).value(), chain);
  EXPECT_FALSE(read(chain).value().open);
}

TEST(Chain, documents_of_version_1_are_read_and_written_alike) {
  const auto sample = [](const std::string& name) {
    std::ifstream in(std::string(CAIRN_SOURCE_DIR) + "/src/delivery/compat/" + name);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
  };
  const auto chain = chain_from(
      {.key = std::string(kChainPrefix) + lane().path(), .value = sample("chain_v1.json"), .version = 1});
  ASSERT_TRUE(chain) << chain.error().text();
  EXPECT_EQ(chain->document(), sample("chain_v1.json"));
  const auto file = undigested_from({.key = undigested_prefix(lane()) + "00000000000000000031",
                                     .value = sample("undigested_v1.json"),
                                     .version = 1});
  ASSERT_TRUE(file) << file.error().text();
  EXPECT_EQ(file->document(), sample("undigested_v1.json"));
}

TEST(Chain, what_was_not_written_is_noticed) {
  auto chain = chain_at_home(lane(), origin(), {.bucket = "audit"}, kHour, nullptr);
  chain.advance(kMade, kHour, kSince, false);
  const auto with = [&](std::string_view is, std::string_view becomes) {
    auto changed = chain.document();
    changed.replace(changed.find(is), is.size(), becomes);
    return chain_from({.key = chain.catalog_key(), .value = changed, .version = 1}).has_value();
  };
  EXPECT_TRUE(with("\"v\":1", "\"v\":1"));
  EXPECT_FALSE(with("\"v\":1", "\"v\":2"));
  EXPECT_FALSE(with("us-east-1", "us-east-2"));
  EXPECT_FALSE(with("\"bucket\":\"audit\",\"prefix\"", "\"bucket\":\"\",\"prefix\""));
  EXPECT_FALSE(with("\"end\":1", "\"end\":"));
  EXPECT_FALSE(with("\"signature\":\"ff00\"", "\"signature\":\"\""));
  EXPECT_FALSE(with("\"end\":1", "\"end\":999999999999999"));
}

}  // namespace
}  // namespace cairn::delivery
