// The scanner: rows, then every field of real records compared with a tree.
#include "json/scan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "json/json.h"
#include "json/records.h"

namespace cairn::json {
namespace {

using testing::HasSubstr;

std::string shown(const std::optional<Field>& field) {
  static constexpr std::string_view kKinds[] = {"null", "boolean", "number", "string", "object", "array"};
  if (!field.has_value()) {
    return "-";
  }
  return std::string(kKinds[static_cast<std::size_t>(field->kind)]) + " " + std::string(field->text);
}

struct ScanCase {
  std::string_view record;
  std::vector<std::string> fields;  // of kPaths
};

constexpr std::string_view kPaths[] = {"a", "b.c", "b", "b.d.e", "x y", ""};

TEST(Scanner, finds_fields_of_every_kind) {
  const ScanCase cases[] = {
      {R"({})", {"-", "-", "-", "-", "-", "-"}},
      {R"({"a":1})", {"number 1", "-", "-", "-", "-", "-"}},
      {R"({"a":-1.5e3 ,"z":2})", {"number -1.5e3", "-", "-", "-", "-", "-"}},
      {R"({"a":null})", {"null null", "-", "-", "-", "-", "-"}},
      {R"({"a":true})", {"boolean true", "-", "-", "-", "-", "-"}},
      {R"({"a":""})", {"string ", "-", "-", "-", "-", "-"}},
      {R"({"a" : "x y" , "b" : 3 })", {"string x y", "-", "number 3", "-", "-", "-"}},
      {R"({"a":"\"\u0041\\\n"})", {"string \"A\\\n", "-", "-", "-", "-", "-"}},
      {R"({"\u0061":1,"x\u0020y":2})", {"number 1", "-", "-", "-", "number 2", "-"}},
      {R"({"a":[1, {"a":2}] , "q":0})", {"array [1, {\"a\":2}]", "-", "-", "-", "-", "-"}},
      {R"({"b":{"c":1,"d":{"e":"f"}},"a":2})",
       {"number 2", "number 1", R"(object {"c":1,"d":{"e":"f"}})", "string f", "-", "-"}},
      {R"({"q":{"a":1,"b":{"c":2}},"b":{ } })", {"-", "-", "object { }", "-", "-", "-"}},
      {R"({"b":[{"c":1}]})", {"-", "-", R"(array [{"c":1}])", "-", "-", "-"}},
      {R"({"":5})", {"-", "-", "-", "-", "-", "number 5"}},
      {R"({"aa":1,"A":2,"a ":3})", {"-", "-", "-", "-", "-", "-"}},
      {R"( {"a":1} )", {"number 1", "-", "-", "-", "-", "-"}},
  };
  Scanner scanner(kPaths);
  for (const auto& c : cases) {
    const auto fields = scanner.scan(c.record);
    ASSERT_TRUE(fields.has_value()) << c.record << ": " << fields.error().text();
    std::vector<std::string> found;
    for (const auto& field : *fields) {
      found.push_back(shown(field));
      if (field.has_value()) {
        EXPECT_GE(field->raw.data(), c.record.data());
        EXPECT_LE(field->raw.data() + field->raw.size(), c.record.data() + c.record.size());
      }
    }
    EXPECT_EQ(found, c.fields) << c.record;
    EXPECT_FALSE(scanner.repeated()) << c.record;
  }
}

TEST(Scanner, the_last_of_two_counts_and_is_told) {
  const ScanCase cases[] = {
      {R"({"a":1,"a":2})", {"number 2", "-", "-", "-", "-", "-"}},
      {R"({"a":"\n","a":"\t"})", {"string \t", "-", "-", "-", "-", "-"}},
      {R"({"b":{"c":1,"d":{"e":3}},"b":{"d":{}}})", {"-", "-", R"(object {"d":{}})", "-", "-", "-"}},
      {R"({"b":{"c":1},"b":4})", {"-", "-", "number 4", "-", "-", "-"}},
      {R"({"b":{"d":{"e":1},"d":{"e":2}}})",
       {"-", "-", R"(object {"d":{"e":1},"d":{"e":2}})", "number 2", "-", "-"}},
  };
  Scanner scanner(kPaths);
  for (const auto& c : cases) {
    const auto fields = scanner.scan(c.record);
    ASSERT_TRUE(fields.has_value());
    std::vector<std::string> found;
    std::ranges::transform(*fields, std::back_inserter(found), shown);
    EXPECT_EQ(found, c.fields) << c.record;
    EXPECT_TRUE(scanner.repeated()) << c.record;
    ASSERT_TRUE(scanner.scan(R"({"a":1,"b":{"c":2}})").has_value());
    EXPECT_FALSE(scanner.repeated()) << "the next record starts anew";
  }
}

