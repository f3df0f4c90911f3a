// Tested by proxy_header_test.cc and proxy_header_fuzz.cc.
#include "http/proxy_header.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <charconv>
#include <vector>

namespace cairn::http {
namespace {

namespace ip = boost::asio::ip;
using Parsed = Result<std::optional<ProxyHeader>>;

constexpr std::string_view kSignature("\r\n\r\n\0\r\nQUIT\n", 12);  // of version 2
constexpr std::string_view kWord = "PROXY ";                        // of version 1
constexpr std::size_t kFixedBytes = 16;                             // of version 2: up to the addresses
constexpr std::size_t kPortDigits = 5;                              // at most
constexpr unsigned kVersion2 = 2;

Error not_a_header(std::string_view why) {
  return Error{Errc::invalid, "no PROXY header", std::string(why)};
}

// Does what has come fit, as far as it has?
bool begins(std::string_view begun, std::string_view with) {
  return begun.substr(0, with.size()) == with.substr(0, begun.size());
}

std::optional<std::uint16_t> port_in(std::string_view text) {
  std::uint16_t port = 0;
  const auto* const end = text.data() + text.size();
  const auto [at, failed] = std::from_chars(text.data(), end, port);
  const bool is_number = failed == std::errc() && at == end && text.size() <= kPortDigits;
  const bool is_plain = text == "0" || !text.starts_with('0');
  return is_number && is_plain ? std::optional(port) : std::nullopt;
}

// One of version 4 in version 6's clothes is the former.
std::string text_of(const ip::address_v6& address) {
  return address.is_v4_mapped() ? ip::make_address_v4(ip::v4_mapped, address).to_string()
                                : address.to_string();
}

std::optional<std::string> address_in(std::string_view text, bool v4) {
  boost::system::error_code error;
  const auto address = ip::make_address(std::string(text), error);
  // No zone: it is another machine's. What follows a NUL would not be looked at.
  const bool is_plain = text.find_first_of(std::string_view("%\0", 2)) == std::string_view::npos;
  if (error || address.is_v4() != v4 || !is_plain) {
    return std::nullopt;
  }
  return v4 ? address.to_string() : text_of(address.to_v6());
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (true) {
    const auto space = line.find(' ');
    words.push_back(line.substr(0, space));
    if (space == std::string_view::npos) {
      return words;
    }
    line.remove_prefix(space + 1);
  }
}

// "PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n", or "PROXY UNKNOWN", and anything up to the line's end.
Parsed parse_line(std::string_view begun) {
  const auto newline = begun.substr(0, kProxyLineBytesMax).find('\n');
  if (newline == std::string_view::npos) {
    return begun.size() < kProxyLineBytesMax ? Parsed(std::nullopt)
                                             : Parsed(not_a_header("a line without an end"));
  }
  if (begun[newline - 1] != '\r') {
    return not_a_header("a line that ends without CR");
  }
  const auto line = begun.substr(0, newline - 1);
  const auto words = words_of(line);
  ProxyHeader header{.size = newline + 1, .source = {}};
  if (words[1] == "UNKNOWN") {
    return std::optional(std::move(header));
  }
  constexpr std::size_t kWords = 6;
  const bool v4 = words[1] == "TCP4";
  if ((!v4 && words[1] != "TCP6") || words.size() != kWords) {
    return not_a_header("another protocol than TCP4 and TCP6");
  }
  auto source = address_in(words[2], v4);
  const auto port = port_in(words[4]);
  if (!source || !port || !address_in(words[3], v4) || !port_in(words[5])) {
    return not_a_header("an address or a port that is none");
  }
  header.source = Peer{.address = *std::move(source), .port = *port, .tls = {}};
  return std::optional(std::move(header));
}

unsigned byte_at(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

// Where a port has two bytes, the higher one first.
std::uint16_t number_at(std::string_view text, std::size_t at) {
  return static_cast<std::uint16_t>(byte_at(text, at) << 8U | byte_at(text, at + 1));
}

template <class Address>
Address address_at(std::string_view text) {
  typename Address::bytes_type bytes;
  std::ranges::transform(text.substr(0, bytes.size()), bytes.begin(),
                         [](char c) { return static_cast<unsigned char>(c); });
  return Address(bytes);
}

// Both addresses, then both ports. Nothing: there is no room for them.
std::optional<Peer> peer_in(std::string_view addresses, bool v4) {
  const std::size_t bytes = v4 ? 4 : 16;
  if (addresses.size() < 2 * bytes + 4) {
    return std::nullopt;
  }
  return Peer{.address = v4 ? address_at<ip::address_v4>(addresses).to_string()
                            : text_of(address_at<ip::address_v6>(addresses)),
              .port = number_at(addresses, 2 * bytes),
              .tls = {}};
}

Parsed parse_binary(std::string_view begun) {
  if (begun.size() < kFixedBytes) {
    return std::optional<ProxyHeader>();
  }
  const auto version = byte_at(begun, 12) >> 4U;
  const auto command = byte_at(begun, 12) & 0xfU;
  const auto family = byte_at(begun, 13) >> 4U;
  const auto kind = byte_at(begun, 13) & 0xfU;
  const std::size_t size = kFixedBytes + number_at(begun, 14);
  if (version != kVersion2 || command > 1 || family > 3 || kind > 2) {
    return not_a_header("a version, command or family that nobody knows");
  }
  if (size > kProxyHeaderBytesMax) {
    return not_a_header("too long");
  }
  if (begun.size() < size) {
    return std::optional<ProxyHeader>();
  }
  ProxyHeader header{.size = size, .source = {}};
  const bool is_tcp = command == 1 && (family == 1 || family == 2) && kind == 1;
  if (is_tcp) {
    header.source = peer_in(begun.substr(kFixedBytes, size - kFixedBytes), family == 1);
    if (!header.source) {
      return not_a_header("too short for its addresses");
    }
  }
  return std::optional(std::move(header));
}

}  // namespace

Parsed parse_proxy_header(std::string_view begun) {
  if (begins(begun, kSignature)) {
    return parse_binary(begun);
  }
  if (begins(begun, kWord)) {
    return parse_line(begun);
  }
  return not_a_header("it begins with something else");
}

}  // namespace cairn::http
