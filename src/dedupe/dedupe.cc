// admit() in steps: hash the ids; lock the shards that the batch touches, in order; look. If some id is in
// flight elsewhere, let go of the locks and wait for those batches, holding nothing, then look again.
// Otherwise take all that is fresh, in the same breath.
//
// Each look finds an id seen, fresh or in flight; what was in flight is seen or free at the next look, so a
// batch looks again only as often as others take its ids first.
//
// Tested by dedupe_test.cc, dedupe_restart_test.cc, recent_ids_test.cc and block_test.cc.
#include "dedupe/dedupe.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "crypto/random.h"
#include "dedupe/saver.h"
#include "dedupe/shard.h"

namespace cairn::dedupe {

struct Taken {
  struct One {
    Shard* shard;
    Account* account;
    Id id;
  };
  std::vector<One> ids;
  std::shared_ptr<Claim> claim = std::make_shared<Claim>();
};

namespace {

struct Wanted {
  std::size_t shard;
  std::string_view account;
  Id id;
};

struct Measures {
  explicit Measures(Metrics& m)
      : fresh(m.counter("cairn_dedupe_fresh_total", "Event ids admitted as new.")),
        repeats(m.counter("cairn_dedupe_repeats_total", "Event ids recognised as repeats.")),
        waits(m.counter("cairn_dedupe_waits_total", "Batches that waited for a repeat in flight.")),
        ids(m.gauge("cairn_dedupe_ids", "Event ids known.")),
        saved_bytes(m.gauge("cairn_dedupe_saved_bytes", "Size of the file of event ids.")) {}

  Counter fresh;
  Counter repeats;
  Counter waits;
  Gauge ids;
  Gauge saved_bytes;
};

// What each may keep at most, so that all of them together have no more than `together`.
std::size_t share_of(std::vector<std::size_t> sizes, std::size_t together) {
  std::ranges::sort(sizes);
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const auto each = together / (sizes.size() - i);
    if (sizes[i] > each) {
      return each;
    }
    together -= sizes[i];
  }
  return sizes.empty() ? 0 : sizes.back();
}

using Locks = std::vector<std::unique_lock<std::mutex>>;
using Claims = std::vector<std::shared_ptr<Claim>>;

}  // namespace

struct Index::State {
  State(Options o, Metrics& metrics)
      : options(std::move(o)), measures(metrics), secret{crypto::random_number(), crypto::random_number()} {}

  struct Look {
    Claims in_flight;         // elsewhere; if there are any, nothing was taken
    std::vector<bool> fresh;  // by index of the batch
    std::unique_ptr<Taken> taken;
  };

  std::vector<Wanted> want(std::span<const Key> keys) const;
  Locks lock(const std::vector<Wanted>& batch);
  Result<Look> look_and_take(const std::vector<Wanted>& batch);
  void take(const std::vector<Wanted>& batch, Look& look);
  void settle(Taken& taken, bool appended);
  void know(std::string_view account, const Id& id);
  void insert(Account& account, const Id& id);
  void keep_bound();
  Account& account(const Wanted& one) {
    return shards[one.shard].account(one.account, options.ids_max, secret);
  }

  const Options options;
  Measures measures;
  const Secret secret;
  Shards shards;
  std::atomic<std::size_t> total{0};  // ids seen, of all accounts
  std::mutex trimming;
  std::atomic<std::uint64_t> observed{0};  // all before it is in the index
  std::atomic<std::uint64_t> saved{0};     // the same, durably
  std::unique_ptr<Saver> saver;
};

std::vector<Wanted> Index::State::want(std::span<const Key> keys) const {
  std::vector<Wanted> batch;
  batch.reserve(keys.size());
  for (const auto& key : keys) {
    batch.push_back({shard_of(key.account), key.account, to_id(key.event_id)});
  }
  return batch;
}

