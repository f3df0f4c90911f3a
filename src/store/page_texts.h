// PageTexts: the texts of the rows of a page, read from many segments at the same time. Internal to store/.
// Used by one thread, which works itself and is helped by others of the pool when they have nothing else to
// do.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "async/pool.h"
#include "store/segment_files.h"

namespace cairn::store {

using LookupDeadline = std::chrono::steady_clock::time_point;

// Errc::limit when the deadline is over: the caller may ask again.
Result<void> in_time(LookupDeadline deadline);

class PageTexts {
 public:
  // What is to be read of one segment, and the texts, in the rows' order.
  struct Part {
    const Segment* segment = nullptr;
    std::vector<std::uint64_t> rows;  // rise
    std::vector<std::string> texts;
  };

  // The pool, the cache and the segments outlive the reading.
  static Result<std::vector<Part>> read(std::vector<Part> parts, SegmentCache& cache, async::Pool& pool,
                                        LookupDeadline deadline);

  PageTexts(std::vector<Part> parts, SegmentCache& cache, LookupDeadline deadline)
      : parts_(std::move(parts)), count_(parts_.size()), cache_(cache), deadline_(deadline) {}

 private:
  static constexpr std::size_t kHelpersMax = 3;      // besides the thread that wants the page
  static constexpr std::size_t kPartsPerHelper = 4;  // for fewer nobody is called

  void work();
  Result<void> read_part(Part& part, parquet::RowReader& reader);
  Result<std::vector<Part>> wait();

  std::vector<Part> parts_;
  const std::size_t count_;
  SegmentCache& cache_;
  const LookupDeadline deadline_;
  std::atomic<std::size_t> next_{0};  // a helper that comes when all is taken touches nothing else
  std::mutex mutex_;
  std::condition_variable finished_;
  std::size_t done_ = 0;         // guarded
  std::optional<Error> failed_;  // guarded; the first one
};

}  // namespace cairn::store
