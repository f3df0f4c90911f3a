// Tested by store_test.cc and store_paging_test.cc.
#include "store/page_texts.h"

#include <algorithm>

namespace cairn::store {

Result<void> in_time(LookupDeadline deadline) {
  if (std::chrono::steady_clock::now() >= deadline) {
    return Error{Errc::limit, "look up events: it takes too long"};
  }
  return {};
}

Result<std::vector<PageTexts::Part>> PageTexts::read(std::vector<Part> parts, SegmentCache& cache,
                                                     async::Pool& pool, LookupDeadline deadline) {
  const auto helpers = std::min(kHelpersMax, parts.size() / kPartsPerHelper);
  const auto texts = std::make_shared<PageTexts>(std::move(parts), cache, deadline);
  for (std::size_t i = 0; i < helpers; ++i) {
    pool.post([texts] { texts->work(); });
  }
  texts->work();
  return texts->wait();
}

// Takes parts as long as there are any. After an error those that are left are taken and not read.
void PageTexts::work() {
  if (next_ >= count_) {
    return;
  }
  parquet::RowReader reader;
  for (auto i = next_++; i < count_; i = next_++) {
    auto read = read_part(parts_[i], reader);
    const std::lock_guard lock(mutex_);
    if (!read && !failed_) {
      failed_ = std::move(read).error();
    }
    if (++done_ == count_) {
      finished_.notify_one();
    }
  }
}

Result<void> PageTexts::read_part(Part& part, parquet::RowReader& reader) {
  {
    const std::lock_guard lock(mutex_);
    if (failed_) {
      return *failed_;
    }
  }
  CAIRN_TRY_VOID(in_time(deadline_));
  const auto& files = *part.segment->files;
  CAIRN_TRY(const auto index, cache_.open(files));
  CAIRN_TRY(part.texts, files.texts(*index, reader, part.rows));
  return {};
}

// For parts that helpers have taken: they are being read.
Result<std::vector<PageTexts::Part>> PageTexts::wait() {
  std::unique_lock lock(mutex_);
  finished_.wait(lock, [this] { return done_ == count_; });
  if (failed_) {
    return *std::move(failed_);
  }
  return std::move(parts_);
}

}  // namespace cairn::store
