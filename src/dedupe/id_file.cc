#include "dedupe/id_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <charconv>
#include <vector>

#include "codec/checksum.h"

namespace cairn::dedupe {
namespace {

static_assert(std::endian::native == std::endian::little, "the format is written by copying");

constexpr std::string_view kFileMark{"cairnids", 8};
constexpr std::uint8_t kFormatVersion = 1;
constexpr std::size_t kFileHeadBytes = 16;
constexpr std::string_view kSuffix = ".ids";
constexpr std::string_view kUnfinished = ".new";

std::string file_name(std::uint64_t number) {
  return fmt::format("{:020}{}", number, kSuffix);
}

std::string file_head() {
  std::string head(kFileMark);
  head.push_back(static_cast<char>(kFormatVersion));
  head.resize(kFileHeadBytes - sizeof(std::uint32_t));
  const auto checksum = codec::crc32c(head);
  return head.append(reinterpret_cast<const char*>(&checksum), sizeof checksum);
}

Result<void> check_file_head(std::string_view head, const std::string& name) {
  if (head.size() <= kFileMark.size() || !head.starts_with(kFileMark)) {
    return Error{Errc::corrupt, "read saved event ids: the file does not begin as one", name};
  }
  if (const auto version = static_cast<std::uint8_t>(head[kFileMark.size()]); version > kFormatVersion) {
    return Error{Errc::invalid,
                 fmt::format("read saved event ids: format version {}, this program knows versions up to {}",
                             version, kFormatVersion),
                 name};
  }
  if (head != file_head()) {
    return Error{Errc::corrupt, "read saved event ids: the file's head is damaged", name};
  }
  return {};
}

struct Numbered {
  std::uint64_t number;
  std::filesystem::path path;
};

// The saved files, oldest first. A file without its name yet does not count.
Result<std::vector<Numbered>> list(const std::filesystem::path& folder) {
  std::vector<Numbered> files;
  std::error_code failed;
  for (std::filesystem::directory_iterator at(folder, failed), end; !failed && at != end;
       at.increment(failed)) {
    const auto name = at->path().filename().native();
    std::uint64_t number = 0;
    const auto [stop, wrong] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (wrong == std::errc{} && name == file_name(number)) {
      files.push_back({number, at->path()});
    }
  }
  if (failed) {
    return system_error(failed.value(), "list saved event ids", folder.native());
  }
  std::ranges::sort(files, {}, &Numbered::number);
  return files;
}

Result<void> sync_folder(const std::filesystem::path& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = fd >= 0 && ::fsync(fd) == 0;
  const auto error_number = errno;
  if (fd >= 0) {
    ::close(fd);
  }
  return synced ? Result<void>()
                : system_error(error_number, "sync folder of saved event ids", folder.native());
}

}  // namespace

IdFile::IdFile(IdFile&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      folder_(std::move(other.folder_)),
      number_(other.number_),
      bytes_(other.bytes_),
      synced_(other.synced_) {}

IdFile& IdFile::operator=(IdFile&& other) noexcept {
  std::swap(fd_, other.fd_);
  folder_ = std::move(other.folder_);
  number_ = other.number_;
  bytes_ = other.bytes_;
  synced_ = other.synced_;
  return *this;
}

IdFile::~IdFile() {
  if (fd_ >= 0) {
    ::close(fd_);
  }
}

Result<IdFile> IdFile::begin(const std::filesystem::path& folder, std::uint64_t number) {
  const auto path = (folder / file_name(number)).native() + std::string(kUnfinished);
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) {
    return system_error(errno, "make file of event ids", path);
  }
  IdFile file(fd, folder, number);
  CAIRN_TRY_VOID(file.write(file_head()));
  return file;
}

Result<IdFile> IdFile::reopen(const std::filesystem::path& folder, std::uint64_t number,
                              std::uint64_t bytes) {
  const auto path = folder / file_name(number);
  const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0) {
    return system_error(errno, "open file of event ids", path.native());
  }
  IdFile file(fd, folder, number);
  file.bytes_ = bytes;
  file.synced_ = bytes;
  CAIRN_TRY_VOID(file.take_back());
  CAIRN_TRY_VOID(file.sync());
  return file;
}

