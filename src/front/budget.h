// Budget: how many bytes of request bodies may be in memory at once, all requests together. Counted as they
// arrive, so that a slow sender holds no more than it has sent. Beyond the limit a request is refused, not
// queued: a queue would be one more thing to bound.
//
// Bodies whose signature is not verified yet are strangers': all of theirs together have a share of the
// budget, and those of one address a smaller one, so that who only sends cannot stop those who are served.
// The first bytes of each body are in no share: small calls go on whoever fills the shares.
//
// Thread-safe. A Hold belongs to one task and must not outlive its budget.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/metrics.h"
#include "http/http.h"

namespace cairn::front {

// As many connections as the server has do not fill half of the smallest budget with these.
inline constexpr std::uint64_t kShareFreeBytesMax = 16U << 10;  // of each body, in no stranger's share

struct BudgetLimits {
  std::uint64_t bytes_max;
  std::uint64_t unverified_bytes_max = bytes_max / 2;   // of strangers, all together
  std::uint64_t one_address_bytes_max = bytes_max / 4;  // of strangers at one address
};

class Budget {
 public:
  explicit Budget(BudgetLimits limits) : limits_(limits) {}
  // The same, seen from outside: a gauge of this name, and its limit.
  Budget(BudgetLimits limits, Metrics& metrics, std::string_view name, std::string_view help);

  class Hold {
   public:
    Hold() = default;
    explicit Hold(Budget& budget) : budget_(&budget) {}
    // A stranger's.
    Hold(Budget& budget, std::string_view address) : budget_(&budget), address_(address) {}
    Hold(Hold&& other) noexcept { take(other); }
    Hold& operator=(Hold&& other) noexcept;
    ~Hold() { release(); }

    // That many more. False, and nothing was taken, if they are not there.
    bool add(std::uint64_t bytes);
    // Its signature was right: no stranger's any more.
    void verified();
    void release();

   private:
    void take(Hold& other);
    std::uint64_t shared(std::uint64_t bytes) const;

    Budget* budget_ = nullptr;
    std::uint64_t bytes_ = 0;
    std::optional<std::string> address_;  // of a stranger
  };

  std::uint64_t in_use() const { return used_.load(std::memory_order_relaxed); }
  std::uint64_t unverified() const;

 private:
  bool add(std::uint64_t bytes);
  void give_back(std::uint64_t bytes);
  bool add_unverified(const std::string& address, std::uint64_t bytes);
  void give_back_unverified(const std::string& address, std::uint64_t bytes);
  void show(std::uint64_t bytes);

  const BudgetLimits limits_;
  std::optional<Gauge> gauge_;
  std::atomic<std::uint64_t> used_{0};
  mutable std::mutex mutex_;
  std::uint64_t unverified_ = 0;                    // guarded
  std::map<std::string, std::uint64_t> addresses_;  // guarded; those that hold something
};

// An answer of which every byte is counted until its reader has them all, or went away. Errc::unavailable:
// the budget is used up. REQUIRES: the budget outlives it.
Result<std::unique_ptr<http::BodySource>> counted_body(std::string bytes, Budget& budget);

// The whole body, counted. Errc::limit: larger than bytes_max. Errc::unavailable: the budget is used up, or
// the peer went away. REQUIRES: body and hold outlive the task.
Task<Result<std::string>> read_all(http::BodySource& body, std::size_t bytes_max, Budget::Hold& hold);

}  // namespace cairn::front
