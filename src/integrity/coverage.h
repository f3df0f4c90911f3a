// Which times digests cover: whether a log file that none lists is one that a trail will yet list, or
// nobody's. A log file's name does not say whose it is, so every trail of its folder is asked. Pure.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "integrity/chain.h"
#include "integrity/inventory.h"

namespace cairn::integrity {

// What is said of a log file that no digest lists, by the time when it was delivered; the greater outweighs.
enum class Says {
  nothing,   // there was no chain then
  not_mine,  // a valid digest covers that time
  unknown,   // the chain went on then, and its digest is missing, not valid, or in another bucket
  not_yet,   // the next digest may list it
};

// One trail's, for an account and a Region or for all: its digests, and those that were backfilled.
class Coverage {
 public:
  // The chain is linked.
  void add(const Chain& chain);
  // Before the first question.
  void finish();
  // `newest`: the end of the newest digest of all that is looked at. A chain that is a day behind it has
  // ended. `late`: by how much a digest may be put after the newest that is here, and list something of
  // before its end.
  Says of(Interval delivered, Millis late, Time newest) const;
  std::optional<Time> newest() const { return newest_; }
  // How long its newest digest is.
  Millis pace() const { return pace_; }

 private:
  std::vector<Interval> covered_;  // apart, and rising; likewise the next
  std::vector<Interval> runs_;     // each from a chain's beginning to its end
  std::optional<Time> newest_;
  Millis pace_{0};
};

// All trails that may have put a log file into a group: also those that have digests of other Regions alone,
// or of other accounts of their organization. They would begin a chain here with their first file. Valid as
// long as what it was asked of.
class Owners {
 public:
  // What they say together: one that may list it, or may have, outweighs those that do not.
  Says of(Interval delivered) const;

 private:
  friend class Coverages;
  struct Owner {
    const Coverage* here;  // may be none
    const Coverage* everywhere;
  };
  Says of(const Owner& owner, Interval delivered) const;

  std::vector<Owner> trails_;
  Time newest_{};
};

// Of all that is looked at.
class Coverages {
 public:
  void add(const GroupName& group, const DigestName& name, const Chain& chain);
  // Before the first question.
  void finish();
  Owners owners(const GroupName& group) const;

 private:
  // By the trail: its digests' names without what is of one of them.
  std::map<GroupName, std::map<DigestName, Coverage>> groups_;
  std::map<DigestName, Coverage> trails_;
  std::optional<Time> newest_;
};

}  // namespace cairn::integrity
