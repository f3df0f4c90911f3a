// One step is a group head or an entry. Each step is checked before the cursor moves over it, so that a bad
// place is found again by every later call, and so that whole() only ever names what is good.
//
// Tested by damage_test.cc, power_loss_test.cc and journal_file_fuzz.cc.
#include "journal/file/file_cursor.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace cairn::journal {
namespace {

constexpr std::uint64_t kSeekBlockBytes = 64ULL << 10;
constexpr std::uint64_t kSearchBlockBytes = 1ULL << 20;

// Reads up to `bytes` bytes; fewer only at the end of the file.
Result<std::uint64_t> read_at(const Fd& fd, char* to, std::uint64_t bytes, std::uint64_t offset,
                              const std::string& name) {
  std::uint64_t done = 0;
  while (done < bytes) {
    const auto got = ::pread(fd.get(), to + done, bytes - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return system_error(errno, "read journal file", name);
    }
    if (got == 0) {
      break;
    }
    done += static_cast<std::uint64_t>(got);
  }
  return done;
}

}  // namespace

Result<FileCursor> FileCursor::open(const std::filesystem::path& path) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.is_open()) {
    return system_error(errno, "open journal file", path.native());
  }
  return adopt(std::move(fd), path.native());
}

Result<FileCursor> FileCursor::adopt(Fd fd, std::string name) {
  FileCursor cursor(std::move(fd), std::move(name));
  CAIRN_TRY(const auto bytes, cursor.load(kFileHeadBytes, kFileHeadBytes));
  CAIRN_TRY(cursor.head_, decode_file_head(bytes, cursor.name_));
  cursor.whole_ = {.offset = kFileHeadBytes, .position = cursor.head_.first, .time = cursor.head_.base_time};
  cursor.start_at(cursor.whole_);
  return cursor;
}

void FileCursor::start_at(const Place& place) {
  CAIRN_CHECK(rest_.count == 0);
  whole_ = place;
  offset_ = place.offset;
  position_ = place.position;
}

Result<std::uint64_t> FileCursor::file_bytes() const {
  struct stat found {};
  if (::fstat(fd_.get(), &found) != 0) {
    return system_error(errno, "stat journal file", name_);
  }
  return static_cast<std::uint64_t>(found.st_size);
}

Result<std::string_view> FileCursor::load(std::uint64_t least, std::uint64_t most) {
  const auto skipped = offset_ - block_offset_;
  if (offset_ < block_offset_ || skipped > block_bytes_ || block_bytes_ - skipped < least) {
    if (block_capacity_ < most) {
      block_ = std::make_unique_for_overwrite<char[]>(most);
      block_capacity_ = most;
    }
    block_bytes_ = 0;
    CAIRN_TRY(block_bytes_, read_at(fd_, block_.get(), most, offset_, name_));
    block_offset_ = offset_;
  }
  const auto at = offset_ - block_offset_;
  return std::string_view{block_.get() + at, std::min(most, block_bytes_ - at)};
}

Result<void> FileCursor::read(const Bounds& bounds, std::uint64_t budget, std::vector<Entry>& out) {
  out.clear();
  std::uint64_t needed = 1;
  while (needed > 0 && out.empty()) {
    const auto left = bounds.bytes - std::min(bounds.bytes, offset_);
    const bool unbounded = bounds.end == Bounds{0}.end;
    if (rest_.count == 0 && (position_ >= bounds.end || (left == 0 && unbounded))) {
      return {};
    }
    if (left < needed) {
      return bad("the file ends too early");
    }
    CAIRN_TRY(const auto bytes, load(needed, std::min(left, std::max(needed, budget))));
    if (bytes.size() < needed) {
      return bad("the file ends too early");
    }
    CAIRN_TRY(needed, parse(bytes, bounds.end, out));
  }
  return {};
}

Result<std::uint64_t> FileCursor::parse(std::string_view bytes, Position end, std::vector<Entry>& out) {
  while (rest_.count > 0 || position_ < end) {
    if (rest_.count == 0) {
      if (bytes.size() < kGroupHeadBytes) {
        return kGroupHeadBytes;
      }
      if (auto entered = enter_group(bytes, end); !entered) {
        return out.empty() ? Result<std::uint64_t>(std::move(entered).error()) : 0;
      }
      bytes.remove_prefix(kGroupHeadBytes);
    }
    if (bytes.size() < kEntryHeadBytes) {
      return kEntryHeadBytes;
    }
    const auto entry = decode_entry_head(bytes);
    auto checked = check_length(entry);
    const auto total = kEntryHeadBytes + std::uint64_t{entry.length};
    if (checked && bytes.size() < total) {
      return total;
    }
    const auto payload = checked ? bytes.substr(kEntryHeadBytes, entry.length) : std::string_view{};
    checked = checked ? check_entry(entry, payload) : std::move(checked);
    if (!checked) {
      return out.empty() ? Result<std::uint64_t>(std::move(checked).error()) : 0;
    }
    out.push_back({.position = position_, .time = rest_.time, .payload = payload});
    leave_entry(entry);
    bytes.remove_prefix(total);
  }
  return 0;
}

