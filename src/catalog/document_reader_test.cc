// Each type read as it was written, and each member that is missing or of another type.
#include "catalog/document_reader.h"

#include <gtest/gtest.h>

#include <functional>

namespace cairn::catalog {
namespace {

constexpr const char* kNest =
    R"({"v":2,"name":"owl","old":true,"eggs":-3,"laid":1772446500123,"down":"ZG93bg==","of":{"a":1},)"
    R"("calls":["hoo","who"],"tags":[["k","v"]],"rows":[["a",true,7,"YQ=="]],"none":null})";

using Read = std::function<void(DocumentReader&)>;

bool is_sound(const Read& read, std::int64_t newest = 2, const std::string& text = kNest) {
  DocumentReader in({.key = "nest/1", .value = text, .version = 1}, newest);
  read(in);
  return in.finish(0).has_value();
}

TEST(DocumentReader, reads_what_was_written) {
  DocumentReader in("nest/1", kNest, 2);
  EXPECT_EQ(in.format(), 2);
  EXPECT_EQ(in.text("name"), "owl");
  EXPECT_TRUE(in.truth("old"));
  EXPECT_EQ(in.number("eggs"), -3);
  EXPECT_EQ(millis(in.time("laid")), 1'772'446'500'123);
  EXPECT_EQ(in.bytes("down"), "down");
  EXPECT_TRUE(in.object("of").contains("a"));
  EXPECT_EQ(in.texts("calls"), (std::vector<std::string>{"hoo", "who"}));
  EXPECT_EQ(in.pairs("tags"), (std::vector<std::pair<std::string, std::string>>{{"k", "v"}}));
  in.rows("rows", 4, [&](const boost::json::array& row) {
    EXPECT_EQ(in.text_in(row, 0), "a");
    EXPECT_TRUE(in.truth_in(row, 1));
    EXPECT_EQ(in.number_in(row, 2), 7);
    EXPECT_EQ(millis(in.time_in(row, 2)), 7);
    EXPECT_EQ(in.bytes_in(row, 3), "a");
  });
  EXPECT_TRUE(in.has("name") && !in.has("none") && !in.has("gone"));
  EXPECT_EQ(in.text_or_none("gone") + std::to_string(in.count_or_none("gone")), "0");
  EXPECT_FALSE(in.truth_or_false("gone"));
  EXPECT_EQ(in.number_or("gone", 4) + in.number_or("eggs", 4), 1);
  EXPECT_EQ(in.time_or("gone", in.time("laid")), in.time_or("laid", Time()));
  EXPECT_TRUE(in.texts_or_none("gone").empty());
  EXPECT_EQ(in.finish(7).value(), 7);
}

TEST(DocumentReader, what_was_not_written_makes_the_whole_corrupt) {
  const Read reads[] = {
      [](auto& in) { in.text("gone"); },
      [](auto& in) { in.text("old"); },
      [](auto& in) { in.text_or_none("old"); },
      [](auto& in) { in.truth("name"); },
      [](auto& in) { in.truth_or_false("name"); },
      [](auto& in) { in.number("name"); },
      [](auto& in) { in.count("eggs"); },
      [](auto& in) { in.time("gone"); },
      [](auto& in) { in.bytes("name"); },
      [](auto& in) { in.object("tags"); },
      [](auto& in) { in.list("of"); },
      [](auto& in) { in.texts("tags"); },
      [](auto& in) { in.pairs("calls"); },
      [](auto& in) { in.pairs("rows"); },
      [](auto& in) { in.rows("rows", 3, [](const auto&) { FAIL(); }); },
      [](auto& in) { in.rows("rows", 4, [&](const auto& row) { in.text_in(row, 1); }); },
      [](auto& in) { in.rows("rows", 4, [&](const auto& row) { in.truth_in(row, 0); }); },
      [](auto& in) { in.rows("rows", 4, [&](const auto& row) { in.number_in(row, 0); }); },
      [](auto& in) { in.rows("rows", 4, [&](const auto& row) { in.bytes_in(row, 2); }); },
      [](auto& in) { in.expect(false); },
  };
  for (std::size_t i = 0; i < std::size(reads); ++i) {
    EXPECT_FALSE(is_sound(reads[i])) << i;
  }
  const Read nothing = [](auto&) {};
  EXPECT_TRUE(is_sound(nothing));
  EXPECT_FALSE(is_sound(nothing, 1)) << "a newer format";
  for (const auto* text : {"", "[]", "{}", R"({"v":0})", R"({"v":"1"})"}) {
    EXPECT_FALSE(is_sound(nothing, 2, text)) << text;
  }
  DocumentReader in("nest/1", "{}", 1);
  EXPECT_NE(in.finish(0).error().text().find("nest/1"), std::string::npos);
}

}  // namespace
}  // namespace cairn::catalog
