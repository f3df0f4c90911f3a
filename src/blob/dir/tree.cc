// How a put survives power loss. The file's bytes are synced under a draft's name; it is renamed; then the
// folder of its name is synced, and the parent of every folder on the way that is not known to be durable. A
// folder that another put has just made counts as unknown until somebody has synced its parent.
//
// The set of durable folders must not outlive the folders: a folder is removed and leaves the set under one
// mutex. A put that began before a removal may have synced the parent of the folder's former life, so it adds
// nothing to the set (generation).
//
// Tested by dir_blob_test.cc.
#include "blob/dir/tree.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>

#include "base/hold.h"
#include "base/log.h"
#include "blob/name.h"

namespace cairn::blob::dir {

namespace {

constexpr const char* kDrafts = ".tmp";
constexpr int kPublishTriesMax = 1000;  // a try is lost only to a removal that prunes the folder in between
constexpr std::size_t kDurableFoldersMax = 100'000;

std::string draft_path(std::uint64_t number) {
  return std::string(kDrafts) + "/" + std::to_string(number);
}

Result<Descriptor> open_folder(int at, const char* path) {
  Descriptor opened(::openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened.is_open()) {
    return system_error(errno, "open blob folder", path);
  }
  return opened;
}

Result<void> make_root(const std::filesystem::path& root) {
  if (::mkdir(root.c_str(), 0700) != 0) {
    return errno == EEXIST ? Result<void>() : system_error(errno, "make blob folder", root.native());
  }
  const auto parent = root.has_parent_path() ? root.parent_path() : std::filesystem::path(".");
  CAIRN_TRY(const auto opened, open_folder(AT_FDCWD, parent.c_str()));
  return ::fsync(opened.get()) == 0 ? Result<void>() : system_error(errno, "sync folder", parent.native());
}

// Fails with EEXIST where the name is taken.
int rename_to_free(int root, const std::string& from, const std::string& to) {
  if (::renameat2(root, from.c_str(), root, to.c_str(), RENAME_NOREPLACE) == 0) {
    return 0;
  }
  if (errno != EINVAL && errno != ENOSYS) {
    return errno;
  }
  // A file system that does not know NOREPLACE. The draft's own name may stay behind: it is collected at the
  // next start.
  if (::linkat(root, from.c_str(), root, to.c_str(), 0) != 0) {
    return errno;
  }
  ::unlinkat(root, from.c_str(), 0);
  return 0;
}

}  // namespace

Tree::Tree(std::filesystem::path root, Descriptor opened, Counter folder_syncs)
    : root_path_(std::move(root)), root_(std::move(opened)), folder_sync_(root_.get(), folder_syncs) {}

Result<std::shared_ptr<Tree>> Tree::open(const std::filesystem::path& root, Counter folder_syncs) {
  CAIRN_TRY_VOID(make_root(root));
  CAIRN_TRY(auto opened, open_folder(AT_FDCWD, root.c_str()));
  std::shared_ptr<Tree> tree(new Tree(std::filesystem::absolute(root), std::move(opened), folder_syncs));
  if (::mkdirat(tree->root_.get(), kDrafts, 0700) != 0 && errno != EEXIST) {
    return system_error(errno, "make folder for drafts", root.native());
  }
  CAIRN_TRY(tree->drafts_, open_folder(tree->root_.get(), kDrafts));
  if (::flock(tree->drafts_.get(), LOCK_EX | LOCK_NB) != 0) {
    return Error{Errc::denied, "another process uses this blob folder", root.native()};
  }
  CAIRN_TRY_VOID(tree->empty_drafts());
  return tree;
}

void Tree::unlock() {
  ::flock(drafts_.get(), LOCK_UN);
}

Result<void> Tree::empty_drafts() {
  std::error_code failed;
  std::size_t removed = 0;
  std::filesystem::directory_iterator drafts(root_path_ / kDrafts, failed);
  for (; !failed && drafts != std::filesystem::directory_iterator(); drafts.increment(failed)) {
    if (::unlink(drafts->path().c_str()) != 0) {
      return system_error(errno, "remove a blob that a crash left unfinished", drafts->path().native());
    }
    removed += 1;
  }
  if (failed) {
    return system_error(failed.value(), "list unfinished blobs", root_path_.native());
  }
  if (removed > 0) {
    log::info("blobs that a crash left unfinished were removed",
              {{"folder", root_path_.native()}, {"blobs", removed}});
  }
  return {};
}

Result<Tree::Draft> Tree::create_draft() {
  Draft draft{.number = next_draft_.fetch_add(1, std::memory_order_relaxed)};
  const auto path = draft_path(draft.number);
  draft.file = Descriptor(::openat(root_.get(), path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!draft.file.is_open()) {
    return system_error(errno, "create blob", path);
  }
  return draft;
}

void Tree::discard_draft(std::uint64_t number) {
  ::unlinkat(root_.get(), draft_path(number).c_str(), 0);
}

Result<void> Tree::publish(std::uint64_t draft, const Name& name) {
  for (int tries = 0; tries < kPublishTriesMax; ++tries) {
    const auto at_generation = generation();
    if (auto made = make_folders(name); !made) {
      prune_folders(name);
      return made;
    }
    const int failed = rename_to_free(root_.get(), draft_path(draft), name);
    if (failed == ENOENT || (failed == EEXIST && remove_empty_folders(name))) {
      continue;
    }
    if (failed != 0) {
      prune_folders(name);
      return failed == EEXIST || failed == ENOTDIR
                 ? Error{Errc::conflict, "put blob: the name is taken", name}
                 : system_error(failed, "put blob", name);
    }
    if (auto synced = sync_folders(name, at_generation); !synced) {
      ::unlinkat(root_.get(), name.c_str(), 0);
      return Error{Errc::unknown, synced.error().what, name};
    }
    return {};
  }
  return Error{Errc::unavailable, "put blob: its folder was removed again and again", name};
}

Result<void> Tree::make_folders(const Name& name) {
  for (auto slash = name.find('/'); slash != Name::npos; slash = name.find('/', slash + 1)) {
    const auto folder = name.substr(0, slash);
    if (::mkdirat(root_.get(), folder.c_str(), 0700) == 0 || errno == EEXIST) {
      continue;
    }
    if (errno == ENOENT) {
      return {};  // pruned meanwhile: the rename will tell, and it is tried again
    }
    return errno == ENOTDIR ? Error{Errc::conflict, "put blob: a folder of its name is a blob", name}
                            : system_error(errno, "make blob folder", folder);
  }
  return {};
}

Result<void> Tree::sync_folders(const Name& name, std::uint64_t generation) {
  std::string folder(folder_of(name));
  CAIRN_TRY_VOID(folder_sync_.sync(folder));
  std::vector<std::string> synced;
  while (!folder.empty() && !is_durable(folder)) {
    synced.push_back(folder);
    folder = std::string(folder_of(folder));
    CAIRN_TRY_VOID(folder_sync_.sync(folder));
  }
  now_durable(synced, generation);
  return {};
}

void Tree::prune_folders(const Name& name) {
  for (std::string folder(folder_of(name)); !folder.empty(); folder = std::string(folder_of(folder))) {
    if (!remove_folder(folder)) {
      return;
    }
  }
}

std::uint64_t Tree::generation() {
  const std::lock_guard lock(folders_mutex_);
  return generation_;
}

bool Tree::is_durable(const std::string& folder) {
  const std::lock_guard lock(folders_mutex_);
  return durable_.contains(folder);
}

void Tree::now_durable(const std::vector<std::string>& folders, std::uint64_t generation) {
  const std::lock_guard lock(folders_mutex_);
  if (generation != generation_) {
    return;
  }
  if (durable_.size() + folders.size() > kDurableFoldersMax) {
    durable_.clear();  // costs a few syncs
  }
  durable_.insert(folders.begin(), folders.end());
}

// A process that was killed between making folders and naming a blob in them has left them empty. Another put
// may want them now: it makes them again.
bool Tree::remove_empty_folders(const std::string& folder) {
  const Descriptor opened(
      ::openat(root_.get(), folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!opened.is_open()) {
    return errno == ENOENT;
  }
  std::error_code failed;
  std::filesystem::directory_iterator entries(root_path_ / folder, failed);
  for (; !failed && entries != std::filesystem::directory_iterator(); entries.increment(failed)) {
    if (!remove_empty_folders(folder + "/" + entries->path().filename().native())) {
      return false;  // something is in it: most often the first entry says so
    }
  }
  return remove_folder(folder);
}

bool Tree::remove_folder(const std::string& folder) {
  const std::lock_guard lock(folders_mutex_);
  if (::unlinkat(root_.get(), folder.c_str(), AT_REMOVEDIR) != 0) {
    return errno == ENOENT;  // most often, others' blobs are in it
  }
  durable_.erase(folder);
  generation_ += 1;
  return true;
}

Result<Descriptor> Tree::open_blob(const Name& name, std::uint64_t& size) const {
  Descriptor opened(::openat(root_.get(), name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!opened.is_open() && errno != ENOENT && errno != ENOTDIR && errno != ELOOP) {
    return system_error(errno, "open blob", name);
  }
  struct stat status {};
  if (!opened.is_open() || ::fstat(opened.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return Error{Errc::not_found, "read blob: no such blob", name};
  }
  size = static_cast<std::uint64_t>(status.st_size);
  return opened;
}

Result<void> Tree::remove(const Name& name) {
  std::vector<Name> held;
  {
    const std::lock_guard lock(held_mutex_);
    if (Hold::is_on(root_path_)) {
      if (held_.size() < kHeldMax) {
        held_.push_back(name);
      }
      return {};
    }
    held = std::exchange(held_, {});
  }
  for (auto& before : held) {
    if (const auto removed = remove_now(before); !removed) {
      log::warn("a blob whose removal was put off cannot be removed, trying again with the next",
                {{"blob", before}, {"error", removed.error().text()}});
      const std::lock_guard lock(held_mutex_);
      held_.push_back(std::move(before));
    }
  }
  return remove_now(name);
}

Result<void> Tree::remove_now(const Name& name) {
  if (::unlinkat(root_.get(), name.c_str(), 0) != 0) {
    const bool absent = errno == ENOENT || errno == ENOTDIR || errno == EISDIR;
    return absent ? Result<void>() : system_error(errno, "remove blob", name);
  }
  prune_folders(name);
  return {};
}

}  // namespace cairn::blob::dir
