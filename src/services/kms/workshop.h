// Where keys are made and private keys are used: what takes milliseconds or seconds of a processor, beside
// the loops; and how many keys there are. Thread-safe. Inside services/kms only. Tested by signing_test.cc.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "async/pool.h"
#include "catalog/catalog.h"
#include "crypto/key_pair.h"
#include "keys/spec.h"
#include "services/kms/faults.h"

namespace cairn::services::kms {

struct WorkshopLimits {
  std::size_t keys_max = 100'000;  // of an account in a Region, as AWS's
  std::size_t making_max = 2;      // RSA pairs at a time: the pool's other threads are for the disk
};

class Workshop {
 public:
  // No pool: all is done where it is asked for.
  explicit Workshop(async::Pool* pool, WorkshopLimits limits = {}) : pool_(pool), limits_(limits) {}

  // LimitExceededException. Who was admitted counts as a key; when there are too many they are counted anew,
  // so that those that are gone count no more. Right but for calls that are under way meanwhile.
  Task<Result<void, aws::Fault>> admit(catalog::Catalog& catalog, std::string prefix, Time now);

  // As keys::new_material(). ThrottlingException: enough are being made.
  Task<Result<crypto::Secret, aws::Fault>> make(const keys::Spec& spec);

  // REQUIRES: work outlives what it captured by reference.
  template <class F>
  Task<std::invoke_result_t<F&>> run(F work) {
    if (pool_ == nullptr) {
      co_return work();
    }
    co_return co_await pool_->run(std::move(work));
  }

 private:
  struct Count {
    std::size_t keys = 0;
    Time counted{};
  };
  bool counts_one_more(const std::string& prefix);

  async::Pool* const pool_;
  const WorkshopLimits limits_;
  // The work's, too: that may outlive who waits for it.
  const std::shared_ptr<std::atomic<std::size_t>> making_ = std::make_shared<std::atomic<std::size_t>>(0);
  std::mutex mutex_;
  std::map<std::string, Count> counts_;  // as many as accounts and Regions that make keys
};

}  // namespace cairn::services::kms
