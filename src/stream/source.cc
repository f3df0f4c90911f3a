#include "stream/source.h"

#include <algorithm>

#include "base/log.h"

namespace cairn::stream {
namespace {

std::string spot(journal::Partition partition, journal::Position position) {
  return "partition " + std::to_string(partition.raw()) + " position " + std::to_string(position.raw());
}

}  // namespace

bool has_view(event::Kind kind) {
  return kind == event::Kind::record || kind == event::Kind::outcome;
}

Result<std::span<const journal::Entry>> Source::entries(Millis patience) {
  if (left_.empty()) {
    if (!reader_) {
      CAIRN_TRY(reader_, place_.journal.reader(place_.partition, position_));
    }
    CAIRN_TRY(left_, reader_->read(patience));
  }
  std::size_t count = 0;
  std::size_t bytes = 0;
  const auto items_max = std::min({left_.size(), place_.batch_items_max, matcher_.items_max()});
  while (count < items_max) {
    bytes += left_[count].payload.size();
    if (count > 0 && bytes > Limits::batch_bytes_max) {
      break;
    }
    ++count;
  }
  return left_.first(count);
}

Result<BatchPtr> Source::next(Millis patience) {
  auto batch = entries(patience).and_then([this](auto found) -> Result<BatchPtr> {
    return found.empty() ? Result<BatchPtr>(nullptr) : parse(found);
  });
  if (!batch) {
    measures_.errors.add();
    left_ = {};
    reader_.reset();
  }
  return batch;
}

Result<BatchPtr> Source::parse(std::span<const journal::Entry> entries) {
  CAIRN_CHECK(entries.front().position == position_);
  auto batch = std::make_shared<Batch>();
  batch->partition = place_.partition;
  batch->first = position_;
  batch->end = position_;
  batch->items.reserve(entries.size());
  std::size_t bytes = 0;
  for (const auto& entry : entries) {
    bytes += entry.payload.size();
  }
  batch->storage.reserve(bytes);  // never grows: the items point into it
  for (const auto& entry : entries) {
    if (auto added = add(*batch, entry); added) {
      batch->end = entry.position + 1;
      if (!batch->items.empty() && batch->items.back().kind == event::Kind::control &&
          batch->items.back().position == entry.position) {
        break;  // what it changes, patterns too, holds for what comes after it
      }
    } else if (batch->end == batch->first) {
      return std::move(added).error();
    } else {
      break;  // what is before it is handed out first; the next call says what is wrong
    }
  }
  left_ = left_.subspan(batch->end - batch->first);
  position_ = batch->end;
  matcher_.match(*batch);
  return BatchPtr(std::move(batch));
}

Result<void> Source::add(Batch& batch, const journal::Entry& entry) {
  auto decoded = event::decode_entry(entry.payload);
  if (!decoded) {
    decoded.error().subject = spot(place_.partition, entry.position);
    return std::move(decoded).error();
  }
  Item item{.position = entry.position,
            .appended = entry.time,
            .kind = decoded->kind,
            .outbox_number = decoded->outbox_number,
            .body = {},
            .view = {}};
  const auto begin = batch.storage.size();
  batch.storage.append(decoded->body);
  item.body = std::string_view(batch.storage).substr(begin);
  if (has_view(item.kind)) {
    auto view = event::borrowed_view(item.body);
    if (!view) {
      batch.storage.resize(begin);
      measures_.unreadable.add();
      log::error("record in the journal cannot be read and is left out",
                 {{"place", spot(place_.partition, entry.position)}, {"why", view.error().text()}});
      return {};
    }
    item.view = *std::move(view);
  }
  batch.items.push_back(std::move(item));
  return {};
}

std::shared_ptr<Batch> copy_from(BatchPtr batch, journal::Position from) {
  CAIRN_CHECK(batch->first <= from && from < batch->end);
  const auto kept = std::ranges::lower_bound(batch->items, from, {}, &Item::position);
  auto copy = std::make_shared<Batch>();
  copy->partition = batch->partition;
  copy->first = from;
  copy->end = batch->end;
  copy->items.assign(kept, batch->items.end());
  copy->patterns = batch->patterns;
  copy->hits = batch->hits;
  copy->copied_from = std::move(batch);
  return copy;
}

std::size_t bytes_of(const Batch& batch) {
  auto bytes = sizeof(Batch) + batch.storage.capacity() + batch.items.capacity() * sizeof(Item) +
               batch.hits.capacity() * sizeof(match::Hit);
  for (const auto& item : batch.items) {
    bytes += item.view.bytes() - sizeof(item.view);
  }
  return bytes;
}

}  // namespace cairn::stream
