// For tests of crashes: a machine that dies at a chosen commit, blob or put, before it or just after it, and
// a story of trails that change with records among them.
//
// Everything runs on one loop, so what is durable at the moment of death can be copied between two steps.
#pragma once

#include <gmock/gmock.h>

#include "delivery/digests_testing.h"

namespace cairn::delivery::testing {

// Counts steps; at the chosen one it copies what is durable, and from then on nothing happens any more.
struct Machine {
  explicit Machine(const Clock& clock)
      : catalog(std::make_unique<catalog::memory::MemoryCatalog>(clock)),
        blob(std::make_unique<blob::memory::MemoryBlob>()) {}

  // The step's number; none: it is not to be taken.
  std::optional<std::size_t> before_step() {
    if (!dead && ++steps == die_at && !die_after) {
      die();
    }
    return dead ? std::nullopt : std::optional(steps);
  }
  void after_step(std::size_t step) {
    if (!dead && step == die_at && die_after) {
      die();
    }
  }
  void die() {
    dead = true;
    catalog_then = catalog->durable_copy();
    blob_then = blob->durable_copy();
  }
  void restart(std::size_t at, bool after) {
    if (dead) {
      catalog = std::move(catalog_then);
      blob = std::move(blob_then);
    }
    dead = false;
    steps = 0;
    die_at = at;
    die_after = after;
  }

  std::unique_ptr<catalog::memory::MemoryCatalog> catalog;
  std::unique_ptr<blob::memory::MemoryBlob> blob;
  std::unique_ptr<catalog::memory::MemoryCatalog> catalog_then;
  std::unique_ptr<blob::memory::MemoryBlob> blob_then;
  std::atomic<bool> dead{false};
  std::size_t steps = 0;
  std::size_t die_at = 0;
  bool die_after = false;
};

inline Error died() {
  return {Errc::unavailable, "the machine died"};
}

class MortalCatalog final : public catalog::Catalog {
 public:
  explicit MortalCatalog(Machine& machine) : on_(machine) {}
  Task<Result<std::optional<catalog::Document>>> get(std::string key) override {
    return on_.catalog->get(std::move(key));
  }
  Task<Result<std::vector<catalog::Document>>> scan(std::string prefix, std::string after,
                                                    std::size_t limit) override {
    // Short pages, to be sure.
    return on_.catalog->scan(std::move(prefix), std::move(after), std::min<std::size_t>(limit, 2));
  }
  Task<Result<catalog::Committed>> commit(catalog::Transaction transaction) override {
    const auto step = on_.before_step();
    if (!step) {
      co_return died();
    }
    auto committed = co_await on_.catalog->commit(std::move(transaction));
    on_.after_step(*step);
    if (on_.dead) {
      co_return died();
    }
    co_return committed;
  }
  Task<Result<std::vector<catalog::OutboxRow>>> outbox(std::uint64_t, std::size_t) override {
    co_return died();
  }
  Task<Result<void>> outbox_delete(std::uint64_t, std::vector<catalog::Write>) override { co_return died(); }
  Task<void> outbox_wait(std::uint64_t, Millis) override { co_return; }
  Task<Result<catalog::Lease>> acquire(std::string, std::string, Millis) override { co_return died(); }
  Task<Result<void>> release(catalog::Lease) override { co_return died(); }

 private:
  Machine& on_;
};

class MortalWriter final : public blob::Writer {
 public:
  MortalWriter(Machine& machine, std::unique_ptr<blob::Writer> inner)
      : on_(machine), inner_(std::move(inner)) {}
  Task<Result<void>> write(std::span<const std::byte> bytes) override { return inner_->write(bytes); }
  Task<Result<void>> commit() override {
    const auto step = on_.before_step();
    if (!step) {
      co_return died();
    }
    auto committed = co_await inner_->commit();
    on_.after_step(*step);
    if (on_.dead) {
      co_return died();
    }
    co_return committed;
  }

