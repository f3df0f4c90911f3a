#include "organization/handshake.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace cairn::organization {
namespace {

std::string sample() {
  std::ifstream in(std::string(CAIRN_SOURCE_DIR) + "/src/organization/compat/handshake_v1.json");
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

catalog::Document document(std::string value) {
  return {.key = "organization/handshake/o/h", .value = std::move(value), .version = 1};
}

TEST(Handshake, version_1_is_read_and_written_alike) {
  const auto read = decode_handshake(document(sample()));
  ASSERT_TRUE(read);
  EXPECT_EQ(encode(*read), sample());
  EXPECT_EQ(read->arn(), "arn:aws:organizations::111122223333:handshake/o-k3strel9ab/invite/h-0123456789ab");
  EXPECT_EQ(new_handshake_id().size(), read->id.size());
}

TEST(Handshake, what_was_not_written_is_noticed) {
  auto newer = sample();
  newer.replace(newer.find("\"v\":1"), 5, "\"v\":2");
  auto lacking = sample();
  lacking.replace(lacking.find("\"notes\""), 7, "\"notez\"");
  for (const auto& bad : {std::string(), std::string("[]"), newer, lacking}) {
    const auto read = decode_handshake(document(bad));
    ASSERT_FALSE(read) << bad;
    EXPECT_EQ(read.error().code, Errc::corrupt);
  }
}

TEST(Handshake, an_open_one_expires) {
  Handshake handshake{.expires = Time{Millis{10}}};
  EXPECT_EQ(handshake.state_at(Time{Millis{9}}), "OPEN");
  EXPECT_EQ(handshake.state_at(Time{Millis{10}}), "EXPIRED");
  handshake.state = "DECLINED";
  EXPECT_EQ(handshake.state_at(Time{Millis{10}}), "DECLINED");
}

}  // namespace
}  // namespace cairn::organization
