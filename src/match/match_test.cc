// What matches: operators by rows, arrays, names, malformed records, envelopes.
#include "match/match_testing.h"

namespace cairn::match {
namespace {

using testing::ids;
using testing::matcher;
using testing::matches;

struct Case {
  const char* pattern;
  const char* record;
  bool matches;
};

class MatchTest : public ::testing::TestWithParam<Case> {};

TEST_P(MatchTest, answers) {
  const auto& [pattern, record, expected] = GetParam();
  EXPECT_EQ(matches(*matcher({pattern}), record), expected) << pattern << "\n" << record;
  EXPECT_EQ(testing::naive_match(*testing::pattern(pattern), testing::NaiveRecord(record)), expected);
}

INSTANTIATE_TEST_SUITE_P(
    Values, MatchTest,
    ::testing::Values(
        Case{R"({"a":["x"]})", R"({"a":"x"})", true}, Case{R"({"a":["x"]})", R"({"a":"xx"})", false},
        Case{R"({"a":["x"]})", R"({"b":"x"})", false}, Case{R"({"a":["1"]})", R"({"a":1})", false},
        Case{R"({"a":[""]})", R"({"a":null})", false}, Case{R"({"a":[null]})", R"({"a":null})", true},
        Case{R"({"a":[true]})", R"({"a":true})", true}, Case{R"({"a":[true]})", R"({"a":"true"})", false},
        Case{R"({"a":[300]})", R"({"a":3.0e2})", true}, Case{R"({"a":[300]})", R"({"a":301})", false},
        Case{R"({"a":[12345678901234567891]})", R"({"a":12345678901234567891})", true},
        Case{R"({"a":["x\u0079\n"]})", R"({"a":"\u0078y\u000a"})", true},
        Case{R"({"a":["\ud83d\ude80"]})", "{\"a\":\"\xf0\x9f\x9a\x80\"}", true},
        Case{R"({"\u0061":["x"]})", R"({ "\u0061" : "x" })", true},
        Case{R"({"a":[{"prefix":"ab"}]})", R"({"a":"abc"})", true},
        Case{R"({"a":[{"prefix":"ab"}]})", R"({"a":"a"})", false},
        Case{R"({"a":[{"prefix":""}]})", R"({"a":1})", false},
        Case{R"({"a":[{"suffix":""}]})", R"({"a":""})", true},
        Case{R"({"a":[{"suffix":"bc"}]})", R"({"a":"abc"})", true},
        Case{R"({"a":[{"suffix":"bc"}]})", R"({"a":"abcd"})", false},
        Case{R"({"a":[{"prefix":{"equals-ignore-case":"aB"}}]})", R"({"a":"Abc"})", true},
        Case{R"({"a":[{"suffix":{"equals-ignore-case":"É"}}]})", R"({"a":"xé"})", true},
        Case{R"({"a":[{"wildcard":"*a*b*"}]})", R"({"a":"xxbaxbx"})", true},
        Case{R"({"a":[{"wildcard":"a*a"}]})", R"({"a":"a"})", false},
        Case{R"({"a":[{"wildcard":"a\\*b"}]})", R"({"a":"a*b"})", true},
        Case{R"({"a":[{"wildcard":"a\\*b"}]})", R"({"a":"axb"})", false},
        Case{R"({"a":[{"numeric":[">",1,"<=",2]}]})", R"({"a":2.0})", true},
        Case{R"({"a":[{"numeric":[">",1,"<=",2]}]})", R"({"a":1})", false},
        Case{R"({"a":[{"numeric":["=",0]}]})", R"({"a":-0})", true},
        Case{R"({"a":[{"numeric":["=",0]}]})", R"({"a":"0"})", false},
        Case{R"({"a":[{"cidr":"10.1.0.0/16"}]})", R"({"a":"10.1.255.255"})", true},
        Case{R"({"a":[{"cidr":"10.1.0.0/16"}]})", R"({"a":"10.2.0.0"})", false},
        Case{R"({"a":[{"cidr":"10.0.0.5/24"}]})", R"({"a":"10.0.0.4"})", false},
        Case{R"({"a":[{"cidr":"::/1"}]})", R"({"a":"1.2.3.4"})", false},
        Case{R"({"a":["::1"]})", R"({"a":"0:0:0:0:0:0:0:1"})", true},
        Case{R"({"a":[{"exists":true}]})", R"({"a":null})", true},
        Case{R"({"a":[{"exists":true}]})", R"({"a":[]})", false},
        Case{R"({"a":[{"exists":true}]})", R"({"a":{"b":1}})", false},
        Case{R"({"a":[{"exists":false}]})", R"({"a":{"b":1}})", true},
        Case{R"({"a":[{"exists":false},"x"]})", R"({"a":"x"})", true},
        Case{R"({"a":[{"exists":false},"x"]})", R"({"a":"y"})", false},
        Case{R"({"a":[{"anything-but":["x","y"]}]})", R"({"a":"z"})", true},
        Case{R"({"a":[{"anything-but":["x","y"]}]})", R"({"a":"y"})", false},
        Case{R"({"a":[{"anything-but":["x","y"]}]})", R"({"b":"z"})", false},
        Case{R"({"a":[{"anything-but":["x","y"]}]})", R"({"a":["x","z"]})", true},
        Case{R"({"a":[{"anything-but":1}]})", R"({"a":[1.0]})", false},
        Case{R"({"a":[{"anything-but":1}]})", R"({"a":"1"})", true},
        Case{R"({"a":[{"anything-but":{"prefix":["x","y"]}}]})", R"({"a":"yz"})", false},
        Case{R"({"a":[{"anything-but":{"wildcard":"x*z"}},"xyz"]})", R"({"a":"xyz"})", true}));

INSTANTIATE_TEST_SUITE_P(
    Shapes, MatchTest,
    ::testing::Values(
        Case{R"({"a":{"b":["x"]}})", R"({"a.b":"x"})", true},
        Case{R"({"a.b":["x"]})", R"({"a":{"b":"x"}})", true},
        Case{R"({"a":{"b":{"c":["x"]}}})", R"({"a":{"b.c":"x"}})", true},
        Case{R"({"a":["x"],"a.b":["y"]})", R"({"a":["x",{"b":"y"}]})", true},
        Case{R"({"":["x"]})", R"({"":"x"})", true}, Case{R"({"a":["x"]})", R"({"a":"x","a":"y"})", true},
        Case{R"({"a":["y"]})", R"({"a":"x","a":"y"})", true}, Case{R"({"a":[1]})", R"({"a":[[[1]]]})", true},
        Case{R"({"d":{"a":[1],"b":[2]}})", R"({"d":[{"a":1,"b":2}]})", true},
        Case{R"({"d":{"a":[1],"b":[2]}})", R"({"d":[{"a":1},{"b":2}]})", false},
        Case{R"({"d":{"a":[1],"b":[2]}})", R"({"d":[[{"a":1}],[{"b":2},{"a":1,"b":[3,2]}]]})", true},
        Case{R"({"d":{"a":[1]},"e":{"b":[2]}})", R"({"d":[{},{"a":1}],"e":[{"b":2}]})", true},
        Case{R"({"d":{"a":[1],"b":[{"exists":false}]}})", R"({"d":[{"a":1},{"b":2}]})", true},
        Case{R"({"d":{"a":[{"exists":false}],"b":[2]}})", R"({"d":[{"a":1},{"b":2}]})", false},
        Case{R"({"d":{"a":[1],"b":[{"exists":false},3]}})", R"({"d":[{"a":1,"b":2},{"b":3}]})", false},
        Case{R"({"$or":[{"a":[1]},{"b":[2]}],"c":[3]})", R"({"b":2,"c":3})", true},
        Case{R"({"$or":[{"a":[1]},{"b":[2]}],"c":[3]})", R"({"a":1,"b":2})", false},
        Case{R"({"a":["x"]})", " { \"b\" : [ { \"a\" : \"x\" } , 7 ] , \"a\" : \"x\"\n} ", true}));

TEST(MatcherTest, hits_come_in_the_order_of_the_patterns_and_once_each) {
  const auto all =
      matcher({R"({"b":[2]})", R"({"a":["no"]})", R"({"$or":[{"a":[1]},{"b":[2]}]})", R"({"a":[1,1]})"});
  EXPECT_EQ(ids(*all, R"({"a":1,"b":2})").value(), (std::vector<std::uint64_t>{0, 2, 3}));
  EXPECT_EQ(all->patterns(), 4U);
  EXPECT_TRUE(ids(*matcher({}), R"({"a":1})").value().empty());
}

TEST(MatcherTest, a_scratch_serves_any_matcher) {
  const auto small = matcher({R"({"a":[1]})"});
  const auto large = matcher({R"({"b":[1]})", R"({"a":[1]})", R"({"c":[{"anything-but":"x"}]})"});
  Scratch scratch;
  for (int i = 0; i < 3; ++i) {
    std::vector<Hit> hits;
    ASSERT_TRUE(small->match(R"({"a":1})", scratch, hits).has_value());
    ASSERT_TRUE(large->match(R"({"a":1})", scratch, hits).has_value());
    ASSERT_TRUE(small->match(R"({"c":1})", scratch, hits).has_value());
    ASSERT_TRUE(large->match(R"({"c":1})", scratch, hits).has_value());
    EXPECT_EQ(hits, (std::vector<Hit>{{1, 0}, {1, 1}, {1, 2}}));
  }
}

// A record cut off, or with a byte changed, is an error, or still JSON; it never reads beyond the text.
TEST(MatcherTest, malformed_records_are_errors) {
  const auto asking = matcher({R"({"a":{"b":[1,"x"]},"c":[{"exists":true}]})"});
  const std::string good = R"({"a":[{"b":1},{"b":"x"}],"z":{"y":[1,{}]},"c":tru)";
  EXPECT_TRUE(matches(*asking, good + "e}"));
  for (std::size_t size = 0; size <= good.size(); ++size) {
    const std::string cut(good.substr(0, size));
    EXPECT_FALSE(ids(*asking, cut).has_value()) << cut;
  }
  for (const auto* const text : {"",
                                 " ",
                                 "[]",
                                 "7",
                                 "{\"a\":1}}",
                                 "{\"a\":1}{}",
                                 "{\"a\"}",
                                 "{\"a\":}",
                                 "{\"a\" 1}",
                                 "{\"a\":1,}",
                                 "{,}",
                                 "{\"a\":[1,]}",
                                 "{\"a\":[1 2]}",
                                 "{\"c\":nul}",
                                 "{\"c\":\"\\u12\"}",
                                 "{\"c\":\"\\ud800\"}",
                                 "{\"c\":\"a\nb\"}",
                                 "{\"\\x\":1}",
                                 "{\"c\":\"\xff\"}",
                                 "{\"z\":{\"y\":1}",
                                 "{\"z\":}",
                                 "{\"z\":,}",
                                 "{\"c\":\"x\"y}",
                                 "{1:2}",
                                 "{\"a\":{\"b\":1]}"}) {
    EXPECT_FALSE(ids(*asking, text).has_value()) << text;
  }
}

TEST(MatcherTest, size_and_depth_of_a_record_are_bounded) {
  const auto asking = matcher({R"({"a":[1]})"});
  const auto nested = [](std::size_t depth) {
    return R"({"a":)" + std::string(depth, '[') + "1" + std::string(depth, ']') + "}";
  };
  EXPECT_TRUE(matches(*asking, nested(Limits::record_depth_max - 1)));
  const auto deep = ids(*asking, nested(Limits::record_depth_max));
  ASSERT_FALSE(deep.has_value());
  EXPECT_EQ(deep.error().code, Errc::limit);
  const auto skipped = R"({"z":)" + nested(10'000) + R"(,"a":1})";
  EXPECT_TRUE(matches(*asking, skipped));
  const auto large = ids(*asking, R"({"a":")" + std::string(Limits::record_bytes_max, 'x') + "\"}");
  ASSERT_FALSE(large.has_value());
  EXPECT_EQ(large.error().code, Errc::limit);
}

// Members that occur again and again, arrays in each: too many ways to choose, said so and in bounded time.
TEST(MatcherTest, ambiguous_arrays_are_an_error) {
  std::string record = "{";
  for (int i = 0; i < 40; ++i) {
    record += (i == 0 ? "" : ",") + std::string(R"("d":[{"a":1},{"b":1},{"c":1},{"e":1},{"f":1}])");
  }
  EXPECT_TRUE(matches(*matcher({R"({"d":{"a":[1],"b":[1],"c":[1],"e":[1],"f":[1]}})"}), record + "}"));
  const auto never = matcher({R"({"d":{"a":[1],"b":[1],"c":[1],"e":[1],"f":[1]},"d.g":[{"exists":false}]})"});
  const auto asked = ids(*never, record + R"(,"d":[{"g":1}]})");
  EXPECT_TRUE(!asked.has_value() || asked->empty());
}

class EnvelopeTest : public ::testing::Test {
 protected:
  bool matches(std::string_view pattern, std::string_view record) {
    const OwnedPattern owned{
        .owner = 1, .id = 1, .pattern = testing::pattern(pattern), .envelope = envelope_};
    return testing::matches(*compile({&owned, 1}).value(), record);
  }

