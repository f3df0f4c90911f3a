#include "catalog/sqlite/sqlite_catalog.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "async/turn.h"
#include "catalog/lease.h"
#include "catalog/sqlite/committer.h"
#include "catalog/sqlite/readers.h"
#include "catalog/sqlite/schema.h"

namespace cairn::catalog::sqlite {

namespace {

class Embedded final : public SqliteCatalog {
 public:
  struct Parts {
    Options options;
    const Clock& clock;
    Metrics& metrics;
    Writer writer;
    std::uint64_t outbox_last = 0;
    std::uint64_t outbox_rows = 0;
  };
  explicit Embedded(Parts parts)
      : limits_(parts.options.limits),
        clock_(parts.clock),
        cache_(parts.options.cache_bytes_max),
        committer_(std::move(parts.writer), {limits_, bell_, cache_, parts.metrics, parts.outbox_rows}),
        readers_({parts.options.file, parts.options.vfs, parts.options.readers_max, limits_, cache_}) {
    bell_.appended(parts.outbox_last);
  }

  Task<Result<std::optional<Document>>> get(std::string key) override {
    CAIRN_CO_TRY_VOID(check_key(key, limits_));
    CAIRN_CO_TRY_VOID(readable());
    auto document = readers_.get(std::move(key));
    if (async::Share::takes(1)) {
      co_await async::turn();
    }
    co_return document;
  }

  Task<Result<std::vector<Document>>> scan(std::string prefix, std::string after,
                                           std::size_t limit) override {
    CAIRN_CO_TRY_VOID(readable());
    const auto range = key_range(prefix, after, limits_);
    auto page = readers_.scan(range, limit);
    if (async::Share::takes(1 + (page ? page->size() : 0))) {
      co_await async::turn();
    }
    co_return page;
  }

  Task<Result<Committed>> commit(Transaction transaction) override {
    CAIRN_CO_TRY_VOID(check(transaction, limits_));
    Change change{.transaction = std::move(transaction)};
    co_return co_await committer_.commit(std::move(change));
  }

  Task<Result<std::vector<OutboxRow>>> outbox(std::uint64_t after, std::size_t limit) override {
    CAIRN_CO_TRY_VOID(readable());
    co_return readers_.outbox(after, limit);
  }

  Task<Result<void>> outbox_delete(std::uint64_t number, std::vector<Write> writes) override {
    Change change{.outbox_delete = number};
    change.transaction.writes = std::move(writes);
    CAIRN_CO_TRY_VOID(check(change.transaction, limits_));
    CAIRN_CO_TRY_VOID(co_await committer_.commit(std::move(change)));
    co_return Result<void>{};
  }

  Task<void> outbox_wait(std::uint64_t after, Millis patience) override {
    return bell_.wait(after, patience);
  }

  Task<Result<Lease>> acquire(std::string name, std::string holder, Millis duration) override {
    return acquire_lease(*this, clock_, {std::move(name), std::move(holder), duration});
  }

  Task<Result<void>> release(Lease lease) override { return release_lease(*this, std::move(lease)); }

  Result<void> backup(const std::filesystem::path& file) override;

 private:
  Result<void> readable() const {
    return committer_.certain()
               ? Result<void>()
               : Error{Errc::unavailable, "catalog cannot sync its log, so it cannot say what is durable"};
  }

  const Limits limits_;
  const Clock& clock_;
  OutboxBell bell_;
  DocumentCache cache_;
  Committer committer_;
  Readers readers_;  // closed before the committer: the last connection to close, a writing one, moves the
                     // log into the file
};

Result<void> sync_file(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    return system_error(errno, "open catalog's copy", file.native());
  }
  const int failed = ::fsync(descriptor) == 0 ? 0 : errno;
  ::close(descriptor);
  return failed == 0 ? Result<void>() : system_error(failed, "sync catalog's copy", file.native());
}

// Gives the finished copy its name, if that is free.
Result<void> publish(const std::filesystem::path& partial, const std::filesystem::path& file) {
  CAIRN_TRY_VOID(sync_file(partial));
  if (::link(partial.c_str(), file.c_str()) != 0) {
    return system_error(errno, "name catalog's copy", file.native());
  }
  return sync_folder(file.parent_path());
}

Result<void> Embedded::backup(const std::filesystem::path& file) {
  CAIRN_TRY_VOID(readable());
  auto partial = file;
  partial += ".partial";
  std::error_code ignored;
  std::filesystem::remove(partial, ignored);  // of a copy that a crash ended
  auto done = readers_.copy_to(partial);
  if (done) {
    done = publish(partial, file);
  }
  std::filesystem::remove(partial, ignored);
  return done;
}

}  // namespace

Result<std::unique_ptr<SqliteCatalog>> open(Options options, const Clock& clock, Metrics& metrics) {
  CAIRN_TRY(auto database, open_database({options.file, options.vfs, options.check_bytes_max}));
  CAIRN_TRY(auto writer, Writer::over(std::move(database)));
  CAIRN_TRY(const auto last, writer.outbox_last());
  CAIRN_TRY(const auto rows, writer.outbox_rows());
  return std::unique_ptr<SqliteCatalog>(std::make_unique<Embedded>(
      Embedded::Parts{std::move(options), clock, metrics, std::move(writer), last, rows}));
}

}  // namespace cairn::catalog::sqlite
