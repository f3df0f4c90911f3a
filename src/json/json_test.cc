// Trees: what is read, what is refused, what is written.
#include "json/json.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>

namespace cairn::json {
namespace {

using testing::HasSubstr;

struct TextCase {
  std::string text;
  std::string_view serialized;  // empty: the same
};

TEST(Json, gives_back_what_it_read) {
  const TextCase cases[] = {
      {"null", ""},
      {"true", ""},
      {" [ 1 , 2.5 , -3 ] ", "[1,2.5,-3]"},
      {R"({"z":1,"a":{"y":[],"b":{}},"m":""})", ""},
      {R"({"b":1,"a":2,"b":3})", R"({"b":3,"a":2})"},  // the last one counts, at the first one's place
      {R"("\u0041\/\n\u001f\ud83e\udd89")", "\"A/\\n\\u001f\xf0\x9f\xa6\x89\""},
      {R"("\"\\\b\f\n\r\t")", ""},
      {"9223372036854775807", ""},
      {"-9223372036854775808", ""},
      {"9223372036854775808", ""},
      {"18446744073709551615", ""},
      {"18446744073709551616", "1.8446744073709552e+19"},
      {"1772446500.0", ""},
      {"1772446500.125", ""},
      {"1e3", "1000.0"},
      {"-0.0", ""},
      {"0.1", ""},
      {"1e300", "1e+300"},
      {"5e-324", ""},
      {"999999999999999.0", ""},
  };
  for (const auto& c : cases) {
    const auto parsed = parse(c.text);
    ASSERT_TRUE(parsed.has_value()) << c.text << ": " << parsed.error().text();
    EXPECT_EQ(serialize(*parsed), c.serialized.empty() ? std::string_view(c.text) : c.serialized);
  }
}

TEST(Json, keeps_the_order_of_members) {
  object o;
  for (const char* name : {"eventVersion", "userIdentity", "eventTime", "a", "Z", "b"}) {
    o[name] = 1;
  }
  o["eventTime"] = 2;
  EXPECT_EQ(serialize(o), R"({"eventVersion":1,"userIdentity":1,"eventTime":2,"a":1,"Z":1,"b":1})");
  std::string many = "{";
  for (int i = 500; i > 0; --i) {
    many += quote("k" + std::to_string(i)) + ":" + std::to_string(i) + (i > 1 ? "," : "}");
  }
  EXPECT_EQ(serialize(parse(many).value()), many) << "also when the object has an index";
}

struct RefusedCase {
  std::string text;
  std::string_view byte;
};

TEST(Json, refuses_with_the_byte_at_fault) {
  const RefusedCase cases[] = {
      {"", "byte 0"},
      {"{\"a\":}", "byte 5"},
      {"[1,]", "byte 3"},
      {"[1] x", "byte 4"},
      {"{\"a\":1", "byte 6"},
      {"NaN", "byte 0"},
      {"[NaN]", "byte 1"},
      {"[Infinity]", "byte 1"},
      {"[-Infinity]", "byte"},
      {"'a'", "byte 0"},
      {"[01]", "byte 3"},
      {"\"a\nb\"", "byte 2"},
      {"\"\\x\"", "byte 1"},
      {"\"\\ud800\"", "byte"},
      {"\"\xff\"", "byte 1"},
      {"{\"\xc3\":1}", "byte"},
      {"\"\xed\xa0\x80\"", "byte"},
      {"\xef\xbb\xbf{}", "byte 0"},
      {"[1e999]", "byte"},
      {std::string(65, '[') + std::string(65, ']'), "byte 64"},
  };
  for (const auto& c : cases) {
    const auto parsed = parse(c.text);
    ASSERT_FALSE(parsed.has_value()) << c.text;
    EXPECT_EQ(parsed.error().code, Errc::invalid);
    EXPECT_THAT(parsed.error().subject, HasSubstr(std::string(c.byte))) << c.text;
  }
  EXPECT_TRUE(parse(std::string(64, '[') + std::string(64, ']')).has_value());
  EXPECT_FALSE(parse("[[[]]]", {.depth_max = 2}).has_value());
  EXPECT_EQ(parse("[1234567890]", {.bytes_max = 11}).error().code, Errc::limit);
  EXPECT_TRUE(parse("[1234567890]", {.bytes_max = 12}).has_value());
  EXPECT_EQ(parse_object("[]").error().code, Errc::invalid);
  EXPECT_EQ(parse_object("{\"a\":1}").value().size(), 1U);
}

TEST(Json, always_writes_what_can_be_read) {
  EXPECT_EQ(serialize(value(std::numeric_limits<double>::quiet_NaN())), "null");
  EXPECT_EQ(serialize(value(-std::numeric_limits<double>::infinity())), "null");
  EXPECT_EQ(quote("a\xff\xc3z"), "\"a\xef\xbf\xbd\xef\xbf\xbdz\"");
  EXPECT_EQ(quote("\xc3\xbc\xe1\x88"), "\"\xc3\xbc\xef\xbf\xbd\xef\xbf\xbd\"");
  EXPECT_EQ(quote(std::string_view("\0\x01\x7f", 3)), "\"\\u0000\\u0001\x7f\"");
  std::string all;
  for (int i = 0; i < 256; ++i) {
    all += static_cast<char>(i);
  }
  EXPECT_TRUE(parse(quote(all)).has_value());
  const double numbers[] = {0, 1.0 / 3, 1e15, 1e15 - 1, 123456789012345680.0, 1e-7, 1e308, -1e-300};
  for (const double number : numbers) {
    EXPECT_EQ(parse(serialize(value(number))).value().as_double(), number);
  }
}

TEST(Json, every_double_is_read_as_it_was_written) {
  EXPECT_EQ(parse("5e105").value().as_double(), 5e105);
  EXPECT_EQ(parse("5e-324").value().as_double(), 5e-324);
  std::mt19937_64 random(7);
  for (int i = 0; i < 20'000; ++i) {
    const auto number = std::bit_cast<double>(random());
    if (std::abs(number) <= 1e308) {  // the largest that is taken
      ASSERT_EQ(parse(serialize(value(number))).value().as_double(), number) << serialize(value(number));
      ASSERT_EQ(parse(fmt::format("{:.40e}", number)).value().as_double(), number);
    }
  }
}

TEST(Json, accessors_give_what_has_the_type) {
  const auto o =
      parse_object(R"({"s":"x","n":null,"b":false,"i":-5,"u":18446744073709551615,"d":5.0,"o":{},"a":[]})")
          .value();
  EXPECT_EQ(find_string(o, "s"), "x");
  EXPECT_EQ(find_string(o, "i"), std::nullopt);
  EXPECT_EQ(find_string(o, "absent"), std::nullopt);
  EXPECT_EQ(find(o, "n"), nullptr) << "null is absent";
  EXPECT_NE(find(o, "b"), nullptr);
  EXPECT_EQ(find_bool(o, "b"), false);
  EXPECT_EQ(find_bool(o, "s"), std::nullopt);
  EXPECT_EQ(find_int(o, "i"), -5);
  EXPECT_EQ(find_int(o, "u"), std::nullopt);
  EXPECT_EQ(find_int(o, "d"), std::nullopt);
  EXPECT_EQ(find_number(o, "d"), 5.0);
  EXPECT_EQ(find_number(o, "i"), -5.0);
  EXPECT_EQ(find_number(o, "u"), 18446744073709551615.0);
  EXPECT_NE(find_object(o, "o"), nullptr);
  EXPECT_EQ(find_object(o, "a"), nullptr);
  EXPECT_NE(find_array(o, "a"), nullptr);
  EXPECT_EQ(find_int(object{{"i", std::uint64_t{7}}}, "i"), 7);
}

}  // namespace
}  // namespace cairn::json
