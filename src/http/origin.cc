#include "http/origin.h"

#include <algorithm>
#include <charconv>

#include "codec/headers.h"

namespace cairn::http {
namespace {

Error bad_url(std::string_view url) {
  return Error{Errc::invalid, "not a URL of the form http(s)://host[:port]", std::string(url.substr(0, 200))};
}

bool is_host_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == ':' || c == '%';
}

bool is_port(std::string_view text) {
  std::uint16_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() && number > 0;
}

}  // namespace

Result<Origin> Origin::parse(std::string_view url) {
  const auto mark = url.find("://");
  const auto scheme = codec::lower(url.substr(0, mark));
  if (mark == std::string_view::npos || (scheme != "http" && scheme != "https")) {
    return bad_url(url);
  }
  auto rest = url.substr(mark + 3);
  if (rest.ends_with('/')) {
    rest.remove_suffix(1);
  }
  Origin origin;
  origin.tls = scheme == "https";
  const std::string_view default_port = origin.tls ? "443" : "80";
  const bool bracketed = rest.starts_with('[');
  const auto host_end = bracketed ? rest.find(']') : rest.find(':');
  if (bracketed && host_end == std::string_view::npos) {
    return bad_url(url);
  }
  origin.host = codec::lower(bracketed ? rest.substr(1, host_end - 1) : rest.substr(0, host_end));
  const auto after = rest.substr(std::min(rest.size(), bracketed ? host_end + 1 : host_end));
  origin.port = after.empty() ? default_port : after.substr(1);
  if (origin.host.empty() || !std::ranges::all_of(origin.host, is_host_char) || !is_port(origin.port) ||
      (!after.empty() && after.front() != ':')) {
    return bad_url(url);
  }
  origin.authority = bracketed ? "[" + origin.host + "]" : origin.host;
  origin.key = scheme + "://" + origin.authority + ":" + origin.port;
  if (origin.port != default_port) {
    origin.authority += ":" + origin.port;
  }
  return origin;
}

}  // namespace cairn::http
