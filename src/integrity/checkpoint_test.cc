// Checkpoints: the stored form, and what is refused.
#include "integrity/checkpoint.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace cairn::integrity {
namespace {

constexpr std::string_view kKey =
    "AWSLogs/210987654321/CloudTrail-Digest/eu-west-1/2026/03/02/"
    "210987654321_CloudTrail-Digest_eu-west-1_kestrel-main_eu-west-1_20260302T103000Z.json.gz";

const Checkpoint kSample{{{.bucket = "kestrel-audit",
                           .key = std::string(kKey),
                           .hash = "8ce0fc1a451bfdc250e169e9a4cc67a096bb793c143660d247cf61b9c88c44d7",
                           .signature = "04a6fad868c1d41c"}}};

TEST(Checkpoint, version_1_is_read_and_written_as_it_was) {
  std::ifstream file(CAIRN_SOURCE_DIR "/src/integrity/compat/checkpoint_v1.json");
  std::ostringstream text;
  text << file.rdbuf();
  EXPECT_EQ(checkpoint_from(text.str()).value(), kSample);
  EXPECT_EQ(to_json(kSample), text.str());
  EXPECT_EQ(checkpoint_from(R"({"chains":[],"more":1,"version":1})").value(), Checkpoint{});
}

TEST(Checkpoint, what_is_none_is_refused) {
  const auto row = [](std::string_view key) {
    return R"({"version":1,"chains":[{"bucket":"b","key":")" + std::string(key) +
           R"(","hash":"0","signature":"1"}]})";
  };
  ASSERT_TRUE(checkpoint_from(row(kKey)).has_value());
  for (const auto& text :
       {std::string(), std::string("{}"), std::string(R"({"version":1})"),
        std::string(R"({"version":2,"chains":[]})"), std::string(R"({"version":0,"chains":[]})"),
        std::string(R"({"version":1,"chains":[1]})"), std::string(R"({"version":1,"chains":[{}]})"),
        row("elsewhere"), row("")}) {
    EXPECT_FALSE(checkpoint_from(text).has_value()) << text;
  }
  EXPECT_NE(checkpoint_from(R"({"version":2,"chains":[]})").error().text().find("later version"),
            std::string::npos);
}

std::string key_of(std::string_view time) {
  std::string key(kKey);
  key.replace(key.find("T103000Z"), 8, time);
  return key;
}

Kept kept(std::string_view time, std::string bucket = "kestrel-audit") {
  return {.bucket = std::move(bucket), .key = key_of(time), .hash = "8ce0", .signature = "04a6"};
}

// By rising end; each names the one before it, but for those that begin anew.
Chain chain(const std::vector<std::string>& times, const std::set<std::string>& beginnings) {
  Chain made;
  for (const auto& time : times) {
    Digest digest{.bucket = "kestrel-audit", .key = key_of(time)};
    if (!made.empty() && !beginnings.contains(time)) {
      digest.previous = PreviousDigest{.bucket = digest.bucket, .key = made.back().key};
    }
    made.push_back({.name = *parse_digest_key(digest.key),
                    .bucket = digest.bucket,
                    .key = digest.key,
                    .digest = digest,
                    .hash = "8ce0",
                    .signature = "04a6"});
  }
  return made;
}

void move_on(Checkpoint& checkpoint, const Chain& seen) {
  Ends ends(checkpoint);
  ends.add(seen);
  advance(checkpoint, ends);
}

TEST(Checkpoint, has_the_last_digest_of_each_chain) {
  Checkpoint checkpoint;
  move_on(checkpoint, chain({"T103000Z", "T113000Z"}, {}));
  EXPECT_EQ(checkpoint.chains, std::vector{kept("T113000Z")});
  move_on(checkpoint, chain({"T103000Z", "T113000Z", "T123000Z"}, {}));
  EXPECT_EQ(checkpoint.chains, std::vector{kept("T123000Z")});
  const auto anew = chain({"T103000Z", "T113000Z", "T123000Z", "T140000Z", "T150000Z"}, {"T140000Z"});
  move_on(checkpoint, anew);
  EXPECT_EQ(checkpoint.chains, (std::vector{kept("T123000Z"), kept("T150000Z")}));
  move_on(checkpoint, chain({"T103000Z"}, {}));
  EXPECT_EQ(checkpoint.chains, (std::vector{kept("T123000Z"), kept("T150000Z")})) << "never back";
  auto other = anew;
  for (auto& judged : other) {
    judged.digest->bucket = "other";
    judged.digest->previous.reset();
  }
  other.resize(1);
  move_on(checkpoint, other);
  EXPECT_EQ(checkpoint.chains, (std::vector{kept("T123000Z"), kept("T150000Z"), kept("T103000Z", "other")}));
}

// As an earlier Cairn kept it, of the newest chain alone.
TEST(Checkpoint, gets_the_ends_of_former_chains) {
  Checkpoint checkpoint{{kept("T150000Z")}};
  move_on(checkpoint, chain({"T113000Z", "T150000Z"}, {"T150000Z"}));
  EXPECT_EQ(checkpoint.chains, (std::vector{kept("T150000Z"), kept("T113000Z")}));
}

TEST(Checkpoint, of_a_part_of_the_time) {
  const Checkpoint checkpoint{
      {kept("T103000Z"), kept("T150000Z"), kept("T123000Z"), kept("T093000Z", "other")}};
  const auto time = [](const char* text) { return parse_rfc3339(text).value(); };
  EXPECT_EQ(kept_since(checkpoint, std::nullopt), checkpoint.chains);
  EXPECT_EQ(kept_since(checkpoint, time("2026-03-02T12:30:00Z")),
            (std::vector{kept("T150000Z"), kept("T123000Z"), kept("T093000Z", "other")}));
  EXPECT_EQ(kept_since(checkpoint, time("2026-03-02T20:00:00Z")),
            (std::vector{kept("T150000Z"), kept("T093000Z", "other")}));
}

}  // namespace
}  // namespace cairn::integrity
