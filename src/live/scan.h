// Reads a range of the journal once more, for who wants some of its records now: those of one account that
// match patterns. Needs no cursor and keeps nothing from being retired, so it can find that what it wants is
// gone.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "journal/journal.h"
#include "match/match.h"

namespace cairn::live {

// A place in the journal, as callers have it: "0-1234". Valid as long as what is behind it is kept.
struct Mark {
  journal::Partition partition;
  journal::Position position;

  std::string text() const;
  // Errc::invalid.
  static Result<Mark> parse(std::string_view text);
};

// Where the first entry is that was appended then or later; the end, if there is none. Blocks on the disk.
// Errc::not_found: what was appended then is not kept any more.
Result<journal::Position> position_at(journal::Journal& journal, journal::Partition partition, Time time);

struct Found {
  journal::Position position;
  std::string record;                   // JSON, one line
  std::vector<std::uint64_t> patterns;  // ids of those that matched
};

// What one step read.
struct Part {
  std::vector<Found> found;
  std::uint64_t records = 0;  // of the account, looked at
  journal::Position next;     // all before it was read
};

// One thread at a time; blocks on the disk, never on the journal's writer.
class Scan {
 public:
  // The journal outlives it. Without a matcher each record is found.
  Scan(journal::Journal& journal, Mark from, std::string account,
       std::shared_ptr<const match::Matcher> matcher);

  // Reads on, but not to `until` or beyond: one read's worth of entries (journal::Limits::read_bytes_max).
  // Errc::not_found: retired; Errc::invalid: behind the journal's end. A record that cannot be read is left
  // out, as every follower leaves it out.
  Result<Part> read(journal::Position until);

  Mark at() const { return at_; }

 private:
  Result<void> look(const journal::Entry& entry, Part& part);

  journal::Journal& journal_;
  Mark at_;
  const std::string account_;
  const std::shared_ptr<const match::Matcher> matcher_;
  std::unique_ptr<journal::Reader> reader_;
  match::Scratch scratch_;
  std::vector<match::Hit> hits_;
};

}  // namespace cairn::live
