// What EventBridge's patterns are read into, and what is refused. (AWS's own answers: match_data_test.cc.)
#include "match/eventbridge.h"

#include <cmath>

#include "match/match_testing.h"

namespace cairn::match {
namespace {

struct Refusal {
  const char* pattern;
  const char* why;
};

class RefusalTest : public ::testing::TestWithParam<Refusal> {};

TEST_P(RefusalTest, says_why) {
  const auto parsed = parse_event_pattern(GetParam().pattern);
  ASSERT_FALSE(parsed.has_value());
  EXPECT_EQ(parsed.error().code, Errc::invalid);
  EXPECT_EQ(parsed.error().what, GetParam().why);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, RefusalTest,
    ::testing::Values(
        Refusal{"[1]", "Filter is not an object"}, Refusal{"7", "Filter is not an object"},
        Refusal{"{}", "Empty objects are not allowed"},
        Refusal{R"({"a":{}})", "Empty objects are not allowed"},
        Refusal{R"({"a":[]})", "Empty arrays are not allowed"},
        Refusal{R"({"a":7})", "\"a\" must be an object or an array"},
        Refusal{R"({"a":[["x"]]})", "Match value must be String, number, true, false, or null"},
        Refusal{R"({"a":[{}]})", "Match expression name not found"},
        Refusal{R"({"a":[{"like":"x"}]})", "Unrecognized match type like"},
        Refusal{R"({"a":[{"prefix":"x","suffix":"y"}]})", "Only one key allowed in match expression"},
        Refusal{R"({"a":[{"prefix":{"upper":"x"}}]})", "Unsupported prefix pattern: upper"},
        Refusal{R"({"a":[{"wildcard":"a**b"}]})", "Consecutive wildcard characters at pos 2"},
        Refusal{R"({"a":[{"wildcard":"a\\b"}]})", "Invalid escape character at pos 2"},
        Refusal{R"({"a":[{"exists":1}]})", "exists match pattern must be either true or false."},
        Refusal{R"({"a":[{"numeric":[]}]})", "Invalid member in numeric match: ]"},
        Refusal{R"({"a":[{"numeric":[">",1,"<",1]}]})", "Bottom must be less than top"},
        Refusal{R"({"a":[{"numeric":["=",12345678901234567891]}]})",
                "Cannot compare number : 12345678901234567891"},
        Refusal{
            R"({"a":[{"anything-but":["x",1]}]})",
            "Inside anything but list, either all values are number or string, mixed type is not supported"},
        Refusal{R"({"a":[{"anything-but":{"exists":true}}]})", "Unsupported anything-but pattern: exists"},
        Refusal{R"({"a":[{"cidr":"10.0.0.0/32"}]})", "IPv4 mask bits must be < 32"},
        Refusal{R"({"a":[{"cidr":"10.0.0/8"}]})", "Nonstandard IP address: 10.0.0"},
        Refusal{R"({"$or":[{"a":[1]}]})", "There must have at least 2 Objects in $or relationship."},
        Refusal{R"({"$or":[{"cidr":[1]},{"b":[2]}]})",
                "cidr is Ruler reserved fieldName which cannot be used inside $or."}));

TEST(EventPatternTest, text_that_is_no_json_is_refused) {
  for (const auto* const text : {"", "{", "{\"a\":[1]", "{\"a\":[1]}x", "{\"a\":[\"\xff\"]}", "{'a':[1]}"}) {
    const auto parsed = parse_event_pattern(text);
    EXPECT_FALSE(parsed.has_value()) << text;
  }
}

std::string repeated(std::string_view text, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) {
    out += text;
  }
  return out;
}

// 2^n combinations.
std::string alternatives(std::size_t n) {
  std::string text = R"({"z":[1])";
  for (std::size_t i = 0; i < n; ++i) {
    const auto name = std::to_string(i);
    text += R"(,"n)" + name + R"(":{"$or":[{"a":[1]},{"b":[1]}]})";
  }
  return text + "}";
}

TEST(EventPatternTest, each_limit_is_an_error_of_its_own) {
  std::string fields = R"({"z":[1])";
  std::string wildcards = R"({"z":[1)";
  for (std::size_t i = 0; i < Limits::fields_max; ++i) {
    fields += ",\"f" + std::to_string(i) + "\":[1]";
    wildcards += R"(,{"wildcard":"a*b"})";
  }
  EXPECT_TRUE(parse_event_pattern(wildcards + "]}").has_value());
  EXPECT_EQ(parse_event_pattern(alternatives(9)).value().branches.size(), 512U);
  for (const auto& [text, why] : std::vector<std::pair<std::string, std::string>>{
           {std::string(Limits::pattern_bytes_max + 1, ' '), "the pattern has more than 65536 bytes"},
           {R"({"a)" + repeated(".a", Limits::path_names_max) + R"(":[1]})", "a path has more than 32 names"},
           {alternatives(10), "the pattern has more than 1000 combinations of $or"},
           {fields + "}", "the pattern asks for more than 128 fields at once"},
           {wildcards + R"(,{"anything-but":{"wildcard":"a*"}}]})",
            "Rule is too complex: more than 128 wildcards"},
           {R"({"a":[{"wildcard":")" + repeated("a*", Limits::stars_max + 1) + R"("}]})",
            "a wildcard has more than 32 stars"}}) {
    const auto parsed = parse_event_pattern(text);
    ASSERT_FALSE(parsed.has_value()) << why;
    EXPECT_EQ(parsed.error().code, Errc::limit);
    EXPECT_EQ(parsed.error().what, why);
  }
}

std::vector<std::string> paths(const Branch& branch) {
  std::vector<std::string> out;
  for (const auto& field : branch) {
    out.push_back(field->path);
  }
  return out;
}

TEST(EventPatternTest, or_multiplies_and_what_follows_is_put_into_all) {
  const auto parsed =
      parse_event_pattern(R"({"b":[1],"$or":[{"c":[1]},{"a":{"x":[2]},"b":[3]}],"d":[4]})").value();
  ASSERT_EQ(parsed.branches.size(), 2U);
  EXPECT_EQ(paths(parsed.branches[0]), (std::vector<std::string>{"b", "c", "d"}));
  EXPECT_EQ(paths(parsed.branches[1]), (std::vector<std::string>{"a.x", "b", "d"}));
  EXPECT_EQ(parsed.branches[1][1]->any_of[0].range.low, 3);
}

TEST(EventPatternTest, of_a_path_that_occurs_twice_the_last_counts) {
  const auto parsed = parse_event_pattern(R"({"a":{"b":["x"],"c":["y"]},"a":{"b":["z"]}})").value();
  ASSERT_EQ(paths(parsed.branches.at(0)), (std::vector<std::string>{"a.b", "a.c"}));
  EXPECT_EQ(parsed.branches[0][0]->any_of[0].text, "z");
}

struct AddressCase {
  const char* text;
  const char* same_as;  // nullptr: no address
};

class AddressTest : public ::testing::TestWithParam<AddressCase> {};

TEST_P(AddressTest, is_read) {
  const auto address = parse_address(GetParam().text);
  ASSERT_EQ(address.has_value(), GetParam().same_as != nullptr);
  if (address) {
    EXPECT_EQ(address, parse_address(GetParam().same_as));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Rows, AddressTest,
    ::testing::Values(AddressCase{"1.2.3.4", "01.002.3.4"}, AddressCase{"::", "0:0:0:0:0:0:0:0"},
                      AddressCase{"::1", "0:0:0:0:0:0:0:1"}, AddressCase{"a::", "A:0::0"},
                      AddressCase{"1::8", "1:0:0::0:0:8"}, AddressCase{"::ffff:102:304", "1.2.3.4"},
                      AddressCase{"1.2.3", nullptr}, AddressCase{"1.2.3.256", nullptr},
                      AddressCase{"1.2.3.4.", nullptr}, AddressCase{"1.2.3.4.5", nullptr},
                      AddressCase{":", nullptr}, AddressCase{":::", nullptr}, AddressCase{"1::2::3", nullptr},
                      AddressCase{"1:2:3:4:5:6:7", nullptr}, AddressCase{"1:2:3:4:5:6:7:8:9", nullptr},
                      AddressCase{"12345::", nullptr}, AddressCase{"1:2:3:4:5:6:7:", nullptr},
                      AddressCase{"host", nullptr}, AddressCase{"1:2:3:4::5:6:7:8", nullptr},
                      AddressCase{"", nullptr}));

struct NumberCase {
  const char* text;
  std::optional<double> value;
};

class NumberTest : public ::testing::TestWithParam<NumberCase> {};

TEST_P(NumberTest, has_a_value_if_a_double_has_it) {
  EXPECT_EQ(comparable_number(GetParam().text), GetParam().value);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, NumberTest,
    ::testing::Values(NumberCase{"0", 0}, NumberCase{"-0.0e5", 0}, NumberCase{"300", 300},
                      NumberCase{"3.00e2", 300}, NumberCase{"3000E-1", 300}, NumberCase{"0.1", 0.1},
                      NumberCase{"1234567890", 1234567890}, NumberCase{"9007199254740993", std::nullopt},
                      NumberCase{"9007199254740992", 9007199254740992.0}, NumberCase{"1e400", std::nullopt},
                      NumberCase{"1e-400", std::nullopt}, NumberCase{"1e-325", std::nullopt},
                      NumberCase{"5e-324", 5e-324}, NumberCase{"1e99999999999", std::nullopt},
                      NumberCase{"0e99999", 0}, NumberCase{"01", std::nullopt},
                      NumberCase{"1.", std::nullopt}, NumberCase{".5", std::nullopt},
                      NumberCase{"+1", std::nullopt}, NumberCase{"1e", std::nullopt},
                      NumberCase{"-", std::nullopt}, NumberCase{"1x", std::nullopt},
                      NumberCase{"", std::nullopt}));

TEST(NumberTest, there_is_no_minus_zero) {
  EXPECT_FALSE(std::signbit(comparable_number("-0").value()));
  EXPECT_FALSE(std::signbit(comparable_number("-0.00e7").value()));
}

TEST(FoldTest, texts_that_differ_in_case_are_alike) {
  EXPECT_EQ(folded("Straße ÄÖ Ⱥ ΣΑΣ ДОМ"), folded("sTRAßE äö ⱥ σας дом"));
  EXPECT_EQ(folded("\xff\xc3(Ab"), "\xff\xc3(ab");
  EXPECT_NE(folded("ß"), folded("ss"));
}

}  // namespace
}  // namespace cairn::match
