#include "integrity/folder_objects.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <optional>

#include "base/file.h"
#include "integrity/digest_name.h"
#include "json/json.h"

namespace cairn::integrity {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMetadataEnding = ".metadata.json";
constexpr std::size_t kMetadataBytesMax = 64U << 10;

// As many bytes as it had, or fewer, if it was cut since.
std::optional<std::string> read_up_to(const File& file, std::size_t size) {
  std::string bytes(size, '\0');
  std::size_t filled = 0;
  while (filled < size) {
    const auto count = ::read(file.descriptor(), bytes.data() + filled, size - filled);
    if (count < 0 && errno != EINTR) {
      return std::nullopt;
    }
    if (count == 0) {
      break;
    }
    filled += count > 0 ? static_cast<std::size_t>(count) : 0;
  }
  bytes.resize(filled);
  return bytes;
}

Result<std::string> contents(const fs::path& path, std::size_t bytes_max) {
  std::error_code failed;
  if (!fs::is_regular_file(fs::symlink_status(path, failed))) {
    return Error{Errc::not_found, "no such file", path.string()};
  }
  const auto size = fs::file_size(path, failed);
  if (!failed && size > bytes_max) {
    return Error{Errc::limit, "a file is too large to be read", path.string()};
  }
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  auto bytes = failed || !file.is_open() ? std::nullopt : read_up_to(file, size);
  if (!bytes) {
    return Error{Errc::unavailable, "cannot read a file", path.string()};
  }
  return *std::move(bytes);
}

Result<std::map<std::string, std::string>> metadata_from(std::string_view text) {
  CAIRN_TRY(const auto object, json::parse_object(text));
  std::map<std::string, std::string> metadata;
  for (const auto& [name, value] : object) {
    if (const auto* const said = value.if_string()) {
      metadata.emplace(std::string(name), std::string(json::text_of(*said)));
    }
  }
  return metadata;
}

// No object of the bucket: docs/operate/verify.md has it put there.
bool is_metadata_of_digest(std::string_view key) {
  return key.ends_with(kMetadataEnding) &&
         parse_digest_key(key.substr(0, key.size() - kMetadataEnding.size())).has_value();
}

class FolderObjects final : public Objects {
 public:
  FolderObjects(fs::path folder, std::string prefix)
      : folder_(std::move(folder)), prefix_(std::move(prefix)) {}

  std::string bucket() const override { return ""; }

  Task<Result<void>> list(std::function<Result<void>(Listed)> take) override {
    std::error_code failed;
    auto at = fs::recursive_directory_iterator(folder_, failed);
    for (; !failed && at != fs::recursive_directory_iterator(); at.increment(failed)) {
      std::error_code gone;
      auto key = prefix_ + at->path().lexically_relative(folder_).generic_string();
      const auto kind = at->symlink_status(gone);
      // Not followed, and there all the same: a link or a pipe is no copy of an object.
      if (!fs::is_directory(kind) && !(fs::is_regular_file(kind) && is_metadata_of_digest(key))) {
        CAIRN_CO_TRY_VOID(take({.key = std::move(key)}));
      }
    }
    if (failed) {
      co_return Error{Errc::unavailable, "list a folder: " + failed.message(), folder_.string()};
    }
    co_return Result<void>();
  }

  Task<Result<Object>> get(std::string /*bucket*/, std::string key) override {
    const fs::path name = key.starts_with(prefix_) ? key.substr(prefix_.size()) : key;
    if (name.is_absolute() || name.lexically_normal().generic_string() != name.generic_string() ||
        name.generic_string().starts_with("..")) {
      co_return Error{Errc::not_found, "no such file", key};  // a digest may name anything
    }
    CAIRN_CO_TRY(auto bytes, contents(folder_ / name, kObjectBytesMax));
    const auto beside = contents((folder_ / name).string() + std::string(kMetadataEnding), kMetadataBytesMax);
    if (!beside) {
      co_return Object{.bytes = std::move(bytes), .metadata = std::nullopt};
    }
    auto metadata = metadata_from(*beside);
    co_return Object{.bytes = std::move(bytes),
                     .metadata = metadata ? *std::move(metadata) : std::map<std::string, std::string>()};
  }

 private:
  const fs::path folder_;
  const std::string prefix_;
};

}  // namespace

std::unique_ptr<Objects> folder_objects(fs::path folder, std::string prefix) {
  return std::make_unique<FolderObjects>(std::move(folder), std::move(prefix));
}

}  // namespace cairn::integrity
