// Splitting: which texts hold records, where they are, which texts are refused; compared with simdjson's and
// Boost.JSON's own verdicts.
#include "json/records.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include "json/cursor.h"
#include "json/json.h"

namespace cairn::json {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> split(std::string_view text, const SplitLimits& limits = {}) {
  std::vector<Record> records;
  const auto result = split_records(text, limits, records);
  if (!result.has_value()) {
    return {"refused: " + result.error().error().text()};
  }
  std::vector<std::string> out;
  for (const auto& record : records) {
    EXPECT_GE(record.raw.data(), text.data()) << "a record is a view into the text";
    EXPECT_LE(record.raw.data() + record.raw.size(), text.data() + text.size());
    EXPECT_EQ(record.compact, minify(record.raw) == record.raw) << record.raw;
    out.emplace_back(record.raw);
  }
  return out;
}

struct SplitCase {
  std::string_view text;
  std::vector<std::string> records;
};

TEST(Records, are_found_in_every_form) {
  const SplitCase cases[] = {
      {"", {}},
      {" \n ", {}},
      {R"({"Records":[]})", {}},
      {R"({"Records":[{"a":1},{"b":[2]}]})", {R"({"a":1})", R"({"b":[2]})"}},
      {"{ \"Records\" : [ {\"a\" : 1} ,\n {} ] , \"x\" : 1 }\n", {R"({"a" : 1})", "{}"}},
      {R"({"x":{"Records":[{"c":1}]},"Records":[{"a":1}]})", {R"({"a":1})"}},
      {R"([{"a":1},{"b":2}])", {R"({"a":1})", R"({"b":2})"}},
      {"[]", {}},
      {R"({"a":1})", {R"({"a":1})"}},
      {"{\"a\":1}\n{\"b\":2}\r\n\n{}", {R"({"a":1})", R"({"b":2})", "{}"}},
      {R"({"a":1}{"b":2})", {R"({"a":1})", R"({"b":2})"}},
      {"{\"Records\":[{\"a\":1}]}\n{\"Records\":[{\"b\":2}]}", {R"({"a":1})", R"({"b":2})"}},
      {R"({"requestParameters":{"Records":[1]}})", {R"({"requestParameters":{"Records":[1]}})"}},
      {R"({"Records":"none"})", {R"({"Records":"none"})"}},
      {R"({"a":"} ] , {"})", {R"({"a":"} ] , {"})"}},
      {"{\"a\":\" \\\" \"}", {"{\"a\":\" \\\" \"}"}},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(split(c.text), c.records) << c.text;
  }
}

struct RefusedCase {
  std::string_view text;
  std::string_view why;
};

TEST(Records, say_which_one_is_wrong_and_where) {
  const RefusedCase cases[] = {
      {R"({"Records":[{"a":1},{"b":}]})", "unexpected character: record 1, byte 25"},
      {R"({"Records":[{"a":1},2]})", "not a record: record 1, byte 20"},
      {R"({"Records":[{"a":1}],"Records":[]})", "Records twice in one object: record 1, byte 31"},
      {R"({"Records":[{}})", "unexpected character: record 1"},
      {R"({"Records":[{},]})", "not a record: record 1"},
      {R"({"Records":[{}])", "text ends early: record 1"},
      {R"({"a":1)", "text ends early: record 0, byte 6"},
      {R"({"a":1},{"b":2})", "not a record: record 1, byte 7"},
      {R"({"a":1}x)", "not a record: record 1"},
      {"1", "not a record: record 0, byte 0"},
      {R"({"a":tru})", "unexpected character"},
      {R"({a:1})", "unexpected character"},
      {R"({"a" 1})", "unexpected character"},
      {R"({"a":1,})", "unexpected character"},
      {"{\"a\":\"x\ny\"}", "control character in string"},
      {"{\"a\":\"\xff\"}", "not UTF-8: record 0, byte 0"},
      {"{}\n{\"a\":\"\xc3\"}", "not UTF-8: record 1, byte 3"},
      {R"({"a":"\ud83e"})", "half of a surrogate pair"},
      {R"({"a":1e400})", "number is too large"},
  };
  for (const auto& c : cases) {
    const auto out = split(c.text);
    ASSERT_EQ(out.size(), 1U) << c.text;
    EXPECT_THAT(out[0], HasSubstr("refused: ")) << c.text;
    EXPECT_THAT(out[0], HasSubstr(std::string(c.why))) << c.text;
  }
}

