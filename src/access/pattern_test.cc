// Wildcards and variables. The fast matcher is compared with the obvious recursive one over all small
// patterns.
#include "access/pattern.h"

#include <gtest/gtest.h>

#include <random>

namespace cairn::access {
namespace {

// Straight from the definition; exponential.
bool naive(std::u16string_view pattern, std::string_view text) {
  if (pattern.empty()) {
    return text.empty();
  }
  const bool stopped = text.starts_with(':');
  if (pattern.front() == kAny || pattern.front() == kAnyInPart) {
    const bool goes_on = !text.empty() && (pattern.front() == kAny || !stopped);
    return naive(pattern.substr(1), text) || (goes_on && naive(pattern, text.substr(1)));
  }
  if (text.empty()) {
    return false;
  }
  if (pattern.front() == kOne || (pattern.front() == kOneInPart && !stopped) ||
      pattern.front() == static_cast<unsigned char>(text.front())) {
    return naive(pattern.substr(1), text.substr(1));
  }
  return false;
}

std::vector<std::string> all_texts(std::string_view alphabet, std::size_t length_max) {
  std::vector<std::string> texts = {""};
  for (std::size_t from = 0, length = 0; length < length_max; ++length) {
    const auto until = texts.size();
    for (; from < until; ++from) {
      for (const char c : alphabet) {
        texts.push_back(texts[from] + c);
      }
    }
  }
  return texts;
}

Glyphs glyphs(std::string_view text) {
  Glyphs all;
  for (const char c : text) {
    constexpr std::string_view kWild = "*?+!";
    constexpr char16_t kMeans[] = {kAny, kOne, kAnyInPart, kOneInPart};
    const auto wild = kWild.find(c);
    all.push_back(wild == kWild.npos ? static_cast<unsigned char>(c) : kMeans[wild]);
  }
  return all;
}

TEST(Pattern, agrees_with_the_obvious_matcher_on_all_small_patterns) {
  const auto patterns = all_texts("ab*?", 5);
  const auto texts = all_texts("ab", 6);
  std::size_t matched = 0;
  for (const auto& pattern : patterns) {
    const auto compiled = glyphs(pattern);
    for (const auto& text : texts) {
      const bool expected = naive(compiled, text);
      matched += expected ? 1 : 0;
      ASSERT_EQ(glyphs_match(compiled, text), expected) << pattern << " on " << text;
      ASSERT_EQ(glyphs_match_by_places(compiled, text), expected) << pattern << " on " << text;
    }
  }
  EXPECT_GT(matched, 1000U);
}

TEST(Pattern, agrees_with_the_obvious_matcher_on_random_longer_ones) {
  std::mt19937 random(20260302);
  const auto draw = [&](std::string_view alphabet, std::size_t length_max) {
    std::string text(random() % (length_max + 1), ' ');
    for (auto& c : text) {
      c = alphabet[random() % alphabet.size()];
    }
    return text;
  };
  for (int i = 0; i < 20000; ++i) {
    const auto pattern = draw("aab:/**?+!", 10);
    const auto text = draw("aab:/", 16);
    ASSERT_EQ(glyphs_match(glyphs(pattern), text), naive(glyphs(pattern), text)) << pattern << " on " << text;
  }
}

// Over the ends of words: what stands before and behind takes the pattern there.
TEST(Pattern, two_ways_agree_on_long_texts) {
  std::mt19937 random(20261123);
  const auto draw = [&](std::string_view alphabet, std::size_t length) {
    std::string text(length, ' ');
    for (auto& c : text) {
      c = alphabet[random() % alphabet.size()];
    }
    return text;
  };
  std::size_t matched = 0;
  for (int i = 0; i < 5000; ++i) {
    const auto front = draw("ab:\xc3\xa9", 50 + random() % 100);
    const auto text = front + draw("aab:", 8) + front;
    const auto pattern = front + draw("aab:/**?", random() % 8) + "*" + front.substr(random() % front.size());
    const bool expected = glyphs_match(glyphs(pattern), text);
    matched += expected ? 1 : 0;
    ASSERT_EQ(glyphs_match_by_places(glyphs(pattern), text), expected) << pattern << " on " << text;
  }
  EXPECT_GT(matched, 500U);
  const std::string run(200, 'a');
  EXPECT_TRUE(glyphs_match(glyphs("+:+b"), run + ":" + run + "b"));
  EXPECT_FALSE(glyphs_match(glyphs("+b"), run + ":" + run + "b"));
  EXPECT_TRUE(glyphs_match(glyphs("A!+B"), "A" + run + "B"));
}

// One with a * that must be begun again at each byte: a walk takes 100 million steps.
TEST(Pattern, a_long_pattern_on_a_long_text_takes_no_time) {
  const auto stars = glyphs("*" + std::string(2'000, 'a') + "b");
  EXPECT_FALSE(glyphs_match(stars, std::string(50'000, 'a')));
  EXPECT_TRUE(glyphs_match(stars, std::string(50'000, 'A') + "B", true));
}

TEST(Pattern, many_stars_take_no_time) {
  std::string pattern;
  for (int i = 0; i < 1000; ++i) {
    pattern += "*a";
  }
  EXPECT_FALSE(glyphs_match(glyphs(pattern + "*b"), std::string(4000, 'a')));
}

struct Row {
  std::string_view pattern;
  std::string_view subject;
  bool matches;
};

const Context kContext = {{"aws:username", "ann"}, {"aws:PrincipalTag/team", "blue"},
                          {"aws:userid", "A*"},    {"aws:PrincipalArn", "arn:aws:iam::111122223333:user/ann"},
                          {"aws:TagKeys", "one"},  {"aws:TagKeys", "two"}};

TEST(Pattern, rows) {
  const Row rows[] = {
      {"", "", true},
      {"", "a", false},
      {"*", "", true},
      {"?", "", false},
      {"a?c", "abc", true},
      {"a?c",
       "a\xC3\xA9"
       "c",
       true},  // é is one character
      {"a??c",
       "a\xC3\xA9"
       "c",
       false},
      {"?", "\xF0\x9F\x98\x80", true},
      {"A", "a", false},
      {"${aws:username}", "ann", true},
      {"${aws:UserName}", "ann", true},  // key names have no case
      {"${aws:username}", "bob", false},
      {"home/${aws:username}/*", "home/ann/x", true},
      {"home/${aws:username}/*", "home/bob/x", false},
      {"${aws:userid}", "A*", true},  // values are taken literally
      {"${aws:userid}", "AROA", false},
      {"${*}", "*", true},
      {"${*}", "x", false},
      {"${?}", "?", true},
      {"${$}{x}", "${x}", true},
      {"${aws:nobody}", "", false},  // no such key: matches nothing
      {"*${aws:nobody}*", "anything", false},
      {"${aws:TagKeys}", "one", false},  // several values: likewise
      {"${aws:nobody, 'guest'}", "guest", true},
      {"${aws:nobody,'guest'}", "guest", true},
      {"${aws:username, 'guest'}", "ann", true},
      {"${aws:nobody, '*'}", "x", false},
      {"${aws:username", "${aws:username", true},  // never closed: plain text
      {"${}", "${}", true},
      {"${aws:PrincipalTag/team}-${aws:username}", "blue-ann", true},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(Pattern::compile(row.pattern, {}).matches(row.subject, kContext), row.matches)
        << row.pattern << " on " << row.subject;
  }
}

TEST(Pattern, options) {
  const auto plain = Pattern::compile("a*${aws:username}", {.wildcards = false, .variables = false});
  EXPECT_TRUE(plain.matches("a*${aws:username}", kContext));
  EXPECT_FALSE(plain.matches("abann", kContext));
  const auto folded = Pattern::compile("S3:Get*", {.variables = false, .fold_case = true});
  EXPECT_TRUE(folded.matches("s3:gEtObject", kContext));
  const auto folded_variable = Pattern::compile("X-${aws:PrincipalTag/team}", {.fold_case = true});
  EXPECT_TRUE(folded_variable.matches("x-BLUE", kContext));
}

TEST(ArnPattern, rows) {
  const Row rows[] = {
      {"*", "*", true},
      {"*", "arn:aws:s3:::b/k", true},
      {"*", "not an arn", true},
      {"arn:aws:s3:::b", "arn:aws:s3:::b", true},
      {"arn:aws:s3:::b", "arn:aws:s3:::B", false},
      {"arn:aws:s3:::b/*", "arn:aws:s3:::b", false},
      {"arn:aws:s3:::b/*", "arn:aws:s3:::b/x/y:z", true},
      {"arn:aws:s3:::b*", "arn:aws:s3:::bcd/k", true},
      {"arn:aws:s3:::*", "*", false},
      {"arn:aws:sqs:*:111122223333:q", "arn:aws:sqs:eu-west-1:111122223333:q", true},
      {"arn:aws:sqs:*:q", "arn:aws:sqs:eu-west-1:111122223333:q", false},  // * does not reach over a colon
      {"arn:aws:sqs:*", "arn:aws:sqs:eu-west-1:111122223333:q", true},     // missing parts are *
      {"arn:aws:sqs", "arn:aws:sqs:eu-west-1:111122223333:q", true},
      {"arn:aws:sqs", "arn:aws:sns:eu-west-1:111122223333:q", false},
      {"arn:*", "arn:aws:s3:::b", true},
      {"arn:aws:logs:*:*:log-group:x:*", "arn:aws:logs:eu-west-1:111122223333:log-group:x:log-stream:y",
       true},
      {"arn:aws:iam::*:user/${aws:username}", "arn:aws:iam::111122223333:user/ann", true},
      {"arn:aws:iam::*:user/${aws:username}", "arn:aws:iam::111122223333:user/bob", false},
      {"${aws:PrincipalArn}", "arn:aws:iam::111122223333:user/ann", true},
      {"${aws:PrincipalArn}", "arn:aws:iam::111122223333:user/bob", false},
      {"arn:aws:s3:::?ucket", "arn:aws:s3:::bucket", true},
      {"arn:aws:s3:::b", "no-arn:aws:s3:::b", false},
      {"arn:aws:s3:::b", "arn:aws:s3", false},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(ArnPattern::compile(row.pattern, true).matches(row.subject, kContext), row.matches)
        << row.pattern << " on " << row.subject;
  }
}

}  // namespace
}  // namespace cairn::access
