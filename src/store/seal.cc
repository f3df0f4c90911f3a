// The rows of the range are in memory as long as the job lasts: their texts in an arena, their views beside
// them. What a head may hold bounds it (Options::head_bytes_max). Sorting moves numbers, not rows.
//
// Tested by job_test.cc.
#include "store/seal.h"

#include <algorithm>
#include <numeric>

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

 private:
  Result<void> add(const journal::Entry& entry);

  const SealJob& job_;
  Arena arena_;
  std::vector<Row> rows_;
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
  return {};
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
    row.json = arena_.add(row.json);
    rows_.push_back(std::move(row));
  }
  return {};
}

// One group's rows in a segment's order.
class Ordered final : public RowStream {
 public:
  Ordered(const Range& range, std::vector<std::uint32_t> numbers)
      : range_(range), numbers_(std::move(numbers)) {
    std::ranges::sort(numbers_, [&](auto a, auto b) { return segment_order(range_.row(a), range_.row(b)); });
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
