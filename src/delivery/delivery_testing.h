// For tests of delivery: a bucket store that can refuse, vanish or be slow; a stream that is a vector; what
// the files must hold, computed the obvious way; and a machine that dies at a chosen moment.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <random>
#include <set>
#include <thread>

#include "blob/memory/memory_blob.h"
#include "catalog/memory/memory_catalog.h"
#include "codec/gzip.h"
#include "crypto/master_key.h"
#include "crypto/sealer.h"
#include "delivery/buffers.h"
#include "delivery/delivery.h"
#include "delivery/plan.h"
#include "delivery/status.h"
#include "json/records.h"
#include "organization/organization.h"

namespace cairn::delivery::testing {

inline constexpr Time kStart{Millis{1'772'446'500'123}};  // 2026-03-02T10:15:00.123Z
inline constexpr journal::Partition kPartition{0};
inline constexpr Millis kSoon{10'000};                    // far more than it takes, for busy machines

inline bool eventually(const std::function<bool()>& holds) {
  const auto until = std::chrono::steady_clock::now() + kSoon;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > until) {
      return false;
    }
    std::this_thread::sleep_for(Millis{1});
  }
  return true;
}

class FakeClock final : public Clock {
 public:
  Time now() const override { return Time{Millis{millis_.load()}}; }
  void advance(Millis by) { millis_ += by.count(); }

 private:
  std::atomic<std::int64_t> millis_{kStart.time_since_epoch().count()};
};

// ---- what goes in ----

inline std::string record(std::string_view id, std::string_view account, std::string_view region,
                          std::string_view category = "Management", std::size_t padding = 0) {
  return R"({"eventVersion":"1.11","eventID":")" + std::string(id) +
         R"(","eventTime":"2026-03-02T10:15:00Z","eventSource":"iam.amazonaws.com","eventName":"CreateUser","awsRegion":")" +
         std::string(region) + R"(","recipientAccountId":")" + std::string(account) +
         R"(","eventCategory":")" + std::string(category) + R"(", "odd":  [1.50, "\u00e9\/", {}],"x":")" +
         std::string(padding, 'x') + "\"}";
}

// Of a call that delivering makes.
inline std::string echo(std::string_view id, std::string_view account, std::string_view region,
                        std::string_view call = "PutObject", std::string_view service = "s3") {
  return R"({"eventVersion":"1.11","userIdentity":{"type":"AWSService","invokedBy":"cloudtrail.amazonaws.com"},"eventID":")" +
         std::string(id) + R"(","eventTime":"2026-03-02T10:15:00Z","eventSource":")" + std::string(service) +
         R"(.amazonaws.com","eventName":")" + std::string(call) + R"(","awsRegion":")" + std::string(region) +
         R"(","recipientAccountId":")" + std::string(account) +
         R"(","eventCategory":"Management", "odd": "\"é"})";
}

// Entries in their order; entry n is at position n.
class Entries {
 public:
  void add_record(std::string body, event::Kind kind = event::Kind::record) {
    auto view = event::view(body);
    ASSERT_TRUE(view) << view.error().text();
    all_.push_back({kind, std::move(body), *std::move(view)});
  }
  void add_control(std::string body) { all_.push_back({event::Kind::control, std::move(body), {}}); }
  void add_intent() { all_.push_back({event::Kind::intent, "{}", {}}); }

  std::size_t size() const { return all_.size(); }
  bool has_deletions() const {
    return std::ranges::any_of(all_, [](const Entry& entry) {
      return entry.kind == event::Kind::control && entry.body.ends_with("\"trail\":null}");
    });
  }
  std::unique_ptr<stream::Batch> batch(std::size_t first, std::size_t count) const {
    auto batch = std::make_unique<stream::Batch>();
    batch->first = journal::Position{first};
    batch->end = journal::Position{std::min(first + count, all_.size())};
    for (auto at = first; at < batch->end.raw(); ++at) {
      const auto& entry = all_[at];
      batch->items.push_back({.position = journal::Position{at},
                              .appended = kStart,
                              .kind = entry.kind,
                              .outbox_number = 0,
                              .body = entry.body,
                              .view = entry.view});
    }
    return batch;
  }