Result<void> FileCursor::enter_group(std::string_view bytes, Position end) {
  const auto group = decode_group_head(bytes, head_.salt);
  if (!group) {
    return bad("a group's head is damaged");
  }
  if (group->first != position_) {
    return bad(fmt::format("a group says it is at position {}", group->first.raw()));
  }
  if (end - position_ < group->count) {
    return bad("a group reaches into the next file");
  }
  rest_ = {.count = group->count, .bytes = group->bytes, .sum = group->sum, .time = group->time};
  offset_ += kGroupHeadBytes;
  return {};
}

Result<void> FileCursor::check_length(const EntryHead& entry) const {
  const auto total = kEntryHeadBytes + std::uint64_t{entry.length};
  const auto others = (rest_.count - 1) * kEntryHeadBytes;  // the least that the entries after it take
  if (total + others > rest_.bytes || (rest_.count == 1 && total != rest_.bytes)) {
    return bad("an entry's length is wrong");
  }
  return {};
}

Result<void> FileCursor::check_entry(const EntryHead& entry, std::string_view payload) const {
  if (entry_checksum(payload) != entry.checksum) {
    return bad("an entry's checksum is wrong");
  }
  if (rest_.count == 1 && rest_.sum != entry.checksum) {
    return bad("a group's entries are not those it was written with");
  }
  return {};
}

void FileCursor::leave_entry(const EntryHead& entry) {
  const auto total = kEntryHeadBytes + std::uint64_t{entry.length};
  rest_.count -= 1;
  rest_.bytes -= total;
  rest_.sum -= entry.checksum;
  offset_ += total;
  position_ = position_ + 1;
  if (rest_.count == 0) {
    whole_ = {.offset = offset_, .position = position_, .time = rest_.time};
  }
}

Result<void> FileCursor::seek(const Bounds& bounds, Position position) {
  while (position_ < position) {
    CAIRN_TRY_VOID(step_over(bounds, position));
  }
  return {};
}

Result<void> FileCursor::step_over(const Bounds& bounds, Position position) {
  const auto left = bounds.bytes - std::min(bounds.bytes, offset_);
  const auto needed = rest_.count == 0 ? kGroupHeadBytes : kEntryHeadBytes;
  CAIRN_TRY(const auto bytes, load(std::min(left, needed), std::min(left, kSeekBlockBytes)));
  if (bytes.size() < needed) {
    return bad("the file ends too early");
  }
  if (rest_.count == 0) {
    CAIRN_TRY_VOID(enter_group(bytes, bounds.end));
    if (position - position_ >= rest_.count) {
      leave_group();
    }
    return {};
  }
  const auto entry = decode_entry_head(bytes);
  CAIRN_TRY_VOID(check_length(entry));
  leave_entry(entry);
  return {};
}

void FileCursor::leave_group() {
  offset_ += rest_.bytes;
  position_ = position_ + rest_.count;
  whole_ = {.offset = offset_, .position = position_, .time = rest_.time};
  rest_ = {};
}

Result<bool> FileCursor::has_group_after(std::uint64_t offset, Position position) {
  CAIRN_TRY(const auto size, file_bytes());
  std::string block;
  for (auto at = offset + 1; at + kGroupHeadBytes <= size; at += kSearchBlockBytes) {
    block.resize(std::min(size - at, kSearchBlockBytes + kGroupHeadBytes - 1));
    CAIRN_TRY(const auto got, read_at(fd_, block.data(), block.size(), at, name_));
    const auto bytes = std::string_view(block).substr(0, got);
    for (auto found = bytes.find(kGroupMark); found != bytes.npos;
         found = bytes.find(kGroupMark, found + 1)) {
      const auto candidate = bytes.substr(found);
      const auto group =
          candidate.size() < kGroupHeadBytes ? std::nullopt : decode_group_head(candidate, head_.salt);
      if (group && group->first > position) {
        return true;
      }
    }
  }
  return false;
}

Error FileCursor::bad(std::string_view what) const {
  return Error{Errc::corrupt, fmt::format("read journal: {}", what),
               fmt::format("{} at byte {}, position {}", name_, offset_, position_.raw())};
}

}  // namespace cairn::journal