TEST(Records, keep_those_before_an_error) {
  const struct {
    std::string_view text;
    std::size_t record;  // at fault
  } rows[] = {
      {R"({"a":1}{)", 1},
      {R"([{"a":1},{"b":2},7])", 2},
      {R"({"Records":[{"a":1}],)", 1},
      {"{\"a\":1}{\"a\":\"\xc3\"}", 1},
      {"{\"a\":\"\xc3\"}{\"a\":1}{", 0},  // the first of two
      {"{", 0},
  };
  for (const auto& row : rows) {
    std::vector<Record> records = {{"{}", true}};
    const auto split = split_records(row.text, {}, records);
    ASSERT_FALSE(split.has_value()) << row.text;
    EXPECT_EQ(split.error().record, row.record) << row.text;
    EXPECT_EQ(records.size(), 1 + row.record) << row.text;
  }
}

TEST(Records, stop_at_their_limits) {
  const std::string deep = R"({"a":{"b":[{"c":1}]}})";
  EXPECT_THAT(split(deep, {.depth_max = 4}), ElementsAre(deep));
  EXPECT_THAT(split(deep, {.depth_max = 3}), ElementsAre(HasSubstr("nested too deep")));
  EXPECT_THAT(split("{\"Records\":[" + deep + "]}", {.depth_max = 4}), ElementsAre(deep))
      << "the wrapper does not count";
  EXPECT_THAT(split("{\"Records\":[" + deep + "]}", {.depth_max = 3}),
              ElementsAre(HasSubstr("nested too deep")));
  const std::string hostile = "{\"a\":" + std::string(1'000'000, '[');
  EXPECT_THAT(split(hostile), ElementsAre(HasSubstr("nested too deep")));
  EXPECT_EQ(split("{}{}", {.records_max = 2}).size(), 2U);
  std::vector<Record> records;
  EXPECT_EQ(split_records("{}{}{}", {.records_max = 2}, records).error().code, Errc::limit);
  EXPECT_EQ(split_records("{\"a\":1}", {.record_bytes_max = 6}, records).error().code, Errc::limit);
  EXPECT_EQ(split_records("{\"a\":1}", {.bytes_max = 6}, records).error().code, Errc::limit);
  EXPECT_TRUE(split_records("{\"a\":1}", {.bytes_max = 7, .record_bytes_max = 7}, records).has_value());
}

TEST(Records, minify_leaves_strings_alone) {
  EXPECT_EQ(minify("{ \"a b\" :\t[ 1 ,\r\n\"x \\\" y\" ] }"), R"({"a b":[1,"x \" y"]})");
  EXPECT_EQ(minify(""), "");
  EXPECT_EQ(minify("{}"), "{}");
}

struct NumberCase {
  std::string text;
  bool good;
};

TEST(CheckText, numbers) {
  const NumberCase cases[] = {
      {"0", true},
      {"-0", true},
      {"10", true},
      {"1.5e+10", true},
      {"1E-5", true},
      {"1e308", true},
      {"0e999", false},
      {"0.0e999", false},
      {"1e-999", true},
      {"0.001e309", true},
      {"1e309", false},
      {"-1e309", false},
      {"0.001e999", false},
      {"123e307", false},
      {"1e99999999999999999999", false},
      {"1e-99999999999999999999", false},
      {"1e00000000000000000001", true},
      {"0e300", true},
      {"0e-999", true},
      {std::string(300, '9'), true},
      {std::string(301, '9'), false},
      {"0." + std::string(298, '0'), true},
      {"0." + std::string(299, '0'), false},
      {"-17976931348623157e292", false},
      {"99999999e300", true},
      {"00", false},
      {"01", false},
      {"-01", false},
      {"-", false},
      {"+1", false},
      {".5", false},
      {"1.", false},
      {"1.e5", false},
      {"1e", false},
      {"1e+", false},
      {"0x1", false},
      {"1f", false},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(check_text(c.text, 1).has_value(), c.good) << c.text;
    const auto tree = parse(c.text);
    ASSERT_EQ(tree.has_value(), c.good) << c.text;
    EXPECT_TRUE(!c.good || !tree->is_double() || std::isfinite(tree->get_double())) << c.text;
  }
}

