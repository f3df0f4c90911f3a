// The bytes of a journal file: a file head, then groups. A group is what one sync made durable: a group head,
// then entries. It is there whole or not at all, and a later group proves that the earlier ones were synced.
// docs/formats/journal.md has the grammar.
//
// Pure: values in, bytes out, and back. Little endian.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "journal/journal.h"

namespace cairn::journal {

inline constexpr std::uint8_t kFormatVersion = 1;
inline constexpr std::size_t kFileHeadBytes = 40;
inline constexpr std::size_t kGroupHeadBytes = 36;
inline constexpr std::size_t kEntryHeadBytes = 8;
inline constexpr std::string_view kGroupMark{"grp\x1e", 4};

struct FileHead {
  Position first;      // of the file's first entry; the file's name says it too
  Time base_time;      // no entry of this file is older, no entry of the file before is younger
  std::uint64_t salt;  // random; goes into every group head's checksum, so that no payload can look like one

  friend bool operator==(const FileHead&, const FileHead&) = default;
};

struct GroupHead {
  Position first;
  Time time;            // of all entries of the group
  std::uint32_t bytes;  // of the entries that follow, their heads included
  std::uint32_t count;  // of entries, one at least
  std::uint32_t sum;    // the entries' checksums added up: binds these entries to this head

  friend bool operator==(const GroupHead&, const GroupHead&) = default;
};

struct EntryHead {
  std::uint32_t length;
  std::uint32_t checksum;
};

std::array<char, kFileHeadBytes> encode(const FileHead& head);
std::array<char, kGroupHeadBytes> encode(const GroupHead& head, std::uint64_t salt);

// Errc::corrupt when this is no journal file, Errc::invalid when a newer Cairn wrote it.
Result<FileHead> decode_file_head(std::string_view bytes, std::string_view file);
// Nothing when these bytes are no group head of this file. REQUIRES: kGroupHeadBytes at least.
std::optional<GroupHead> decode_group_head(std::string_view bytes, std::uint64_t salt);
// REQUIRES: kEntryHeadBytes at least.
EntryHead decode_entry_head(std::string_view bytes);

std::uint32_t entry_checksum(std::string_view payload);

// Entries as they go into a group. The caller serialises, so that the writer has only to write.
struct Entries {
  std::string bytes;
  std::uint32_t count = 0;
  std::uint32_t sum = 0;
};
std::uint64_t serialised_bytes(std::span<const std::string> payloads);
Entries serialise(std::span<const std::string> payloads);

}  // namespace cairn::journal
