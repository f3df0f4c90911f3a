// For tests: a journal in memory with records in it.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "async/loops.h"
#include "event/entry.h"
#include "journal/journal_testing.h"
#include "journal/memory/memory_journal.h"
#include "live/live.h"

namespace cairn::live {

inline constexpr const char* kOwn = "111122223333";
inline constexpr const char* kOthers = "444455556666";

class SetClock final : public Clock {
 public:
  explicit SetClock(std::string_view at) : now_(parse_rfc3339(at).value()) {}
  Time now() const override { return now_; }
  void set(std::string_view at) { now_ = parse_rfc3339(at).value(); }

 private:
  std::atomic<Time> now_;
};

inline std::string record(std::string_view id, std::string_view name, std::string_view account = kOwn) {
  return std::string(R"({"eventID":")") + std::string(id) +
         R"(","eventTime":"2026-03-02T10:00:00Z","eventSource":"s3.amazonaws.com","eventName":")" +
         std::string(name) + R"(","awsRegion":"us-east-1","recipientAccountId":")" + std::string(account) +
         "\"}";
}

class LiveTesting : public testing::Test {
 protected:
  async::Executor executor() { return loops_.at(0).get_executor(); }
  template <class T>
  T wait(Task<T> task) {
    return async::run(executor(), std::move(task));
  }
  void append_entry(event::Kind kind, std::string_view body) {
    const std::vector<std::string> payloads{event::encode_entry(kind, 0, body)};
    ASSERT_TRUE(wait(journal_.append(journal::kPartition, payloads)));
  }
  void append(std::string_view id, std::string_view name, std::string_view account = kOwn) {
    append_entry(event::Kind::record, record(id, name, account));
  }

  SetClock clock_{"2026-03-02T10:00:00Z"};
  journal::MemoryJournal journal_{{.partitions = 1, .limits = {}, .clock = &clock_}};
  async::Loops loops_{1};
};

}  // namespace cairn::live