// Every byte of a valid text changed, cut and doubled: our verdict must be that of the parsers behind us.
TEST(CheckText, agrees_with_the_parsers_behind) {
  const std::string text =
      R"({"a\u00e9\ud83e\udd89":[1,-2.5e3,true,false,null,"x\\\"y\n"],"b":{"c":{}},"d":"gr)"
      "\xc3\xbc"
      R"(n","e":[[],[0]]})";
  simdjson::dom::parser parser;
  const auto verify = [&](const std::string& changed) {
    simdjson::dom::element element;
    const bool simd = parser.parse(changed).get(element) == simdjson::SUCCESS;
    const bool ours = check_text(changed, 64).has_value();
    ASSERT_EQ(ours, simd) << changed;
    ASSERT_EQ(ours, parse(changed).has_value()) << changed;
  };
  for (std::size_t i = 0; i <= text.size(); ++i) {
    verify(text.substr(0, i));
    for (const char c : std::string("\0\x1f\"\\ ,:{}[]0-e.xu\x80\xff", 19)) {
      auto changed = text;
      if (i < text.size()) {
        changed[i] = c;
        verify(changed);
      }
      verify(text.substr(0, i) + c + text.substr(i));
    }
  }
}

TEST(PlainEnd, finds_the_first_special_byte_wherever_it_is) {
  for (std::size_t size = 0; size < 50; ++size) {
    const std::string plain(size, '\xe1');
    EXPECT_EQ(plain_end(plain.data(), plain.data() + size), plain.data() + size);
    for (std::size_t at = 0; at < size; ++at) {
      for (const char special : std::string("\0\x1f\"\\\n", 5)) {
        auto text = std::string(size, 'a');
        text[at] = special;
        text[size - 1] = at == size - 1 ? special : '"';
        ASSERT_EQ(plain_end(text.data(), text.data() + size), text.data() + at);
      }
    }
  }
}

std::filesystem::path data_folder() {
  const char* const set = std::getenv("CAIRN_TEST_DATA");
  return set != nullptr ? std::filesystem::path(set)
                        : std::filesystem::path(CAIRN_SOURCE_DIR) / "../shared/data";
}

// Every example of AWS's guides that is JSON splits, and its records read back to what Boost.JSON finds.
TEST(Records, of_real_files) {
  const auto folder = data_folder() / "cloudtrail";
  if (!std::filesystem::exists(folder)) {
    GTEST_SKIP() << "no real records: set CAIRN_TEST_DATA";
  }
  std::size_t found = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".json") {
      continue;
    }
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(in)), {});
    const auto tree = parse(text, {.bytes_max = 64U << 20});
    std::vector<Record> records;
    const auto result = split_records(text, {}, records);
    if (!tree.has_value() || !(tree->is_object())) {
      continue;
    }
    ASSERT_TRUE(result.has_value()) << entry.path() << ": " << result.error().error().text();
    const array* const wrapped = find_array(tree->get_object(), "Records");
    ASSERT_EQ(records.size(), wrapped == nullptr ? 1U : wrapped->size()) << entry.path();
    for (std::size_t i = 0; i < records.size(); ++i) {
      EXPECT_EQ(parse(records[i].raw).value(), wrapped == nullptr ? *tree : wrapped->at(i)) << entry.path();
      EXPECT_EQ(parse(minify(records[i].raw)).value(), parse(records[i].raw).value());
      ++found;
    }
  }
  EXPECT_GT(found, 100U);
}

}  // namespace
}  // namespace cairn::json
