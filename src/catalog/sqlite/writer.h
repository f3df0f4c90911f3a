// The write connection: applies a group of changes under one sync.
//
// One thread. A commit has three ends: done, nothing changed (and why), or unknown. After an unknown one the
// writer is not certain until a later commit has overwritten the bytes in doubt: until then a crash could
// bring them back (see fence()).
#pragma once

#include <span>

#include "catalog/catalog.h"
#include "catalog/sqlite/connection.h"

namespace cairn::catalog::sqlite {

struct Change {
  Transaction transaction;
  std::uint64_t outbox_delete = 0;  // rows up to this number
};

// Of one group.
struct Outcome {
  enum class Kind {
    done,         // answers: one for each change, in order: committed, or Errc::conflict
    not_begun,    // nothing was changed; trying again at once would not help
    not_changed,  // nothing was changed; a part of the group may succeed by itself
    unknown,      // the sync failed
  };
  Kind kind = Kind::done;
  std::vector<Result<Committed>> answers;
  std::uint64_t rows_appended = 0;
  std::uint64_t rows_deleted = 0;
  std::optional<Error> error;  // all but done
};

class Writer {
 public:
  static Result<Writer> over(Connection connection);

  Outcome commit(std::span<const Change* const> group);

  // May reads be believed? Not between a failed sync and the next commit that succeeds.
  bool certain() const { return certain_; }
  // Commits something of no meaning, so that the log's bytes in doubt are overwritten.
  Result<void> fence();

  // Moves the log into the file when it has grown enough. To be called when nobody waits.
  void checkpoint_if_due();

  Result<std::uint64_t> outbox_last();
  Result<std::uint64_t> outbox_rows();

 private:
  struct Statements {
    Statement begin, commit, rollback, version, any, put, erase, append, outbox_erase, fence;
  };
  explicit Writer(Connection connection) : connection_(std::move(connection)) {}

  Result<void> prepare();
  // Errc::conflict leaves the open transaction as it was; any other error asks for its end.
  Result<Committed> apply(const Change& change, Outcome& outcome);
  Result<void> check_versions(const Transaction& transaction);
  Result<Version> version_of(std::string_view key);
  Result<void> expect_none(std::string_view prefix);
  Result<void> write(const Write& write);
  Outcome abandon(Error error, Outcome::Kind kind);
  Outcome failed_commit(Error error);

  Connection connection_;
  Statements statements_;
  std::unique_ptr<std::uint64_t> log_pages_;  // after the last commit; SQLite's hook writes it
  std::uint64_t restart_at_pages_ = 0;
  bool certain_ = true;
  bool checkpoint_fails_ = false;
};

}  // namespace cairn::catalog::sqlite
