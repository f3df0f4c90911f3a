#include "crypto/messages.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>
#include <thread>

#include "crypto/random.h"

namespace cairn::crypto {
namespace {

Secret key_of(char byte) {
  return Secret(std::string(32, byte));
}

std::string sealed(const MessageSealer& sealer, std::string_view place, std::string_view plain) {
  std::string out(plain.size() + Messages::kOverheadBytes, '\0');
  sealer.seal({place}, {plain}, std::as_writable_bytes(std::span(out)));
  return out;
}

Result<std::string> opened(MessageOpener& opener, std::string_view place, std::string_view message) {
  std::string out(MessageOpener::plain_bytes(message.size()), '\0');
  CAIRN_TRY_VOID(opener.open({place}, message, std::as_writable_bytes(std::span(out))));
  return out;
}

std::string salt_of(std::string_view message) {
  return std::string(message.substr(Messages::kIdBytes, Messages::kSaltBytes));
}

TEST(Messages, open_as_they_were_sealed) {
  const MessageSealer sealer(key_of('k'));
  MessageOpener opener(key_of('k'));
  for (const std::size_t size : {0U, 1U, 15U, 16U, 17U, 1100U, 70'000U}) {
    const std::string plain(size, 'p');
    const auto message = sealed(sealer, "here", plain);
    EXPECT_EQ(message.find("pppppppp"), message.npos);
    EXPECT_EQ(opened(opener, "here", message).value(), plain) << size;
  }
}

TEST(Messages, parts_are_one_text) {
  const MessageSealer sealer(key_of('k'));
  MessageOpener opener(key_of('k'));
  std::string out(7 + Messages::kOverheadBytes, '\0');
  sealer.seal({"he", "", "re"}, {"ab", "", "cdefg"}, std::as_writable_bytes(std::span(out)));
  EXPECT_EQ(opened(opener, "here", out).value(), "abcdefg");
}

// Whatever is changed, cut, or believed to lie elsewhere opens as nothing.
TEST(Messages, any_changed_byte_is_found) {
  const MessageSealer sealer(key_of('k'));
  MessageOpener opener(key_of('k'));
  const auto message = sealed(sealer, "here", "what happened");
  for (std::size_t i = 0; i < message.size(); ++i) {
    auto damaged = message;
    damaged[i] ^= 0x10;
    EXPECT_EQ(opened(opener, "here", damaged).error().code,
              i < Messages::kIdBytes ? Errc::denied : Errc::corrupt)
        << i;
    EXPECT_FALSE(opened(opener, "here", std::string_view(message).substr(0, i))) << i;
  }
  EXPECT_EQ(opened(opener, "there", message).error().code, Errc::corrupt);
  EXPECT_EQ(opened(opener, "here", message + "x").error().code, Errc::corrupt);
  EXPECT_TRUE(opened(opener, "here", message));
}

TEST(Messages, another_key_is_told_by_its_name) {
  MessageOpener other(key_of('o'));
  EXPECT_EQ(opened(other, "here", sealed(MessageSealer(key_of('k')), "here", "x")).error().code,
            Errc::denied);
}

// Salt and counter together are drawn once, also by several at a time, under whichever sealer of one key.
TEST(Messages, no_nonce_comes_twice) {
  const MessageSealer first(key_of('k'), 100);
  const MessageSealer second(key_of('k'));
  std::mutex mutex;
  std::set<std::string> heads;
  std::size_t made = 0;
  const auto work = [&] {
    for (int i = 0; i < 1'000; ++i) {
      for (const auto* sealer : {&first, &second}) {
        const auto message = sealed(*sealer, "", "");
        const std::lock_guard lock(mutex);
        heads.insert(message.substr(0, Messages::kHeadBytes));
        made += 1;
      }
    }
  };
  {
    const std::jthread a(work);
    const std::jthread b(work);
    work();
  }
  EXPECT_EQ(heads.size(), made);
}

TEST(Messages, a_salt_is_given_up_after_so_many) {
  const MessageSealer sealer(key_of('k'), 2);
  MessageOpener opener(key_of('k'));
  std::vector<std::string> messages;
  for (int i = 0; i < 50; ++i) {  // more salts than an opener remembers
    messages.push_back(sealed(sealer, "", std::to_string(i)));
  }
  EXPECT_EQ(salt_of(messages[0]), salt_of(messages[1]));
  EXPECT_NE(salt_of(messages[1]), salt_of(messages[2]));
  for (std::size_t i : {0U, 49U, 1U, 25U, 0U}) {
    EXPECT_EQ(opened(opener, "", messages[i]).value(), std::to_string(i));
  }
}

// Made by another implementation, with the key of thirty-two bytes 'k' and the associated data "place".
TEST(Messages, one_of_form_1_opens) {
  std::ifstream in(CAIRN_SOURCE_DIR "/src/crypto/compat/message_v1.bin", std::ios::binary);
  const std::string message{std::istreambuf_iterator<char>(in), {}};
  MessageOpener opener(key_of('k'));
  EXPECT_EQ(opened(opener, "place", message).value(), "what happened");
}

}  // namespace
}  // namespace cairn::crypto
