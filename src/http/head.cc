// Lines are split and checked by HeadScan, tokens by Beast's parser, meaning (framing, Host, keep-alive)
// here.
//
// Tested by head_test.cc, server_refusals_test.cc and http_fuzz.cc.
#include "http/head.h"

#include <algorithm>
#include <array>
#include <boost/beast/http/basic_parser.hpp>
#include <charconv>

namespace cairn::http {
namespace {

namespace beast_http = boost::beast::http;
using boost::beast::error_code;
using BeastView = boost::beast::string_view;

constexpr Refusal kBadLineEnd{400, Reason::framing, "a line does not end in CR LF"};
constexpr Refusal kFolded{400, Reason::framing, "a header line is folded"};
constexpr Refusal kNoRequest{400, Reason::malformed, "not an HTTP request"};
constexpr Refusal kHeadTooLarge{431, Reason::head_size, "the header is too large"};
constexpr Refusal kTooManyFields{431, Reason::head_size, "too many header fields"};
constexpr Refusal kBadVersion{505, Reason::version, "only HTTP/1.0 and HTTP/1.1 are spoken here"};
constexpr Refusal kBadLength{400, Reason::framing, "Content-Length is not one number"};
constexpr Refusal kTwoFramings{400, Reason::framing,
                               "both Content-Length and Transfer-Encoding, or one of them twice"};
constexpr Refusal kBadEncoding{501, Reason::encoding, "no Transfer-Encoding but chunked is understood"};
constexpr Refusal kEncodedOld{400, Reason::framing, "HTTP/1.0 has no Transfer-Encoding"};
constexpr Refusal kBadHost{400, Reason::malformed, "Host is missing, repeated or malformed"};
constexpr Refusal kBadTarget{400, Reason::malformed, "the request target is malformed"};
constexpr Refusal kBadExpect{417, Reason::expectation, "no expectation but 100-continue is met"};

constexpr auto kTokenTable = [] {
  std::array<bool, 256> table{};
  for (const char c :
       std::string_view("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")) {
    table[static_cast<unsigned char>(c)] = true;
  }
  return table;
}();

bool is_token_char(char c) {
  return kTokenTable[static_cast<unsigned char>(c)];
}

// What of the fields decides how the message is read. Views into the head.
struct Framers {
  int hosts = 0;
  int lengths = 0;
  int encodings = 0;
  std::string_view host;
  std::string_view length;
  std::string_view encoding;
  std::string_view expect;
  bool says_close = false;
  bool says_keep_alive = false;
};

void note_connection(std::string_view value, Framers& framers) {
  while (!value.empty()) {
    const auto comma = value.find(',');
    auto option = value.substr(0, comma);
    value = comma == std::string_view::npos ? std::string_view{} : value.substr(comma + 1);
    option.remove_prefix(std::min(option.find_first_not_of(" \t"), option.size()));
    option = option.substr(0, option.find_last_not_of(" \t") + 1);
    framers.says_close |= codec::equals_ignore_case(option, "close");
    framers.says_keep_alive |= codec::equals_ignore_case(option, "keep-alive");
  }
}

// Collects what Beast's parser finds. The body is never shown to it (BodyDecoder's part).
template <bool isRequest>
class Collector final : public beast_http::basic_parser<isRequest> {
 public:
  explicit Collector(std::size_t fields_max) : fields_max_(fields_max) {
    this->skip(true);
    this->header_limit(std::numeric_limits<std::uint32_t>::max());
    this->body_limit(boost::none);
  }

  std::string_view method;
  std::string_view target;
  int status = 0;
  int version = 0;
  codec::Headers headers;
  Framers framers;
  bool too_many = false;

 private:
  static std::string_view view(BeastView text) { return {text.data(), text.size()}; }

  void on_request_impl(beast_http::verb, BeastView method_text, BeastView target_text, int v,
                       error_code&) override {
    method = view(method_text);
    target = view(target_text);
    version = v;
  }
  void on_response_impl(int code, BeastView, int v, error_code&) override {
    status = code;
    version = v;
  }
  void on_field_impl(beast_http::field field, BeastView name, BeastView value, error_code& error) override {
    if (headers.size() == fields_max_) {
      too_many = true;
      error = beast_http::error::header_limit;
      return;
    }
    note(field, view(value));
    headers.add(std::string(view(name)), std::string(view(value)));
  }
  void note(beast_http::field field, std::string_view value) {
    switch (field) {
      case beast_http::field::host:
        ++framers.hosts;
        framers.host = value;
        break;
      case beast_http::field::content_length:
        ++framers.lengths;
        framers.length = value;
        break;
      case beast_http::field::transfer_encoding:
        ++framers.encodings;
        framers.encoding = value;
        break;
      case beast_http::field::connection:
        note_connection(value, framers);
        break;
      case beast_http::field::expect:
        framers.expect = value;
        break;
      default:
        break;
    }
  }
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(BeastView body, error_code&) override { return body.size(); }
  void on_chunk_header_impl(std::uint64_t, BeastView, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, BeastView body, error_code&) override { return body.size(); }
  void on_finish_impl(error_code&) override {}

