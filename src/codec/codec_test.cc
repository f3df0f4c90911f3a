// Texts for bytes, percent-encoding, header fields, UTF-8.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/base64.h"
#include "codec/headers.h"
#include "codec/uri.h"
#include "codec/utf8.h"

namespace cairn::codec {
namespace {

struct TextCase {
  std::string_view bytes;
  std::string_view text;
};

// RFC 4648, section 10.
TEST(Base64, published_vectors) {
  const TextCase cases[] = {{"", ""},
                            {"f", "Zg=="},
                            {"fo", "Zm8="},
                            {"foo", "Zm9v"},
                            {"foob", "Zm9vYg=="},
                            {"fooba", "Zm9vYmE="},
                            {"foobar", "Zm9vYmFy"},
                            {"\xfb\xff\xbf", "+/+/"}};
  for (const auto& c : cases) {
    EXPECT_EQ(base64_encode(c.bytes), c.text);
    ASSERT_TRUE(base64_decode(c.text).has_value()) << c.text;
    EXPECT_EQ(*base64_decode(c.text), c.bytes);
  }
}

TEST(Base64, every_byte_survives) {
  std::string all;
  for (int i = 0; i < 256; ++i) {
    all += static_cast<char>(i);
    EXPECT_EQ(*base64_decode(base64_encode(all)), all);
    EXPECT_EQ(*hex_decode(hex_encode(all)), all);
  }
}

TEST(Base64, refuses_what_is_not_canonical) {
  const std::string_view cases[] = {"Zg",       "Zg=",  "Zg==\n", "Zh==",     "Zm9=",
                                    "=Zg=",     "Z===", "====",   "Zm 9",     "Zm-_",
                                    "Zg==Zg==", "Z",    "Zm9v=",  "Zm9vYg=A", "\xff\xff\xff\xff",
                                    "=ZZZ"};
  for (const auto text : cases) {
    EXPECT_FALSE(base64_decode(text).has_value()) << text;
  }
}

TEST(Hex, reads_either_case_and_refuses_the_rest) {
  EXPECT_EQ(hex_encode("\x01\xab\xff"), "01abff");
  EXPECT_EQ(*hex_decode("01aBFf"), "\x01\xab\xff");
  for (const std::string_view text : {"0", "0g", "g0", "0x", " 0", "-1"}) {
    EXPECT_EQ(hex_decode(text).error().code, Errc::invalid) << text;
  }
}

TEST(Uri, encodes_all_but_the_unreserved) {
  const TextCase cases[] = {{"AZaz09-._~", "AZaz09-._~"},
                            {" +/=&", "%20%2B%2F%3D%26"},
                            {"\xe1\x88\xb4", "%E1%88%B4"},
                            {std::string_view("\0\x7f", 2), "%00%7F"}};
  for (const auto& c : cases) {
    EXPECT_EQ(percent_encode(c.bytes), c.text);
    EXPECT_EQ(*percent_decode(c.text), c.bytes);
  }
  EXPECT_EQ(percent_encode("a/b c", true), "a/b%20c");
  EXPECT_EQ(*percent_decode("a%2fb%2F"), "a/b/");
  EXPECT_EQ(*percent_decode("a+b"), "a+b");
  EXPECT_EQ(*percent_decode("a+b%2B", true), "a b+");
  for (const std::string_view text : {"%", "%4", "a%", "%g0", "%0g", "%%41", "%-1", "% 1"}) {
    EXPECT_EQ(percent_decode(text).error().code, Errc::invalid) << text;
  }
}

TEST(Uri, query_pairs_keep_their_order) {
  using testing::ElementsAre;
  using testing::Pair;
  EXPECT_THAT(*parse_query("b=1&a&a=%20x&=y&c=d=e&&"),
              ElementsAre(Pair("b", "1"), Pair("a", ""), Pair("a", " x"), Pair("", "y"), Pair("c", "d=e")));
  EXPECT_THAT(*parse_query("Action=A+B&x=%2B", true), ElementsAre(Pair("Action", "A B"), Pair("x", "+")));
  EXPECT_TRUE(parse_query("").value().empty());
  EXPECT_FALSE(parse_query("a=%zz").has_value());
  EXPECT_FALSE(parse_query("a=1&%2=b").has_value());
}

TEST(Headers, names_have_no_case_and_may_repeat) {
  Headers headers{{"Host", "a"}, {"X-Amz-Date", "1"}, {"x-amz-date", "2"}};
  EXPECT_EQ(headers.get("HOST"), "a");
  EXPECT_EQ(headers.get("x-AMZ-date"), "1") << "the first one";
  EXPECT_EQ(headers.get("absent", "otherwise"), "otherwise");
  EXPECT_FALSE(headers.contains("hos"));
  headers.set("X-AMZ-DATE", "3");
  EXPECT_EQ(headers.size(), 2U);
  EXPECT_EQ(headers.get("x-amz-date"), "3");
  headers.add("Host", "b");
  headers.erase("host");
  EXPECT_EQ(headers.size(), 1U);
  EXPECT_EQ(lower("X-AMZ-\xc4Z09[@"), "x-amz-\xc4z09[@") << "ASCII alone has case here";
  EXPECT_FALSE(equals_ignore_case("ab", "abc"));
  EXPECT_FALSE(equals_ignore_case("[", "{"));
}

TEST(RequestHead, splits_the_target_at_the_first_question_mark) {
  const RequestHead head{"GET", "/b/a%3Fb?x=1?2", {}};
  EXPECT_EQ(head.path(), "/b/a%3Fb");
  EXPECT_EQ(head.query(), "x=1?2");
  const RequestHead bare{"GET", "/b", {}};
  EXPECT_EQ(bare.path(), "/b");
  EXPECT_EQ(bare.query(), "");
}

struct Utf8Case {
  std::string_view text;
  bool valid;
};

TEST(Utf8, knows_the_well_formed) {
  const Utf8Case cases[] = {
      {"", true},
      {"plain ascii, longer than a word", true},
      {"gr\xc3\xbc\xc3\x9f", true},
      {"\xe1\x88\xb4", true},
      {"\xf0\x9f\xa6\x89 owl", true},
      {"\xed\x9f\xbf", true},       // U+D7FF
      {"\xee\x80\x80", true},       // U+E000
      {"\xf4\x8f\xbf\xbf", true},   // U+10FFFF
      {"\xf4\x90\x80\x80", false},  // above it
      {"\xed\xa0\x80", false},      // a surrogate
      {"\xc0\x80", false},          // overlong NUL
      {"\xc1\xbf", false},          // overlong
      {"\xe0\x9f\xbf", false},      // overlong
      {"\xf0\x8f\xbf\xbf", false},  // overlong
      {"\x80", false},              // a continuation alone
      {"12345678\xbf", false},
      {"\xc3", false},  // cut
      {"1234567\xe1\x88", false},
      {"\xf0\x9f\xa6", false},
      {"\xe1\x88z", false},
      {"\xff", false},
      {"\xf5\x80\x80\x80", false},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(valid_utf8(c.text), c.valid) << testing::PrintToString(c.text);
  }
}

TEST(Utf8, prefix_cuts_no_character) {
  const std::string_view text = "a\xc3\xbc\xf0\x9f\xa6\x89z";
  const std::size_t expected[] = {0, 1, 1, 3, 3, 3, 3, 7, 8, 8};
  for (std::size_t limit = 0; limit < std::size(expected); ++limit) {
    EXPECT_EQ(utf8_prefix(text, limit).size(), expected[limit]) << limit;
  }
}

TEST(Utf8, length_is_in_characters) {
  EXPECT_EQ(utf8_length(""), 0U);
  EXPECT_EQ(utf8_length("a\xc3\xbc\xf0\x9f\xa6\x89z"), 4U);
}

TEST(HidePassword, leaves_all_else) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"https://ann:s3cr3t@h/in?a=1", "https://ann:****@h/in?a=1"},
      {"https://ann:s3cr3t@h:8443", "https://ann:****@h:8443"},
      {"https://:s3cr3t@h", "https://:****@h"},
      {"https://ann:@h", "https://ann:****@h"},
      {"https://ann:s3@cr3t@h/x@y", "https://ann:****@h/x@y"},
      {"https://ann:s3/cr3t@h/", "https://ann:****@h/"},
      {"https://ann:s3?cr#3t@h/", "https://ann:****@h/"},
      {"any://ann:s3:cr3t@[::1]:80/", "any://ann:****@[::1]:80/"},
  };
  for (const auto& [url, hidden] : cases) {
    EXPECT_EQ(hide_password(url), hidden);
    EXPECT_EQ(hide_password(hidden), hidden);
  }
  for (const auto* const plain : {"", "://", "https://", "https://h", "https://h:8443/in@x",
                                  "https://ann@h:80/:x@", "https://[::1]/x@y", "https://ann@[::1]:80/",
                                  "arn:aws:sqs:eu-west-1:1:q", "ann@example.org", "ann:s@x"}) {
    EXPECT_EQ(hide_password(plain), plain);
  }
}

}  // namespace
}  // namespace cairn::codec