TEST(Scanner, refuses_what_is_no_object) {
  Scanner scanner(kPaths);
  for (const std::string_view text :
       {"", " ", "[]", "1", "\"a\"", "null", "{", "{\"a\":1", "{\"a\":", "{\"a\"}", "{\"a\":1}}",
        "{\"a\":1} 2", "{}{}", "{\"a\":\"\\x\"}", "{\"a\":\"x}"}) {
    EXPECT_FALSE(scanner.scan(text).has_value()) << text;
    EXPECT_TRUE(scanner.scan("{\"a\":1}").has_value()) << "and goes on after it";
  }
  Scanner small(kPaths, 10);
  EXPECT_TRUE(small.scan("{\"a\":1234}").has_value());
  EXPECT_EQ(small.scan("{\"a\":12345}").error().code, Errc::limit);
}

TEST(Scanner, moves) {
  Scanner first({"a"});
  Scanner second = std::move(first);
  EXPECT_EQ(shown(second.scan("{\"a\":7}").value()[0]), "number 7");
}

std::filesystem::path data_folder() {
  const char* const set = std::getenv("CAIRN_TEST_DATA");
  return set != nullptr ? std::filesystem::path(set)
                        : std::filesystem::path(CAIRN_SOURCE_DIR) / "../shared/data";
}

const value* at_path(const value& root, std::string_view path) {
  const value* at = &root;
  while (!path.empty()) {
    const auto dot = path.find('.');
    const object* const o = at->if_object();
    at = o == nullptr ? nullptr : o->if_contains({path.data(), std::min(dot, path.size())});
    if (at == nullptr) {
      return nullptr;
    }
    path.remove_prefix(dot == std::string_view::npos ? path.size() : dot + 1);
  }
  return at;
}

TEST(Scanner, agrees_with_a_tree_on_real_records) {
  constexpr std::string_view kFields[] = {"eventID",           "eventTime",
                                          "eventName",         "eventSource",
                                          "awsRegion",         "userIdentity.accessKeyId",
                                          "userIdentity",      "errorCode",
                                          "readOnly",          "resources",
                                          "requestParameters", "userIdentity.sessionContext.attributes",
                                          "userAgent",         "sharedEventID",
                                          "managementEvent",   "recipientAccountId",
                                          "userIdentity.type", "responseElements"};
  const auto folder = data_folder() / "cloudtrail";
  if (!std::filesystem::exists(folder)) {
    GTEST_SKIP() << "no real records: set CAIRN_TEST_DATA";
  }
  Scanner scanner(kFields);
  std::size_t found = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".json") {
      continue;
    }
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(in)), {});
    std::vector<Record> records;
    if (!split_records(text, {}, records).has_value()) {
      continue;
    }
    for (const auto& record : records) {
      const auto tree = parse(record.raw).value();
      const auto fields = scanner.scan(record.raw).value();
      for (std::size_t i = 0; i < std::size(kFields); ++i) {
        const value* const expected = at_path(tree, kFields[i]);
        ASSERT_EQ(fields[i].has_value(), expected != nullptr) << entry.path() << " " << kFields[i];
        if (expected != nullptr) {
          ASSERT_EQ(parse(fields[i]->raw).value(), *expected) << entry.path() << " " << kFields[i];
          ASSERT_TRUE(!expected->is_string() || text_of(expected->get_string()) == fields[i]->text);
          ++found;
        }
      }
    }
  }
  EXPECT_GT(found, 5'000U);
}

}  // namespace
}  // namespace cairn::json