  // Where every record must come to lie: by bucket and the key up to the date.
  using Expected = std::map<std::string, std::multiset<std::string>>;
  Expected expected() const {
    Expected out;
    std::map<std::string, trail::Trail> trails;
    std::map<std::string, std::string> organizations;  // by account
    for (const auto& entry : all_) {
      if (const auto joined = entry.kind == event::Kind::control ? organization::parse_control(entry.body)
                                                                 : std::optional<organization::Membership>();
          joined && *joined) {
        organizations[(*joined)->account] = (*joined)->organization.value_or("");
        continue;
      }
      if (entry.kind == event::Kind::control) {
        auto parsed = trail::parse_control(entry.body);
        const trail::Change change = **std::move(parsed);
        const std::string arn = change.arn;
        if (change.trail) {
          trails.insert_or_assign(arn, *change.trail);
        } else {
          trails.erase(arn);
        }
        continue;
      }
      const auto& view = entry.view;
      for (const auto& [arn, trail] : trails) {
        const std::string account(view.recipient_account);
        const bool ours = trail.organization.empty() ? trail.account == account
                                                     : organizations[account] == trail.organization;
        if (entry.kind != event::Kind::intent && trail.logging && ours && view.category == event::Category::management &&
            (trail.multi_region || trail.home_region == view.region)) {
          out[trail.bucket + ": " + trail.prefix + (trail.prefix.empty() ? "" : "/") + "AWSLogs/" +
              trail.organization + (trail.organization.empty() ? "" : "/") + account + "/CloudTrail/" + std::string(view.region)]
              .insert(entry.body);
        }
      }
    }
    return out;
  }

 private:
  struct Entry {
    event::Kind kind;
    std::string body;
    event::View view;
  };
  std::deque<Entry> all_;
};

// ---- what comes out ----

class FakeS3 final : public aws::Client {
 public:
  struct Put {
    std::string bucket;
    std::string key;
    std::string body;
    aws::ClientCall call;
  };

  // Puts into this bucket are answered so; an empty code: they are taken again.
  void refuse(const std::string& bucket, const std::string& code) { set(refused_[bucket], code); }
  void unreachable(bool is) { set(unreachable_, is); }
  // Puts into this bucket do not end until it is released.
  void hold(const std::string& bucket, bool is) { set(held_[bucket], is); }
  // Called just before each put is there, with its number for `after`; none: it does not happen.
  void watch(std::function<std::optional<std::size_t>()> before, std::function<void(std::size_t)> after) {
    before_ = std::move(before);
    after_ = std::move(after);
  }

  std::vector<Put> puts() const {
    const std::lock_guard lock(mutex_);
    return puts_;
  }
  void forget() {
    const std::lock_guard lock(mutex_);
    puts_.clear();
  }
  std::size_t attempts(const std::string& bucket) const {
    const std::lock_guard lock(mutex_);
    const auto it = attempts_.find(bucket);
    return it == attempts_.end() ? 0 : it->second;
  }

  Task<Result<aws::ClientAnswer, aws::Fault>> call(aws::ClientCall call) override {
    const std::string bucket(call.input.at("Bucket").as_string());
    count(bucket);
    do {
      co_await async::sleep(Millis{0});
    } while (is_held(bucket));
    if (auto fault = fault_of(bucket)) {
      co_return *std::move(fault);
    }
    const auto step = before_ ? before_() : std::optional<std::size_t>(0);
    if (!step) {
      co_return aws::Fault{aws::kUnreachable, 503, "the caller died"};
    }
    keep(bucket, std::move(call));
    if (after_) {
      after_(*step);
    }
    co_return aws::ClientAnswer{.output = {{"ETag", "\"e\""}}, .body = {}};
  }

