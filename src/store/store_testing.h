// What the store's tests and benchmarks share: a naive store to compare with, a world that can be restarted,
// and blobs that fail on request.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "async/loops.h"
#include "async/pool.h"
#include "base/check.h"
#include "blob/dir/dir_blob.h"
#include "blob/sealed/sealed_blob.h"
#include "catalog/memory/memory_catalog.h"
#include "event/entry.h"
#include "journal/memory/memory_journal.h"
#include "store/job_runner.h"
#include "store/store.h"

namespace cairn::store::testing {

using namespace std::chrono_literals;

inline constexpr Time kStart{std::chrono::sys_days(std::chrono::year{2026} / 3 / 20) + 10h};

class SetClock final : public Clock {
 public:
  Time now() const override { return now_.load(); }
  void set(Time now) { now_ = now; }
  void advance(Millis by) { now_ = now_.load() + by; }

 private:
  std::atomic<Time> now_{kStart};
};

class Folder {
 public:
  Folder() {
    std::random_device random;
    path_ = std::filesystem::temp_directory_path() /
            ("cairn_store_" + std::to_string(random()) + std::to_string(random()));
    std::filesystem::create_directories(path_);
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string path(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

// A record as the journal has it; its position is its place in World::journal. Not every entry is a record of
// the history.
struct Event {
  bool recorded = true;
  event::View view;
  std::string json;
};

inline event::View simple_view(Time time, std::string id) {
  event::View view;
  view.event_id = std::move(id);
  view.time = time;
  view.source = "s3.amazonaws.com";
  view.name = "CreateBucket";
  view.region = "us-east-1";
  view.recipient_account = "111122223333";
  view.access_key_id = "AKIAEXAMPLE00000001";
  view.username = "ann";
  view.type = "AwsApiCall";
  return view;
}

// A record from which event::view() reads about this view.
inline std::string record_text(const event::View& v, std::string_view filler = {}) {
  std::string resources;
  for (const auto& r : v.resources) {
    resources += fmt::format(R"({}{{"ARN":"{}","type":"{}"}})", resources.empty() ? "" : ",", r.name, r.type);
  }
  return fmt::format(
      R"({{"eventVersion":"1.11","userIdentity":{{"type":"IAMUser","accountId":"{}","accessKeyId":"{}","userName":"{}",)"
      R"("invokedBy":"{}"}},"eventTime":"{}","eventSource":"{}","eventName":"{}","awsRegion":"{}","errorCode":"{}",)"
      R"("eventID":"{}","readOnly":{},"resources":[{}],"eventType":"{}","recipientAccountId":"{}","eventCategory":"{}",)"
      R"("filler":"{}"}})",
      v.recipient_account, v.access_key_id, v.username, v.invoked_by, rfc3339_millis(v.time), v.source,
      v.name, v.region, v.error_code, v.event_id, v.read_only, resources, v.type, v.recipient_account,
      event::to_string(v.category), filler);
}

// The event of this view; the view is what a reader of the text gets.
inline Event event_of(const event::View& view, std::string_view filler = {}) {
  auto text = record_text(view, filler);
  auto read = event::view(text);
  CAIRN_CHECK(read.has_value());
  return {true, *std::move(read), std::move(text)};
}

inline Event simple_event(Time time, std::string id) {
  return event_of(simple_view(time, std::move(id)));
}

// The store as one would write it without caring for speed.
inline std::vector<const Event*> naive_lookup(const std::vector<Event>& journal, std::size_t end,
                                              const Query& query, Time oldest,
                                              std::vector<std::uint64_t>& positions) {
  const auto matches = [&](const event::View& v) {
    if (v.recipient_account != query.account || v.region != query.region || v.category != query.category ||
        v.time < oldest || (query.from && v.time < *query.from) || (query.to && v.time > *query.to)) {
      return false;
    }
    if (!query.attribute) {
      return true;
    }
    const auto& [attribute, value] = *query.attribute;
    if (value.empty()) {
      return false;
    }
    const auto any = [&](event::Text event::NamedResource::*member) {
      return std::ranges::any_of(v.resources, [&](const auto& r) { return r.*member == value; });
    };
    switch (attribute) {
      case Attribute::event_id:
        return v.event_id == value;
      case Attribute::event_name:
        return v.name == value;
      case Attribute::read_only:
        return value == (v.read_only ? "true" : "false");
      case Attribute::username:
        return v.username == value;
      case Attribute::resource_type:
        return any(&event::NamedResource::type);
      case Attribute::resource_name:
        return any(&event::NamedResource::name);
      case Attribute::event_source:
        return v.source == value;
      case Attribute::access_key_id:
        return v.access_key_id == value;
    }
    return false;
  };
  for (std::size_t i = 0; i < std::min(end, journal.size()); ++i) {
    if (journal[i].recorded && matches(journal[i].view)) {
      positions.push_back(i);
    }
  }
  std::ranges::sort(positions, [&](auto a, auto b) {
    return std::tuple(journal[a].view.time, a) > std::tuple(journal[b].view.time, b);
  });
  std::vector<const Event*> found;
  for (const auto position : positions) {
    found.push_back(&journal[position]);
  }
  return found;
}

// Makes writing fail on request, as a full or unreachable blob store does.
class FailingBlob final : public blob::Blob {
 public:
  explicit FailingBlob(blob::Blob& real) : real_(real) {}
  void fail_writers(bool fail) { fail_writers_ = fail; }
  void fail_removes(bool fail) { fail_removes_ = fail; }
  void fail_local_paths(bool fail) { fail_local_paths_ = fail; }
  // Writers from the nth on fail.
  void fail_after(int writers) { left_ = writers; }

  Task<Result<std::unique_ptr<blob::Writer>>> writer(blob::Name name) override {
    if (fail_writers_ || left_.fetch_sub(1) <= 0) {
      co_return Error{Errc::unavailable, "put: the test says no"};
    }
    co_return co_await real_.writer(std::move(name));
  }
  Task<Result<std::unique_ptr<blob::Reader>>> reader(blob::Name name, blob::Range range) override {
    co_return co_await real_.reader(std::move(name), range);
  }
  Task<Result<void>> remove(blob::Name name) override {
    if (fail_removes_) {
      co_return Error{Errc::unavailable, "remove: the test says no"};
    }
    co_return co_await real_.remove(std::move(name));
  }
  Task<Result<std::vector<blob::Listed>>> list(std::string prefix, blob::Name after,
                                               std::size_t limit) override {
    co_return co_await real_.list(std::move(prefix), std::move(after), limit);
  }
  Task<Result<blob::LocalFile>> local_file(blob::Name name) override {
    if (fail_local_paths_) {
      co_return Error{Errc::unavailable, "local path: the test says no"};
    }
    co_return co_await real_.local_file(std::move(name));
  }

 private:
  blob::Blob& real_;
  std::atomic<bool> fail_writers_{false};
  std::atomic<bool> fail_removes_{false};
  std::atomic<bool> fail_local_paths_{false};
  std::atomic<int> left_{1 << 30};
};

// A journal, a clock, a catalog, blobs, and a store that follows the journal and can be killed. Jobs are done
// in this process.
class World {
 public:
  explicit World(Options wanted = {}) : options(std::move(wanted)) {
    options.scratch = folder.path("scratch");
    auto opened = blob::dir::open({.folder = folder.path("blobs")}, pool, metrics);
    CAIRN_CHECK(opened.has_value());
    real_blob = *std::move(opened);
    sealed_blob = blob::sealed::seal(*real_blob, crypto::MasterKey::generate());
    blob = std::make_unique<FailingBlob>(*sealed_blob);
    catalog = std::make_unique<catalog::memory::MemoryCatalog>(clock);
  }

  template <class T>
  T run(Task<T> task) {
    return async::run(loops.at(0).get_executor(), std::move(task));
  }

  Result<void> open() {
    auto opened = run(Store::open(options, *catalog, *blob, pool, lookups, loops.at(0).get_executor(),
                                  *runner, clock, metrics));
    if (!opened) {
      return opened.error();
    }
    store = *std::move(opened);
    return {};
  }
  // As after kill -9: nothing is left but what was durable. The head is filled from the journal again.
  Result<void> restart() {
    crash();
    CAIRN_TRY_VOID(open());
    return follow();
  }
  void crash() {
    store.reset();
    catalog = catalog->durable_copy();
  }

  // Writes what `journal` has and the real journal has not.
  void write_journal() {
    while (written < journal.size()) {
      std::vector<std::string> payloads;
      for (; written < journal.size() && payloads.size() < 100; ++written) {
        const auto& event = journal[written];
        payloads.push_back(event.recorded ? event::encode_entry(event::Kind::record, 0, event.json)
                                          : event::encode_entry(event::Kind::control, 0, "{}"));
      }
      CAIRN_CHECK(run(real_journal.append(journal::Partition{0}, payloads)).has_value());
    }
  }

  // Maintains the store until it has nothing more to do.
  Result<void> maintain() {
    while (true) {
      CAIRN_TRY_VOID(store->maintain(clock.now()));
      if (!store->working()) {
        return {};
      }
      std::this_thread::sleep_for(1ms);
    }
  }

  // Hands the store what the journal has before `end` and it has not, up to `batch` entries at a time.
  Result<void> follow(std::size_t batch = 5000, std::size_t end = std::numeric_limits<std::size_t>::max()) {
    end = std::min(end, journal.size());
    write_journal();
    while (store->end().raw() < end) {
      const auto from = store->end().raw();
      const auto to = std::min<std::uint64_t>(end, from + batch);
      std::vector<Row> rows;
      for (auto i = from; i < to; ++i) {
        if (journal[i].recorded) {
          rows.push_back({journal::Position{i}, journal[i].view, journal[i].json});
        }
      }
      CAIRN_TRY_VOID(store->append(rows, journal::Position{to}));
    }
    return {};
  }

  Result<Page> lookup(const Query& query, std::optional<Bookmark> after = {}) {
    return run(store->lookup(query, after));
  }

  static std::vector<std::uint64_t> positions(const Page& page) {
    std::vector<std::uint64_t> positions;
    for (const auto& found : page.events) {
      positions.push_back(found.position.raw());
    }
    return positions;
  }

  // Every page of a query, as positions.
  std::vector<std::uint64_t> all(const Query& query) {
    std::vector<std::uint64_t> found;
    std::optional<Bookmark> after;
    do {
      auto page = lookup(query, after);
      CAIRN_CHECK(page.has_value());
      const auto here = positions(*page);
      found.insert(found.end(), here.begin(), here.end());
      after = page->next;
    } while (after);
    return found;
  }

  std::vector<std::string> blob_names() {
    std::vector<std::string> names;
    const auto listed = run(real_blob->list("store/", "", 10'000));
    for (const auto& found : *listed) {
      names.push_back(found.name);
    }
    return names;
  }
  std::size_t documents(const std::string& prefix) { return run(catalog->scan(prefix, "", 1000))->size(); }

  std::size_t segments() { return documents("store/history/segment/"); }

  // Is on disk what the catalog names, two files a segment? A lookup that has just answered may hold a
  // removed segment for a moment more.
  bool tidy() {
    for (int tries = 0; tries < 500 && blob_names().size() != 2 * segments(); ++tries) {
      std::this_thread::sleep_for(10ms);
      CAIRN_CHECK(maintain().has_value());
    }
    return blob_names().size() == 2 * segments();
  }

  Folder folder;
  Options options;
  SetClock clock;
  Metrics metrics;
  async::Loops loops{1};  // before the pool: what the pool finishes last is told to a loop
  async::Pool pool{4};
  async::Pool lookups{4};
  std::unique_ptr<blob::Blob> real_blob;    // what lies on the disk
  std::unique_ptr<blob::Blob> sealed_blob;  // over it
  std::unique_ptr<FailingBlob> blob;
  std::unique_ptr<catalog::memory::MemoryCatalog> catalog;
  std::vector<Event> journal;
  journal::MemoryJournal real_journal;  // the same, as jobs read it
  std::size_t written = 0;
  std::unique_ptr<JobRunner> runner =
      in_process_runner({.journal = [this](journal::Partition partition, journal::Position from) {
        return real_journal.reader(partition, from);
      }});
  std::unique_ptr<Store> store;
};

inline Query everything() {
  Query query;
  query.account = "111122223333";
  query.region = "us-east-1";
  return query;
}

}  // namespace cairn::store::testing