  std::size_t fields_max_;
};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// The line ends in a version, but not one of ours. Anything else in its place is no HTTP at all.
bool names_other_version(std::string_view line) {
  const auto word = line.substr(line.rfind(' ') + 1);
  return word.size() == 8 && word.starts_with("HTTP/") && is_digit(word[5]) && word[6] == '.' &&
         is_digit(word[7]) && word != "HTTP/1.0" && word != "HTTP/1.1";
}

Refusal refusal_of(error_code error, std::string_view head) {
  if (error == beast_http::error::bad_version) {
    return names_other_version(head.substr(0, head.find('\r'))) ? kBadVersion : kNoRequest;
  }
  if (error == beast_http::error::bad_line_ending) {
    return kBadLineEnd;
  }
  if (error == beast_http::error::bad_content_length || error == beast_http::error::multiple_content_length) {
    return kBadLength;
  }
  if (error == beast_http::error::bad_transfer_encoding) {
    return kTwoFramings;
  }
  if (error == beast_http::error::bad_field) {
    return Refusal{400, Reason::malformed, "a header name is malformed"};
  }
  if (error == beast_http::error::bad_value) {
    return Refusal{400, Reason::malformed, "a header value is malformed"};
  }
  if (error == beast_http::error::bad_target) {
    return kBadTarget;
  }
  return kNoRequest;
}

template <bool isRequest>
Result<void, Refusal> collect(std::string_view bytes, Collector<isRequest>& collector) {
  error_code error;
  const auto used = collector.put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
  if (collector.too_many) {
    return kTooManyFields;
  }
  if (error) {
    return refusal_of(error, bytes);
  }
  if (used != bytes.size() || !collector.is_header_done()) {
    return kNoRequest;
  }
  return {};
}

Result<std::uint64_t, Refusal> parse_length(std::string_view text) {
  std::uint64_t length = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) {
    return kBadLength;
  }
  return length;
}

// How long the body is, where the fields say so.
Result<BodyFraming, Refusal> framing_of(const Framers& framers, bool http_1_0) {
  if (framers.lengths + framers.encodings > 1) {
    return kTwoFramings;
  }
  if (framers.encodings > 0) {
    if (!codec::equals_ignore_case(framers.encoding, "chunked")) {
      return kBadEncoding;
    }
    if (http_1_0) {
      return kEncodedOld;
    }
    return BodyFraming{Framing::chunked, 0};
  }
  if (framers.lengths > 0) {
    CAIRN_TRY(const auto length, parse_length(framers.length));
    return BodyFraming{Framing::length, length};
  }
  return BodyFraming{};
}

bool is_host(std::string_view host) {
  return std::ranges::all_of(host, [](char c) {
    return c > ' ' && c < 0x7f && std::string_view("\"#,/<>?@\\^`{|}").find(c) == std::string_view::npos;
  });
}

std::string_view without_default_port(std::string_view authority, bool tls) {
  const std::string_view port = tls ? ":443" : ":80";
  if (authority.ends_with(port)) {
    authority.remove_suffix(port.size());
  }
  return authority;
}

// "http://host/path?query" to "/path?query". The host on the line must be the one in Host: who reads one and
// who reads the other would disagree.
Result<std::string, Refusal> absolute_to_origin(std::string_view target, std::size_t scheme,
                                                const Framers& framers) {
  const bool tls = scheme == 8;
  const auto rest = target.substr(scheme);
  const auto authority = rest.substr(0, rest.find_first_of("/?"));
  if (authority.empty() || !is_host(authority)) {
    return kBadTarget;
  }
  if (framers.hosts > 0 && !codec::equals_ignore_case(without_default_port(authority, tls),
                                                      without_default_port(framers.host, tls))) {
    return kBadHost;
  }
  const auto path = rest.substr(authority.size());
  return path.starts_with('/') ? std::string(path) : "/" + std::string(path);
}

Result<std::string, Refusal> origin_target(std::string_view method, std::string_view target,
                                           const Framers& framers) {
  if (target.find('#') != target.npos) {  // RFC 9112, 3.2: there is none; some cut the target there
    return kBadTarget;
  }
  if (target.starts_with('/') || (target == "*" && method == "OPTIONS")) {
    return std::string(target);
  }
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (codec::equals_ignore_case(target.substr(0, scheme.size()), scheme)) {
      return absolute_to_origin(target, scheme.size(), framers);
    }
  }
  return kBadTarget;
}

