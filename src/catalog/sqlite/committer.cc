#include "catalog/sqlite/committer.h"

#include "catalog/checks.h"

namespace cairn::catalog::sqlite {

namespace {

constexpr std::size_t kGroupBytesMax = 8U << 20;  // a group ends with the change that reaches it
constexpr auto kFencePause = std::chrono::milliseconds(250);

}  // namespace

Committer::Meters::Meters(Metrics& metrics)
    : commits(metrics.counter("cairn_catalog_commits_total", "Catalog transactions committed.")),
      conflicts(
          metrics.counter("cairn_catalog_conflicts_total", "Catalog transactions refused for a version.")),
      failures(metrics.counter("cairn_catalog_failures_total",
                               "Catalog transactions that failed for another reason.")),
      group_size(metrics.histogram("cairn_catalog_group_transactions",
                                   "Catalog transactions that shared one sync.",
                                   {1, 2, 4, 8, 16, 32, 64, 128, 256})),
      commit_seconds(metrics.histogram("cairn_catalog_commit_seconds", "From a commit's call to its answer.",
                                       {0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3})),
      outbox_rows(metrics.gauge("cairn_catalog_outbox_rows", "Outbox rows that still have to be forwarded.")),
      waiting_bytes(metrics.gauge("cairn_catalog_waiting_bytes", "Transactions that wait for the disk.")) {}

Committer::Committer(Writer writer, const Setup& setup)
    : limits_(setup.limits),
      bell_(setup.bell),
      cache_(setup.cache),
      meters_(setup.metrics),
      writer_(std::move(writer)) {
  meters_.outbox_rows.set(static_cast<double>(setup.outbox_rows));
  setup.metrics.limit("cairn_catalog_waiting_bytes", static_cast<double>(limits_.waiting_bytes_max));
  thread_ = std::thread([this] { run(); });
}

Committer::~Committer() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

Task<Result<Committed>> Committer::commit(Change change) {
  auto answer = std::make_shared<Answer>();
  CAIRN_CO_TRY_VOID(enqueue(std::move(change), answer));
  co_return co_await answer->wait();
}

Result<void> Committer::enqueue(Change change, std::shared_ptr<Answer> answer) {
  const auto bytes = bytes_of(change.transaction);
  {
    const std::lock_guard lock(mutex_);
    if (waiting_bytes_ + bytes > limits_.waiting_bytes_max) {
      return Error{Errc::limit, "catalog has waiting_bytes_max of transactions waiting for the disk"};
    }
    waiting_bytes_ += bytes;
    meters_.waiting_bytes.set(static_cast<double>(waiting_bytes_));
    waiting_.push_back({std::move(change), std::move(answer), bytes, std::chrono::steady_clock::now()});
  }
  wake_.notify_one();
  return {};
}

void Committer::run() {
  while (auto group = next_group()) {
    if (group->empty()) {
      static_cast<void>(
          writer_.fence().has_value());  // tried again until it succeeds; the failed commit was logged
      certain_.store(writer_.certain(), std::memory_order_release);
      continue;
    }
    serve(*group);
    writer_.checkpoint_if_due();
  }
}

std::optional<std::vector<Committer::Pending>> Committer::next_group() {
  std::unique_lock lock(mutex_);
  const auto something = [this] { return closed_ || !waiting_.empty(); };
  if (writer_.certain()) {
    wake_.wait(lock, something);
  } else {
    wake_.wait_for(lock, kFencePause, something);
  }
  if (closed_ && waiting_.empty()) {
    return std::nullopt;
  }
  std::vector<Pending> group;
  std::size_t bytes = 0;
  while (!waiting_.empty() && group.size() < limits_.group_max && bytes < kGroupBytesMax) {
    bytes += waiting_.front().bytes;
    group.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  waiting_bytes_ -= bytes;
  meters_.waiting_bytes.set(static_cast<double>(waiting_bytes_));
  return group;
}

void Committer::serve(std::span<Pending> group) {
  std::vector<const Change*> changes;
  for (const auto& pending : group) {
    changes.push_back(&pending.change);
  }
  cache_.begin(changes);
  auto outcome = writer_.commit(changes);
  cache_.end();
  certain_.store(writer_.certain(), std::memory_order_release);
  if (outcome.kind == Outcome::Kind::not_changed && group.size() > 1) {
    for (auto& pending : group) {
      serve({&pending, 1});
    }
    return;
  }
  meters_.group_size.observe(static_cast<double>(group.size()));
  meters_.outbox_rows.add(static_cast<double>(outcome.rows_appended) -
                          static_cast<double>(outcome.rows_deleted));
  Answers answers;
  for (std::size_t i = 0; i < group.size(); ++i) {
    answer(group[i], outcome.kind == Outcome::Kind::done ? std::move(outcome.answers[i]) : *outcome.error,
           answers);
  }
}

void Committer::answer(Pending& pending, Result<Committed> result, Answers& answers) {
  if (result) {
    bell_.appended(result->outbox_last);
    bell_.deleted(pending.change.outbox_delete);
    meters_.commits.add();
  } else {
    (result.error().code == Errc::conflict ? meters_.conflicts : meters_.failures).add();
  }
  const auto took = std::chrono::steady_clock::now() - pending.since;
  meters_.commit_seconds.observe(std::chrono::duration<double>(took).count());
  answers.set(*pending.answer, std::move(result));
}

}  // namespace cairn::catalog::sqlite
