#include "http/head_writer.h"

#include <algorithm>
#include <array>
#include <boost/beast/http/status.hpp>
#include <charconv>

#include "http/head.h"

namespace cairn::http {
namespace {

void append_number(std::string& out, std::uint64_t number, int base = 10) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, base).ptr;
  out.append(digits.data(), end);
}

Result<void> append_field(std::string& out, const codec::Headers::Field& field) {
  const auto& [name, value] = field;
  if (!is_token(name) || !is_field_value(value)) {
    return Error{Errc::invalid, "write a header field: name or value is malformed", name.substr(0, 100)};
  }
  out.append(name).append(": ").append(value).append("\r\n");
  return {};
}

void append_framing(std::string& out, const OutFraming& framing) {
  if (framing.length) {
    out.append("Content-Length: ");
    append_number(out, *framing.length);
    out.append("\r\n");
  }
  if (framing.chunked) {
    out.append("Transfer-Encoding: chunked\r\n");
  }
  if (framing.close) {
    out.append("Connection: close\r\n");
  }
  if (framing.expect_continue) {
    out.append("Expect: 100-continue\r\n");
  }
}

}  // namespace

std::string_view reason_phrase(int status) {
  const auto phrase = boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(status));
  return {phrase.data(), phrase.size()};
}

Result<void> append_response_head(std::string& out, int status, const codec::Headers& headers,
                                  const OutFraming& framing, std::string_view date) {
  if (status < 200 || status > 999) {
    return Error{Errc::invalid, "write an answer: not a final status", std::to_string(status)};
  }
  out.append("HTTP/1.1 ");
  append_number(out, static_cast<std::uint64_t>(status));
  out.append(" ").append(reason_phrase(status)).append("\r\n");
  const bool as_given = date.empty();
  if (!as_given) {
    out.append("Date: ").append(date).append("\r\n");
  }
  bool has_server = as_given;
  for (const auto& field : headers) {
    if (belongs_to_connection(field.first) || (!as_given && codec::equals_ignore_case(field.first, "date"))) {
      continue;
    }
    has_server |= codec::equals_ignore_case(field.first, "server");
    CAIRN_TRY_VOID(append_field(out, field));
  }
  if (!has_server) {
    out.append("Server: cairn\r\n");
  }
  append_framing(out, framing);
  out.append("\r\n");
  return {};
}

Result<void> append_request_head(std::string& out, const codec::RequestHead& head, const OutFraming& framing,
                                 std::string_view host) {
  const auto is_visible = [](char c) { return c > ' ' && c != 0x7f; };
  if (!is_token(head.method) || head.target.empty() || !std::ranges::all_of(head.target, [&](char c) {
        return is_visible(c) || static_cast<unsigned char>(c) >= 0x80;
      })) {
    return Error{Errc::invalid, "write a request: method or target is malformed"};
  }
  out.append(head.method).append(" ").append(head.target).append(" HTTP/1.1\r\n");
  if (!head.headers.contains("host")) {
    out.append("Host: ").append(host).append("\r\n");
  }
  for (const auto& field : head.headers) {
    if (!belongs_to_connection(field.first) && !codec::equals_ignore_case(field.first, "expect")) {
      CAIRN_TRY_VOID(append_field(out, field));
    }
  }
  append_framing(out, framing);
  out.append("\r\n");
  return {};
}

void append_last_chunk(std::string& out, const codec::Headers* trailers) {
  out.append("0\r\n");
  if (trailers != nullptr) {
    for (const auto& [name, value] : *trailers) {
      out.append(name).append(": ").append(value).append("\r\n");
    }
  }
  out.append("\r\n");
}

void append_chunk_size(std::string& out, std::size_t size) {
  append_number(out, size, 16);
  out.append("\r\n");
}

}  // namespace cairn::http