// In ascending order, so that two batches never wait for each other's locks.
Locks Index::State::lock(const std::vector<Wanted>& batch) {
  std::array<bool, kShards> touched{};
  for (const auto& one : batch) {
    touched[one.shard] = true;
  }
  Locks locks;
  for (std::size_t i = 0; i < kShards; ++i) {
    if (touched[i]) {
      locks.emplace_back(shards[i].mutex);
    }
  }
  return locks;
}

Result<Index::State::Look> Index::State::look_and_take(const std::vector<Wanted>& batch) {
  const auto locks = lock(batch);
  Look look{.in_flight = {}, .fresh = std::vector<bool>(batch.size()), .taken = std::make_unique<Taken>()};
  std::array<std::size_t, kShards> in_flight{};
  for (std::size_t i = 0; i < batch.size(); ++i) {
    auto& account = this->account(batch[i]);
    if (account.seen.contains(batch[i].id)) {
      continue;
    }
    if (const auto found = account.in_flight.find(batch[i].id); found != account.in_flight.end()) {
      look.in_flight.push_back(found->second);
      continue;
    }
    look.fresh[i] = true;
    auto& count = in_flight[batch[i].shard];
    if (++count + shards[batch[i].shard].in_flight > options.limits.in_flight_ids_max) {
      return Error{Errc::limit,
                   fmt::format("admit events: {} ids in flight", options.limits.in_flight_ids_max)};
    }
  }
  if (look.in_flight.empty()) {
    take(batch, look);
  }
  std::ranges::sort(look.in_flight);
  look.in_flight.erase(std::ranges::unique(look.in_flight).begin(), look.in_flight.end());
  return look;
}

void Index::State::take(const std::vector<Wanted>& batch, Look& look) {
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (!look.fresh[i]) {
      continue;
    }
    auto& account = this->account(batch[i]);
    auto& shard = shards[batch[i].shard];
    // Not fresh after all: the batch itself has it twice.
    look.fresh[i] = account.in_flight.try_emplace(batch[i].id, look.taken->claim).second;
    if (look.fresh[i]) {
      ++shard.in_flight;
      look.taken->ids.push_back({&shard, &account, batch[i].id});
    }
  }
}

void Index::State::settle(Taken& taken, bool appended) {
  std::unique_lock<std::mutex> lock;
  for (const auto& one : taken.ids) {
    if (lock.mutex() != &one.shard->mutex) {
      lock = {};
      lock = std::unique_lock(one.shard->mutex);
    }
    one.account->in_flight.erase(one.id);
    --one.shard->in_flight;
    if (appended) {
      insert(*one.account, one.id);
    }
  }
  lock = {};
  taken.claim->settle();
}

void Index::State::know(std::string_view account, const Id& id) {
  auto& shard = shards[shard_of(account)];
  {
    const std::lock_guard lock(shard.mutex);
    insert(shard.account(account, options.ids_max, secret), id);
  }
  keep_bound();
}

// REQUIRES: the shard's mutex is held.
void Index::State::insert(Account& account, const Id& id) {
  const auto before = account.seen.size();
  account.seen.insert(id);
  total += account.seen.size() - before;
}

// Each account keeps its newest, as many as let all together have an eighth to spare: those with fewer lose
// nothing.
void Index::State::keep_bound() {
  if (total <= options.ids_total_max) {
    return;
  }
  const std::lock_guard lock(trimming);
  std::vector<std::size_t> sizes;
  for (auto& shard : shards) {
    const std::lock_guard shard_lock(shard.mutex);
    for (const auto& [name, account] : shard.accounts) {
      sizes.push_back(account->seen.size());
    }
  }
  const auto each = share_of(std::move(sizes), options.ids_total_max - options.ids_total_max / 8);
  for (auto& shard : shards) {
    const std::lock_guard shard_lock(shard.mutex);
    for (const auto& [name, account] : shard.accounts) {
      const auto before = account->seen.size();
      account->seen.forget(before - std::min(before, each));
      total -= before - account->seen.size();
    }
  }
}

Admission::Admission(Index& index, std::vector<bool> fresh, std::unique_ptr<Taken> taken)
    : index_(&index), fresh_(std::move(fresh)), fresh_count_(taken->ids.size()), taken_(std::move(taken)) {}