bool host_is_right(const Framers& framers, bool http_1_0) {
  return (framers.hosts == 1 || (framers.hosts == 0 && http_1_0)) && is_host(framers.host);
}

}  // namespace

bool belongs_to_connection(std::string_view name) {
  static constexpr std::array<std::string_view, 7> kThose{
      "connection", "content-length",    "keep-alive", "proxy-connection",
      "trailer",    "transfer-encoding", "upgrade"};
  return std::ranges::any_of(kThose,
                             [&](std::string_view that) { return codec::equals_ignore_case(name, that); });
}

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_token_char);
}

// Without a way out, so that the compiler takes many bytes at once.
bool is_field_value(std::string_view text) {
  bool right = true;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    right &= (byte >= 0x20 && byte != 0x7f) || byte == '\t';
  }
  return right;
}

Result<bool, Refusal> HeadScan::begin(std::string_view bytes) {
  if (bytes.empty() || bytes == "\r") {
    return false;
  }
  if (bytes.starts_with("\r\n")) {
    first_ = line_ = seen_ = 2;
    if (bytes.size() == 2) {
      return false;
    }
  }
  // Says at once what it is not: a TLS handshake on a plain port, for one.
  if (!is_token_char(bytes[first_])) {
    return kNoRequest;
  }
  return true;
}

Result<std::size_t, Refusal> HeadScan::look(std::string_view bytes) {
  if (!begun_) {
    CAIRN_TRY(begun_, begin(bytes));
    if (!begun_) {
      return std::size_t{0};
    }
  }
  while (true) {
    const auto newline = bytes.find('\n', seen_);
    if (std::min(newline, bytes.size()) >= bytes_max_) {
      return kHeadTooLarge;
    }
    if (newline == std::string_view::npos) {
      seen_ = bytes.size();
      return std::size_t{0};
    }
    if (newline == line_ || bytes[newline - 1] != '\r') {
      return kBadLineEnd;
    }
    if (newline - 1 == line_) {
      return newline + 1;
    }
    if (line_ > first_ && (bytes[line_] == ' ' || bytes[line_] == '\t')) {
      return kFolded;
    }
    line_ = seen_ = newline + 1;
  }
}

Result<RequestFacts, Refusal> parse_request_head(std::string_view bytes, std::size_t fields_max) {
  if (bytes.starts_with("\r\n")) {
    bytes.remove_prefix(2);
  }
  Collector<true> collector(fields_max);
  CAIRN_TRY_VOID(collect(bytes, collector));
  const auto& framers = collector.framers;
  RequestFacts facts;
  facts.http_1_0 = collector.version == 10;
  facts.keep_alive = !facts.http_1_0 && !framers.says_close;
  CAIRN_TRY(facts.body, framing_of(framers, facts.http_1_0));
  if (!host_is_right(framers, facts.http_1_0)) {
    return kBadHost;
  }
  CAIRN_TRY(facts.head.target, origin_target(collector.method, collector.target, framers));
  if (!framers.expect.empty() && !facts.http_1_0) {
    if (!codec::equals_ignore_case(framers.expect, "100-continue")) {
      return kBadExpect;
    }
    facts.expects_continue = true;
  }
  facts.head.method = std::string(collector.method);
  facts.head.headers = std::move(collector.headers);
  return facts;
}

Result<ResponseFacts, Refusal> parse_response_head(std::string_view bytes, std::size_t fields_max,
                                                   bool to_head) {
  Collector<false> collector(fields_max);
  CAIRN_TRY_VOID(collect(bytes, collector));
  const auto& framers = collector.framers;
  ResponseFacts facts;
  const bool http_1_0 = collector.version == 10;
  CAIRN_TRY(facts.body, framing_of(framers, http_1_0));
  const int status = collector.status;
  const bool bodiless = to_head || status / 100 == 1 || status == 204 || status == 304;
  if (bodiless) {
    facts.body = BodyFraming{};
  } else if (facts.body.kind == Framing::none) {
    facts.body.kind = Framing::to_end;
  }
  facts.keep_alive =
      (http_1_0 ? framers.says_keep_alive : !framers.says_close) && facts.body.kind != Framing::to_end;
  facts.head.status = status;
  facts.head.headers = std::move(collector.headers);
  return facts;
}

}  // namespace cairn::http
