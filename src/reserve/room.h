// Room: may this still take room on the disk? What the front and the door ask before they begin.
#pragma once

#include <cstdint>

namespace cairn::reserve {

// What asks for room, from the first to be refused to the last.
enum class Claim : std::uint8_t {
  growth,          // a caller's call that stores something, records handed in
  read,            // a caller's read: its record needs a kilobyte
  own,             // what Cairn does on somebody's behalf: log files into buckets
  removal,         // a caller's call that takes something away
  administration,  // an administrator's removal
};

// Thread-safe, and cheap enough for every call and every piece of a body.
class Room {
 public:
  virtual ~Room() = default;
  // Is there room for this claim, and for as many bytes as are known to come?
  virtual bool admits(Claim claim, std::uint64_t bytes = 0) const = 0;
};

}  // namespace cairn::reserve
