#include "journal/sealed/entry_sealer.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "event/entry.h"

namespace cairn::journal {
namespace {

using namespace std::string_literals;

constexpr Partition kHere{3};

crypto::Secret test_key() {
  return crypto::Secret(std::string(32, 'k'));
}

Result<std::string> opened(std::string_view payload, Partition partition = kHere) {
  EntryOpener opener(test_key());
  std::string room(payload.size(), '\0');
  CAIRN_TRY(const auto plain, opener.open(partition, payload, room));
  return std::string(plain);
}

TEST(EntrySealer, any_payload_comes_back) {
  const EntrySealer sealer(test_key());
  const std::string payloads[] = {
      event::encode_entry(event::Kind::record, 0, R"({"eventName":"CreateUser"})"),
      event::encode_entry(event::Kind::control, ~0ULL, ""),
      "",
      "no entry at all",
      "\x02\x01\x00 like one that is sealed"s,
      "\x02\x00\x00"s,
      "\x01\x09\x00 of an unknown kind"s,
  };
  for (const auto& payload : payloads) {
    const auto sealed = sealer.seal(kHere, payload);
    EXPECT_LE(sealed.size(), payload.size() + SealedEntry::kOverheadBytesMax);
    EXPECT_TRUE(payload.size() < 20 || sealed.find(payload.substr(payload.size() - 5)) == sealed.npos)
        << payload;
    EXPECT_EQ(opened(sealed).value(), payload);
  }
}

TEST(EntrySealer, a_sealed_entry_says_what_it_is_and_nothing_of_its_body) {
  const auto sealed =
      EntrySealer(test_key()).seal(kHere, event::encode_entry(event::Kind::control, 300, "{\"type\":\"x\"}"));
  const auto head = event::decode_entry_head(sealed);
  ASSERT_TRUE(head);
  EXPECT_TRUE(head->sealed);
  EXPECT_EQ(head->kind, event::Kind::control);
  EXPECT_EQ(head->outbox_number, 300U);
  EXPECT_EQ(event::decode_entry(sealed).error().code, Errc::denied);
}

TEST(EntrySealer, any_changed_byte_is_found) {
  const auto sealed =
      EntrySealer(test_key()).seal(kHere, event::encode_entry(event::Kind::record, 300, "{\"a\":1}"));
  for (std::size_t i = 1; i < sealed.size(); ++i) {  // what does not begin as a sealed one was never sealed
    auto damaged = sealed;
    damaged[i] ^= 0x01;
    EXPECT_FALSE(opened(damaged)) << i;
    EXPECT_FALSE(opened(std::string_view(sealed).substr(0, i))) << i;
  }
  EXPECT_EQ(opened(sealed, Partition{4}).error().code, Errc::corrupt);
  EXPECT_TRUE(opened(sealed));
}

// Made by another implementation, from docs/formats/entry.md.
TEST(EntrySealer, the_kept_sample_of_format_2_opens) {
  std::ifstream in(CAIRN_SOURCE_DIR "/src/journal/sealed/compat/entry_v2.bin", std::ios::binary);
  const std::string sealed{std::istreambuf_iterator<char>(in), {}};
  EXPECT_EQ(opened(sealed).value(),
            event::encode_entry(event::Kind::record, 300, R"({"eventVersion":"1.11"})"));
}

}  // namespace
}  // namespace cairn::journal