 private:
  template <class T>
  void set(T& what, const T& to) {
    const std::lock_guard lock(mutex_);
    what = to;
  }
  void count(const std::string& bucket) {
    const std::lock_guard lock(mutex_);
    ++attempts_[bucket];
  }
  bool is_held(const std::string& bucket) {
    const std::lock_guard lock(mutex_);
    return held_[bucket];
  }
  std::optional<aws::Fault> fault_of(const std::string& bucket) {
    const std::lock_guard lock(mutex_);
    if (unreachable_) {
      return aws::Fault{aws::kUnreachable, 503, "connection refused"};
    }
    const auto& code = refused_[bucket];
    return code.empty() ? std::nullopt : std::optional(aws::Fault{code, 403, "no"});
  }
  void keep(const std::string& bucket, aws::ClientCall call) {
    const std::lock_guard lock(mutex_);
    puts_.push_back({bucket, std::string(call.input.at("Key").as_string()), call.body, call});
  }

  mutable std::mutex mutex_;
  std::map<std::string, std::string> refused_;
  std::map<std::string, bool> held_;
  bool unreachable_ = false;
  std::vector<Put> puts_;
  std::map<std::string, std::size_t> attempts_;
  std::function<std::optional<std::size_t>()> before_;
  std::function<void(std::size_t)> after_;
};

// The records of one file, as they stand in it.
inline std::vector<std::string> records_of(const std::string& file) {
  constexpr std::string_view kOpening = "{\"Records\":[";
  const auto json = codec::gzip_decompress(file, 64U << 20);
  EXPECT_TRUE(json) << "no gzip";
  EXPECT_TRUE(json && json->starts_with(kOpening) && json->ends_with("]}"));
  std::vector<json::Record> split;
  const auto done = json::split_records(*json, {}, split);
  EXPECT_TRUE(done) << "no records";
  std::vector<std::string> records;
  std::string again(kOpening);
  for (const auto& one : split) {
    again += (records.empty() ? "" : ",") + std::string(one.raw);
    records.emplace_back(one.raw);
  }
  EXPECT_EQ(*json, again + "]}");
  return records;
}

inline bool is_digest(const FakeS3::Put& put) {
  return put.key.find("/CloudTrail-Digest/") != std::string::npos;
}

// All log files that lie in the buckets, as Entries::expected() has it. A key that was put twice must hold the same.
inline Entries::Expected delivered(const std::vector<FakeS3::Put>& puts) {
  std::map<std::string, std::string> files;
  for (const auto& put : puts) {
    const auto name = put.bucket + ": " + put.key;
    const auto [at, first] = files.emplace(name, put.body);
    EXPECT_EQ(at->second, put.body) << name;
  }
  Entries::Expected out;
  for (const auto& [name, body] : files) {
    if (name.find("/CloudTrail-Digest/") != std::string::npos) {
      continue;
    }
    const auto folder = name.substr(
        0, name.size() - std::string_view("/2026/03/02").size() - (name.size() - name.rfind('/')));
    for (auto& one : records_of(body)) {
      out[folder].insert(std::move(one));
    }
  }
  return out;
}

inline trail::Trail make_trail(std::string name, std::string bucket, std::string home = "eu-west-1",
                               bool multi_region = false, std::string account = "111122223333") {
  trail::Trail trail;
  trail.account = std::move(account);
  trail.name = std::move(name);
  trail.home_region = std::move(home);
  trail.bucket = std::move(bucket);
  trail.multi_region = multi_region;
  trail.logging = true;
  trail.created = kStart;
  return trail;
}

// Intervals of a minute, everything else fast.
inline Options quick() {
  Options options;
  options.interval = Millis{60'000};
  options.retry_least = Millis{1};
  options.retry_most = Millis{4};
  options.idle = Millis{1};
  return options;
}

}  // namespace cairn::delivery::testing
