// A chain: a trail's digests for one account and Region, each of which names the one before it. What they say
// together, which no one of them says by itself. Pure.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "integrity/judge.h"
#include "integrity/report.h"

namespace cairn::integrity {

// Digests of one chain by rising end.
using Chain = std::vector<JudgedDigest>;

struct Place {
  std::string bucket;
  std::string key;

  auto operator<=>(const Place&) const = default;
};

// One that a digest names as its previous one.
struct Named {
  Place place;
  Time end;       // when it must have ended
  Millis length;  // of the digest that names it
};

// Which digests a chain names and does not have, as it grows: each digest of it is looked at once.
class Absent {
 public:
  // The chain has grown by what is at `from` and behind it.
  void add(const Chain& chain, std::size_t from);
  // Those that were named since the last call and are not there, each once. What invalid digests name is
  // nobody's word.
  std::vector<Named> take();

 private:
  bool is_there(const Place& place) const;

  std::set<Place> places_;
  std::map<Place, Named> named_;
};

// Holds each digest against the one before it, and sets its verdict where that shows something: its hash or
// signature is another than the next one has of it, it was never followed. The findings are those of verdicts
// that are not valid, and of the chain itself: what no digest covers, and where one chain ends and another
// begins. REQUIRES: what is named and was looked for is in the chain, found or not.
std::vector<Finding> link(Chain& chain, const PublicKeys& keys);

}  // namespace cairn::integrity
