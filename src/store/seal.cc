// The rows of the range are in memory as long as the job lasts: their texts in an arena, their views beside
// them. What a head may hold bounds it (Options::head_bytes_max). Sorting moves numbers, not rows.
//
// Tested by job_test.cc.
#include "store/seal.h"

#include <algorithm>
#include <map>
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

class Range {
 public:
  explicit Range(const SealJob& job) : job_(job) {}

  Result<void> read(const JobPorts& ports, JobDeadline deadline);

  std::size_t size() const { return rows_.size(); }
  const Row& row(std::uint32_t number) const { return rows_[number]; }

  // As segment_order(), but for scopes only by number: rows come in the order of their positions.
  bool before(std::uint32_t a, std::uint32_t b) const {
    return std::tuple(scope_ranks_[scopes_[a]], rows_[a].view.time, a) <
           std::tuple(scope_ranks_[scopes_[b]], rows_[b].view.time, b);
  }

 private:
  using Scope = std::tuple<std::string, std::string, std::string_view>;  // as a segment is sorted
  Result<void> add(const journal::Entry& entry);
  void add(Row row);
  void rank_scopes();

  const SealJob& job_;
  Arena arena_;
  std::vector<Row> rows_;
  std::vector<std::uint32_t> scopes_;       // of each row, by number of appearance
  std::map<Scope, std::uint32_t> numbers_;  // of scopes
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

void Range::add(Row row) {
  row.json = arena_.add(row.json);
  const auto& view = row.view;
  // Most rows are of the same scope as the one before.
  if (rows_.empty() || rows_.back().view.category != view.category ||
      rows_.back().view.region != view.region ||
      rows_.back().view.recipient_account != view.recipient_account) {
    Scope scope(view.recipient_account, view.region, event::to_string(view.category));
    const auto number = static_cast<std::uint32_t>(numbers_.size());
    scopes_.push_back(numbers_.try_emplace(std::move(scope), number).first->second);
  } else {
    scopes_.push_back(scopes_.back());
  }
  rows_.push_back(std::move(row));
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
  auto view = event::view(decoded.body);
  if (!view || !belongs(decoded.kind, *view) || view->time < std::max(job_.oldest, kTimeMin) ||
      view->time > kTimeMax) {
    return {};
  }
  Row row{.position = entry.position, .view = *std::move(view), .json = decoded.body};
  if (storable(row)) {
    add(std::move(row));
  }
  return {};
}

// One group's rows in a segment's order.
class Ordered final : public RowStream {
 public:
  Ordered(const Range& range, std::vector<std::uint32_t> numbers)
      : range_(range), numbers_(std::move(numbers)) {
    std::ranges::sort(numbers_, [&](auto a, auto b) { return range_.before(a, b); });
  }
  Result<const Row*> next() override {
    return next_ == numbers_.size() ? nullptr : &range_.row(numbers_[next_++]);
  }

 private:
  const Range& range_;
  std::vector<std::uint32_t> numbers_;
  std::size_t next_ = 0;
};

std::vector<Group> groups_of(const Range& range, Time now) {
  std::vector<std::chrono::sys_days> days;
  for (std::uint32_t i = 0; i < range.size(); ++i) {
    days.push_back(std::chrono::floor<std::chrono::days>(range.row(i).view.time));
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
      if (const auto time = range.row(i).view.time; time >= group.from && time < group.to) {
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
