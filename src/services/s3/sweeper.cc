// Tested by sweeper_test.cc.
#include "services/s3/sweeper.h"

#include <algorithm>
#include <charconv>

#include "base/log.h"
#include "services/s3/documents.h"
#include "services/s3/uploads.h"

namespace cairn::services::s3 {
namespace {

constexpr std::size_t kSweptAtOnce = 1000;
constexpr Millis kNap{100};

// What cannot be read has been garbage for ever.
Time since_when(std::string_view text) {
  std::int64_t millis = 0;
  std::from_chars(text.data(), text.data() + text.size(), millis);
  return Time{Millis{millis}};
}

void say(const Result<std::size_t>& swept, std::string_view what) {
  if (!swept) {
    log::warn("cannot sweep blobs that no object names, trying again",
              {{"what", what}, {"error", swept.error().text()}});
  } else if (*swept > 0) {
    log::info("blobs that no object names", {{"what", what}, {"blobs", *swept}});
  }
}

}  // namespace

void Sweeper::start(async::Executor executor) {
  CAIRN_CHECK(gate_.spawn(std::move(executor), run()));
}

void Sweeper::stop() {
  stopping_ = true;
  gate_.close();
  while (!gate_.wait_empty(Millis{10'000})) {
    log::warn("the sweeper is slow to stop");
  }
}

Task<void> Sweeper::run() {
  bool orphans_swept = false;
  while (!stopping_) {
    if (!orphans_swept) {
      const auto orphans = co_await sweep_orphans();
      say(orphans, "of earlier runs");
      orphans_swept = orphans.has_value();
    }
    const auto leftovers = co_await sweep_leftovers();
    say(leftovers, "of calls that failed");
    if (const auto swept = co_await sweep_garbage(); !swept) {
      say(swept, "of deleted objects");
    }
    if (const auto swept = co_await sweep_dropped(); !swept) {
      say(swept, "of dropped uploads");
    }
    for (Millis waited{0}; !stopping_ && waited < kEvery; waited += kNap) {
      co_await async::sleep(kNap);
    }
  }
}

Task<Result<std::size_t>> Sweeper::sweep_garbage() {
  const auto now = clock_.now();
  std::size_t removed = 0;
  std::optional<Error> failed;  // one that cannot be removed is not in the others' way
  std::string after;
  while (!stopping_) {
    CAIRN_CO_TRY(const auto page, co_await catalog_.scan(std::string(kGarbagePrefix), after, kSweptAtOnce));
    if (page.empty()) {
      break;
    }
    after = page.back().key;
    catalog::Transaction gone;
    catalog::Transaction again;
    for (const auto& document : page) {
      const auto since = since_when(document.value);
      if (since > now) {
        // By a clock of an earlier run, or one that was wrong: it would wait until then.
        again.writes.push_back({document.key, garbage_since(now), document.version});
        continue;
      }
      if (now - since < kGrace) {
        continue;
      }
      if (auto done = co_await blob_.remove(document.key.substr(kGarbagePrefix.size())); !done) {
        failed = std::move(done).error();
        continue;
      }
      gone.writes.push_back({document.key, std::nullopt, std::nullopt});
      ++removed;
    }
    if (!gone.writes.empty()) {
      CAIRN_CO_TRY_VOID(co_await catalog_.commit(std::move(gone)));
    }
    if (!again.writes.empty()) {
      CAIRN_CO_TRY_VOID(co_await catalog_.commit(std::move(again)));
    }
  }
  if (failed) {
    co_return *std::move(failed);
  }
  co_return removed;
}

Task<Result<std::size_t>> Sweeper::sweep_dropped() {
  const auto now = clock_.now();
  std::size_t removed = 0;
  std::optional<Error> failed;  // one that cannot be removed is not in the others' way
  std::string after;
  while (!stopping_) {
    CAIRN_CO_TRY(const auto page, co_await catalog_.scan(std::string(kDroppedPrefix), after, kSweptAtOnce));
    if (page.empty()) {
      break;
    }
    after = page.back().key;
    for (const auto& document : page) {
      const auto since = since_when(document.value);
      catalog::Transaction change;
      if (since > now) {
        change.writes.push_back({document.key, garbage_since(now), document.version});
      } else if (now - since >= kPartsGrace) {
        const auto count = co_await remove_parts(parts_prefix(document.key.substr(kDroppedPrefix.size())));
        if (!count) {
          failed = count.error();
          continue;
        }
        removed += *count;
        change.writes.push_back({document.key, std::nullopt, document.version});
      }
      if (!change.empty()) {
        CAIRN_CO_TRY_VOID(co_await catalog_.commit(std::move(change)));
      }
    }
  }
  if (failed) {
    co_return *std::move(failed);
  }
  co_return removed;
}

// First the blobs go, then the documents that name them. Whatever breaks it off, it goes on where it was.
Task<Result<std::size_t>> Sweeper::remove_parts(std::string prefix) {
  std::size_t removed = 0;
  while (true) {
    CAIRN_CO_TRY(const auto page, co_await catalog_.scan(prefix, "", kSweptAtOnce));
    if (page.empty()) {
      co_return removed;
    }
    catalog::Transaction gone;
    for (const auto& document : page) {
      CAIRN_CO_TRY(const auto part, object_from(document.value));
      for (const auto& blob : blobs_of(part)) {
        CAIRN_CO_TRY_VOID(co_await blob_.remove(blob));
        gone.writes.push_back({named_key(blob), std::nullopt, std::nullopt});
        ++removed;
      }
      gone.writes.push_back({document.key, std::nullopt, document.version});
    }
    CAIRN_CO_TRY_VOID(co_await catalog_.commit(std::move(gone)));
  }
}

Task<Result<std::size_t>> Sweeper::sweep_orphans() {
  const auto ours = std::string(kBlobPrefix) + run_ + "/";
  std::size_t found = 0;
  std::string after;
  while (!stopping_) {
    CAIRN_CO_TRY(const auto page, co_await blob_.list(std::string(kBlobPrefix), after, kSweptAtOnce));
    if (page.empty()) {
      break;
    }
    after = page.back().name;
    for (const auto& listed : page) {
      if (listed.name.starts_with(ours)) {
        continue;
      }
      CAIRN_CO_TRY(const bool swept, co_await sweep(listed.name));
      found += swept ? 1 : 0;
    }
  }
  co_return found;
}

Task<Result<std::size_t>> Sweeper::sweep_leftovers() {
  std::size_t found = 0;
  auto blobs = leftovers_.take();
  for (auto& blob : blobs) {
    const auto swept = co_await sweep(blob);
    if (!swept) {
      for (auto* rest = &blob; rest != blobs.data() + blobs.size(); ++rest) {
        leftovers_.add(std::move(*rest));
      }
      co_return swept.error();
    }
    found += *swept ? 1 : 0;
  }
  co_return found;
}

// True: nothing names this blob and it is garbage or gone. REQUIRES: the call that put it is over.
Task<Result<bool>> Sweeper::sweep(std::string blob) {
  CAIRN_CO_TRY(const auto named, co_await catalog_.get(named_key(blob)));
  if (named) {
    CAIRN_CO_TRY(const bool right, co_await is_named_by(named->value, blob));
    if (right) {
      co_return false;
    }
    // Its object was deleted and put anew while another put of the same key was under way, which then took
    // the place of what it had not seen.
    catalog::Transaction garbage;
    garbage.writes.push_back({named->key, std::nullopt, named->version});
    garbage.writes.push_back({garbage_key(blob), garbage_since(clock_.now()), 0});
    const auto committed = co_await catalog_.commit(std::move(garbage));
    if (!committed && committed.error().code != Errc::conflict) {
      co_return committed.error();
    }
    co_return committed.has_value();
  }
  CAIRN_CO_TRY(const auto waits, co_await catalog_.get(garbage_key(blob)));
  if (waits) {
    co_return false;
  }
  CAIRN_CO_TRY_VOID(co_await blob_.remove(blob));
  co_return true;
}

Task<Result<bool>> Sweeper::is_named_by(std::string object_key, std::string blob) {
  CAIRN_CO_TRY(const auto document, co_await catalog_.get(std::move(object_key)));
  if (!document) {
    co_return false;
  }
  CAIRN_CO_TRY(const auto object, object_from(document->value));
  const auto blobs = blobs_of(object);
  co_return std::ranges::find(blobs, blob) != blobs.end();
}

}  // namespace cairn::services::s3
