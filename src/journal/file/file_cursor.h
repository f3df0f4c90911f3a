// FileCursor: walks one journal file in order and checks every byte it passes. Readers, the start of a
// journal, the dump and the fuzzer all read through it.
//
// Not thread-safe. It never reads at or beyond the limit it is given, so it can walk a file that is still
// written to.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "base/result.h"
#include "journal/file/disk.h"
#include "journal/file/format.h"
#include "journal/journal.h"

namespace cairn::journal {

class FileCursor {
 public:
  // Where to stop: `bytes` from the file's start, and before `end`.
  struct Bounds {
    std::uint64_t bytes;
    Position end{~0ULL};
  };
  // A place between two groups.
  struct Place {
    std::uint64_t offset = 0;
    Position position{};
    Time time{};  // of the last entry before it
  };

  // Errc::not_found, and what decode_file_head says.
  static Result<FileCursor> open(const std::filesystem::path& path);
  // For the fuzzer: a file without a name.
  static Result<FileCursor> adopt(Fd fd, std::string name);

  const FileHead& head() const { return head_; }
  Position position() const { return position_; }
  // After the last group it passed. read() passes only what is good.
  const Place& whole() const { return whole_; }
  Result<std::uint64_t> file_bytes() const;

  // The next entries into `out`, about `budget` bytes of them, one at least; nothing at the bounds. Payloads
  // are valid until the next call. Errc::corrupt at a bad entry (those before it come first), again at every
  // call.
  Result<void> read(const Bounds& bounds, std::uint64_t budget, std::vector<Entry>& out);

  // Goes to a place known to be between two groups. REQUIRES: nothing was read yet.
  void start_at(const Place& place);
  // Goes forward to `position` without looking at payloads.
  Result<void> seek(const Bounds& bounds, Position position);

  // Is there a group head of this file after `offset`, of a position after `position`? Then what lies before
  // it was synced once.
  Result<bool> has_group_after(std::uint64_t offset, Position position);

 private:
  // What is left of the group that `offset_` is in.
  struct Rest {
    std::uint32_t count = 0;
    std::uint64_t bytes = 0;
    std::uint32_t sum = 0;
    Time time{};
  };

  FileCursor(Fd fd, std::string name) : fd_(std::move(fd)), name_(std::move(name)) {}

  // At least and at most so many bytes of the file at `offset_`; from memory when they are there.
  Result<std::string_view> load(std::uint64_t least, std::uint64_t most);
  // Takes whole entries; the number of bytes that one more step needs, or 0 at the end.
  Result<std::uint64_t> parse(std::string_view bytes, Position end, std::vector<Entry>& out);
  Result<void> enter_group(std::string_view bytes, Position end);
  Result<void> check_entry(const EntryHead& entry, std::string_view payload) const;
  Result<void> check_length(const EntryHead& entry) const;
  void leave_entry(const EntryHead& entry);
  void leave_group();
  Result<void> step_over(const Bounds& bounds, Position position);
  Error bad(std::string_view what) const;

  Fd fd_;
  std::string name_;
  FileHead head_{};
  std::uint64_t offset_ = 0;  // of the next group head, or entry in a group
  Position position_{};
  Rest rest_;
  Place whole_;
  std::unique_ptr<char[]> block_;  // bytes of the file from block_offset_
  std::uint64_t block_capacity_ = 0;
  std::uint64_t block_offset_ = 0;
  std::uint64_t block_bytes_ = 0;
};

}  // namespace cairn::journal
