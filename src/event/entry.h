// What a journal entry means. docs/formats/entry.md.
//
//   payload = format u8 (1), kind u8, outbox number varint, body
//
// A record's body is its JSON text. A control's body is a JSON object {"type": …, …}: a change of
// configuration (a trail, its logging) that holds for what comes after it in its partition.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cairn::event {

enum class Kind : std::uint8_t { record = 1, intent = 2, outcome = 3, control = 4 };
std::string_view to_string(Kind kind);

struct Entry {
  Kind kind = Kind::record;
  std::uint64_t outbox_number = 0;  // 0: did not come through the outbox
  std::string_view body;            // into the payload
};

std::string encode_entry(Kind kind, std::uint64_t outbox_number, std::string_view body);
// Errc::corrupt, or Errc::invalid for a newer format.
Result<Entry> decode_entry(std::string_view payload);

}  // namespace cairn::event
