#include "front/dedupe_follower.h"

namespace cairn::front {
namespace {

constexpr Millis kFlushEvery{5'000};

}  // namespace

journal::Position DedupeFollower::cursor(journal::Partition) const {
  return index_.cursor();
}

Result<void> DedupeFollower::take(const stream::Batch& batch) {
  for (const auto& item : batch.items) {
    if (item.kind == event::Kind::record) {
      index_.observe(item.view.recipient_account, item.view.event_id, item.position);
    }
  }
  index_.observe_through(batch.end);
  return {};
}

Result<void> DedupeFollower::tick(Time now) {
  if (now - flushed_ < kFlushEvery && now >= flushed_) {
    return {};
  }
  flushed_ = now;
  return index_.flush();
}

}  // namespace cairn::front