  std::shared_ptr<const Envelope> envelope_ = std::make_shared<Envelope>(Envelope{
      .inner = "detail",
      .constants = {{.path = "version", .value = "0"}},
      .derived = {
          {.path = "source", .from = "eventSource", .remove_suffix = ".amazonaws.com", .prepend = "aws."},
          {.path = "detail-type",
           .from = "eventType",
           .table = {{"AwsApiCall", "AWS API Call via CloudTrail"}}},
          {.path = "region", .from = "awsRegion"}}});
};

TEST_F(EnvelopeTest, paths_are_rebased) {
  const auto* const record =
      R"({"eventSource":"s3.amazonaws.com","eventType":"AwsApiCall","awsRegion":"eu-west-1","eventName":"PutObject","x":[{"y":1}]})";
  for (const auto& [pattern, expected] : std::vector<std::pair<const char*, bool>>{
           {R"({"source":["aws.s3"]})", true},
           {R"({"source":["aws.iam"]})", false},
           {R"({"source":[{"prefix":"aws."}],"detail":{"eventName":["PutObject"]}})", true},
           {R"({"source":[{"anything-but":"aws.s3"}]})", false},
           {R"({"detail-type":["AWS API Call via CloudTrail"],"region":["eu-west-1"]})", true},
           {R"({"detail-type":["AwsApiCall"]})", false},
           {R"({"version":["0"]})", true},
           {R"({"version":["1"],"region":["eu-west-1"]})", false},
           {R"({"version":[{"exists":false}]})", false},
           {R"({"version":[{"anything-but":"1"}],"detail":{"x":{"y":[1]}}})", true},
           {R"({"id":[{"exists":true}]})", false},
           {R"({"resources":[{"exists":false}],"region":["eu-west-1"]})", true},
           {R"({"eventName":["PutObject"]})", false},
           {R"({"detail":["PutObject"]})", false},
           {R"({"detail":{"eventSource":["s3.amazonaws.com"]},"source":["aws.s3"]})", true}}) {
    EXPECT_EQ(matches(pattern, record), expected) << pattern;
  }
  EXPECT_FALSE(matches(R"({"detail-type":[{"exists":true}]})", R"({"eventType":"Other"})"));
  EXPECT_TRUE(matches(R"({"source":["aws.x"]})", R"({"eventSource":"x"})"));
}

TEST_F(EnvelopeTest, stands_beside_patterns_without) {
  const std::vector<OwnedPattern> both{
      {.owner = 1, .id = 1, .pattern = testing::pattern(R"({"detail":{"a":[1]}})"), .envelope = envelope_},
      {.owner = 2, .id = 1, .pattern = testing::pattern(R"({"a":[1]})")}};
  const auto compiled = compile(both).value();
  Scratch scratch;
  std::vector<Hit> hits;
  ASSERT_TRUE(compiled->match(R"({"a":1})", scratch, hits).has_value());
  EXPECT_EQ(hits, (std::vector<Hit>{{1, 1}, {2, 1}}));
}

}  // namespace
}  // namespace cairn::match
