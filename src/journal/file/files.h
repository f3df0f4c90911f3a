// Files: what readers may see: the journal's files in order, and how far the newest is durable. The writer
// publishes, readers look and wait, retire takes away. Thread-safe; no file is touched under its lock.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "journal/file/file_cursor.h"

namespace cairn::journal {

// One file. Kept alive by readers that are in it, also after it is gone from the list and the folder.
struct File {
  const Position first;
  const Time base_time;
  const std::filesystem::path path;

 private:
  friend class Files;
  std::uint64_t bytes;                  // durable ones; of an older file: its size
  std::optional<Position> sealed_at{};  // nothing is appended any more; what lies after this position is void
  std::vector<FileCursor::Place> marks{};  // every now and then, so that a reader need not start at the front

 public:
  File(Position f, Time t, std::filesystem::path p, std::uint64_t b)
      : first(f), base_time(t), path(std::move(p)), bytes(b) {}
};

class Files {
 public:
  // How far into a file one may read now.
  struct View {
    std::shared_ptr<const File> file;
    FileCursor::Bounds bounds;
    std::optional<FileCursor::Place> near;  // a place to start from on the way to a position
  };
  // One that waits may be woken for another reason.
  struct Wake {
    bool interrupted = false;  // guarded by Files' lock
  };

  // For the writer. add() seals the newest file where the new one begins, or takes its place if no entry in
  // it is durable.
  void add(std::shared_ptr<File> file);
  void publish(const FileCursor::Place& place);

  Position end() const;
  Position begin() const;
  std::size_t count() const;

  // Errc::not_found: retired.
  Result<View> locate(Position position) const;
  View look(const std::shared_ptr<const File>& file) const;

  // False when the patience ran out or wake() came before there was an entry at `position`.
  bool wait_for(Position position, Millis patience, Wake& wake) const;
  void wake(Wake& wake) const;

  // Takes the oldest file off the list if every entry in it is before `position` and was appended before
  // `time`.
  std::shared_ptr<File> take_oldest(Position position, Time time);
  // It could not be deleted.
  void put_back(std::shared_ptr<File> file);

 private:
  static FileCursor::Bounds bounds_of(const File& file, Position end);

  mutable std::mutex mutex_;
  mutable std::condition_variable moved_;
  std::deque<std::shared_ptr<File>> files_;  // oldest first
  Position end_{};
};

}  // namespace cairn::journal
