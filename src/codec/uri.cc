#include "codec/uri.h"

#include <algorithm>

namespace cairn::codec {
namespace {

bool is_unreserved(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  if (c >= 'a' && c <= 'f') {
    return c - 'a' + 10;
  }
  if (c >= 'A' && c <= 'F') {
    return c - 'A' + 10;
  }
  return -1;
}

bool is_port(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string percent_encode(std::string_view text, bool keep_slash) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (is_unreserved(c) || (keep_slash && c == '/')) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
  return out;
}

Result<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
      if (high < 0 || low < 0) {
        return Error{Errc::invalid, "broken percent escape", std::string(text.substr(0, 200))};
      }
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return out;
}

std::string hide_password(std::string_view url) {
  constexpr std::string_view kSchemeEnd = "://";
  const auto scheme = url.find(kSchemeEnd);
  if (scheme == std::string_view::npos) {
    return std::string(url);
  }
  const auto from = scheme + kSchemeEnd.size();
  const auto path = std::min(url.find_first_of("/?#", from), url.size());
  const auto colon = url.find(':', from);
  if (colon >= path) {
    return std::string(url);
  }
  auto at = url.substr(0, path).rfind('@');
  if (at == std::string_view::npos && url[from] != '[' && !is_port(url.substr(colon + 1, path - colon - 1))) {
    at = url.rfind('@');  // a broken URL: its password has a '/', or the like
  }
  if (at == std::string_view::npos || at < colon) {
    return std::string(url);
  }
  return std::string(url.substr(0, colon + 1)) + "****" + std::string(url.substr(at));
}

Result<QueryPairs> parse_query(std::string_view text, bool plus_is_space) {
  QueryPairs pairs;
  while (!text.empty()) {
    const auto end = text.find('&');
    const auto part = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    if (part.empty()) {
      continue;
    }
    const auto mark = part.find('=');
    CAIRN_TRY(auto name, percent_decode(part.substr(0, mark), plus_is_space));
    CAIRN_TRY(auto value,
              percent_decode(mark == std::string_view::npos ? std::string_view{} : part.substr(mark + 1),
                             plus_is_space));
    pairs.emplace_back(std::move(name), std::move(value));
  }
  return pairs;
}

}  // namespace cairn::codec
