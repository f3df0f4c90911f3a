// What a signature is computed over: the canonical request and the string to sign.
#include <algorithm>
#include <utility>

#include "aws/sigv4.h"
#include "codec/base64.h"
#include "codec/uri.h"

namespace cairn::aws::sigv4 {
namespace {

constexpr std::string_view kSignatureParameter = "X-Amz-Signature";

// "/a/./b//../c/" is "/a/c/".
std::string without_dot_segments(std::string_view path) {
  std::vector<std::string_view> kept;
  for (std::string_view rest = path; !rest.empty();) {
    const auto end = std::min(rest.find('/'), rest.size());
    const auto segment = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (segment == "..") {
      kept.resize(kept.empty() ? 0 : kept.size() - 1);
    } else if (!segment.empty() && segment != ".") {
      kept.push_back(segment);
    }
  }
  std::string out;
  for (const auto segment : kept) {
    out += '/';
    out += segment;
  }
  const bool folder = path.ends_with('/') || path.ends_with("/.") || path.ends_with("/..");
  return folder || out.empty() ? out + '/' : out;
}

// S3 signs the key, encoded once; the path on the wire may be encoded in another way. All others sign the
// wire's path, encoded once more.
std::string canonical_path(std::string_view path, Style style) {
  if (style == Style::standard) {
    return codec::percent_encode(without_dot_segments(path), true);
  }
  auto key = codec::percent_decode(path);
  return path.empty() ? "/" : codec::percent_encode(key.has_value() ? *key : std::string(path), true);
}

std::string encode_again(std::string_view text) {
  auto decoded = codec::percent_decode(text);
  return codec::percent_encode(decoded.has_value() ? *decoded : std::string(text));
}

std::string canonical_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> pairs;
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const auto pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    const auto mark = std::min(pair.find('='), pair.size());
    auto name = encode_again(pair.substr(0, mark));
    if (!pair.empty() && name != kSignatureParameter) {
      pairs.emplace_back(std::move(name), encode_again(pair.substr(std::min(mark + 1, pair.size()))));
    }
  }
  std::ranges::sort(pairs);
  std::string out;
  for (const auto& [name, value] : pairs) {
    out += out.empty() ? "" : "&";
    out += name + '=' + value;
  }
  return out;
}

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// Trimmed, and every run of space inside is one space.
void append_trimmed(std::string& out, std::string_view value) {
  bool first = true;
  for (auto at = value.begin();;) {
    const auto word = std::find_if_not(at, value.end(), is_space);
    if (word == value.end()) {
      return;
    }
    at = std::find_if(word, value.end(), is_space);
    out.append(first ? "" : " ").append(word, at);
    first = false;
  }
}

void append_header(std::string& out, const codec::Headers& headers, std::string_view name) {
  out += name;
  out += ':';
  bool first = true;
  for (const auto& [field, value] : headers) {
    if (codec::equals_ignore_case(field, name)) {
      out += first ? "" : ",";
      append_trimmed(out, value);
      first = false;
    }
  }
  out += '\n';
}

}  // namespace

std::string Scope::text() const {
  return date + '/' + region + '/' + service + "/aws4_request";
}

std::string canonical_request(const CanonicalInput& input) {
  std::string out;
  out.reserve(512);
  out += input.head.method;
  out += '\n';
  out += canonical_path(input.head.path(), input.style);
  out += '\n';
  out += canonical_query(input.head.query());
  out += '\n';
  std::string names;
  for (const auto& name : input.signed_headers) {
    append_header(out, input.head.headers, name);
    names += names.empty() ? "" : ";";
    names += name;
  }
  out += '\n';
  out += names;
  out += '\n';
  out += input.payload_hash;
  return out;
}

std::string string_to_sign(std::string_view timestamp, const Scope& scope,
                           std::string_view canonical_request) {
  std::string out(kAlgorithm);
  out += '\n';
  out += timestamp;
  out += '\n';
  out += scope.text();
  out += '\n';
  out += codec::hex_encode(crypto::sha256(canonical_request));
  return out;
}

}  // namespace cairn::aws::sigv4
