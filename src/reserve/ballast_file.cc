// Tested by reserve_test.cc and conformance/test_full_disk.py.
#include "reserve/ballast_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <cerrno>

#include "base/file.h"

namespace cairn::reserve {
namespace {

constexpr std::uint64_t kStatBlock = 512;  // st_blocks counts in these

class BallastFile final : public Ballast {
 public:
  BallastFile(File file, std::string name) : file_(std::move(file)), name_(std::move(name)) {}

  Result<std::uint64_t> free_bytes() override {
    struct statvfs now {};
    if (::fstatvfs(file_.descriptor(), &now) != 0) {
      return system_error(errno, "look for free room", name_);
    }
    return static_cast<std::uint64_t>(now.f_bavail) * now.f_frsize;
  }

  // What is allocated: a file that was copied or restored may be all hole.
  Result<std::uint64_t> held_bytes() override {
    struct stat now {};
    if (::fstat(file_.descriptor(), &now) != 0) {
      return system_error(errno, "look at the reserve", name_);
    }
    return std::min(static_cast<std::uint64_t>(now.st_size),
                    static_cast<std::uint64_t>(now.st_blocks) * kStatBlock);
  }

  Result<void> hold(std::uint64_t bytes) override {
    CAIRN_TRY(const auto before, held_bytes());
    if (bytes < before) {
      return cut(bytes);
    }
    if (const auto error = ::posix_fallocate(file_.descriptor(), 0, static_cast<off_t>(bytes)); error != 0) {
      // It may have taken a part of what it could not have whole.
      static_cast<void>(cut(before).has_value());
      return system_error(error, "take room for the reserve", name_);
    }
    return ::fsync(file_.descriptor()) == 0 ? Result<void>()
                                            : system_error(errno, "sync the reserve", name_);
  }

 private:
  Result<void> cut(std::uint64_t bytes) {
    return ::ftruncate(file_.descriptor(), static_cast<off_t>(bytes)) == 0
               ? Result<void>()
               : system_error(errno, "give room of the reserve away", name_);
  }

  const File file_;
  const std::string name_;
};

}  // namespace

Result<std::unique_ptr<Ballast>> ballast_file(const std::filesystem::path& file) {
  File opened(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!opened.is_open()) {
    return system_error(errno, "open the reserve", file.native());
  }
  return std::unique_ptr<Ballast>(std::make_unique<BallastFile>(std::move(opened), file.native()));
}

}  // namespace cairn::reserve
