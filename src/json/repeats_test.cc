#include "json/repeats.h"

#include <gtest/gtest.h>

namespace cairn::json {
namespace {

TEST(Repeats, are_found_at_any_depth) {
  for (const auto* text : {R"({"a":1,"b":{"a":1}})", R"([{"a":1},{"a":1}])", R"([[],{},""])", "7", "",
                           R"({"a":1,"a)", R"({"a":"a","A":1})"}) {
    EXPECT_FALSE(has_repeated_member(text)) << text;
  }
  for (const auto* text : {R"({"a":1,"a":1})", R"([{"b":{"a":{},"c":0,"a":{"x":1}}}])",
                           R"({"a":1,"\u0061":2})", R"({"a":{"b":1},"c":{"b":1,"b":1}})"}) {
    EXPECT_TRUE(has_repeated_member(text)) << text;
  }
}

}  // namespace
}  // namespace cairn::json
