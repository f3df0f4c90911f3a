#include "event/entry.h"

#include <limits>

#include "base/check.h"

namespace cairn::event {
namespace {

constexpr std::size_t kHeadBytesMax = 2 + 10;  // format, kind, the longest varint
constexpr int kVarintBits = 7;
constexpr std::uint8_t kVarintMore = 0x80;

void append_varint(std::string& out, std::uint64_t value) {
  while (value >= kVarintMore) {
    out.push_back(static_cast<char>((value & 0x7F) | kVarintMore));
    value >>= kVarintBits;
  }
  out.push_back(static_cast<char>(value));
}

Error corrupt(std::string_view why) {
  return Error{Errc::corrupt, "read journal entry: " + std::string(why)};
}

// Takes the varint from the front of the text. Only the shortest spelling of a number is one.
Result<std::uint64_t> take_varint(std::string_view& text) {
  std::uint64_t value = 0;
  for (int shift = 0; shift < std::numeric_limits<std::uint64_t>::digits; shift += kVarintBits) {
    if (text.empty()) {
      return corrupt("it ends within its outbox number");
    }
    const auto byte = static_cast<std::uint8_t>(text.front());
    text.remove_prefix(1);
    const std::uint64_t bits = byte & 0x7FU;
    if (shift > 0 && byte == 0) {
      return corrupt("its outbox number is not in the shortest form");
    }
    if ((bits << shift) >> shift != bits) {
      return corrupt("its outbox number is above 64 bits");
    }
    value |= bits << shift;
    if ((byte & kVarintMore) == 0) {
      return value;
    }
  }
  return corrupt("its outbox number is above 64 bits");
}

bool is_kind(std::uint8_t byte) {
  return byte >= static_cast<std::uint8_t>(Kind::record) && byte <= static_cast<std::uint8_t>(Kind::control);
}

}  // namespace

std::string_view to_string(Kind kind) {
  switch (kind) {
    case Kind::record:
      return "record";
    case Kind::intent:
      return "intent";
    case Kind::outcome:
      return "outcome";
    case Kind::control:
      return "control";
  }
  return "unknown";
}

std::string encode_entry(Kind kind, std::uint64_t outbox_number, std::string_view body) {
  CAIRN_CHECK(is_kind(static_cast<std::uint8_t>(kind)));
  std::string payload;
  payload.reserve(kHeadBytesMax + body.size());
  payload.push_back(kPlainFormat);
  payload.push_back(static_cast<char>(kind));
  append_varint(payload, outbox_number);
  payload.append(body);
  return payload;
}

Result<EntryHead> decode_entry_head(std::string_view payload) {
  if (payload.size() < 2) {
    return corrupt("it is shorter than its head");
  }
  const auto format = static_cast<std::uint8_t>(payload[0]);
  const auto kind = static_cast<std::uint8_t>(payload[1]);
  if (format == 0) {
    return corrupt("its format is 0");
  }
  if (format > kSealedFormat) {
    return Error{Errc::invalid, "read journal entry: format " + std::to_string(format) +
                                    " was written by a newer cairn, this one knows " +
                                    std::to_string(kSealedFormat)};
  }
  if (!is_kind(kind)) {
    return corrupt("kind " + std::to_string(kind) + " does not exist");
  }
  auto rest = payload.substr(2);
  CAIRN_TRY(const auto number, take_varint(rest));
  return EntryHead{.kind = static_cast<Kind>(kind),
                   .outbox_number = number,
                   .sealed = format == kSealedFormat,
                   .bytes = payload.size() - rest.size()};
}

Result<Entry> decode_entry(std::string_view payload) {
  CAIRN_TRY(const auto head, decode_entry_head(payload));
  if (head.sealed) {
    return Error{Errc::denied, "read journal entry: it is sealed"};
  }
  return Entry{.kind = head.kind, .outbox_number = head.outbox_number, .body = payload.substr(head.bytes)};
}

}  // namespace cairn::event
