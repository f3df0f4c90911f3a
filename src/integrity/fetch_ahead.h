// A chain that goes on in another bucket is not listed there, and each digest names only the one before it.
// So those that most likely come before are fetched with it: a digest's key says when it ends, and most are
// as long as the one after them. As long as the guesses are right there are twice as many the next time, up
// to a limit; what was guessed wrong is dropped. At most twice as many are fetched as the chain has, and
// some. Pure.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "integrity/chain.h"

namespace cairn::integrity {

class FetchAhead {
 public:
  // `most`: that are fetched at once.
  explicit FetchAhead(std::size_t most) : most_(most) {}

  // What to fetch so that all that are named are here: those that are not, and guesses that do not end before
  // `from`. Nothing: all are here.
  std::vector<Named> wanted(const std::vector<Named>& named, const std::optional<Time>& from);
  // They were fetched, in that order.
  void keep(const std::vector<Named>& wanted, std::vector<JudgedDigest> fetched);
  // Gives it away. REQUIRES: it is here.
  JudgedDigest taken(const Named& named);

 private:
  const std::size_t most_;
  std::size_t at_once_ = 1;
  std::map<Place, JudgedDigest> here_;
};

}  // namespace cairn::integrity
