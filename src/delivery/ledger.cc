// Tested by restart_test.cc and delivery_crash_test.cc.
#include "delivery/ledger.h"

#include "crypto/random.h"
#include "json/json.h"

namespace cairn::delivery {
namespace {

constexpr std::size_t kCommitChars = 16;

}  // namespace

std::string to_document(const State& state) {
  return json::serialize(
      json::object{{"cursor", state.cursor.raw()}, {"plans", state.plans}, {"commit", state.commit}});
}

Result<State> state_from(std::string_view document) {
  CAIRN_TRY(const auto object, json::parse_object(document));
  const auto cursor = json::find_int(object, "cursor");
  const auto plans = json::find_int(object, "plans");
  const auto commit = json::find_string(object, "commit");
  if (!cursor || !plans || !commit) {
    return Error{Errc::corrupt, "delivery's state lacks a member"};
  }
  return State{.cursor = journal::Position{static_cast<std::uint64_t>(*cursor)},
               .plans = static_cast<std::uint64_t>(*plans),
               .commit = std::string(*commit)};
}

Task<Result<void>> Ledger::load() {
  CAIRN_CO_TRY(const auto document, co_await catalog_.get(std::string(kStateKey)));
  if (document) {
    CAIRN_CO_TRY(state_, state_from(document->value));
    version_ = document->version;
  }
  co_return Result<void>{};
}

State Ledger::next() const {
  return {.cursor = state_.cursor, .plans = state_.plans, .commit = crypto::random_text(kCommitChars)};
}

Task<Result<void>> Ledger::commit(State next, catalog::Transaction transaction) {
  transaction.writes.push_back({std::string(kStateKey), to_document(next), version_});
  const auto committed = co_await catalog_.commit(std::move(transaction));
  if (!committed) {
    CAIRN_CO_TRY_VOID(co_await settle(next, committed.error()));
  }
  state_ = std::move(next);
  ++version_;
  co_return Result<void>{};
}

Task<Result<void>> Ledger::settle(const State& next, Error error) {
  if (error.code == Errc::unknown || error.code == Errc::conflict) {
    CAIRN_CO_TRY(const auto document, co_await catalog_.get(std::string(kStateKey)));
    if (document) {
      CAIRN_CO_TRY(const auto now, state_from(document->value));
      if (now.commit == next.commit) {
        co_return Result<void>{};
      }
    }
  }
  co_return error;
}

}  // namespace cairn::delivery
