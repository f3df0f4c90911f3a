// The fixture of catalog_conformance.h: one catalog under test, and the suite's vocabulary: write(),
// commit(), get(), version(), keys(), rows(), acquire().
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "async/gate.h"
#include "async/loops.h"
#include "catalog/catalog.h"

namespace cairn::catalog::conformance {

using testing::ElementsAre;
using testing::IsEmpty;

class FakeClock final : public Clock {
 public:
  Time now() const override { return Time(Millis(milliseconds_.load())); }
  void advance(Millis by) { milliseconds_ += by.count(); }

 private:
  std::atomic<std::int64_t> milliseconds_{1'700'000'000'000};
};

// One catalog under test and how to restart it.
class Adapter {
 public:
  virtual ~Adapter() = default;
  virtual Catalog& catalog() = 0;
  virtual void reopen() = 0;
};
using MakeAdapter = std::unique_ptr<Adapter> (*)(const Clock& clock, Limits limits);

class CatalogConformance : public testing::TestWithParam<MakeAdapter> {
 protected:
  void SetUp() override { make(Limits{}); }
  void make(Limits limits) {
    adapter_.reset();
    adapter_ = GetParam()(clock_, limits);
  }

  template <class T>
  T wait(Task<T> task) {
    return async::run(loops_.next().get_executor(), std::move(task));
  }
  Catalog& catalog() { return adapter_->catalog(); }
  void reopen() { adapter_->reopen(); }

  // "ok", or the error's code.
  template <class T>
  static std::string said(const Result<T>& result) {
    return result ? "ok" : std::string(to_string(result.error().code));
  }
  std::string commit(Transaction transaction) { return said(wait(catalog().commit(std::move(transaction)))); }
  std::string write(std::string key, std::optional<std::string> value, std::optional<Version> expected = {}) {
    Transaction transaction;
    transaction.writes.push_back({std::move(key), std::move(value), expected});
    return commit(std::move(transaction));
  }
  std::uint64_t append(std::vector<std::string> payloads) {
    Transaction transaction;
    transaction.outbox = std::move(payloads);
    return wait(catalog().commit(std::move(transaction))).value().outbox_last;
  }
  std::optional<Document> get(std::string key) { return wait(catalog().get(std::move(key))).value(); }
  Version version(std::string key) {
    const auto document = get(std::move(key));
    return document ? document->version : 0;
  }
  std::vector<std::string> keys(std::string prefix, std::string after = "", std::size_t limit = 1000) {
    std::vector<std::string> found;
    auto page = wait(catalog().scan(std::move(prefix), std::move(after), limit)).value();
    for (auto& document : page) {
      found.push_back(std::move(document.key));
    }
    return found;
  }
  std::vector<std::uint64_t> rows(std::uint64_t after = 0, std::size_t limit = 1000) {
    std::vector<std::uint64_t> numbers;
    const auto page = wait(catalog().outbox(after, limit)).value();
    for (const auto& row : page) {
      numbers.push_back(row.number);
    }
    return numbers;
  }
  std::string outbox_delete(std::uint64_t number, std::vector<Write> writes = {}) {
    return said(wait(catalog().outbox_delete(number, std::move(writes))));
  }
  Result<Lease> acquire(std::string holder, Millis duration = Millis(10'000)) {
    return wait(catalog().acquire("forwarder", std::move(holder), duration));
  }

  FakeClock clock_;
  async::Loops loops_{2};
  std::unique_ptr<Adapter> adapter_;
};

}  // namespace cairn::catalog::conformance
