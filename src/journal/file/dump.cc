#include "journal/file/dump.h"

#include <fmt/format.h>

#include "journal/file/file_cursor.h"
#include "journal/file/folder.h"
#include "journal/file/start.h"

namespace cairn::journal {
namespace {

constexpr std::uint64_t kBlockBytes = 1ULL << 20;
constexpr int kLooksMax = 5;

class Dump {
 public:
  Dump(Position from, const std::function<void(const Entry&)>& visit) : from_(from), visit_(visit) {}

  // A file that another one follows, which begins at `end`.
  Result<void> older(const NamedFile& named, Position end) {
    CAIRN_TRY(auto file, enter(named));
    if (end <= from_) {
      found_.end = end;
      return {};
    }
    CAIRN_TRY(const auto bytes, file.file_bytes());
    return walk(file, {.bytes = bytes, .end = end});
  }

  // The newest file: a write may be unfinished at its end.
  Result<void> newest(const NamedFile& named) {
    CAIRN_TRY(auto file, enter(named));
    const auto tail = settled_tail(named);
    if (!tail && tail.error().code != Errc::corrupt) {
      return tail.error();
    }
    CAIRN_TRY(const auto bytes, file.file_bytes());
    // What is corrupt is walked all the same, up to the bad place.
    CAIRN_TRY_VOID(walk(
        file, tail ? FileCursor::Bounds{tail->end.offset, tail->end.position} : FileCursor::Bounds{bytes}));
    found_.torn_bytes = tail ? tail->torn_bytes : 0;
    return {};
  }

  Dumped& found() { return found_; }

 private:
  Result<FileCursor> enter(const NamedFile& named) {
    CAIRN_TRY(auto file, FileCursor::open(named.path));
    if (file.head().first != named.first) {
      return Error{Errc::corrupt, "read journal: a file's head names another position than its name",
                   named.path.native()};
    }
    found_.begin = found_.files++ == 0 ? named.first : found_.begin;
    return file;
  }

  // A server that writes can finish the group that was just found unfinished, and one more: look again before
  // calling it bad.
  static Result<Tail> settled_tail(const NamedFile& named) {
    for (int look = 1;; ++look) {
      CAIRN_TRY(auto file, FileCursor::open(named.path));
      auto tail = find_tail(file);
      if (tail || tail.error().code != Errc::corrupt || look == kLooksMax) {
        return tail;
      }
    }
  }

  Result<void> walk(FileCursor& file, const FileCursor::Bounds& bounds) {
    std::vector<Entry> entries;
    do {
      CAIRN_TRY_VOID(file.read(bounds, kBlockBytes, entries));
      for (const auto& entry : entries) {
        if (entry.position >= from_) {
          visit_(entry);
        }
      }
    } while (!entries.empty());
    found_.end = file.position();
    return {};
  }

  const Position from_;
  const std::function<void(const Entry&)>& visit_;
  Dumped found_;
};

}  // namespace

Result<Dumped> dump(const std::filesystem::path& folder, Position from,
                    const std::function<void(const Entry&)>& visit) {
  CAIRN_TRY(const auto files, list_files(folder));
  Dump dump(from, visit);
  for (std::size_t i = 0; i < files.size(); ++i) {
    const bool is_newest = i + 1 == files.size();
    auto done = is_newest ? dump.newest(files[i]) : dump.older(files[i], files[i + 1].first);
    const bool retired_meanwhile = !done && done.error().code == Errc::not_found && dump.found().files == 0;
    if (!done && !retired_meanwhile) {
      return std::move(done).error();
    }
  }
  if (from > dump.found().end) {
    return Error{Errc::invalid, fmt::format("dump journal: it ends at {}", dump.found().end.raw()),
                 std::to_string(from.raw())};
  }
  return dump.found();
}

}  // namespace cairn::journal
