// The texts of the range's rows are in memory as long as the job lasts, and their keys; what a head may hold
// bounds them (Options::head_bytes_max). So are their views as long as there is room for them: those of usual
// records all are, while some can be many times as large as their texts, and are read again when their row is
// written. Sorting moves numbers, not rows.
//
// Tested by job_test.cc.
#include "store/seal.h"

#include <algorithm>
#include <map>
#include <memory>
#include <tuple>

#include "base/log.h"
#include "event/entry.h"
#include "store/arena.h"
#include "store/criteria.h"
#include "store/membership.h"
#include "store/segment.h"

namespace cairn::store {

namespace {

constexpr Millis kReadPatience{200};
constexpr std::size_t kViewsBytesMax = 48U << 20;  // kept until their rows are written

class Range {
 public:
  explicit Range(const SealJob& job) : job_(job) {}

  Result<void> read(const JobPorts& ports, JobDeadline deadline);

  std::size_t size() const { return rows_.size(); }
  Time time(std::uint32_t number) const { return rows_[number].time; }
  // Once for each number: its view is given away.
  Result<Row> take(std::uint32_t number);

  // As segment_order(), but for scopes only by number: rows come in the order of their positions.
  bool before(std::uint32_t a, std::uint32_t b) const {
    return std::tuple(scope_ranks_[rows_[a].scope], rows_[a].time, a) <
           std::tuple(scope_ranks_[rows_[b].scope], rows_[b].time, b);
  }

 private:
  using Scope = std::tuple<std::string, std::string, std::string_view>;  // as a segment is sorted
  struct Kept {
    journal::Position position;
    Time time;
    std::string_view json;
    std::uint32_t scope;  // by number of appearance
    std::unique_ptr<event::View> view;
  };
  Result<void> add(const journal::Entry& entry);
  std::uint32_t scope_of(const event::View& view);
  void rank_scopes();

  const SealJob& job_;
  Arena arena_;
  std::vector<Kept> rows_;
  std::size_t views_bytes_ = 0;
  std::map<Scope, std::uint32_t> numbers_;  // of scopes
  std::map<Scope, std::uint32_t>::const_iterator last_ = numbers_.end();
  std::vector<std::uint32_t> scope_ranks_;  // by number of appearance
};

Result<void> Range::read(const JobPorts& ports, JobDeadline deadline) {
  CAIRN_TRY(const auto reader, ports.journal(job_.partition, job_.from));
  while (reader->position() < job_.to) {
    CAIRN_TRY(const auto entries, reader->read(kReadPatience));
    if (std::chrono::steady_clock::now() > deadline) {
      return Error{Errc::limit, "seal: the job's deadline is over"};
    }
    for (const auto& entry : entries) {
      if (entry.position < job_.to) {
        CAIRN_TRY_VOID(add(entry));
      }
    }
  }
  rank_scopes();
  return {};
}

std::uint32_t Range::scope_of(const event::View& view) {
  const auto here = std::tie(view.recipient_account, view.region);
  const auto category = event::to_string(view.category);
  // Most rows are of the same scope as the one before.
  if (last_ == numbers_.end() || std::tie(std::get<0>(last_->first), std::get<1>(last_->first)) != here ||
      std::get<2>(last_->first) != category) {
    const auto number = static_cast<std::uint32_t>(numbers_.size());
    last_ = numbers_.try_emplace(Scope(view.recipient_account, view.region, category), number).first;
  }
  return last_->second;
}

Result<Row> Range::take(std::uint32_t number) {
  auto& kept = rows_[number];
  if (const auto there = std::move(kept.view)) {
    return Row{.position = kept.position, .view = std::move(*there), .json = kept.json};
  }
  CAIRN_TRY(auto view, event::borrowed_view(kept.json));
  return Row{.position = kept.position, .view = std::move(view), .json = kept.json};
}

void Range::rank_scopes() {
  scope_ranks_.resize(numbers_.size());
  std::uint32_t rank = 0;
  for (const auto& [scope, number] : numbers_) {
    scope_ranks_[number] = rank++;
  }
}

// What the stream leaves out because it cannot be read is left out here, too.
Result<void> Range::add(const journal::Entry& entry) {
  CAIRN_TRY(const auto decoded, event::decode_entry(entry.payload));
  if (!is_record(decoded.kind)) {
    return {};
  }
  const auto text = arena_.add(decoded.body);
  auto view = event::borrowed_view(text);
  if (!view || !belongs(decoded.kind, *view) || view->time < std::max(job_.oldest, kTimeMin) ||
      view->time > kTimeMax) {
    arena_.take_back(text);
    return {};
  }
  Row row{.position = entry.position, .view = *std::move(view), .json = text};
  if (!storable(row)) {
    arena_.take_back(text);
    return {};
  }
  rows_.push_back({.position = row.position,
                   .time = row.view.time,
                   .json = text,
                   .scope = scope_of(row.view),
                   .view = nullptr});
  if (const auto bytes = row.view.bytes(); views_bytes_ + bytes <= kViewsBytesMax) {
    views_bytes_ += bytes;
    rows_.back().view = std::make_unique<event::View>(std::move(row.view));
  }
  return {};
}

// One group's rows in a segment's order.
class Ordered final : public RowStream {
 public:
  Ordered(Range& range, std::vector<std::uint32_t> numbers)
      : range_(range), numbers_(std::move(numbers)) {
    std::ranges::sort(numbers_, [&](auto a, auto b) { return range_.before(a, b); });
  }
  Result<const Row*> next() override {
    if (next_ == numbers_.size()) {
      return nullptr;
    }
    CAIRN_TRY(row_, range_.take(numbers_[next_++]));
    return &row_;
  }

 private:
  Range& range_;
  std::vector<std::uint32_t> numbers_;
  std::size_t next_ = 0;
  Row row_;
};

std::vector<Group> groups_of(const Range& range, Time now) {
  std::vector<std::chrono::sys_days> days;
  for (std::uint32_t i = 0; i < range.size(); ++i) {
    days.push_back(std::chrono::floor<std::chrono::days>(range.time(i)));
  }
  std::ranges::sort(days);
  const auto repeated = std::ranges::unique(days);
  days.erase(repeated.begin(), repeated.end());
  return group_days(days, now);
}

}  // namespace

Result<std::vector<Made>> seal(const SealJob& job, const JobPorts& ports, SegmentWriter& writer,
                               JobDeadline deadline) {
  Range range(job);
  CAIRN_TRY_VOID(range.read(ports, deadline));
  std::vector<Made> made;
  for (const auto& group : groups_of(range, job.now)) {
    std::vector<std::uint32_t> numbers;
    for (std::uint32_t i = 0; i < range.size(); ++i) {
      if (const auto time = range.time(i); time >= group.from && time < group.to) {
        numbers.push_back(i);
      }
    }
    Ordered rows(range, std::move(numbers));
    CAIRN_TRY(auto segment, writer.write(group.name, rows));
    made.push_back(std::move(segment));
  }
  return made;
}

}  // namespace cairn::store
