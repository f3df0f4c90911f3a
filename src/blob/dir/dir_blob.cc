#include "blob/dir/dir_blob.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>

#include "blob/dir/draft_writer.h"
#include "blob/dir/tree.h"
#include "blob/name.h"

namespace cairn::blob::dir {

namespace {

constexpr std::size_t kReadBytes = 1U << 20;     // read at a time, and kept for the next read()
constexpr std::uint64_t kAskedAheadBytes = 8U << 20;  // that the disk is asked for beyond what is read
constexpr std::size_t kFirstReadBytes =
    64U << 10;  // read when it is opened: a small blob takes one turn on the pool

// What a read on the pool needs: it may outlive the reader.
struct Opened {
  Descriptor file;
  std::string buffer;
  std::uint64_t asked = 0;  // where what the disk was asked for ends
};

// What is read on and on, the disk brings while the caller is busy with what came before. No more than a
// hint.
void ask_ahead(Opened& opened, std::uint64_t from, std::uint64_t end) {
  const auto until = std::min(from + kAskedAheadBytes, end);
  from = std::max(from, opened.asked);
  if (from < until) {
    ::posix_fadvise(opened.file.get(), static_cast<off_t>(from), static_cast<off_t>(until - from),
                    POSIX_FADV_WILLNEED);
    opened.asked = until;
  }
}

Result<void> read_into(Opened& opened, std::uint64_t offset, std::uint64_t bytes) {
  opened.buffer.resize(static_cast<std::size_t>(bytes));
  ssize_t count = -1;
  do {
    count =
        ::pread(opened.file.get(), opened.buffer.data(), opened.buffer.size(), static_cast<off_t>(offset));
  } while (count < 0 && errno == EINTR);
  if (count < 0) {
    return system_error(errno, "read blob");
  }
  opened.buffer.resize(static_cast<std::size_t>(count));
  return count > 0 || bytes == 0 ? Result<void>() : Error{Errc::corrupt, "a blob's file became shorter"};
}

Result<Extent> open_and_read(const Tree& tree, Opened& opened, const Name& name, const Range& range) {
  std::uint64_t size = 0;
  CAIRN_TRY(opened.file, tree.open_blob(name, size));
  CAIRN_TRY(const auto extent, extent_of(range, size));
  CAIRN_TRY_VOID(read_into(opened, extent.offset, std::min<std::uint64_t>(extent.length, kFirstReadBytes)));
  return extent;
}

class FileReader final : public Reader {
 public:
  FileReader(async::Pool& pool, std::shared_ptr<Opened> opened, Extent extent)
      : pool_(pool), opened_(std::move(opened)), extent_(extent), fetched_(opened_->buffer.size()) {}

  std::uint64_t size() const override { return extent_.length; }

  Task<Result<std::size_t>> read(std::span<std::byte> into) override {
    if (taken_ == opened_->buffer.size() && fetched_ < extent_.length && !into.empty()) {
      const auto offset = extent_.offset + fetched_;
      const auto bytes = std::min<std::uint64_t>(kReadBytes, extent_.length - fetched_);
      const auto end = extent_.offset + extent_.length;
      const auto work = [opened = opened_, offset, bytes, end] {
        ask_ahead(*opened, offset + bytes, end);
        return read_into(*opened, offset, bytes);
      };
      CAIRN_CO_TRY_VOID(co_await pool_.run(work));
      fetched_ += opened_->buffer.size();
      taken_ = 0;
    }
    const auto count = opened_->buffer.copy(reinterpret_cast<char*>(into.data()), into.size(), taken_);
    taken_ += count;
    co_return count;
  }

 private:
  async::Pool& pool_;
  const std::shared_ptr<Opened> opened_;
  const Extent extent_;
  std::uint64_t fetched_;  // of the extent, from its start
  std::size_t taken_ = 0;  // of the buffer
};

class DirBlob final : public Blob {
 public:
  DirBlob(std::shared_ptr<Tree> tree, Limits limits, async::Pool& pool, Metrics& metrics)
      : tree_(std::move(tree)),
        limits_(limits),
        pool_(pool),
        meters_{metrics.counter("cairn_blob_puts_total", "Blobs put."),
                metrics.counter("cairn_blob_put_bytes_total", "Bytes of blobs put."),
                metrics.histogram("cairn_blob_commit_seconds", "From a put's commit to its answer.",
                                  {0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10})},
        removes_(metrics.counter("cairn_blob_removes_total", "Blobs removed.")) {}

  ~DirBlob() override { tree_->unlock(); }  // the tree may live on a little, in work on the pool

  Task<Result<std::unique_ptr<Writer>>> writer(Name name) override {
    CAIRN_CO_TRY_VOID(check_name(name));
    DraftWriter::Setup setup{tree_, pool_, limits_, meters_, std::move(name)};
    co_return std::make_unique<DraftWriter>(std::move(setup));
  }

  Task<Result<std::unique_ptr<Reader>>> reader(Name name, Range range) override {
    CAIRN_CO_TRY_VOID(check_name(name));
    const auto opened = std::make_shared<Opened>();
    const auto work = [tree = tree_, opened, name, range] {
      return open_and_read(*tree, *opened, name, range);
    };
    CAIRN_CO_TRY(const auto extent, co_await pool_.run(work));
    co_return std::make_unique<FileReader>(pool_, opened, extent);
  }

  Task<Result<void>> remove(Name name) override {
    CAIRN_CO_TRY_VOID(check_name(name));
    const auto work = [tree = tree_, name] { return tree->remove(name); };
    CAIRN_CO_TRY_VOID(co_await pool_.run(work));
    removes_.add();
    co_return Result<void>{};
  }

  Task<Result<std::vector<Listed>>> list(std::string prefix, Name after, std::size_t limit) override {
    CAIRN_CO_TRY_VOID(check_prefix(prefix));
    const auto rows = std::min(limit, limits_.page_max);
    const auto work = [tree = tree_, prefix, after, rows] { return tree->list(prefix, after, rows); };
    co_return co_await pool_.run(work);
  }

  Task<Result<std::string>> local_path(Name name) override {
    CAIRN_CO_TRY_VOID(check_name(name));
    const auto work = [tree = tree_, name]() -> Result<std::string> {
      std::uint64_t size = 0;
      CAIRN_TRY(const auto there, tree->open_blob(name, size));
      return tree->path_of(name);
    };
    co_return co_await pool_.run(work);
  }

 private:
  const std::shared_ptr<Tree> tree_;
  const Limits limits_;
  async::Pool& pool_;
  const WriterMeters meters_;
  Counter removes_;
};

}  // namespace

Result<std::unique_ptr<Blob>> open(Options options, async::Pool& pool, Metrics& metrics) {
  auto syncs =
      metrics.counter("cairn_blob_folder_syncs_total", "Folders synced so that names of blobs are durable.");
  CAIRN_TRY(auto tree, Tree::open(options.folder, syncs));
  return std::unique_ptr<Blob>(std::make_unique<DirBlob>(std::move(tree), options.limits, pool, metrics));
}

}  // namespace cairn::blob::dir
