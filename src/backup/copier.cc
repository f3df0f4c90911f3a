// Tested by backup_test.cc.
#include "backup/copier.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "base/file.h"
#include "codec/base64.h"
#include "crypto/hash.h"

namespace cairn::backup {
namespace {

constexpr std::size_t kPieceBytes = 1U << 20;

Result<void> write_whole(const File& file, std::string_view bytes, const std::filesystem::path& path) {
  while (!bytes.empty()) {
    const auto written = ::write(file.descriptor(), bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) {
      return system_error(errno, "write copy", path.native());
    }
    bytes.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
  }
  return {};
}

Result<File> create(const std::filesystem::path& path) {
  std::error_code failed;
  std::filesystem::create_directories(path.parent_path(), failed);
  if (failed) {
    return system_error(failed.value(), "make folder", path.parent_path().native());
  }
  File file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!file.is_open()) {
    return system_error(errno, "make copy", path.native());
  }
  return file;
}

// Hands out the file's bytes piece by piece, hashed.
template <class Take>
Result<Copied> read_through(const std::filesystem::path& path, std::uint64_t bytes_max, Take take) {
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) {
    return system_error(errno, "open file to copy", path.native());
  }
  crypto::Sha256 hasher;
  Copied copied;
  std::string piece(kPieceBytes, '\0');
  while (copied.bytes < bytes_max) {
    const auto wanted = std::min<std::uint64_t>(piece.size(), bytes_max - copied.bytes);
    const auto got = ::read(file.descriptor(), piece.data(), wanted);
    if (got < 0 && errno != EINTR) {
      return system_error(errno, "read file to copy", path.native());
    }
    if (got == 0) {
      break;
    }
    const auto bytes = std::string_view(piece).substr(0, got < 0 ? 0 : static_cast<std::size_t>(got));
    hasher.add(bytes);
    CAIRN_TRY_VOID(take(bytes));
    copied.bytes += bytes.size();
  }
  const auto digest = hasher.finish();
  copied.sha256 = codec::hex_encode(digest);
  return copied;
}

}  // namespace

Result<Copied> copy_and_hash(const std::filesystem::path& from, const std::filesystem::path& to,
                             std::uint64_t bytes_max) {
  CAIRN_TRY(const auto target, create(to));
  return read_through(from, bytes_max,
                      [&](std::string_view bytes) { return write_whole(target, bytes, to); });
}

Result<Copied> hash_file(const std::filesystem::path& file) {
  return read_through(file, ~0ULL, [](std::string_view) { return Result<void>(); });
}

Result<void> sync_all(const std::filesystem::path& folder) {
  const File opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened.is_open() || ::syncfs(opened.descriptor()) != 0) {
    return system_error(errno, "sync copies", folder.native());
  }
  return {};
}

Result<void> make_empty_folder(const std::filesystem::path& folder) {
  std::error_code failed;
  if (std::filesystem::exists(folder, failed) &&
      (!std::filesystem::is_directory(folder, failed) || !std::filesystem::is_empty(folder, failed))) {
    return Error{Errc::conflict, "the folder is not empty", folder.native()};
  }
  std::filesystem::create_directories(folder, failed);
  if (!failed) {
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, failed);
  }
  return failed ? Result<void>(system_error(failed.value(), "make folder", folder.native())) : Result<void>();
}

}  // namespace cairn::backup
