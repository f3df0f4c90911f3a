// Heads and bodies of foreign bytes. Whatever comes, and in whatever pieces: the same answer, and nothing
// read beyond the limits.
#include <cstdlib>

#include "http/head.h"

namespace {

using namespace cairn::http;

constexpr std::size_t kHeadMax = 2048;
constexpr std::size_t kFieldsMax = 16;
constexpr std::uint64_t kBodyMax = 4096;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

// The head's size, 0 if it does not end, -1 if it is refused; the bytes arriving `step` at a time.
long scan(std::string_view bytes, std::size_t step) {
  HeadScan scan(kHeadMax);
  for (std::size_t size = 0; size < bytes.size();) {
    size = std::min(size + step, bytes.size());
    const auto found = scan.look(bytes.substr(0, size));
    if (!found || *found > 0) {
      return found ? static_cast<long>(*found) : -1;
    }
  }
  return 0;
}

void check(const RequestFacts& facts) {
  require(is_token(facts.head.method));
  require(facts.head.target.starts_with('/') || facts.head.target == "*");
  require(facts.head.target.find_first_of(std::string_view("\0\r\n ", 4)) == std::string::npos);
  require(facts.head.headers.size() <= kFieldsMax);
  int framers = 0;
  for (const auto& [name, value] : facts.head.headers) {
    require(is_token(name) && is_field_value(value));
    framers += cairn::codec::equals_ignore_case(name, "content-length") ||
               cairn::codec::equals_ignore_case(name, "transfer-encoding");
  }
  require(framers == (facts.body.kind == Framing::none ? 0 : 1));
}

// What the body is, and how much of the bytes it took; a refusal keeps what came before it.
std::pair<std::string, std::size_t> decode(BodyFraming framing, std::string_view bytes, std::size_t step) {
  BodyDecoder decoder(framing, kBodyMax);
  std::string body;
  std::size_t used = 0;
  for (std::size_t arrived = 0; !decoder.done();) {
    const auto taken = decoder.step(bytes.substr(used, arrived - used));
    if (!taken) {
      break;
    }
    require(taken->piece.size() <= taken->used && taken->used <= arrived - used);
    body += taken->piece;
    used += taken->used;
    if (taken->used == 0 && !decoder.done()) {
      if (arrived == bytes.size()) {
        break;
      }
      arrived = std::min(arrived + step, bytes.size());
    }
  }
  require(body.size() <= kBodyMax && used <= bytes.size());
  return {body, used};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto head = scan(bytes, bytes.size() + 1);
  require(head == scan(bytes, 1));
  if (head > 0) {
    const auto text = bytes.substr(0, static_cast<std::size_t>(head));
    const auto rest = bytes.substr(static_cast<std::size_t>(head));
    (void)parse_response_head(text, kFieldsMax, false);
    if (const auto facts = parse_request_head(text, kFieldsMax)) {
      check(*facts);
      require(decode(facts->body, rest, rest.size() + 1) == decode(facts->body, rest, 1));
    }
  }
  const BodyFraming chunked{Framing::chunked, 0};
  require(decode(chunked, bytes, bytes.size() + 1) == decode(chunked, bytes, 1));
  return 0;
}
