// Budget: how many bytes of request bodies may be in memory at once, all requests together. Counted as they
// arrive, so that a slow sender holds no more than it has sent. Beyond the limit a request is refused, not
// queued: a queue would be one more thing to bound.
//
// Thread-safe. A Hold belongs to one task and must not outlive its budget.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "base/metrics.h"
#include "http/http.h"

namespace cairn::front {

class Budget {
 public:
  explicit Budget(std::uint64_t bytes_max) : bytes_max_(bytes_max) {}
  // The same, seen from outside: a gauge of this name, and its limit.
  Budget(std::uint64_t bytes_max, Metrics& metrics, std::string_view name, std::string_view help);

  class Hold {
   public:
    Hold() = default;
    explicit Hold(Budget& budget) : budget_(&budget) {}
    Hold(Hold&& other) noexcept
        : budget_(std::exchange(other.budget_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
    Hold& operator=(Hold&& other) noexcept;
    ~Hold() { release(); }

    // That many more. False, and nothing was taken, if they are not there.
    bool add(std::uint64_t bytes);
    void release();

   private:
    Budget* budget_ = nullptr;
    std::uint64_t bytes_ = 0;
  };

  std::uint64_t in_use() const { return used_.load(std::memory_order_relaxed); }

 private:
  void used(std::uint64_t bytes);

  const std::uint64_t bytes_max_;
  std::optional<Gauge> gauge_;
  std::atomic<std::uint64_t> used_{0};
};

// An answer of which every byte is counted until its reader has them all, or went away. Errc::unavailable:
// the budget is used up. REQUIRES: the budget outlives it.
Result<std::unique_ptr<http::BodySource>> counted_body(std::string bytes, Budget& budget);

// The whole body, counted. Errc::limit: larger than bytes_max. Errc::unavailable: the budget is used up, or
// the peer went away. REQUIRES: body and hold outlive the task.
Task<Result<std::string>> read_all(http::BodySource& body, std::size_t bytes_max, Budget::Hold& hold);

}  // namespace cairn::front
