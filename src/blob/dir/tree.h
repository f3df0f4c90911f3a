// The files below one folder: how a finished file gets its name for good, how names go, and in what order
// they are listed.
//
//   <root>/.tmp/<number>     being written; emptied when the tree is opened
//   <root>/a/b/c             the blob "a/b/c"
//
// Thread-safe. Every call blocks on the disk: for threads of a pool. Names have passed check_name().
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <unordered_set>
#include <vector>

#include "blob/blob.h"
#include "blob/dir/descriptor.h"
#include "blob/dir/folder_sync.h"

namespace cairn::blob::dir {

class Tree {
 public:
  // Makes the folder if it is not there. Errc::denied: another process uses it.
  static Result<std::shared_ptr<Tree>> open(const std::filesystem::path& root, Counter folder_syncs);

  // Lets other processes use the folder.
  void unlock();

  // A new file in .tmp, and its number.
  struct Draft {
    Descriptor file;
    std::uint64_t number = 0;
  };
  Result<Draft> create_draft();
  void discard_draft(std::uint64_t number);
  // Gives a synced draft its name. Errc::conflict: it is taken. Errc::unknown: named, but not known to be
  // durable; undone as far as possible. The draft is there still after an error.
  Result<void> publish(std::uint64_t draft, const Name& name);

  Result<Descriptor> open_blob(const Name& name, std::uint64_t& size) const;
  // While somebody copies the folder (base/hold.h), what shall go is noted, and goes with the next one. What
  // is noted beyond kHeldMax, and when the process ends, stays: whose it was collects it at the next start.
  Result<void> remove(const Name& name);
  Result<std::vector<Listed>> list(const std::string& prefix, const Name& after, std::size_t limit) const;
  std::string path_of(const Name& name) const { return (root_path_ / name).native(); }

 private:
  Tree(std::filesystem::path root, Descriptor opened, Counter folder_syncs);

  static constexpr std::size_t kHeldMax = 100'000;

  Result<void> empty_drafts();
  Result<void> remove_now(const Name& name);
  Result<void> make_folders(const Name& name);
  Result<void> sync_folders(const Name& name, std::uint64_t generation);
  void prune_folders(const Name& name);
  // These know which folders need no sync in their parents.
  std::uint64_t generation();
  bool is_durable(const std::string& folder);
  void now_durable(const std::vector<std::string>& folders, std::uint64_t generation);
  bool remove_empty_folders(const std::string& folder);
  bool remove_folder(const std::string& folder);  // false: it is there still

  const std::filesystem::path root_path_;
  const Descriptor root_;
  Descriptor drafts_;  // its lock keeps other processes out
  FolderSync folder_sync_;
  std::atomic<std::uint64_t> next_draft_{1};

  std::mutex held_mutex_;
  std::vector<Name> held_;  // guarded

  std::mutex folders_mutex_;
  std::unordered_set<std::string> durable_;  // guarded, as the next
  std::uint64_t generation_ = 0;             // counts removed folders
};

}  // namespace cairn::blob::dir
