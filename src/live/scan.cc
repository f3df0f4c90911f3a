// Tested by scan_test.cc.
#include "live/scan.h"

#include <charconv>

#include "event/entry.h"
#include "event/view.h"

namespace cairn::live {
namespace {

template <class Number>
bool read_number(std::string_view text, Number& number) {
  const auto* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && stopped == end;
}

bool is_record(event::Kind kind) {
  return kind == event::Kind::record || kind == event::Kind::outcome;
}

// When the entry at a position was appended.
Result<Time> time_of(journal::Journal& journal, journal::Partition partition, journal::Position position) {
  CAIRN_TRY(const auto reader, journal.reader(partition, position));
  CAIRN_TRY(const auto entries, reader->read(Millis{0}));
  return entries.empty() ? Result<Time>(Error{Errc::unavailable, "the journal has nothing there"})
                         : Result<Time>(entries.front().time);
}

}  // namespace

std::string Mark::text() const {
  return std::to_string(partition.raw()) + "-" + std::to_string(position.raw());
}

Result<Mark> Mark::parse(std::string_view text) {
  const auto dash = text.find('-');
  std::uint32_t partition = 0;
  std::uint64_t position = 0;
  if (dash == text.npos || !read_number(text.substr(0, dash), partition) ||
      !read_number(text.substr(dash + 1), position)) {
    return Error{Errc::invalid, "not a mark", std::string(text.substr(0, 64))};
  }
  return Mark{journal::Partition{partition}, journal::Position{position}};
}

// Times never step back within a partition.
Result<journal::Position> position_at(journal::Journal& journal, journal::Partition partition, Time time) {
  auto low = journal.begin(partition);
  auto high = journal.end(partition);
  const auto begin = low;
  while (low < high) {
    const auto middle = low + (high - low) / 2;
    CAIRN_TRY(const auto there, time_of(journal, partition, middle));
    if (there < time) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == begin && begin > journal::Position{0} && begin < journal.end(partition)) {
    return Error{Errc::not_found, "what happened then is not kept in the journal any more"};
  }
  return low;
}

Scan::Scan(journal::Journal& journal, Mark from, std::string account,
           std::shared_ptr<const match::Matcher> matcher)
    : journal_(journal), at_(from), account_(std::move(account)), matcher_(std::move(matcher)) {}

Result<Part> Scan::read(journal::Position until) {
  Part part{.found = {}, .records = 0, .next = at_.position};
  if (at_.position >= until) {
    return part;
  }
  if (!reader_) {
    CAIRN_TRY(reader_, journal_.reader(at_.partition, at_.position));
  }
  auto entries = reader_->read(Millis{0});
  if (!entries) {
    reader_.reset();
    return std::move(entries).error();
  }
  for (const auto& entry : *entries) {
    if (entry.position >= until) {
      reader_.reset();  // it is ahead of where this stands
      break;
    }
    CAIRN_TRY_VOID(look(entry, part));
    at_.position = entry.position + 1;
  }
  part.next = at_.position;
  return part;
}

Result<void> Scan::look(const journal::Entry& entry, Part& part) {
  CAIRN_TRY(const auto decoded, event::decode_entry(entry.payload));
  if (!is_record(decoded.kind)) {
    return {};
  }
  const auto view = event::borrowed_view(decoded.body);
  if (!view || view->recipient_account != account_) {
    return {};
  }
  part.records += 1;
  hits_.clear();
  if (matcher_ && (!matcher_->match(decoded.body, scratch_, hits_) || hits_.empty())) {
    return {};
  }
  Found found{.position = entry.position, .record = std::string(decoded.body), .patterns = {}};
  for (const auto& hit : hits_) {
    found.patterns.push_back(hit.id);
  }
  part.found.push_back(std::move(found));
  return {};
}

}  // namespace cairn::live
