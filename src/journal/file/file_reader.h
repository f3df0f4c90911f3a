// Reads a file journal in order, from its own file descriptors.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "journal/file/file_cursor.h"
#include "journal/file/files.h"

namespace cairn::journal {

class FileReader final : public Reader {
 public:
  FileReader(const Files& files, Position from, std::uint64_t bytes_max)
      : files_(files), bytes_max_(bytes_max), position_(from) {}

  Result<std::span<const Entry>> read(Millis patience) override;
  Position position() const override { return position_; }
  void interrupt() override { files_.wake(wake_); }

 private:
  Result<void> read_here();
  Result<Files::View> view();
  Result<void> enter(const Files::View& view);

  const Files& files_;
  const std::uint64_t bytes_max_;
  Files::Wake wake_;

  Position position_;
  std::shared_ptr<const File> file_;  // the one cursor_ is in
  std::optional<FileCursor> cursor_;
  std::optional<Error> failed_;  // comes again at every call
  std::vector<Entry> entries_;
};

}  // namespace cairn::journal
