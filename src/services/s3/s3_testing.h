// For tests of services/s3: the service over stores in memory, called as the front calls it.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "async/loops.h"
#include "blob/memory/memory_blob.h"
#include "catalog/memory/memory_catalog.h"
#include "codec/base64.h"
#include "crypto/hash.h"
#include "json/json.h"
#include "services/s3/at_rest.h"
#include "services/s3/documents.h"
#include "services/s3/operations.h"
#include "services/s3/s3.h"
#include "services/s3/sweeper.h"

namespace cairn::services::s3::testing {

using boost::json::array;
using boost::json::object;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

inline constexpr std::string_view kAnn = "111122223333";
inline constexpr std::string_view kBob = "444455556666";

class FakeClock final : public Clock {
 public:
  Time now() const override { return Time{Millis{millis_.load()}}; }
  void advance(Millis by) { millis_ += by.count(); }

 private:
  std::atomic<std::int64_t> millis_{1'772'446'500'123};
};

// A body that comes in pieces of a certain size, and may break off.
class Pieces final : public http::BodySource {
 public:
  Pieces(std::string bytes, std::size_t size, std::optional<Error> end = {})
      : bytes_(std::move(bytes)), piece_(size), end_(std::move(end)) {}
  Task<Result<std::span<const std::byte>>> read() override {
    const auto all = std::as_bytes(std::span(bytes_));
    const auto count = std::min(piece_, all.size() - at_);
    if (count == 0 && end_) {
      co_return *end_;
    }
    at_ += count;
    co_return all.subspan(at_ - count, count);
  }
  std::optional<std::uint64_t> size() const override { return std::nullopt; }

 private:
  const std::string bytes_;
  const std::size_t piece_;
  const std::optional<Error> end_;
  std::size_t at_ = 0;
};

struct Request {
  codec::RequestHead head{.method = "PUT", .target = "/", .headers = {{"Host", "127.0.0.1"}}};
  std::unique_ptr<http::BodySource> body;
  codec::Headers trailers;
  std::unique_ptr<front::Call> call;  // points into the above
};
using RequestPtr = std::unique_ptr<Request>;

struct Reply {
  object output;
  std::optional<int> status;
  std::string body;
};
using Answered = Result<Reply, aws::Fault>;

// "NoSuchKey 404", or "ok".
inline std::string said(const Answered& answered) {
  return answered ? "ok" : answered.error().code + " " + std::to_string(answered.error().status);
}

struct TestRoom final : reserve::Room {
  bool admits(reserve::Claim claim, std::uint64_t) const override {
    return !full || claim != reserve::Claim::growth;
  }
  bool full = false;
};

class S3Test : public ::testing::Test {
 protected:
  explicit S3Test(Limits limits = {}) : limits_(limits) { make_service(); }

  void make_service() {
    service = make_s3({.catalog = *catalog,
                       .blob = *blob,
                       .run = "run2",
                       .timers = timers,
                       .at_rest = at_rest,
                       .limits = limits_,
                       .leftovers = &sweeper->leftovers(),
                       .kms = kms,
                       .pool = &pool_,
                       .room = &room});
  }
  // As after a crash and a restart; this is another run.
  void restart(const std::string& run_name) {
    catalog = catalog->durable_copy();
    blob = blob->durable_copy();
    sweeper = std::make_unique<Sweeper>(*catalog, *blob, timers, run_name);
    service = make_s3({.catalog = *catalog,
                       .blob = *blob,
                       .run = run_name,
                       .timers = timers,
                       .at_rest = at_rest,
                       .limits = limits_,
                       .leftovers = &sweeper->leftovers(),
                       .kms = kms,
                       .pool = &pool_,
                       .room = &room});
  }

  template <class T>
  T run(Task<T> task) {
    return async::run(async::Executor(loops_.at(0).get_executor()), std::move(task));
  }

  static std::shared_ptr<const access::Policy> policy_of(std::string_view statements) {
    return *access::Policy::parse(R"({"Version":"2012-10-17","Statement":[)" + std::string(statements) + "]}",
                                  access::PolicyKind::identity);
  }

  RequestPtr make(std::string_view operation, object input, std::string body = {}) {
    auto request = std::make_unique<Request>();
    request->body = http::body_of(std::move(body));
    const auto& model = *aws::catalogue().by_name("s3");
    request->call = std::make_unique<front::Call>(front::Call{.service = model,
                                                              .operation = *model.operation(operation),
                                                              .head = request->head,
                                                              .account = account});
    auto& call = *request->call;
    call.caller.principal.account = account;
    call.caller.principal.kind = caller_kind;
    call.caller.policies.push_back(caller_policy);
    call.region = region;
    call.time = clock.now();
    call.host_id = "host-id";
    call.input = std::move(input);
    call.body = request->body.get();
    call.body_fault = [] { return std::nullopt; };
    call.trailers = &request->trailers;
    return request;
  }

  // What the front does, the decision about permission aside.
  Answered perform(Request& request) {
    auto& call = *request.call;
    const auto asks = run(service->asks(call));
    asked = asks ? *asks : std::vector<access::Ask>();
    if (!asks) {
      last_record = call.record;
      return asks.error();
    }
    for (int attempt = 0; attempt < 16; ++attempt) {
      auto outcome = run(service->run(call));
      last_record = call.record;
      if (!outcome) {
        return outcome.error();
      }
      writes = outcome->effects.writes.size();
      if (!outcome->effects.empty()) {
        const auto committed = run(catalog->commit(std::move(outcome->effects)));
        if (!committed && committed.error().code == Errc::conflict) {
          ++conflicts;
          continue;
        }
        if (!committed) {
          return aws::to_fault(aws::Family::s3, committed.error());
        }
      }
      return reply_of(*std::move(outcome));
    }
    ADD_FAILURE() << "conflicts without end";
    return aws::Fault{"conflict", 500, ""};
  }
  Answered answer(std::string_view operation, object input, std::string body = {}) {
    const auto request = make(operation, std::move(input), std::move(body));
    return perform(*request);
  }

