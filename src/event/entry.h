// What a journal entry means. docs/formats/entry.md.
//
//   payload = format u8, kind u8, outbox number varint, body
//
// Format 1 is as it is written here; in format 2 the body is sealed (journal/sealed/), the head is not. A
// record's body is its JSON text. A control's body is a JSON object {"type": …, …}: a change of
// configuration (a trail, its logging) that holds for what comes after it in its partition.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cairn::event {

enum class Kind : std::uint8_t { record = 1, intent = 2, outcome = 3, control = 4 };
std::string_view to_string(Kind kind);

inline constexpr char kPlainFormat = 1;
inline constexpr char kSealedFormat = 2;

// What can be told of an entry without opening it.
struct EntryHead {
  Kind kind = Kind::record;
  std::uint64_t outbox_number = 0;  // 0: did not come through the outbox
  bool sealed = false;
  std::size_t bytes = 0;  // of the head: the body begins there
};

struct Entry {
  Kind kind = Kind::record;
  std::uint64_t outbox_number = 0;  // 0: did not come through the outbox
  std::string_view body;            // into the payload
};

std::string encode_entry(Kind kind, std::uint64_t outbox_number, std::string_view body);
// Errc::corrupt, or Errc::invalid for a newer format.
Result<EntryHead> decode_entry_head(std::string_view payload);
// The same, and Errc::denied for one that is sealed.
Result<Entry> decode_entry(std::string_view payload);

}  // namespace cairn::event