 private:
  Machine& on_;
  std::unique_ptr<blob::Writer> inner_;
};

class MortalBlob final : public blob::Blob {
 public:
  explicit MortalBlob(Machine& machine) : on_(machine) {}
  Task<Result<std::unique_ptr<blob::Writer>>> writer(blob::Name name) override {
    CAIRN_CO_TRY(auto inner, co_await on_.blob->writer(std::move(name)));
    co_return std::make_unique<MortalWriter>(on_, std::move(inner));
  }
  Task<Result<std::unique_ptr<blob::Reader>>> reader(blob::Name name, blob::Range range) override {
    return on_.blob->reader(std::move(name), range);
  }
  Task<Result<void>> remove(blob::Name name) override {
    const auto step = on_.before_step();
    if (!step) {
      co_return died();
    }
    auto removed = co_await on_.blob->remove(std::move(name));
    on_.after_step(*step);
    co_return removed;
  }
  Task<Result<std::vector<blob::Listed>>> list(std::string prefix, blob::Name after,
                                               std::size_t limit) override {
    return on_.blob->list(std::move(prefix), std::move(after), std::min<std::size_t>(limit, 2));
  }
  Task<Result<blob::LocalFile>> local_file(blob::Name name) override {
    return on_.blob->local_file(std::move(name));
  }

 private:
  Machine& on_;
};

// Some accounts, regions and trails that change, and records among them.
class Story {
 public:
  // Of what else it is about: digests of its trails; a trail of an organization, which accounts join and
  // leave; records of what delivering does itself.
  enum class About { logs, digests, organization, echoes };
  explicit Story(unsigned seed, About about = About::logs)
      : random_(seed),
        organized_(about == About::organization),
        echoing_(about == About::echoes),
        count_(organized_ ? 3 : 2) {
    for (auto& trail : trails_) {
      trail.validation = about == About::digests;
    }
    trails_[2].organization = kOrganization;
  }

  Entries tell(std::size_t length) {
    Entries entries;
    for (std::size_t i = 0; i < length; ++i) {
      if (i < count_ || pick(8) == 0) {
        const bool is_of_members = organized_ && i >= count_ && pick(2) == 0;
        entries.add_control(is_of_members ? membership() : change(i));
      } else if (echoing_ && pick(3) != 0) {
        entries.add_record(echo(std::to_string(i), accounts_[pick(2)], regions_[pick(2)]));
      } else {
        entries.add_record(record(std::to_string(i), accounts_[pick(2)], regions_[pick(2)],
                                  pick(6) == 0 ? "Data" : "Management", pick(300)),
                           pick(4) == 0 ? event::Kind::outcome : event::Kind::record);
      }
    }
    return entries;
  }
  bool echoing() const { return echoing_; }
  std::size_t pick(std::size_t below) {
    return std::uniform_int_distribution<std::size_t>(0, below - 1)(random_);
  }

 private:
  std::string change(std::size_t i) {
    auto& trail = trails_[i < count_ ? i : pick(count_)];
    const auto what = i < count_ ? 5 : pick(trail.validation ? 7 : 6);
    if (what == 0) {
      const auto gone = trail::deletion_control_of(trail);
      trail.created += Millis{1};
      return gone;
    }
    if (what == 1) {
      trail.logging = !trail.logging || pick(2) == 0;
    } else if (what == 2) {
      trail.bucket = trail.name + std::to_string(pick(2));
    } else if (what == 3 && trail.name == "all") {  // the account's own, or the organization's again
      trail.organization = trail.organization.empty() ? kOrganization : "";
    } else if (what == 3) {
      trail.prefix = pick(2) == 0 ? "" : "logs";
    } else if (what == 6) {  // stopped and started
      trail.started = trail.created + Millis{static_cast<std::int64_t>(++starts_)};
    }
    return trail::control_of(trail);
  }

  std::string membership() {
    organization::Membership one{.account = accounts_[pick(2)], .organization = std::nullopt};
    if (pick(3) != 0) {
      one.organization = kOrganization;
    }
    return organization::control_of(one);
  }