Admission::Admission(Admission&&) noexcept = default;

Admission& Admission::operator=(Admission&& other) noexcept {
  std::swap(index_, other.index_);
  std::swap(fresh_, other.fresh_);
  std::swap(fresh_count_, other.fresh_count_);
  std::swap(taken_, other.taken_);
  return *this;
}

Admission::~Admission() {
  if (taken_) {
    index_->state_->settle(*taken_, false);
  }
}

void Admission::settle(const Result<journal::Position>& appended) {
  CAIRN_CHECK(taken_ != nullptr);
  index_->state_->settle(*taken_, appended.has_value());
  taken_.reset();
}

Index::Index(std::unique_ptr<State> state) : state_(std::move(state)) {}
Index::~Index() = default;

Result<std::unique_ptr<Index>> Index::open(Options options, Metrics& metrics) {
  if (options.ids_max == 0 || options.ids_max > RecentIds::kIdsMax) {
    return Error{Errc::invalid,
                 fmt::format("open index of event ids: between 1 and {} of them", RecentIds::kIdsMax)};
  }
  if (options.ids_total_max < options.ids_max) {
    return Error{Errc::invalid,
                 "open index of event ids: all accounts together have as many as one at least"};
  }
  metrics.limit("cairn_dedupe_ids", static_cast<double>(options.ids_total_max));
  auto state = std::make_unique<State>(std::move(options), metrics);
  const auto take = [&state](std::string_view account, const Id& id) { state->know(account, id); };
  CAIRN_TRY(state->saver,
            Saver::open(state->options.folder, state->options.limits.spare_bytes_max, state->shards, take));
  state->observed = state->saver->cursor().raw();
  state->saved = state->saver->cursor().raw();
  return std::unique_ptr<Index>(new Index(std::move(state)));
}

journal::Position Index::cursor() const {
  return journal::Position{state_->saved.load()};
}

void Index::observe(std::string_view account, std::string_view event_id, journal::Position position) {
  CAIRN_CHECK(account.size() <= kAccountBytesMax);
  state_->know(account, to_id(event_id));
  observe_through(position + 1);
}

void Index::observe_through(journal::Position next) {
  auto before = state_->observed.load();
  while (before < next.raw() && !state_->observed.compare_exchange_weak(before, next.raw())) {
  }
}

Task<Result<Admission>> Index::admit(std::span<const Key> keys) {
  if (keys.size() > state_->options.limits.batch_ids_max) {
    co_return Error{Errc::limit, fmt::format("admit events: {} ids in a batch, batch_ids_max is {}",
                                             keys.size(), state_->options.limits.batch_ids_max)};
  }
  for (const auto& key : keys) {
    if (key.account.size() > kAccountBytesMax) {
      co_return Error{Errc::invalid, "admit events: the account's name is too long"};
    }
  }
  const auto batch = state_->want(keys);
  CAIRN_CO_TRY(auto look, state_->look_and_take(batch));
  while (!look.in_flight.empty()) {
    state_->measures.waits.add();
    for (const auto& claim : look.in_flight) {
      co_await claim->wait();
    }
    auto again = state_->look_and_take(batch);
    CAIRN_CO_TRY(look, std::move(again));
  }
  Admission admission(*this, std::move(look.fresh), std::move(look.taken));
  state_->measures.fresh.add(static_cast<double>(admission.fresh_count()));
  state_->measures.repeats.add(static_cast<double>(admission.repeat_count()));
  co_return admission;
}

Result<void> Index::flush() {
  const journal::Position observed{state_->observed.load()};
  CAIRN_TRY_VOID(state_->saver->save(observed));
  state_->saved = observed.raw();
  state_->measures.ids.set(static_cast<double>(state_->saver->live_ids()));
  state_->measures.saved_bytes.set(static_cast<double>(state_->saver->bytes()));
  return {};
}

}  // namespace cairn::dedupe
