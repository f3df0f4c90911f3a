// Tested by input_test.cc.
#include "base/input.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

namespace cairn {

namespace {

Result<void> read_at(int file, std::uint64_t offset, std::span<char> to, const std::string& path) {
  while (!to.empty()) {
    const auto got = ::pread(file, to.data(), to.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return system_error(errno, "read file", path);
    }
    if (got == 0) {
      return Error{Errc::corrupt, "read file: it is cut", path};
    }
    offset += static_cast<std::uint64_t>(got);
    to = to.subspan(static_cast<std::size_t>(got));
  }
  return {};
}

Result<File> open_file(const std::string& path) {
  File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) {
    return system_error(errno, "open file", path);
  }
  return file;
}

class FileInput final : public Input {
 public:
  FileInput(File file, std::string path, std::uint64_t bytes)
      : file_(std::move(file)), path_(std::move(path)), bytes_(bytes) {}

  std::uint64_t bytes() const override { return bytes_; }
  Result<void> read(std::uint64_t offset, std::span<char> to) const override {
    return read_at(file_.descriptor(), offset, to, path_);
  }

 private:
  const File file_;
  const std::string path_;
  const std::uint64_t bytes_;
};

class PathInput final : public Input {
 public:
  PathInput(std::string path, std::uint64_t bytes) : path_(std::move(path)), bytes_(bytes) {}

  std::uint64_t bytes() const override { return bytes_; }
  Result<void> read(std::uint64_t offset, std::span<char> to) const override {
    CAIRN_TRY(const auto file, open_file(path_));
    return read_at(file.descriptor(), offset, to, path_);
  }

 private:
  const std::string path_;
  const std::uint64_t bytes_;
};

class MemoryInput final : public Input {
 public:
  explicit MemoryInput(std::string_view bytes) : all_(bytes) {}

  std::uint64_t bytes() const override { return all_.size(); }
  Result<void> read(std::uint64_t offset, std::span<char> to) const override {
    if (offset > all_.size() || all_.size() - offset < to.size()) {
      return Error{Errc::corrupt, "read bytes: they are cut"};
    }
    std::ranges::copy(all_.substr(offset, to.size()), to.begin());
    return {};
  }

 private:
  const std::string_view all_;
};

}  // namespace

Result<std::unique_ptr<const Input>> open_input(const std::string& path) {
  CAIRN_TRY(auto file, open_file(path));
  return input_of(std::move(file), path);
}

Result<std::unique_ptr<const Input>> input_of(File file, std::string path) {
  struct stat status {};
  if (::fstat(file.descriptor(), &status) != 0) {
    return system_error(errno, "size of file", path);
  }
  const auto bytes = static_cast<std::uint64_t>(status.st_size);
  return std::unique_ptr<const Input>(std::make_unique<FileInput>(std::move(file), std::move(path), bytes));
}

Result<std::unique_ptr<const Input>> path_input(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    return system_error(errno, "open file", path);
  }
  const auto bytes = static_cast<std::uint64_t>(status.st_size);
  return std::unique_ptr<const Input>(std::make_unique<PathInput>(path, bytes));
}

std::unique_ptr<const Input> memory_input(std::string_view bytes) {
  return std::make_unique<MemoryInput>(bytes);
}

}  // namespace cairn