  static constexpr const char* kOrganization = "o-k3strel9ab";
  std::mt19937 random_;
  const bool organized_;
  const bool echoing_;
  const std::size_t count_;  // of the trails that are in it
  std::size_t starts_ = 0;
  const std::string accounts_[2] = {"111122223333", "444455556666"};
  const std::string regions_[2] = {"eu-west-1", "us-east-1"};
  trail::Trail trails_[3] = {make_trail("one", "one0", "eu-west-1", true),
                             make_trail("two", "two0", "eu-west-1", false, "444455556666"),
                             make_trail("all", "all0", "eu-west-1", true)};
};

class CrashTest : public ::testing::Test {
 protected:
  // From where the last life ended, until the machine dies (false) or everything is in its bucket.
  bool live(const Entries& entries, Story& story) {
    MortalCatalog catalog(machine);
    MortalBlob blob(machine);
    auto options = quick();
    options.file_bytes_max = 4000;
    options.digest_interval = Millis{100'000};
    options.echoes_wait_max = Millis{300'000};
    options.echoes_max = 5;
    auto opened = run(Delivery::open(options, catalog, blob, s3, the_sealer(), executor(), clock, metrics));
    if (!opened) {
      EXPECT_TRUE(machine.dead) << opened.error().text();
      return false;
    }
    auto& delivery = **opened;
    delivery.start();
    const bool done = follow(delivery, entries, story) && drain() && digest(delivery);
    delivery.stop();
    return done;
  }

  // The stream, with batches and ticks as they happen to come.
  bool follow(Delivery& delivery, const Entries& entries, Story& story) {
    auto position = delivery.cursor(kPartition).raw();
    while (position < entries.size() && !machine.dead) {
      const auto batch = entries.batch(position, 1 + story.pick(20));
      if (delivery.take(*batch)) {
        position = batch->end.raw();
      }
      clock.advance(Millis{static_cast<std::int64_t>(story.pick(40'000))});
      static_cast<void>(delivery.tick(clock.now()));
    }
    while (delivery.cursor(kPartition).raw() < entries.size() && !machine.dead) {
      clock.advance(Millis{60'000});
      static_cast<void>(delivery.tick(clock.now()));
    }
    for (int i = 0; i < 6 && !machine.dead; ++i) {  // what waits for company alone waits no longer than this
      clock.advance(story.echoing() ? Millis{60'000} : Millis{0});
      static_cast<void>(delivery.tick(clock.now()));
    }
    return !machine.dead;
  }
  // Until every file is in its bucket and out of the spool.
  bool drain() {
    const auto empty = [this] {
      return run(machine.catalog->scan(std::string(kPlanPrefix), "", 1))->empty() &&
             run(machine.blob->list(std::string(kSpoolPrefix), "", 1))->empty();
    };
    EXPECT_TRUE(eventually([&] { return machine.dead || empty(); }));
    return !machine.dead;
  }

  // What was delivered comes into digests, but for what arrives with the last one.
  bool digest(Delivery& delivery) {
    for (int i = 0; i < 3 && !machine.dead; ++i) {
      clock.advance(Millis{100'000});
      static_cast<void>(delivery.tick(clock.now()));
      drain();
    }
    return !machine.dead;
  }

  template <class T>
  T run(Task<T> task) {
    return async::run(executor(), std::move(task));
  }
  async::Executor executor() { return loops.at(0).get_executor(); }

  // With these keys to sign digests.
  void begin(const std::map<std::string, std::string>& keys = {}) {
    machine.catalog = std::make_unique<catalog::memory::MemoryCatalog>(clock);
    machine.blob = std::make_unique<blob::memory::MemoryBlob>();
    s3.forget();
    for (const auto& [place, key] : keys) {
      catalog::Transaction kept;
      kept.writes.push_back({place, key, 0});
      EXPECT_TRUE(run(machine.catalog->commit(std::move(kept))));
    }
  }
  void SetUp() override {
    s3.watch([this] { return machine.before_step(); },
             [this](std::size_t step) { machine.after_step(step); });
  }

  // The status counts each file once; and of trails that are gone nothing is left.
  void expect_status(const Entries& entries) {
    std::uint64_t counted = 0;
    const auto documents = run(machine.catalog->scan("delivery/status/", "", 1000)).value();
    for (const auto& document : documents) {
      EXPECT_EQ(document.value.find("\"error\":\"\"") == std::string::npos, false);
      counted += status_from(document.value)->events;
    }
    std::size_t all = 0;
    for (const auto& [folder, records] : entries.expected()) {
      all += records.size();
    }
    EXPECT_LE(counted, all);
    if (!entries.has_deletions()) {
      EXPECT_EQ(counted, all);
    }
  }

  FakeClock clock;
  Machine machine{clock};
  FakeS3 s3;
  Metrics metrics;
  async::Loops loops{1};
};

}  // namespace cairn::delivery::testing
