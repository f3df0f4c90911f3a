// Tested by check_test.cc.
#include "journal/file/check.h"

#include <algorithm>

#include "journal/file/file_cursor.h"
#include "journal/file/folder.h"
#include "journal/file/start.h"

namespace cairn::journal {
namespace {

constexpr std::uint64_t kPieceBytes = 1ULL << 20;
constexpr int kLooksAtMost = 5;

class Check {
 public:
  explicit Check(const std::function<bool(const Entry&)>& visit) : visit_(visit) {}

  // `end`: where the next file begins; nothing after it counts. The newest has none.
  Result<CheckedFile> file(const NamedFile& named, std::optional<Position> end) {
    CAIRN_TRY(auto cursor, FileCursor::open(named.path));
    if (cursor.head().first != named.first) {
      return Error{Errc::corrupt, "read journal: a file's head names another position than its name",
                   named.path.native()};
    }
    CheckedFile found{.path = named.path,
                      .first = named.first,
                      .end = named.first,
                      .oldest = cursor.head().base_time,
                      .newest = cursor.head().base_time};
    FileCursor::Bounds bounds{0};
    CAIRN_TRY(bounds.bytes, cursor.file_bytes());
    if (end) {
      bounds.end = *end;
    } else {
      CAIRN_TRY(const auto tail, settled_tail(named));
      bounds = {.bytes = tail.end.offset, .end = tail.end.position};
      found.torn_bytes = tail.torn_bytes;
    }
    CAIRN_TRY_VOID(walk(cursor, bounds, found));
    return found;
  }

  bool is_stopped() const { return stopped_at_.has_value(); }
  std::uint64_t entries() const { return entries_; }

 private:
  // A server that writes can finish the group that was just found unfinished, and one more: look again before
  // calling it bad.
  static Result<Tail> settled_tail(const NamedFile& named) {
    for (int look = 1;; ++look) {
      CAIRN_TRY(auto cursor, FileCursor::open(named.path));
      auto tail = find_tail(cursor);
      if (tail || tail.error().code != Errc::corrupt || look == kLooksAtMost) {
        return tail;
      }
    }
  }

  Result<void> walk(FileCursor& cursor, const FileCursor::Bounds& bounds, CheckedFile& found) {
    std::vector<Entry> entries;
    do {
      CAIRN_TRY_VOID(cursor.read(bounds, kPieceBytes, entries));
      for (const auto& entry : entries) {
        if (!visit_(entry)) {
          stopped_at_ = entry.position;
          return end_before(entry.position, bounds, found);
        }
        found.oldest = entry.position == found.first ? entry.time : found.oldest;
        found.newest = entry.time;
        entries_ += 1;
      }
    } while (!entries.empty());
    found.end = cursor.whole().position;
    found.bytes = cursor.whole().offset;
    return {};
  }

  // Groups are whole or not there: the end is that of the group before.
  Result<void> end_before(Position position, const FileCursor::Bounds& bounds, CheckedFile& found) {
    CAIRN_TRY(auto cursor, FileCursor::open(found.path));
    CAIRN_TRY_VOID(cursor.seek(bounds, position));
    entries_ -= position - cursor.whole().position;
    found.end = cursor.whole().position;
    found.bytes = cursor.whole().offset;
    found.newest = cursor.whole().time;
    return {};
  }

  const std::function<bool(const Entry&)>& visit_;
  std::optional<Position> stopped_at_;
  std::uint64_t entries_ = 0;
};

}  // namespace

Result<void> check_folder(const std::filesystem::path& folder, const std::function<bool(const Entry&)>& visit,
                          Checked& checked) {
  CAIRN_TRY(const auto files, list_files(folder));
  Check check(visit);
  for (std::size_t i = 0; i < files.size() && !check.is_stopped(); ++i) {
    const auto next = i + 1 < files.size() ? std::optional(files[i + 1].first) : std::nullopt;
    auto file = check.file(files[i], next);
    const bool retired_meanwhile = !file && file.error().code == Errc::not_found && checked.files.empty();
    if (!file && !retired_meanwhile) {
      return std::move(file).error();
    }
    if (file) {
      checked.files.push_back(std::move(*file));
    }
    checked.entries = check.entries();
  }
  return {};
}

}  // namespace cairn::journal
