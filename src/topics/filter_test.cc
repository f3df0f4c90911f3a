#include "topics/filter.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "json/json.h"

namespace cairn::topics {
namespace {

Message message_with(Attributes attributes, std::string text = "t") {
  Message message{.id = "m", .text = std::move(text)};
  message.attributes = std::move(attributes);
  return message;
}

Stored<Subscription> with(std::string filter, FilterScope scope = FilterScope::attributes) {
  Subscription one{.id = filter, .filter = std::move(filter), .scope = scope};
  return {.value = std::move(one), .version = 1};
}

bool takes(const std::string& filter, const Message& message, FilterScope scope = FilterScope::attributes) {
  return takers({with(filter, scope)}, message).size() == 1;
}

TEST(Filter, chooses_by_attributes) {
  const auto owl = message_with({{"kind", {.type = "String", .value = "owl"}},
                                 {"eggs", {.type = "Number", .value = "4"}},
                                 {"from", {.type = "String", .value = "10.1.2.3"}},
                                 {"all", {.type = "String.Array", .value = R"(["a","b",7])"}},
                                 {"raw", {.type = "Binary", .value = "b3ds"}}});
  const std::pair<const char*, bool> rows[] = {
      {R"({"kind":["owl","lark"]})", true},
      {R"({"kind":["lark"]})", false},
      {R"({"kind":[{"prefix":"o"}]})", true},
      {R"({"kind":[{"suffix":"l"}]})", true},
      {R"({"kind":[{"equals-ignore-case":"OWL"}]})", true},
      {R"({"kind":[{"anything-but":["owl"]}]})", false},
      {R"({"kind":[{"anything-but":["lark"]}]})", true},
      {R"({"kind":[{"exists":true}]})", true},
      {R"({"kind":[{"exists":false}]})", false},
      {R"({"none":[{"exists":false}]})", true},
      {R"({"eggs":[{"numeric":[">",3,"<=",4]}]})", true},
      {R"({"eggs":[{"numeric":["=",5]}]})", false},
      {R"({"eggs":[4]})", true},
      {R"({"eggs":["4"]})", false},
      {R"({"from":[{"cidr":"10.0.0.0/8"}]})", true},
      {R"({"from":[{"cidr":"192.168.0.0/16"}]})", false},
      {R"({"all":["b"]})", true},
      {R"({"all":[7]})", true},
      {R"({"all":["c"]})", false},
      {R"({"raw":["b3ds"]})", false},
      {R"({"kind":["owl"],"eggs":[9]})", false},
      {R"({"$or":[{"kind":["lark"]},{"eggs":[4]}]})", true},
      {R"({"$or":[{"kind":["lark"]},{"eggs":[5]}]})", false},
      {"", true},
      {"{}", true},
  };
  for (const auto& [filter, expected] : rows) {
    EXPECT_EQ(takes(filter, owl), expected) << filter;
    EXPECT_TRUE(std::string(filter).empty() || check_filter(filter, FilterScope::attributes)) << filter;
  }
}

TEST(Filter, chooses_by_the_body) {
  const auto nested = message_with({}, R"({"bird":{"kind":"owl","eggs":[1,4]}})");
  EXPECT_TRUE(takes(R"({"bird":{"kind":["owl"],"eggs":[4]}})", nested, FilterScope::body));
  EXPECT_FALSE(takes(R"({"bird":{"kind":["owl"],"eggs":[2]}})", nested, FilterScope::body));
  EXPECT_FALSE(takes(R"({"bird":{"kind":["owl"]}})", message_with({}, "no JSON"), FilterScope::body));
  EXPECT_FALSE(takes(R"({"kind":["owl"]})", nested));  // the scope is the attributes
}

TEST(Filter, leaves_out_whom_nobody_confirmed) {
  auto pending = with("");
  pending.value.pending = true;
  EXPECT_TRUE(takers({pending}, message_with({})).empty());
}

TEST(Filter, is_compiled_once_for_each_state_of_a_topics_subscriptions) {
  FilterCache cache;
  const auto message = message_with({{"kind", {.type = "String", .value = "owl"}}});
  auto one = with(R"({"kind":["owl"]})");
  one.version = 1;
  EXPECT_EQ(cache.takers({one}, message).size(), 1U);
  one.value.filter = R"({"kind":["lark"]})";
  EXPECT_EQ(cache.takers({one}, message).size(), 1U);  // nobody looked at it again
  one.version = 2;
  EXPECT_TRUE(cache.takers({one}, message).empty());
  EXPECT_TRUE(cache.takers({one}, message).empty());
  EXPECT_TRUE(cache.takers({}, message).empty());
  for (std::size_t i = 0; i < 2 * FilterCache::kTopicsMax; ++i) {
    auto other = message;
    other.topic.name = "t" + std::to_string(i);
    EXPECT_TRUE(cache.takers({one}, other).empty());
  }
}

TEST(Filter, that_is_too_large_is_refused) {
  const auto complaint = [](std::string_view filter, FilterScope scope = FilterScope::attributes) {
    const auto checked = check_filter(filter, scope);
    return checked ? std::string() : checked.error().what;
  };
  EXPECT_EQ(complaint(R"({"a":[1],"b":[1],"c":[1],"d":[1],"e":[1]})"), "");
  EXPECT_EQ(complaint(R"({"a":[1],"b":[1],"c":[1],"d":[1],"e":[1],"f":[1]})"),
            "Filter policy can not have more than 5 keys");
  EXPECT_EQ(complaint(R"({"a":{"b":[1]}})"),
            "Filter policy scope MessageAttributes does not support nested filter policy");
  EXPECT_EQ(complaint(R"({"a":{"b":[1]}})", FilterScope::body), "");
  EXPECT_EQ(complaint(R"({"a":"b"})"), R"("a" must be an object or an array)");
  EXPECT_EQ(complaint(R"({"a":[]})"), "Empty arrays are not allowed");
  std::string many = R"({"a":[0)";
  for (int i = 1; i < 150; ++i) {
    many += "," + std::to_string(i);
  }
  EXPECT_EQ(complaint(many + "]}"), "");
  EXPECT_EQ(complaint(many + ",150]}"), "Filter policy is too complex");
  EXPECT_EQ(complaint(R"({"a":{"b":)" + many.substr(5) + "]}}", FilterScope::body),
            "Filter policy is too complex");
  EXPECT_TRUE(complaint("no JSON").starts_with("failed to parse JSON."));
}

}  // namespace
}  // namespace cairn::topics
