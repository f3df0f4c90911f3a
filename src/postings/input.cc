// Tested by index_test.cc.
#include "postings/input.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/file.h"

namespace cairn::postings {

namespace {

class FileInput final : public Input {
 public:
  FileInput(std::string path, std::uint64_t bytes) : path_(std::move(path)), bytes_(bytes) {}

  std::uint64_t bytes() const override { return bytes_; }

  Result<void> read(std::uint64_t offset, std::span<char> to) const override {
    const File file(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.is_open()) {
      return system_error(errno, "open postings file", path_);
    }
    while (!to.empty()) {
      const auto got = ::pread(file.descriptor(), to.data(), to.size(), static_cast<off_t>(offset));
      if (got < 0 && errno == EINTR) {
        continue;
      }
      if (got < 0) {
        return system_error(errno, "read postings file", path_);
      }
      if (got == 0) {
        return Error{Errc::corrupt, "read postings: the file is cut", path_};
      }
      offset += static_cast<std::uint64_t>(got);
      to = to.subspan(static_cast<std::size_t>(got));
    }
    return {};
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
      return Error{Errc::corrupt, "read postings: the file is cut"};
    }
    std::ranges::copy(all_.substr(offset, to.size()), to.begin());
    return {};
  }

 private:
  const std::string_view all_;
};

}  // namespace

Result<std::unique_ptr<const Input>> file_input(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    return system_error(errno, "open postings file", path);
  }
  std::unique_ptr<const Input> input =
      std::make_unique<FileInput>(path, static_cast<std::uint64_t>(status.st_size));
  return input;
}

std::unique_ptr<const Input> memory_input(std::string_view bytes) {
  return std::make_unique<MemoryInput>(bytes);
}

}  // namespace cairn::postings
