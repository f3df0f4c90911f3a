// Counts what happened against what was expected. Inside live/ only.
#pragma once

#include "live/documents.h"

namespace cairn::live {

// Blocks on the disk. One thread at a time.
class Assertion {
 public:
  Assertion(journal::Journal& journal, AssertQuestion question, Mark from, std::string account,
            const Limits& limits);

  // Counts more of what is before `until` and was not counted yet: one read's worth. True: that was all.
  // Errors: the scan's; Errc::limit: too much to look at.
  Result<bool> count(journal::Position until);
  bool holds() const;
  // Can nothing that is still to come make it hold?
  bool failed() const;
  std::string answer() const;

 private:
  struct Tally {
    std::uint64_t found = 0;
    std::vector<std::string> events;
  };
  void note(Tally& tally, const Found& found);
  void count_one(const Found& found);

  const AssertQuestion question_;
  const Limits limits_;
  const Mark since_;
  Scan scan_;
  std::vector<Tally> tallies_;
  Tally unexpected_;
  std::uint64_t records_ = 0;
  std::size_t shown_bytes_ = 0;
};

}  // namespace cairn::live
