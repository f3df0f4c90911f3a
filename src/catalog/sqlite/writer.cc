// How a group is committed, and why a conflict needs no savepoint: a change's versions are all compared
// before its first write, so a conflict leaves nothing to undo. Any other error ends the whole transaction,
// and the committer tries the group's changes one by one.
//
// Why readers see durable commits only: SQLite appends a commit's pages to the log, syncs the log
// (synchronous=FULL), and only then publishes them in the shared index through which readers find pages. A
// commit whose sync failed is never published.
//
// Why a failed sync needs a fence: its pages stand in the log file all the same, and a restart after a crash
// would take them for a commit. The next commit is written over the same place, so once it is synced they are
// gone for good, and "not there" is decisive. A commit that ends in SQLITE_FULL is another matter: its last
// page, which makes it a commit, was not written whole.
//
// Tested by sqlite_catalog_test.cc and sqlite_faults_test.cc.
#include "catalog/sqlite/writer.h"

#include <sqlite3.h>

#include "base/log.h"
#include "catalog/checks.h"

namespace cairn::catalog::sqlite {

namespace {

constexpr std::uint64_t kCheckpointPages = 2048;  // 8 MiB of log: move what can be moved
constexpr std::uint64_t kRestartPages = 16384;  // 64 MiB, because reads never paused: make them wait for once

int remember_log_pages(void* pages, sqlite3*, const char*, int count) {
  *static_cast<std::uint64_t*>(pages) = static_cast<std::uint64_t>(count);
  return SQLITE_OK;
}

bool full(sqlite3* connection) {
  return (sqlite3_errcode(connection) & 0xff) == SQLITE_FULL;
}

}  // namespace

Result<Writer> Writer::over(Connection connection) {
  Writer writer(std::move(connection));
  CAIRN_TRY_VOID(writer.prepare());
  writer.log_pages_ = std::make_unique<std::uint64_t>(0);
  sqlite3_wal_hook(writer.connection_.raw(), remember_log_pages, writer.log_pages_.get());
  return writer;
}

Result<void> Writer::prepare() {
  const struct {
    Statement& statement;
    std::string_view sql;
  } all[] = {
      {statements_.begin, "BEGIN IMMEDIATE"},
      {statements_.commit, "COMMIT"},
      {statements_.rollback, "ROLLBACK"},
      {statements_.version, "SELECT version FROM documents WHERE key=?1"},
      {statements_.any, "SELECT 1 FROM documents WHERE key>=?1 AND key<?2 LIMIT 1"},
      {statements_.put,
       "INSERT INTO documents VALUES(?1, 1, ?2) ON CONFLICT(key) DO UPDATE SET version=version+1, "
       "value=excluded.value"},
      {statements_.erase, "DELETE FROM documents WHERE key=?1"},
      {statements_.append, "INSERT INTO outbox(payload) VALUES(?1)"},
      {statements_.outbox_erase, "DELETE FROM outbox WHERE number<=?1"},
      {statements_.fence, "UPDATE meta SET number=number+1 WHERE name='fence'"},
  };
  for (const auto& [statement, sql] : all) {
    CAIRN_TRY(statement, connection_.prepare(sql));
  }
  return {};
}

Outcome Writer::commit(std::span<const Change* const> group) {
  if (auto fenced = certain_ ? Result<void>() : fence(); !fenced) {
    return abandon(std::move(fenced).error(), Outcome::Kind::not_begun);
  }
  if (auto begun = statements_.begin.run(); !begun) {
    return abandon(std::move(begun).error(), Outcome::Kind::not_begun);
  }
  Outcome outcome;
  bool any = false;
  for (const auto* change : group) {
    auto answer = apply(*change, outcome);
    if (!answer && answer.error().code != Errc::conflict) {
      return abandon(std::move(answer).error(), Outcome::Kind::not_changed);
    }
    any = any || answer.has_value();
    outcome.answers.push_back(std::move(answer));
  }
  auto ended = any ? statements_.commit.run() : statements_.rollback.run();
  if (!ended) {
    return any ? failed_commit(std::move(ended).error())
               : abandon(std::move(ended).error(), Outcome::Kind::not_changed);
  }
  return outcome;
}

Result<Committed> Writer::apply(const Change& change, Outcome& outcome) {
  CAIRN_TRY_VOID(check_versions(change.transaction));
  for (const auto& one : change.transaction.writes) {
    CAIRN_TRY_VOID(write(one));
  }
  if (change.outbox_delete > 0) {
    statements_.outbox_erase.bind(1, change.outbox_delete);
    CAIRN_TRY_VOID(statements_.outbox_erase.run());
    outcome.rows_deleted += connection_.changed_rows();
  }
  Committed committed;
  for (const auto& payload : change.transaction.outbox) {
    statements_.append.bind(1, payload);
    CAIRN_TRY_VOID(statements_.append.run());
    committed.outbox_last = connection_.last_row();
    outcome.rows_appended += 1;
  }
  return committed;
}

Result<void> Writer::check_versions(const Transaction& transaction) {
  const auto expect = [this](const std::string& key, Version version) -> Result<void> {
    CAIRN_TRY(const auto current, version_of(key));
    return current == version ? Result<void>()
                              : Error{Errc::conflict, "catalog document has another version", key};
  };
  for (const auto& expectation : transaction.expectations) {
    CAIRN_TRY_VOID(expect(expectation.key, expectation.version));
  }
  for (const auto& write : transaction.writes) {
    if (write.expected) {
      CAIRN_TRY_VOID(expect(write.key, *write.expected));
    }
  }
  for (const auto& prefix : transaction.absent) {
    CAIRN_TRY_VOID(expect_none(prefix));
  }
  return {};
}

Result<Version> Writer::version_of(std::string_view key) {
  const ResetAtEnd reset_at_end(statements_.version);
  statements_.version.bind(1, key);
  CAIRN_TRY(const bool there, statements_.version.step());
  return there ? statements_.version.number(0) : 0;
}

Result<void> Writer::expect_none(std::string_view prefix) {
  const auto range = key_range(prefix, "", Limits{});
  const ResetAtEnd reset_at_end(statements_.any);
  statements_.any.bind(1, range.from);
  statements_.any.bind(2, range.end);
  CAIRN_TRY(const bool there, statements_.any.step());
  return there ? Result<void>(Error{Errc::conflict, "catalog has a document that should not be there",
                                    std::string(prefix)})
               : Result<void>();
}

Result<void> Writer::write(const Write& write) {
  auto& statement = write.value ? statements_.put : statements_.erase;
  statement.bind(1, write.key);
  if (write.value) {
    statement.bind(2, *write.value);
  }
  return statement.run();
}

Outcome Writer::abandon(Error error, Outcome::Kind kind) {
  // SQLite has ended the transaction by itself after some errors.
  if (connection_.in_transaction()) {
    if (auto undone = statements_.rollback.run(); !undone) {
      log::error("catalog could not roll back", {{"error", undone.error().text()}});
    }
  }
  Outcome outcome;
  outcome.kind = kind;
  outcome.error = std::move(error);
  return outcome;
}

Outcome Writer::failed_commit(Error error) {
  const bool disk_full = full(connection_.raw());
  auto outcome = abandon(std::move(error), disk_full ? Outcome::Kind::not_changed : Outcome::Kind::unknown);
  certain_ = certain_ && disk_full;
  if (auto fenced = fence(); !fenced && !disk_full) {
    log::error("catalog could not sync its log, and cannot be read until it can",
               {{"error", fenced.error().text()}});
  }
  if (outcome.kind == Outcome::Kind::unknown) {
    outcome.error->code = Errc::unknown;
  }
  return outcome;
}

Result<void> Writer::fence() {
  CAIRN_TRY_VOID(statements_.fence.run());
  certain_ = true;
  return {};
}

void Writer::checkpoint_if_due() {
  if (*log_pages_ < kRestartPages) {
    restart_at_pages_ = kRestartPages;
  }
  if (*log_pages_ < kCheckpointPages) {
    return;
  }
  const bool restart = *log_pages_ >= restart_at_pages_;
  if (restart) {
    restart_at_pages_ =
        *log_pages_ +
        kRestartPages;  // should readers be in the way for long (a backup), do not wait at every commit
  }
  auto moved = connection_.checkpoint(restart);
  if (!moved && !checkpoint_fails_) {
    log::warn("catalog's log could not be moved into its file, so it grows",
              {{"error", moved.error().text()}});
  }
  checkpoint_fails_ = !moved;
}

Result<std::uint64_t> Writer::outbox_last() {
  return connection_.number("SELECT max(number) FROM outbox");
}

Result<std::uint64_t> Writer::outbox_rows() {
  return connection_.number("SELECT count(*) FROM outbox");
}

}  // namespace cairn::catalog::sqlite
