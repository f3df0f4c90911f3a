// What lies in a place, sorted by whose it is. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "integrity/digest_name.h"
#include "integrity/objects.h"
#include "integrity/verify.h"

namespace cairn::integrity {

// Digests and log files below one folder ACCOUNT/, of one Region. All trails of an account that deliver below
// one prefix meet here: a log file's name does not say whose it is.
struct GroupName {
  std::string prefix;
  std::string organization;
  std::string account;
  std::string region;

  auto operator<=>(const GroupName&) const = default;
};

struct Group {
  std::vector<DigestName> digests;
  std::vector<Listed> log_files;
  // In their folders, and not named as they are: in that of log files, and in that of digests.
  std::vector<Listed> strays;
  std::vector<Listed> stray_digests;
};

class Inventory {
 public:
  explicit Inventory(const Question& question) : question_(question) {}

  // Passes over what lies in none of their folders, the markers of these, and what was not asked for.
  Result<void> take(Listed listed);
  std::map<GroupName, Group>& groups() { return groups_; }

  // Of the account and the Region that were asked for?
  bool is_of_place(const DigestName& name) const;

 private:
  bool is_asked_for(const DigestName& name) const;
  void take_stray(Listed listed);

  const Question& question_;
  std::map<GroupName, Group> groups_;
  std::size_t taken_ = 0;
};

// Was the trail itself asked for, and not only all in the place?
bool is_of_trail(const Question& question, const DigestName& name);

}  // namespace cairn::integrity
