#include "event/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace cairn::event {
namespace {

bool lies_in(const Text& text, std::string_view whole) {
  return text.view().data() >= whole.data() && text.view().data() + text.size() <= whole.data() + whole.size();
}

TEST(Text, what_is_assigned_is_its_own) {
  std::string from = "a longer text than a small string";
  Text text = from;
  const Text copy = text;
  from.assign(from.size(), '-');
  EXPECT_EQ(text, "a longer text than a small string");
  text = "other";
  EXPECT_EQ(copy, "a longer text than a small string");
  EXPECT_EQ(copy.own_bytes(), copy.size());
}

TEST(Text, what_is_borrowed_lies_in_the_lender_and_so_do_copies_and_parts) {
  const std::string lender = "arn:aws:s3:::nest";
  const auto text = Text::borrowed(lender);
  const auto copy = text;
  const auto part = copy.part(copy.view().substr(13));
  EXPECT_EQ(part, "nest");
  for (const auto* one : {&text, &copy, &part}) {
    EXPECT_TRUE(lies_in(*one, lender));
    EXPECT_EQ(one->own_bytes(), 0U);
  }
}

TEST(Text, a_part_of_its_own_outlives_it) {
  Text part;
  {
    const Text whole = std::string("arn:aws:s3:::a-nest-with-a-long-name");
    part = whole.part(whole.view().substr(13));
  }
  EXPECT_EQ(part, "a-nest-with-a-long-name");
}

TEST(Text, own_ends_the_loan) {
  std::string lender = "a longer text than a small string";
  auto text = Text::borrowed(lender);
  text.own();
  lender.assign(lender.size(), '-');
  EXPECT_EQ(text, "a longer text than a small string");
  text.own();
  EXPECT_EQ(text, "a longer text than a small string");
  Text empty;
  empty.own();
  EXPECT_TRUE(empty.empty());
}

TEST(Text, moves_and_keeps_its_value_when_assigned_to_itself) {
  Text text = "nest";
  const auto& same = text;
  text = same;
  EXPECT_EQ(text, "nest");
  const auto moved = std::move(text);
  EXPECT_EQ(moved, "nest");
  EXPECT_TRUE(text.empty());  // NOLINT: what is left is empty
}

TEST(Text, compares_by_its_characters) {
  const Text own = "b";
  const auto borrowed = Text::borrowed("b");
  EXPECT_TRUE(own == borrowed);
  EXPECT_TRUE(std::string("b") == own);
  EXPECT_TRUE(own != std::string_view("c"));
  EXPECT_TRUE(Text("a") < own);
  EXPECT_TRUE(own > Text());
}

}  // namespace
}  // namespace cairn::event
