// Tested by verify_test.cc.
#include "integrity/fetch_ahead.h"

#include <algorithm>
#include <set>

#include "base/check.h"

namespace cairn::integrity {
namespace {

// The one that most likely comes before it.
std::optional<Named> before(const Named& named, const std::optional<Time>& from) {
  auto name = parse_digest_key(named.place.key);
  if (!name || named.length <= Millis{0} || (from && name->end - named.length < *from)) {
    return std::nullopt;
  }
  name->end -= named.length;
  return Named{.place = {named.place.bucket, name->key()}, .end = name->end, .length = named.length};
}

}  // namespace

std::vector<Named> FetchAhead::wanted(const std::vector<Named>& named, const std::optional<Time>& from) {
  std::vector<Named> wanted;
  std::set<Place> places;
  for (const auto& one : named) {
    places.insert(one.place);
    if (!here_.contains(one.place)) {
      wanted.push_back(one);
    }
  }
  if (wanted.empty()) {
    return wanted;
  }
  const auto wrong = std::erase_if(here_, [&](const auto& one) { return !places.contains(one.first); });
  at_once_ = wrong == 0 ? std::min(at_once_ * 2, most_) : 1;
  for (std::size_t i = 0; i < wanted.size() && wanted.size() < at_once_; ++i) {
    if (auto guess = before(wanted[i], from)) {
      wanted.push_back(*std::move(guess));
    }
  }
  return wanted;
}

void FetchAhead::keep(const std::vector<Named>& wanted, std::vector<JudgedDigest> fetched) {
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    here_.insert_or_assign(wanted[i].place, std::move(fetched[i]));
  }
}

JudgedDigest FetchAhead::taken(const Named& named) {
  const auto at = here_.find(named.place);
  CAIRN_CHECK(at != here_.end());
  auto judged = std::move(at->second);
  here_.erase(at);
  judged.name.end = named.end;
  return judged;
}

}  // namespace cairn::integrity