Result<void> IdFile::append(const Block& block) {
  return write(encode(block));
}

Result<void> IdFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(bytes_));
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written <= 0) {
      return system_error(written < 0 ? errno : ENOSPC, "write event ids", file_name(number_));
    }
    bytes_ += static_cast<std::uint64_t>(written);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<void> IdFile::sync() {
  if (::fdatasync(fd_) != 0) {
    return system_error(errno, "sync event ids", file_name(number_));
  }
  synced_ = bytes_;
  return {};
}

Result<void> IdFile::take_back() {
  if (::ftruncate(fd_, static_cast<off_t>(synced_)) != 0) {
    return system_error(errno, "cut event ids", file_name(number_));
  }
  bytes_ = synced_;
  return {};
}

Result<void> IdFile::finish() {
  CAIRN_TRY_VOID(sync());
  const auto path = folder_ / file_name(number_);
  if (::rename((path.native() + std::string(kUnfinished)).c_str(), path.c_str()) != 0) {
    return system_error(errno, "name file of event ids", path.native());
  }
  CAIRN_TRY_VOID(sync_folder(folder_));
  CAIRN_TRY(const auto files, list(folder_));
  for (const auto& file : files) {
    if (file.number < number_) {
      ::unlink(file.path.c_str());
    }
  }
  return {};
}

namespace {

class Input {
 public:
  explicit Input(int fd) : fd_(fd) {}
  ~Input() { ::close(fd_); }
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;

  // Up to `count` bytes from `offset`; fewer at the end.
  Result<std::string_view> read(std::uint64_t offset, std::size_t count) {
    buffer_.resize(count);
    std::size_t done = 0;
    while (done < count) {
      const auto got = ::pread(fd_, buffer_.data() + done, count - done, static_cast<off_t>(offset + done));
      if (got < 0 && errno != EINTR) {
        return system_error(errno, "read saved event ids");
      }
      if (got == 0) {
        break;
      }
      done += got > 0 ? static_cast<std::size_t>(got) : 0;
    }
    return std::string_view(buffer_).substr(0, done);
  }
  std::uint64_t size() const {
    struct stat found {};
    return ::fstat(fd_, &found) == 0 ? static_cast<std::uint64_t>(found.st_size) : 0;
  }

 private:
  const int fd_;
  std::string buffer_;
};

Result<void> load_blocks(Input& input, Saved& saved, const std::function<void(const Block&)>& take) {
  for (;;) {
    CAIRN_TRY(const auto head, input.read(saved.good_bytes, kBlockHeadBytes));
    const auto expected = head.size() < kBlockHeadBytes ? 0 : block_bytes(head);
    if (expected == 0) {
      return {};
    }
    CAIRN_TRY(const auto bytes, input.read(saved.good_bytes, expected));
    std::size_t used = 0;
    const auto block = decode(bytes, used);
    if (!block) {
      return {};
    }
    take(*block);
    saved.cursor = block->cursor;
    saved.good_bytes += used;
  }
}

}  // namespace

Result<Saved> load(const std::filesystem::path& folder, const std::function<void(const Block&)>& take) {
  CAIRN_TRY(const auto files, list(folder));
  if (files.empty()) {
    return Saved{};
  }
  const auto& newest = files.back();
  const int fd = ::open(newest.path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    return system_error(errno, "open saved event ids", newest.path.native());
  }
  Input input(fd);
  CAIRN_TRY(const auto head, input.read(0, kFileHeadBytes));
  CAIRN_TRY_VOID(check_file_head(head, newest.path.native()));
  Saved saved{.number = newest.number, .good_bytes = kFileHeadBytes};
  CAIRN_TRY_VOID(load_blocks(input, saved, take));
  saved.cut_bytes = input.size() - saved.good_bytes;
  return saved;
}

}  // namespace cairn::dedupe
