#include "history/history.h"

#include "base/check.h"

namespace cairn::history {

namespace {

// A record, or an intent's outcome, which is the record of its call.
bool belongs(const stream::Item& item) {
  const bool record = item.kind == event::Kind::record || item.kind == event::Kind::outcome;
  const auto category = item.view.category;
  return record && (category == event::Category::management || category == event::Category::insight);
}

}  // namespace

journal::Position History::cursor(journal::Partition partition) const {
  CAIRN_CHECK(partition == partition_);
  return store_.cursor();
}

Result<void> History::take(const stream::Batch& batch) {
  CAIRN_CHECK(batch.partition == partition_);
  std::vector<store::Row> rows;
  rows.reserve(batch.items.size());
  for (const auto& item : batch.items) {
    if (belongs(item)) {
      rows.push_back({.position = item.position, .view = item.view, .json = item.body});
    }
  }
  return store_.append(rows, batch.end);
}

}  // namespace cairn::history
