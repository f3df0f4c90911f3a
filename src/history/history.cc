#include "history/history.h"

#include "base/check.h"
#include "store/membership.h"

namespace cairn::history {

journal::Position History::cursor(journal::Partition partition) const {
  CAIRN_CHECK(partition == partition_);
  return store_.cursor();
}

Result<void> History::take(const stream::Batch& batch) {
  CAIRN_CHECK(batch.partition == partition_);
  std::vector<store::Row> rows;
  rows.reserve(batch.items.size());
  for (const auto& item : batch.items) {
    if (store::belongs(item.kind, item.view)) {
      rows.push_back({.position = item.position, .view = item.view, .json = item.body});
    }
  }
  return store_.append(rows, batch.end);
}

}  // namespace cairn::history
