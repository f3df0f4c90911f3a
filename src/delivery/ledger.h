// The follower's state in the catalog, and the commits that go with it: of log files (closing.h) and of
// digests (digests.h). Each has the state as it is then, so whether a commit of unknown end went through can
// be told. One thread; one commit at a time, which is tried until its end is known.
#pragma once

#include <string>

#include "async/task.h"
#include "catalog/catalog.h"
#include "journal/journal.h"

namespace cairn::delivery {

// Catalog: "delivery/state". Where the follower stands, and the number of the last plan it made.
struct State {
  journal::Position cursor;
  std::uint64_t plans = 0;
  std::string commit;  // random: whether a commit of unknown end went through
};
inline constexpr std::string_view kStateKey = "delivery/state";
std::string to_document(const State& state);
Result<State> state_from(std::string_view document);

class Ledger {
 public:
  explicit Ledger(catalog::Catalog& catalog) : catalog_(catalog) {}

  Task<Result<void>> load();
  // What is committed.
  const State& state() const { return state_; }
  // To be committed next: of the same cursor, with a `commit` of its own.
  State next() const;
  // Whatever a former try of the same commit came to: afterwards it has happened once. REQUIRES: `next` was
  // made by next() after the last commit whose end is known.
  Task<Result<void>> commit(State next, catalog::Transaction transaction);

 private:
  Task<Result<void>> settle(const State& next, Error error);

  catalog::Catalog& catalog_;
  State state_;
  catalog::Version version_ = 0;
};

}  // namespace cairn::delivery
