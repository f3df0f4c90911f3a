// Tested by mail_test.cc.
#include "mail/mail.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "codec/base64.h"
#include "codec/utf8.h"

namespace cairn::mail {
namespace {

constexpr std::size_t kLocalBytesMax = 64;    // RFC 5321
constexpr std::size_t kWordBytesMax = 45;     // as base64 in an encoded word of 75
constexpr std::size_t kLineBytesMax = 998;    // RFC 5322, without its end
constexpr std::size_t kBase64LineMax = 76;    // RFC 2045
constexpr std::size_t kPlainHeaderMax = 200;  // beyond it a text is folded
constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kWordBegin = "=?";  // of an encoded word

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_local(std::string_view text) {
  constexpr std::string_view kSigns = "!#$%&'*+/=?^_`{|}~-.";
  return !text.empty() && text.size() <= kLocalBytesMax && text.front() != '.' && text.back() != '.' &&
         text.find("..") == std::string_view::npos && std::ranges::all_of(text, [&](char c) {
           return is_letter_or_digit(c) || kSigns.find(c) != std::string_view::npos;
         });
}

bool is_domain(std::string_view text) {
  constexpr std::string_view kEdges = ".-";
  return !text.empty() && kEdges.find(text.front()) == std::string_view::npos &&
         kEdges.find(text.back()) == std::string_view::npos && text.find("..") == std::string_view::npos &&
         std::ranges::all_of(text, [](char c) { return is_letter_or_digit(c) || c == '-' || c == '.'; });
}

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c < '\x7F'; });
}

std::string without_controls(std::string_view text) {
  std::string out(text);
  std::ranges::replace_if(
      out, [](char c) { return (c >= '\0' && c < ' ') || c == '\x7F'; }, ' ');
  return out;
}

// Whole characters; where they are none, bytes.
std::size_t word_bytes(std::string_view text) {
  const auto size = codec::utf8_prefix(text, kWordBytesMax).size();
  return size == 0 ? std::min(kWordBytesMax, text.size()) : size;
}

// A name before an address.
std::string phrase(std::string_view name) {
  const auto clean = without_controls(name);
  auto text = header_text(clean);
  if (text != clean) {
    return text;
  }
  std::string quoted = "\"";
  for (const char c : clean) {
    quoted += c == '"' || c == '\\' ? std::string{'\\', c} : std::string{c};
  }
  return quoted + '"';
}

// Of lines that any server carries as they are.
bool is_plain(std::string_view text) {
  std::size_t line = 0;
  for (const char c : text) {
    line = c == '\n' ? 0 : line + 1;
    const bool carried = (c >= ' ' && c < '\x7F') || c == '\n' || c == '\t';
    if (!carried || line > kLineBytesMax) {
      return false;
    }
  }
  return true;
}

std::string with_line_ends(std::string_view text) {
  std::string out;
  for (const char c : text) {
    out += c == '\n' ? std::string(kLineEnd) : std::string{c};
  }
  return out.ends_with(kLineEnd) ? out : out + std::string(kLineEnd);
}

std::string as_base64(std::string_view text) {
  const auto all = codec::base64_encode(text);
  std::string out;
  for (std::size_t at = 0; at < all.size(); at += kBase64LineMax) {
    out += all.substr(at, kBase64LineMax);
    out += kLineEnd;
  }
  return out;
}

// "Mon, 02 Mar 2026 10:15:00 +0000"
std::string date_of(Time time) {
  constexpr std::string_view kGmt = "GMT";
  auto text = http_date(time);
  text.replace(text.size() - kGmt.size(), kGmt.size(), "+0000");
  return text;
}

std::string domain_of(std::string_view address) {
  return std::string(address.substr(address.rfind('@') + 1));
}

}  // namespace

bool is_address(std::string_view text) {
  const auto at = text.rfind('@');
  return at != std::string_view::npos && text.size() <= kAddressBytesMax && is_local(text.substr(0, at)) &&
         is_domain(text.substr(at + 1));
}

std::string header_text(std::string_view text) {
  const auto clean = without_controls(text);
  const bool plain = is_printable(clean) && clean.size() <= kPlainHeaderMax &&
                     clean.find(kWordBegin) == std::string::npos && !clean.starts_with(' ') &&
                     !clean.ends_with(' ');
  if (plain) {
    return clean;
  }
  std::string out;
  for (std::string_view left = clean; !left.empty();) {
    const auto size = word_bytes(left);
    out += fmt::format("{}=?UTF-8?B?{}?=", out.empty() ? "" : "\r\n ",
                       codec::base64_encode(left.substr(0, size)));
    left.remove_prefix(size);
  }
  return out;
}

std::string encode(const Mail& mail) {
  CAIRN_CHECK(is_address(mail.from) && is_address(mail.to));
  const bool plain = is_plain(mail.text);
  std::string out;
  const auto field = [&out](std::string_view name, std::string_view value) {
    out += fmt::format("{}: {}\r\n", name, value);
  };
  field("Date", date_of(mail.time));
  field("From",
        mail.from_name.empty() ? mail.from : fmt::format("{} <{}>", phrase(mail.from_name), mail.from));
  field("To", mail.to);
  field("Message-ID", fmt::format("<{}@{}>", without_controls(mail.id), domain_of(mail.from)));
  field("Subject", header_text(mail.subject));
  field("Auto-Submitted", "auto-generated");  // nobody's absence answers it
  if (!mail.unsubscribe.empty() && is_printable(mail.unsubscribe)) {
    field("List-Unsubscribe", fmt::format("<{}>", mail.unsubscribe));
  }
  field("MIME-Version", "1.0");
  field("Content-Type", "text/plain; charset=UTF-8");
  field("Content-Transfer-Encoding", plain ? "7bit" : "base64");
  out += kLineEnd;
  out += plain ? with_line_ends(mail.text) : as_base64(mail.text);
  return out;
}

}  // namespace cairn::mail
