#include "crypto/master_key.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/file.h"
#include "crypto/hash.h"
#include "crypto/random.h"

namespace cairn::crypto {
namespace {

constexpr std::size_t kHexDigits = 2 * MasterKey::kBytes;

Result<void> check_mode(const File& file, const std::string& name) {
  struct stat status {};
  if (::fstat(file.descriptor(), &status) != 0) {
    return system_error(errno, "look at master key", name);
  }
  if (!S_ISREG(status.st_mode)) {
    return Error{Errc::invalid, "master key is not a file", name};
  }
  if ((status.st_mode & 077) != 0) {
    return Error{Errc::denied,
                 fmt::format("master key file is open to others than its owner (mode {:04o}): chmod 600 it",
                             status.st_mode & 07777),
                 name};
  }
  return {};
}

// One byte more than a key and its newline, so that a longer file is seen to be longer.
Result<Secret> read_start(const File& file, const std::string& name) {
  Secret text(kHexDigits + 2);
  std::size_t size = 0;
  while (size < text.size()) {
    const auto rest = text.writable().subspan(size);
    const ssize_t got = ::read(file.descriptor(), rest.data(), rest.size());
    if (got < 0 && errno != EINTR) {
      return system_error(errno, "read master key", name);
    }
    if (got == 0) {
      break;
    }
    size += static_cast<std::size_t>(std::max<ssize_t>(got, 0));
  }
  return Secret(ByteView(text.bytes()).first(size));
}

Result<Secret> parse_key(const Secret& file_text, const std::string& name) {
  const std::string_view text = ByteView(file_text.bytes()).text();
  const bool whole = text.size() == kHexDigits || (text.size() == kHexDigits + 1 && text.back() == '\n');
  constexpr std::string_view kDigits = "0123456789abcdefABCDEF";
  if (!whole || text.find_first_not_of(kDigits) < kHexDigits) {
    return Error{Errc::corrupt, "master key file does not hold 64 hexadecimal digits", name};
  }
  Secret key(MasterKey::kBytes);
  const auto value = [](char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; };
  for (std::size_t i = 0; i < key.size(); ++i) {
    key.writable()[i] = static_cast<std::byte>(value(text[2 * i]) * 16 + value(text[2 * i + 1]));
  }
  return key;
}

Secret file_text(std::span<const std::byte> key) {
  constexpr char kDigits[] = "0123456789abcdef";
  Secret text(kHexDigits + 1);
  const auto out = text.writable();
  for (std::size_t i = 0; i < key.size(); ++i) {
    out[2 * i] = static_cast<std::byte>(kDigits[std::to_integer<unsigned>(key[i] >> 4)]);
    out[2 * i + 1] = static_cast<std::byte>(kDigits[std::to_integer<unsigned>(key[i] & std::byte{15})]);
  }
  out.back() = std::byte{'\n'};
  return text;
}

Result<void> write_new(const std::filesystem::path& path, std::span<const std::byte> bytes) {
  const File file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file.is_open()) {
    return system_error(errno, "create master key", path.string());
  }
  const ssize_t written = ::write(file.descriptor(), bytes.data(), bytes.size());
  if (written != static_cast<ssize_t>(bytes.size())) {
    return system_error(written < 0 ? errno : ENOSPC, "write master key", path.string());
  }
  if (::fsync(file.descriptor()) != 0) {
    return system_error(errno, "sync master key", path.string());
  }
  return {};
}

Result<void> sync_folder(const std::filesystem::path& file) {
  const auto folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  const File opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened.is_open() || ::fsync(opened.descriptor()) != 0) {
    return system_error(errno, "sync folder of master key", folder.string());
  }
  return {};
}

// link() and not rename(): it refuses to replace, so the first of several racing processes wins and the
// others take its key.
Result<void> create(const std::filesystem::path& file, const MasterKey& key) {
  auto draft = file;
  draft += ".new-" + random_text(12);
  const Secret text = file_text(key.bytes());
  auto written = write_new(draft, text.bytes());
  if (written.has_value() && ::link(draft.c_str(), file.c_str()) != 0 && errno != EEXIST) {
    written = system_error(errno, "create master key", file.string());
  }
  ::unlink(draft.c_str());
  CAIRN_TRY_VOID(std::move(written));
  return sync_folder(file);
}

}  // namespace

MasterKey::MasterKey(Secret key) : key_(std::move(key)), id_{} {
  CAIRN_CHECK(key_.size() == kBytes);
  const auto digest = hmac_sha256(key_.bytes(), "cairn master key id");
  std::copy_n(digest.begin(), id_.size(), id_.begin());
}

Secret MasterKey::derive(std::string_view purpose) const {
  return Secret(hmac_sha256(key_.bytes(), "cairn key for " + std::string(purpose)));
}

MasterKey MasterKey::generate() {
  return MasterKey(random_secret(kBytes));
}

Result<MasterKey> MasterKey::load(const std::filesystem::path& path) {
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) {
    return system_error(errno, "open master key", path.string());
  }
  CAIRN_TRY_VOID(check_mode(file, path.string()));
  CAIRN_TRY(const auto text, read_start(file, path.string()));
  CAIRN_TRY(auto key, parse_key(text, path.string()));
  return MasterKey(std::move(key));
}

Result<MasterKey> MasterKey::load_or_create(const std::filesystem::path& path) {
  auto loaded = load(path);
  if (loaded.has_value()) {
    // Another process may have made it a moment ago and not have synced yet. A folder that cannot be synced
    // (a read-only mount) was not written to either.
    static_cast<void>(sync_folder(path));
    return loaded;
  }
  if (loaded.error().code != Errc::not_found) {
    return loaded;
  }
  CAIRN_TRY_VOID(create(path, generate()));
  return load(path);
}

}  // namespace cairn::crypto
