// Listing: a walk over the tree in the byte order of whole names. A folder counts as its name with '/' behind
// it, so that "a-b" comes before "a/x" and "a0" after it; folders that end before `after` are not opened.
// What is read at a time is one folder of each level.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "blob/dir/tree.h"
#include "blob/name.h"

namespace cairn::blob::dir {

namespace {

struct Entry {
  std::string name;  // whole; a folder's ends in '/'
  bool is_folder() const { return name.back() == '/'; }
};

class Walk {
 public:
  Walk(int root, const Name& after, std::size_t limit) : root_(root), after_(after), limit_(limit) {}

  // Appends what is in the folder: a path that ends in '/', or nothing. REQUIRES: its depth is at most
  // kPartsMax.
  Result<void> walk(const std::string& folder);
  std::vector<Listed> page;

 private:
  Result<std::vector<Entry>> entries_of(const std::string& folder) const;
  Result<void> append(const Name& name);
  bool full() const { return page.size() >= limit_; }

  const int root_;
  const Name& after_;
  const std::size_t limit_;
};

Result<void> Walk::walk(const std::string& folder) {
  CAIRN_TRY(const auto entries, entries_of(folder));
  for (const auto& entry : entries) {
    if (full()) {
      break;
    }
    CAIRN_TRY_VOID(entry.is_folder() ? walk(entry.name) : append(entry.name));
  }
  return {};
}

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

std::optional<bool> is_folder(int at, const dirent& entry) {
  if (entry.d_type == DT_REG || entry.d_type == DT_DIR) {
    return entry.d_type == DT_DIR;
  }
  struct stat status {};
  if (entry.d_type != DT_UNKNOWN || ::fstatat(at, entry.d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
    return std::nullopt;
  }
  return S_ISDIR(status.st_mode) || S_ISREG(status.st_mode) ? std::optional(S_ISDIR(status.st_mode))
                                                            : std::nullopt;
}

Result<std::vector<Entry>> Walk::entries_of(const std::string& folder) const {
  const int opened =
      ::openat(root_, folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (opened < 0) {
    const bool gone = errno == ENOENT || errno == ENOTDIR;  // removed and pruned meanwhile
    return gone ? Result<std::vector<Entry>>(std::vector<Entry>())
                : system_error(errno, "list blobs", folder);
  }
  const std::unique_ptr<DIR, CloseFolder> stream(::fdopendir(opened));
  std::vector<Entry> entries;
  while (const dirent* found = ::readdir(stream.get())) {
    const auto folder_or_not = is_folder(opened, *found);
    if (!folder_or_not || !check_name(found->d_name)) {
      continue;  // not ours: .tmp, lost+found
    }
    Entry entry{folder + found->d_name + (*folder_or_not ? "/" : "")};
    if (entry.name > after_ || (entry.is_folder() && after_.starts_with(entry.name))) {
      entries.push_back(std::move(entry));
    }
  }
  std::ranges::sort(entries, {}, &Entry::name);
  return entries;
}

Result<void> Walk::append(const Name& name) {
  struct stat status {};
  if (::fstatat(root_, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    return errno == ENOENT || errno == ENOTDIR ? Result<void>() : system_error(errno, "list blobs", name);
  }
  const auto nanoseconds =
      std::chrono::seconds(status.st_mtim.tv_sec) + std::chrono::nanoseconds(status.st_mtim.tv_nsec);
  page.push_back({name, static_cast<std::uint64_t>(status.st_size),
                  Time(std::chrono::duration_cast<Millis>(nanoseconds))});
  return {};
}

}  // namespace

Result<std::vector<Listed>> Tree::list(const std::string& prefix, const Name& after,
                                       std::size_t limit) const {
  Walk walk(root_.get(), after, limit);
  CAIRN_TRY_VOID(walk.walk(prefix));
  return std::move(walk.page);
}

}  // namespace cairn::blob::dir
