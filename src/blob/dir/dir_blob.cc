#include "blob/dir/dir_blob.h"

#include <algorithm>

#include "blob/dir/draft_writer.h"
#include "blob/dir/file_reader.h"
#include "blob/dir/tree.h"
#include "blob/name.h"

namespace cairn::blob::dir {

namespace {

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
    co_return co_await open_reader(pool_, tree_, lately_, std::move(name), range);
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

  Task<Result<LocalFile>> local_file(Name name) override {
    CAIRN_CO_TRY_VOID(check_name(name));
    const auto work = [tree = tree_, name]() -> Result<LocalFile> {
      std::uint64_t size = 0;
      CAIRN_TRY(const auto there, tree->open_blob(name, size));
      return LocalFile{.path = tree->path_of(name), .key = nullptr};
    };
    co_return co_await pool_.run(work);
  }

 private:
  const std::shared_ptr<Tree> tree_;
  const std::shared_ptr<ReadLately> lately_ = std::make_shared<ReadLately>();
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
