#include "mail/mail.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "codec/base64.h"

namespace cairn::mail {
namespace {

Mail one() {
  return {.id = "0a1b",
          .from = "nest@cairn.example",
          .from_name = "Nests",
          .to = "ann@owl.example",
          .subject = "An egg",
          .text = "laid\ntoday",
          .time = Time(Millis{1'772'446'500'000})};
}

TEST(Mail, IsATextThatServersTake) {
  auto mail = one();
  mail.unsubscribe = "https://cairn.example/?x";
  EXPECT_EQ(encode(mail),
            "Date: Mon, 02 Mar 2026 10:15:00 +0000\r\n"
            "From: \"Nests\" <nest@cairn.example>\r\n"
            "To: ann@owl.example\r\n"
            "Message-ID: <0a1b@cairn.example>\r\n"
            "Subject: An egg\r\n"
            "Auto-Submitted: auto-generated\r\n"
            "List-Unsubscribe: <https://cairn.example/?x>\r\n"
            "MIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=UTF-8\r\n"
            "Content-Transfer-Encoding: 7bit\r\n"
            "\r\n"
            "laid\r\ntoday\r\n");
}

TEST(Mail, SaysWhatAnAddressIs) {
  const std::string long_local(65, 'a');
  const std::string long_domain = "a@" + std::string(260, 'b');
  for (const std::string good :
       {"a@b", "ann@owl.example", "ann+nest@owl.example", "a.b-c_d@x-y.example", "o'hara@x.ie"}) {
    EXPECT_TRUE(is_address(good)) << good;
  }
  for (const std::string bad : {"",
                                "@",
                                "a@",
                                "@b",
                                "ann",
                                "ann @b.c",
                                "ann@b c",
                                "ann@b.c\r\nRCPT TO:<x@y>",
                                "ann\n@b.c",
                                "<ann@b.c>",
                                "ann@b.c>",
                                ".a@b",
                                "a.@b",
                                "a..b@c",
                                "a@.b",
                                "a@b.",
                                "a@-b",
                                "a@b..c",
                                "\"a b\"@c",
                                "a@b@c",
                                "a,b@c",
                                "a;b@c",
                                "ü@b.c",
                                "a@ü.c",
                                "a@[127.0.0.1]",
                                "a\0b@c"}) {
    EXPECT_FALSE(is_address(bad)) << bad;
  }
  EXPECT_FALSE(is_address(std::string("a\0b@c", 5)));
  EXPECT_FALSE(is_address(long_local + "@b"));
  EXPECT_FALSE(is_address(long_domain));
}

// What a receiver's reader makes of encoded words.
std::string decoded(std::string text) {
  constexpr std::string_view kBegin = "=?UTF-8?B?";
  std::string out;
  while (text.starts_with(kBegin)) {
    const auto end = text.find("?=");
    EXPECT_LE(end + 2, 75U);
    out += codec::base64_decode(text.substr(kBegin.size(), end - kBegin.size())).value();
    text = text.substr(end + 2);
    text = text.starts_with("\r\n ") ? text.substr(3) : text;
  }
  EXPECT_TRUE(text.empty()) << text;
  return out;
}

TEST(Mail, HeadersHaveNoOtherLines) {
  EXPECT_EQ(header_text("An egg: \"x\""), "An egg: \"x\"");
  EXPECT_EQ(header_text("a\r\nBcc: b@c\td"), "a  Bcc: b@c d");
  EXPECT_EQ(header_text(""), "");
  for (const auto& text :
       {std::string("ünd"), std::string("=?UTF-8?B?eA==?="), std::string(" begins with a space"),
        std::string(300, 'x'), std::string("😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀"),
        std::string("\xFF\xFE bytes")}) {
    EXPECT_EQ(decoded(header_text(text)), text);
  }
  EXPECT_EQ(decoded(header_text("ü\r\nBcc: b@c")), "ü  Bcc: b@c");
}

TEST(Mail, EncodedWordsHoldWholeCharacters) {
  std::string text;
  for (int i = 0; i < 40; ++i) {
    text += "é";
  }
  const auto words = header_text("x" + text);
  EXPECT_EQ(decoded(words), "x" + text);
  const auto end = words.find("?=");
  EXPECT_EQ(codec::base64_decode(words.substr(10, end - 10)).value().size() % 2, 1U);  // x and pairs
}

TEST(Mail, NamesAreQuoted) {
  auto mail = one();
  mail.from_name = "A \"big\" \\ nest\r\nBcc: x@y";
  EXPECT_NE(encode(mail).find("From: \"A \\\"big\\\" \\\\ nest  Bcc: x@y\" <nest@cairn.example>\r\n"),
            std::string::npos);
  mail.from_name = "Nëst";
  EXPECT_NE(encode(mail).find("From: =?UTF-8?B?TsOrc3Q=?= <nest@cairn.example>\r\n"), std::string::npos);
  mail.from_name = "";
  EXPECT_NE(encode(mail).find("From: nest@cairn.example\r\n"), std::string::npos);
}

std::string body_of(const std::string& text) {
  return text.substr(text.find("\r\n\r\n") + 4);
}

TEST(Mail, TextsThatAreNotPlainLinesGoAsBase64) {
  const std::string long_line(999, 'x');
  for (const auto& text : {std::string("ü"), std::string("a\rb"), std::string("a\0b", 3),
                           std::string("a\r\nb"), long_line, std::string("\x7F"), std::string("x\x1B[1m")}) {
    auto mail = one();
    mail.text = text;
    const auto encoded = encode(mail);
    EXPECT_NE(encoded.find("Content-Transfer-Encoding: base64\r\n"), std::string::npos);
    std::string joined;
    for (auto body = body_of(encoded); !body.empty();) {
      const auto end = body.find("\r\n");
      EXPECT_LE(end, 76U);
      joined += body.substr(0, end);
      body = body.substr(end + 2);
    }
    EXPECT_EQ(codec::base64_decode(joined).value(), text);
  }
  for (const auto& text : {std::string(998, 'x'), std::string(998, 'x') + "\n" + std::string(998, 'y'),
                           std::string(".\n..\n.x\n"), std::string("\tx")}) {
    auto mail = one();
    mail.text = text;
    EXPECT_NE(encode(mail).find("Content-Transfer-Encoding: 7bit\r\n"), std::string::npos);
  }
}

TEST(Mail, AnIdOrALinkAddsNoLine) {
  auto mail = one();
  mail.id = "a\r\nBcc: x@y";
  mail.unsubscribe = "https://x/\r\nBcc: x@y";
  EXPECT_EQ(encode(mail).find("\nBcc"), std::string::npos);
}

}  // namespace
}  // namespace cairn::mail