  void make_bucket(std::string_view name) {
    const auto made = answer("CreateBucket", {{"Bucket", name}});
    ASSERT_TRUE(made) << made.error().message;
  }
  // One whose policy may be public.
  void make_open_bucket(std::string_view name) {
    make_bucket(name);
    ASSERT_TRUE(answer("DeletePublicAccessBlock", {{"Bucket", name}}));
  }
  Answered put(std::string_view bucket, std::string_view key, std::string body) {
    return answer("PutObject", {{"Bucket", bucket}, {"Key", key}}, std::move(body));
  }
  // The object's bytes, or the error.
  std::string get(std::string_view bucket, std::string_view key) {
    const auto got = answer("GetObject", {{"Bucket", bucket}, {"Key", key}});
    return got ? got->body : said(got);
  }
  Answered remove(std::string_view bucket, std::string_view key) {
    return answer("DeleteObject", {{"Bucket", bucket}, {"Key", key}});
  }
  std::vector<std::string> blobs() {
    std::vector<std::string> names;
    const auto listed = run(blob->list("", "", 1000));
    for (const auto& one : *listed) {
      names.push_back(one.name);
    }
    return names;
  }
  std::vector<std::string> documents(std::string_view prefix) {
    std::vector<std::string> keys;
    const auto page = run(catalog->scan(std::string(prefix), "", 4000));
    for (const auto& one : *page) {
      keys.push_back(one.key);
    }
    return keys;
  }
  // Every blob is named by the one object that names it, or is garbage; and nothing else is.
  void expect_consistent() {
    std::set<std::string> named;
    auto page = run(catalog->scan("s3/object/", "", 4000));
    const auto older = run(catalog->scan("s3/version/", "", 4000));
    page->insert(page->end(), older->begin(), older->end());
    for (const auto& document : *page) {
      const auto read = object_from(document.value);
      ASSERT_TRUE(read);
      if (!read->blob.empty()) {
        EXPECT_TRUE(named.insert(read->blob).second);
        const auto back = run(catalog->get(named_key(read->blob)));
        ASSERT_TRUE(back && *back) << document.key;
        EXPECT_EQ((*back)->value, document.key);
      }
    }
    EXPECT_EQ(documents("s3/blob/").size(), named.size());
    for (const auto& name : named) {
      EXPECT_TRUE(run(blob->get(name))) << name;
    }
  }

  Reply reply_of(front::Outcome outcome) {
    Reply reply{std::move(outcome.output), outcome.status, ""};
    if (outcome.stream) {
      const auto size = outcome.stream->size();
      const auto bytes = run(http::read_all(*outcome.stream, 64U << 20));
      EXPECT_TRUE(bytes);
      reply.body = *bytes;
      EXPECT_EQ(size, reply.body.size());
    }
    return reply;
  }

  const Limits limits_;
  FakeClock clock;  // the wall's
  const AtRest at_rest{crypto::MasterKey::generate()};
  FakeClock timers;  // what a grace is counted by
  std::unique_ptr<catalog::memory::MemoryCatalog> catalog =
      std::make_unique<catalog::memory::MemoryCatalog>(clock);
  std::unique_ptr<blob::memory::MemoryBlob> blob = std::make_unique<blob::memory::MemoryBlob>();
  std::unique_ptr<Sweeper> sweeper = std::make_unique<Sweeper>(*catalog, *blob, timers, "run2");
  TestRoom room;
  front::Forwarding* kms = nullptr;  // make_service() takes it
  std::unique_ptr<front::Service> service;
  std::string account{kAnn};
  std::string region = "us-east-1";
  // Who calls: somebody who may do everything, unless a test says otherwise.
  access::PrincipalKind caller_kind = access::PrincipalKind::user;
  std::shared_ptr<const access::Policy> caller_policy =
      policy_of(R"({"Effect":"Allow","Action":"*","Resource":"*"})");
  std::vector<access::Ask> asked;
  front::Recorded last_record;
  std::size_t writes = 0;  // of the last commit
  int conflicts = 0;

 private:
  async::Loops loops_{1};
  async::Pool pool_{2};  // goes before the loops that it answers to
};

// A member of the answer by its path ("/Owner/ID"): a text as it is, others as JSON, what is not there as "".
inline std::string at(const Answered& answered, std::string_view path) {
  if (!answered) {
    return said(answered);
  }
  const json::value output(answered->output);
  boost::system::error_code none;
  const auto* found = output.find_pointer(path, none);
  return found == nullptr     ? ""
         : found->is_string() ? std::string(json::text_of(found->get_string()))
                              : json::serialize(*found);
}

// Bytes without a pattern.
inline std::string noise(std::size_t size, unsigned seed = 1) {
  std::mt19937 random(seed);
  std::string bytes(size, '\0');
  for (auto& byte : bytes) {
    byte = static_cast<char>(random());
  }
  return bytes;
}

}  // namespace cairn::services::s3::testing
