#include "access/credentials_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>

#include "base/file.h"

namespace cairn::access {

namespace {

void append_profile(std::string& text, const std::string& name, const Credential& credential,
                    std::string_view region) {
  text += "[" + name + "]\naws_access_key_id = " + credential.key_id + "\naws_secret_access_key = ";
  text += ByteView(credential.secret.bytes()).text();
  text.append("\nregion = ").append(region).append("\n\n");
}

Result<void> write_all(const File& file, ByteView bytes, const std::string& path) {
  while (!bytes.empty()) {
    const auto written = ::write(file.descriptor(), bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) {
      return system_error(errno, "write credentials", path);
    }
    bytes = bytes.subview(written < 0 ? 0 : static_cast<std::size_t>(written));
  }
  return ::fsync(file.descriptor()) == 0 ? Result<void>() : system_error(errno, "sync credentials", path);
}

// Is just this in the file, and readable by its owner alone? Then a start on a full disk has nothing to write.
bool holds(const std::string& path, ByteView wanted) {
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  struct stat status {};
  if (!file.is_open() || ::fstat(file.descriptor(), &status) != 0 || !S_ISREG(status.st_mode) ||
      (status.st_mode & ALLPERMS) != (S_IRUSR | S_IWUSR) ||
      static_cast<std::size_t>(status.st_size) != wanted.size()) {
    return false;
  }
  std::string text(wanted.size(), '\0');
  const auto got = ::pread(file.descriptor(), text.data(), text.size(), 0);
  const bool same = got == status.st_size && text == wanted.text();
  crypto::wipe(std::as_writable_bytes(std::span(text)));
  return same;
}

Result<void> sync_folder(const std::filesystem::path& folder) {
  const File file(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!file.is_open() || ::fsync(file.descriptor()) != 0) {
    return system_error(errno, "sync folder of credentials", folder.string());
  }
  return {};
}

}  // namespace

crypto::Secret credentials_text(const std::vector<Credential>& credentials, std::string_view region) {
  std::string text;
  for (const auto& credential : credentials) {
    if (credential.administrator && credential.account == credentials.front().account) {
      append_profile(text, "default", credential, region);
    }
    if (credential.administrator) {
      append_profile(text, credential.account, credential, region);
    }
    if (credential.declared) {
      append_profile(text, credential.account + "." + credential.user, credential, region);
    }
  }
  crypto::Secret secret{ByteView(text)};
  crypto::wipe(std::as_writable_bytes(std::span(text)));
  return secret;
}

Result<void> write_credentials(const std::filesystem::path& path, const std::vector<Credential>& credentials,
                               std::string_view region) {
  const auto text = credentials_text(credentials, region);
  if (holds(path.native(), text.bytes())) {
    return {};
  }
  const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  const auto beside = path.string() + ".new";
  if (::unlink(beside.c_str()) != 0 && errno != ENOENT) {  // of a start that was cut off
    return system_error(errno, "remove unfinished credentials", beside);
  }
  {
    const File file(
        ::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR));
    if (!file.is_open()) {
      return system_error(errno, "create credentials", beside);
    }
    if (::fchmod(file.descriptor(), S_IRUSR | S_IWUSR) != 0) {
      return system_error(errno, "protect credentials", beside);
    }
    CAIRN_TRY_VOID(write_all(file, text.bytes(), beside));
  }
  if (::rename(beside.c_str(), path.c_str()) != 0) {
    return system_error(errno, "put credentials in place", path.string());
  }
  return sync_folder(folder);
}

Result<ReadCredential> read_credentials(const std::filesystem::path& path, std::string_view profile) {
  constexpr std::string_view kId = "aws_access_key_id = ";
  constexpr std::string_view kSecret = "aws_secret_access_key = ";
  std::ifstream file(path);
  std::string line;
  bool is_in = false;
  ReadCredential found;
  while (std::getline(file, line)) {
    if (line.starts_with('[')) {
      is_in = line == "[" + std::string(profile) + "]";
    } else if (is_in && line.starts_with(kId)) {
      found.key_id = line.substr(kId.size());
    } else if (is_in && line.starts_with(kSecret)) {
      found.secret = crypto::Secret(ByteView(std::string_view(line).substr(kSecret.size())));
    }
    crypto::wipe(std::as_writable_bytes(std::span(line)));
  }
  if (found.key_id.empty() || found.secret.empty()) {
    return Error{Errc::not_found, "no credentials of " + std::string(profile) + " are there", path.string()};
  }
  return found;
}

}  // namespace cairn::access
