#include "access/decoded.h"

#include <gtest/gtest.h>

#include <thread>

namespace cairn::access {
namespace {

// Counts how often something is decoded; "bad" cannot be.
class DecodedTest : public ::testing::Test {
 protected:
  Result<std::shared_ptr<const std::string>> read(const std::string& key, const std::string& text) {
    const auto decode = [this](const catalog::Document& document) -> Result<std::string> {
      ++times;
      if (document.value == "bad") {
        return Error{Errc::corrupt, "bad"};
      }
      return "decoded " + document.value;
    };
    return decoded.of(catalog::Document{.key = key, .value = text, .version = 1}, decode);
  }

  Decoded<std::string> decoded;
  std::atomic<int> times = 0;
};

TEST_F(DecodedTest, a_document_is_decoded_once) {
  const auto first = read("k", "a");
  const auto second = read("k", "a");
  EXPECT_EQ(**first, "decoded a");
  EXPECT_EQ(first->get(), second->get());
  EXPECT_EQ(times, 1);
}

// The version says nothing: one that was deleted and made again begins at 1.
TEST_F(DecodedTest, another_text_is_decoded_again) {
  ASSERT_EQ(**read("k", "a"), "decoded a");
  EXPECT_EQ(**read("k", "b"), "decoded b");
  EXPECT_EQ(**read("k", "a"), "decoded a");
  EXPECT_EQ(times, 3);
}

TEST_F(DecodedTest, documents_of_the_same_text_are_two) {
  ASSERT_NE(read("k", "a")->get(), read("l", "a")->get());
  EXPECT_EQ(times, 2);
}

TEST_F(DecodedTest, what_cannot_be_decoded_is_tried_again) {
  EXPECT_EQ(read("k", "bad").error().code, Errc::corrupt);
  EXPECT_EQ(read("k", "bad").error().code, Errc::corrupt);
  EXPECT_EQ(times, 2);
}

TEST_F(DecodedTest, starts_over_when_it_is_full) {
  for (std::size_t i = 0; i < Decoded<std::string>::kDocumentsMax; ++i) {
    ASSERT_TRUE(read(std::to_string(i), "a"));
  }
  ASSERT_TRUE(read("0", "a"));
  EXPECT_EQ(times, Decoded<std::string>::kDocumentsMax);
  ASSERT_TRUE(read("one more", "a"));
  ASSERT_TRUE(read("0", "a"));
  EXPECT_EQ(times, Decoded<std::string>::kDocumentsMax + 2);
}

TEST_F(DecodedTest, starts_over_when_its_texts_are_too_long) {
  const std::string half(Decoded<std::string>::kBytesMax / 2, 'x');
  ASSERT_TRUE(read("k", half));
  ASSERT_TRUE(read("l", half));
  ASSERT_TRUE(read("k", half));
  EXPECT_EQ(times, 2);
  ASSERT_TRUE(read("m", "a"));
  ASSERT_TRUE(read("k", half));
  EXPECT_EQ(times, 4);
}

// For the thread sanitizer.
TEST_F(DecodedTest, threads_see_their_own_text) {
  std::vector<std::thread> threads;
  for (const char* text : {"a", "b"}) {
    threads.emplace_back([this, text] {
      for (int i = 0; i < 1'000; ++i) {
        const auto value = read("k", text);
        EXPECT_EQ(**value, std::string("decoded ") + text);
      }
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
}

}  // namespace
}  // namespace cairn::access
