// Each condition operator, as rows: operator, the policy's values, the request's values, whether it holds.
#include "access/condition.h"

#include <gtest/gtest.h>

#include "access/access.h"

namespace cairn::access {
namespace {

using Texts = std::vector<std::string>;

struct Row {
  std::string_view operator_name;
  Texts policy;
  std::optional<Texts> request;  // none: the key is not there
  bool holds;
};

const std::optional<Texts> kAbsent;

void check(std::span<const Row> rows) {
  for (const auto& row : rows) {
    const auto condition = Condition::compile(row.operator_name, "test:Key", row.policy, true);
    ASSERT_TRUE(condition) << row.operator_name << ": " << condition.error().what;
    Context context = {{"aws:username", "ann"}};
    if (row.request) {
      context.set("TEST:key", *row.request);
    }
    EXPECT_EQ(condition->holds(context), row.holds)
        << row.operator_name << " " << (row.policy.empty() ? "" : row.policy[0]) << " on "
        << (row.request ? row.request->empty() ? "[]" : row.request->front() : "no key");
  }
}

TEST(Condition, strings) {
  const Row rows[] = {
      {"StringEquals", {"a"}, Texts{"a"}, true},
      {"StringEquals", {"a"}, Texts{"A"}, false},
      {"StringEquals", {"a", "b"}, Texts{"b"}, true},
      {"StringEquals", {"a*"}, Texts{"ab"}, false},
      {"StringEquals", {"a"}, kAbsent, false},
      {"StringEquals", {"a"}, Texts{}, false},
      {"StringEquals", {}, Texts{"a"}, false},
      {"StringEquals", {"${aws:username}"}, Texts{"ann"}, true},
      {"StringEquals", {"${aws:nothing}"}, Texts{""}, false},
      {"StringNotEquals", {"a"}, Texts{"a"}, false},
      {"StringNotEquals", {"a", "b"}, Texts{"b"}, false},
      {"StringNotEquals", {"a", "b"}, Texts{"c"}, true},
      {"StringNotEquals", {"a"}, kAbsent, true},
      {"StringNotEquals", {"a"}, Texts{"a", "b"}, false},  // without ForAnyValue: none may match
      {"StringEqualsIgnoreCase", {"aBc"}, Texts{"AbC"}, true},
      {"StringNotEqualsIgnoreCase", {"aBc"}, Texts{"AbC"}, false},
      {"StringLike", {"a*"}, Texts{"abc"}, true},
      {"StringLike", {"a?"}, Texts{"abc"}, false},
      {"StringLike", {"home/${aws:username}/*"}, Texts{"home/ann/x"}, true},
      {"StringNotLike", {"a*"}, Texts{"abc"}, false},
      {"StringNotLike", {"a*"}, kAbsent, true},
      {"StringEqualsIfExists", {"a"}, kAbsent, true},
      {"StringEqualsIfExists", {"a"}, Texts{"b"}, false},
      {"StringLikeIfExists", {"a*"}, Texts{"ab"}, true},
  };
  check(rows);
}

TEST(Condition, arns) {
  const Row rows[] = {
      {"ArnEquals", {"arn:aws:sns:*:111122223333:t"}, Texts{"arn:aws:sns:eu-west-1:111122223333:t"}, true},
      {"ArnLike",
       {"arn:aws:cloudtrail:*:111122223333:trail/*"},
       Texts{"arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"},
       true},
      {"ArnLike",
       {"arn:aws:cloudtrail:*:111122223333:trail/*"},
       Texts{"arn:aws:cloudtrail:eu-west-1:999999999999:trail/main"},
       false},
      {"ArnLike", {"arn:aws:sns:*"}, Texts{"not an arn"}, false},
      {"ArnNotEquals", {"arn:aws:sns:*:*:t"}, Texts{"arn:aws:sns:eu-west-1:111122223333:t"}, false},
      {"ArnNotLike", {"arn:aws:sns:*:*:t"}, kAbsent, true},
      {"ArnEqualsIfExists", {"arn:aws:sns:*:*:t"}, kAbsent, true},
  };
  check(rows);
}

TEST(Condition, truth_and_null) {
  const Row rows[] = {
      {"Bool", {"true"}, Texts{"true"}, true},   {"Bool", {"True"}, Texts{"true"}, true},
      {"Bool", {"true"}, Texts{"false"}, false}, {"Bool", {"false"}, kAbsent, false},
      {"Bool", {"true"}, Texts{"yes"}, false},   {"BoolIfExists", {"false"}, kAbsent, true},
      {"Null", {"true"}, kAbsent, true},         {"Null", {"true"}, Texts{}, true},
      {"Null", {"true"}, Texts{"x"}, false},     {"Null", {"false"}, Texts{"x"}, true},
      {"Null", {"false"}, kAbsent, false},
  };
  check(rows);
}

TEST(Condition, numbers) {
  const Row rows[] = {
      {"NumericEquals", {"10"}, Texts{"10.0"}, true},
      {"NumericEquals", {"10"}, Texts{"ten"}, false},
      {"NumericNotEquals", {"10"}, Texts{"11"}, true},
      {"NumericNotEquals", {"10"}, Texts{"10"}, false},
      {"NumericLessThan", {"10"}, Texts{"9"}, true},
      {"NumericLessThan", {"10"}, Texts{"10"}, false},
      {"NumericLessThanEquals", {"10"}, Texts{"10"}, true},
      {"NumericGreaterThan", {"10"}, Texts{"9"}, false},
      {"NumericGreaterThan", {"-1.5"}, Texts{"-1"}, true},
      {"NumericGreaterThanEquals", {"10"}, Texts{"10"}, true},
      {"NumericLessThanIfExists", {"10"}, kAbsent, true},
      {"NumericLessThan", {"10"}, kAbsent, false},
  };
  check(rows);
}

TEST(Condition, dates) {
  const Row rows[] = {
      {"DateEquals", {"2026-03-02T10:15:00Z"}, Texts{"2026-03-02T10:15:00Z"}, true},
      {"DateEquals", {"2026-03-02T10:15:00Z"}, Texts{"2026-03-02T11:15:00+01:00"}, true},
      {"DateEquals", {"1772446500"}, Texts{"2026-03-02T10:15:00Z"}, true},
      {"DateEquals", {"2026-03-02"}, Texts{"2026-03-02T00:00:00Z"}, true},
      {"DateNotEquals", {"2026-03-02T10:15:00Z"}, Texts{"2026-03-02T10:15:00Z"}, false},
      {"DateLessThan", {"2026-03-02T10:15:00Z"}, Texts{"2026-03-02T10:14:59Z"}, true},
      {"DateLessThan", {"2026-03-02T10:15:00Z"}, Texts{"2026-03-02T10:15:00Z"}, false},
      {"DateLessThanEquals", {"2026-03-02T10:15:00Z"}, Texts{"2026-03-02T10:15:00Z"}, true},
      {"DateGreaterThan", {"2026-03-02T10:15:00Z"}, Texts{"2027-01-01T00:00:00Z"}, true},
      {"DateGreaterThanEquals", {"2026-03-02T10:15:00Z"}, Texts{"2020-01-01T00:00:00Z"}, false},
      {"DateGreaterThan", {"2026-03-02T10:15:00Z"}, Texts{"whenever"}, false},
  };
  check(rows);
}

TEST(Condition, addresses) {
  const Row rows[] = {
      {"IpAddress", {"203.0.113.0/24"}, Texts{"203.0.113.7"}, true},
      {"IpAddress", {"203.0.113.0/24"}, Texts{"203.0.114.7"}, false},
      {"IpAddress", {"203.0.113.7"}, Texts{"203.0.113.7"}, true},
      {"IpAddress", {"203.0.113.7"}, Texts{"203.0.113.8"}, false},
      {"IpAddress", {"0.0.0.0/0"}, Texts{"198.51.100.1"}, true},
      {"IpAddress", {"0.0.0.0/0"}, Texts{"2001:db8::1"}, false},
      {"IpAddress", {"2001:DB8:1234:5678::/64"}, Texts{"2001:db8:1234:5678::9"}, true},
      {"IpAddress", {"2001:db8::/33"}, Texts{"2001:db8:8000::1"}, false},
      {"IpAddress",
       {"203.0.113.0/24"},
       Texts{"::ffff:203.0.113.7"},
       true},  // an IPv4 caller on an IPv6 socket
      {"IpAddress", {"203.0.113.0/24"}, Texts{"cloudtrail.amazonaws.com"}, false},
      {"IpAddress", {"203.0.113.0/24"}, kAbsent, false},
      {"NotIpAddress", {"203.0.113.0/24"}, Texts{"203.0.113.7"}, false},
      {"NotIpAddress", {"203.0.113.0/24"}, Texts{"198.51.100.7"}, true},
      {"NotIpAddress", {"203.0.113.0/24"}, kAbsent, true},
      {"BinaryEquals", {"QmluYXJ5"}, Texts{"QmluYXJ5"}, true},
      {"BinaryEquals", {"QmluYXJ5"}, Texts{"qmluYXJ5"}, false},
  };
  check(rows);
}

TEST(Condition, sets) {
  const Row rows[] = {
      {"ForAllValues:StringEquals", {"a", "b"}, Texts{"a", "b"}, true},
      {"ForAllValues:StringEquals", {"a", "b"}, Texts{"a", "c"}, false},
      {"ForAllValues:StringEquals", {"a"}, kAbsent, true},
      {"ForAllValues:StringEquals", {"a"}, Texts{}, true},
      {"ForAllValues:StringNotEquals", {"a"}, Texts{"b", "c"}, true},
      {"ForAllValues:StringNotEquals", {"a"}, Texts{"b", "a"}, false},
      {"ForAnyValue:StringEquals", {"a", "b"}, Texts{"c", "b"}, true},
      {"ForAnyValue:StringEquals", {"a"}, Texts{"b", "c"}, false},
      {"ForAnyValue:StringEquals", {"a"}, kAbsent, false},
      {"ForAnyValue:StringNotEquals", {"a"}, Texts{"a", "b"}, true},
      {"ForAnyValue:StringNotEquals", {"a"}, kAbsent, false},
      {"ForAnyValue:StringLikeIfExists", {"a*"}, kAbsent, true},
      {"ForAllValues:StringLike", {"a*", "b*"}, Texts{"ax", "bx"}, true},
  };
  check(rows);
}

// Names of keys have no case, those of tags do: "env" and "ENV" are one key here.
TEST(Condition, tags_alike_but_for_case) {
  struct Tagged {
    std::string_view operator_name;
    bool allows;
    bool denies;
  };
  const Tagged rows[] = {
      {"StringEquals", false, true},
      {"StringLike", false, true},
      {"StringEqualsIfExists", false, true},
      {"StringNotEquals", false, true},
      {"ForAnyValue:StringEquals", false, true},
      {"ForAllValues:StringEquals", false, true},
      {"ForAnyValue:StringNotEquals", false, true},
  };
  for (const auto* key : {"aws:RequestTag/env", "aws:resourcetag/Env", "s3:ExistingObjectTag/env"}) {
    for (const auto& row : rows) {
      Context context;
      for (const auto* value : {"prod", "dev"}) {
        context.add(key, value);
      }
      const auto condition = Condition::compile(row.operator_name, key, {"dev"}, true);
      EXPECT_EQ(condition->holds(context, true), row.allows) << row.operator_name << " " << key;
      EXPECT_EQ(condition->holds(context, false), row.denies) << row.operator_name << " " << key;
    }
  }
  const auto several = Condition::compile("StringEquals", "aws:TagKeys", {"dev"}, true);
  EXPECT_TRUE(several->holds({{"aws:TagKeys", "prod"}, {"aws:TagKeys", "dev"}}, true)) << "it has several by nature";
}

TEST(Condition, the_request_keeps_each_tag) {
  Context context;
  add_request_tag(context, "env", "prod");
  add_request_tag(context, "ENV", "dev");
  add_resource_tag(context, "env", "prod");
  add_resource_tag(context, "ENV", "dev");
  EXPECT_EQ(*context.find("aws:RequestTag/env"), (Texts{"prod", "dev"}));
  EXPECT_EQ(*context.find("aws:ResourceTag/Env"), (Texts{"prod", "dev"}));
}

TEST(Condition, refuses_what_it_cannot_read) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"StringEqualz", "a"},
      {"stringequals", "a"},
      {"", "a"},
      {"IfExists", "a"},
      {"NullIfExists", "true"},
      {"ForSomeValues:StringEquals", "a"},
      {"Bool", "yes"},
      {"Null", ""},
      {"NumericEquals", "1x"},
      {"NumericEquals", "inf"},
      {"NumericEquals", ""},
      {"DateEquals", "tomorrow"},
      {"DateEquals", "2026-13-02"},
      {"IpAddress", "203.0.113.0/33"},
      {"IpAddress", "203.0.113"},
      {"IpAddress", "203.0.113.0/"},
      {"IpAddress", "2001:db8::/129"},
      {"IpAddress", "203.0.113.0/-1"},
      {"BinaryEquals", "no base64"},
  };
  for (const auto& [name, text] : rows) {
    const auto condition = Condition::compile(name, "test:Key", {std::string(text)}, true);
    ASSERT_FALSE(condition) << name << " " << text;
    EXPECT_EQ(condition.error().code, Errc::invalid);
  }
  EXPECT_EQ(Condition::compile("StringEqualz", "a:b", {}, true).error().what,
            "Invalid Condition type : StringEqualz");
}

}  // namespace
}  // namespace cairn::access
