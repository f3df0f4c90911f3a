#include "catalog/memory/memory_catalog.h"

#include "async/turn.h"
#include "catalog/checks.h"
#include "catalog/lease.h"

namespace cairn::catalog::memory {

MemoryCatalog::MemoryCatalog(const Clock& clock, Limits limits) : clock_(clock), limits_(limits) {}

void MemoryCatalog::fail(Faults faults) {
  const std::lock_guard lock(mutex_);
  faults_ = faults;
  until_fault_ = faults.every;
}

std::size_t MemoryCatalog::commits_tried() const {
  const std::lock_guard lock(mutex_);
  return tried_;
}

std::unique_ptr<MemoryCatalog> MemoryCatalog::durable_copy() const {
  auto copy = std::make_unique<MemoryCatalog>(clock_, limits_);
  const std::lock_guard lock(mutex_);
  copy->contents_ = contents_;
  if (!contents_.outbox.empty()) {
    copy->bell_.appended(contents_.outbox.rbegin()->first);
  }
  return copy;
}

Task<Result<std::optional<Document>>> MemoryCatalog::get(std::string key) {
  co_await async::turn();
  CAIRN_CO_TRY_VOID(check_key(key, limits_));
  const std::lock_guard lock(mutex_);
  const auto found = contents_.documents.find(key);
  if (found == contents_.documents.end()) {
    co_return std::optional<Document>();
  }
  co_return std::optional<Document>({found->first, found->second.bytes, found->second.version});
}

Task<Result<std::vector<Document>>> MemoryCatalog::scan(std::string prefix, std::string after,
                                                        std::size_t limit) {
  co_await async::turn();
  const auto range = key_range(prefix, after, limits_);
  PageRoom room(limit, limits_);
  std::vector<Document> page;
  const std::lock_guard lock(mutex_);
  for (auto at = contents_.documents.lower_bound(range.from);
       at != contents_.documents.end() && at->first < range.end && room.open(); ++at) {
    page.push_back({at->first, at->second.bytes, at->second.version});
    room.take(at->first.size() + at->second.bytes.size());
  }
  co_return page;
}

Task<Result<Committed>> MemoryCatalog::commit(Transaction transaction) {
  co_await async::turn();
  CAIRN_CO_TRY_VOID(check(transaction, limits_));
  const Change only{.transaction = std::move(transaction)};
  auto committed = change(only);
  co_await async::turn();  // an answer takes its time: others see the change first
  co_return committed;
}

Task<Result<std::vector<OutboxRow>>> MemoryCatalog::outbox(std::uint64_t after, std::size_t limit) {
  co_await async::turn();
  PageRoom room(limit, limits_);
  std::vector<OutboxRow> page;
  const std::lock_guard lock(mutex_);
  for (auto at = contents_.outbox.upper_bound(after); at != contents_.outbox.end() && room.open(); ++at) {
    page.push_back({at->first, at->second});
    room.take(at->second.size());
  }
  co_return page;
}

Task<Result<void>> MemoryCatalog::outbox_delete(std::uint64_t number, std::vector<Write> writes) {
  co_await async::turn();
  Change both{.delete_through = number};
  both.transaction.writes = std::move(writes);
  CAIRN_CO_TRY_VOID(check(both.transaction, limits_));
  CAIRN_CO_TRY_VOID(change(both));
  co_await async::turn();
  co_return Result<void>{};
}

Task<void> MemoryCatalog::outbox_wait(std::uint64_t after, Millis patience) {
  return bell_.wait(after, patience);
}

Task<Result<Lease>> MemoryCatalog::acquire(std::string name, std::string holder, Millis duration) {
  return acquire_lease(*this, clock_, {std::move(name), std::move(holder), duration});
}

Task<Result<void>> MemoryCatalog::release(Lease lease) {
  return release_lease(*this, std::move(lease));
}

Result<Committed> MemoryCatalog::change(const Change& change) {
  const std::lock_guard lock(mutex_);
  std::optional<Faults::Kind> fault;
  if (fails_now()) {
    fault = faults_.kind;
  }
  if (fault == Faults::Kind::unavailable) {
    return Error{Errc::unavailable, "commit to catalog: made to fail"};
  }
  CAIRN_TRY_VOID(check_versions(change.transaction));
  if (fault == Faults::Kind::unknown_not_applied) {
    return Error{Errc::unknown, "commit to catalog: made to fail"};
  }
  const auto committed = apply(change);
  bell_.appended(committed.outbox_last);
  bell_.deleted(change.delete_through);
  if (fault == Faults::Kind::unknown_applied) {
    return Error{Errc::unknown, "commit to catalog: made to fail"};
  }
  return committed;
}

Result<void> MemoryCatalog::check_versions(const Transaction& transaction) const {
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

Result<void> MemoryCatalog::expect_none(const std::string& prefix) const {
  const auto first = contents_.documents.lower_bound(prefix);
  if (first != contents_.documents.end() && first->first.starts_with(prefix)) {
    return Error{Errc::conflict, "catalog has a document that should not be there", first->first};
  }
  return {};
}

Result<void> MemoryCatalog::expect(const std::string& key, Version version) const {
  const auto found = contents_.documents.find(key);
  const Version current = found == contents_.documents.end() ? 0 : found->second.version;
  if (current != version) {
    return Error{Errc::conflict, "catalog document has another version", key};
  }
  return {};
}

Committed MemoryCatalog::apply(const Change& change) {
  for (const auto& write : change.transaction.writes) {
    if (!write.value) {
      contents_.documents.erase(write.key);
      continue;
    }
    auto& value = contents_.documents[write.key];
    value.version += 1;
    value.bytes = *write.value;
  }
  contents_.outbox.erase(contents_.outbox.begin(), contents_.outbox.upper_bound(change.delete_through));
  Committed committed;
  for (const auto& payload : change.transaction.outbox) {
    committed.outbox_last = ++contents_.outbox_last;
    contents_.outbox.emplace(committed.outbox_last, payload);
  }
  return committed;
}

bool MemoryCatalog::fails_now() {
  ++tried_;
  if (faults_.every == 0 || --until_fault_ != 0) {
    return false;
  }
  until_fault_ = faults_.every;
  return true;
}

}  // namespace cairn::catalog::memory
