// For tests: a folder that goes with its test, and a store in it.
#pragma once

#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <filesystem>

#include "async/loops.h"
#include "blob/blob_testing.h"
#include "blob/dir/dir_blob.h"

namespace cairn::blob::conformance {

namespace fs = std::filesystem;

class Folder {
 public:
  explicit Folder(const fs::path& within = fs::temp_directory_path()) {
    std::string name = (within / "cairn-blob-XXXXXX").native();
    CAIRN_CHECK(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~Folder() {
    if (mounted_) {
      ::umount(path_.c_str());
    }
    fs::remove_all(path_);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  fs::path root() const { return path_ / "blobs"; }
  fs::path operator/(std::string_view name) const { return root() / name; }
  bool mount_small(const char* options) {
    mounted_ = ::geteuid() == 0 && ::mount("tmpfs", path_.c_str(), "tmpfs", 0, options) == 0;
    return mounted_;
  }

 private:
  fs::path path_;
  bool mounted_ = false;
};

class DirBlobTest : public testing::Test {
 protected:
  void open() {
    blob_.reset();
    auto opened = dir::open({.folder = folder_.root()}, pool_, metrics_);
    ASSERT_TRUE(opened.has_value()) << opened.error().text();
    blob_ = *std::move(opened);
  }
  template <class T>
  T wait(Task<T> task) {
    return async::run(loops_.next().get_executor(), std::move(task));
  }
  std::string put(Name name, std::string_view bytes) {
    const auto done = wait(blob_->put(std::move(name), bytes_of(bytes)));
    return done ? "ok" : std::string(to_string(done.error().code));
  }
  std::size_t drafts() const { return files(folder_ / ".tmp"); }
  static std::size_t files(const fs::path& folder) {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
  }
  // How many folders were synced so far.
  int syncs() const {
    const auto text = metrics_.text();
    const std::string name = "\ncairn_blob_folder_syncs_total ";
    return std::stoi(text.substr(text.find(name) + name.size()));
  }

  Folder folder_;
  Metrics metrics_;
  async::Loops loops_{2};
  async::Pool pool_{4};
  std::unique_ptr<Blob> blob_;
};

}  // namespace cairn::blob::conformance
