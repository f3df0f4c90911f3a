// Tested by assertion_test.cc.
#include "live/assertion.h"

#include <fmt/format.h>

#include <algorithm>

#include "json/json.h"

namespace cairn::live {
namespace {

void append_events(std::string& out, const std::vector<std::string>& events) {
  out += R"("events":[)";
  for (std::size_t i = 0; i < events.size(); ++i) {
    out += (i > 0 ? "," : "") + events[i];
  }
  out += "]}";
}

}  // namespace

Assertion::Assertion(journal::Journal& journal, AssertQuestion question, Mark from, std::string account,
                     const Limits& limits)
    : question_(std::move(question)),
      limits_(limits),
      since_(from),
      scan_(journal, from, std::move(account), question_.matcher),
      tallies_(question_.expectations.size()) {}

Result<bool> Assertion::count(journal::Position until) {
  CAIRN_TRY(const auto part, scan_.read(until));
  if (part.next - since_.position > limits_.entries_max) {
    return Error{Errc::limit, "too many events since then", since_.text()};
  }
  records_ += part.records;
  for (const auto& found : part.found) {
    count_one(found);
  }
  return scan_.at().position >= until;
}

void Assertion::count_one(const Found& found) {
  bool expected = false;
  for (const auto pattern : found.patterns) {
    if (pattern < tallies_.size()) {
      note(tallies_[pattern], found);
      expected = true;
    }
  }
  if (question_.only && !expected) {
    note(unexpected_, found);
  }
}

void Assertion::note(Tally& tally, const Found& found) {
  tally.found += 1;
  if (tally.events.size() < limits_.events_max &&
      shown_bytes_ + found.record.size() <= limits_.events_bytes_max) {
    shown_bytes_ += found.record.size();
    tally.events.push_back(found.record);
  }
}

bool Assertion::holds() const {
  for (std::size_t i = 0; i < tallies_.size(); ++i) {
    if (!question_.expectations[i].holds(tallies_[i].found)) {
      return false;
    }
  }
  return unexpected_.found == 0;
}

bool Assertion::failed() const {
  for (std::size_t i = 0; i < tallies_.size(); ++i) {
    const auto& most = question_.expectations[i].most;
    if (most && tallies_[i].found > *most) {
      return true;
    }
  }
  return unexpected_.found > 0;
}

std::string Assertion::answer() const {
  auto out = fmt::format(R"({{"holds":{},"since":"{}","until":"{}","looked_at":{},"expectations":[)", holds(),
                         since_.text(), scan_.at().text(), records_);
  for (std::size_t i = 0; i < tallies_.size(); ++i) {
    const auto& expectation = question_.expectations[i];
    out += fmt::format(R"({}{{"name":{},"holds":{},"wanted":"{}","found":{},)", i > 0 ? "," : "",
                       json::quote(expectation.name), expectation.holds(tallies_[i].found),
                       expectation.wanted(), tallies_[i].found);
    append_events(out, tallies_[i].events);
  }
  out += "]";
  if (question_.only) {
    out += fmt::format(R"(,"unexpected":{{"found":{},)", unexpected_.found);
    append_events(out, unexpected_.events);
  }
  return out + "}";
}

}  // namespace cairn::live
