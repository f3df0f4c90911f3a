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

TEST(Checkpoint, has_the_newest_of_each_chain) {
  Checkpoint checkpoint = kSample;
  auto later = kSample.chains[0];
  later.key.replace(later.key.find("T103000Z"), 8, "T113000Z");
  advance(checkpoint, later);
  EXPECT_EQ(checkpoint.chains, std::vector{later});
  advance(checkpoint, kSample.chains[0]);
  EXPECT_EQ(checkpoint.chains, std::vector{later});
  auto other = later;
  other.bucket = "other";
  advance(checkpoint, other);
  EXPECT_EQ(checkpoint.chains, (std::vector{later, other}));
}

}  // namespace
}  // namespace cairn::integrity
